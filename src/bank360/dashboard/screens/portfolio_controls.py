"""The part of the Portfolio page that says whether the bank's books add up: what was reconciled, and what differs.

It is of the published version, as everything on the page but the queue. Every account that differs is a finding of the
check; here stands how many there are of what was compared and, to who may read customers, the largest.
"""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from bank360.bank.counted import counted
from bank360.bank.errors import NotReady
from bank360.dashboard import figures
from bank360.dashboard.cards import panel
from bank360.dashboard.states import empty
from bank360.dashboard.tables import Columns, table
from bank360.dashboard.wording import UNKNOWN, count, day, money
from bank360.pipeline.reconcile import Apart, Held, Reconciliation, published_reconciliation
from bank360.storage.known import Known
from bank360.storage.published import Version

_COLUMNS: Columns = {
    "What is stated": "What the bank's own systems say, and of how many accounts.",
    "Held to": "What it must add up to.",
    "Compared": figures.COMPARED,
    "Do not follow": figures.DIFFERING,
}
_LARGEST: Columns = {
    "Account": "Its key; one that is a personal number is masked.",
    "Statement": "What does not follow: a balance, or a month of credit.",
    "After": "The day after which movements were added up: of a balance, that of the balance before.",
    "Until": "The last day of them, that of the statement.",
    "Expected": figures.EXPECTED_BY_MOVEMENTS,
    "Found": figures.FOUND_STATED,
    "Times": figures.TIMES_APART,
}


def reconciled_in(version: Version) -> Reconciliation | None:
    """Return what a version says was reconciled; None in one that was published before there was such a thing."""
    try:
        return published_reconciliation(version)
    except NotReady:
        return None


def controls(found: Reconciliation, known: Known, accounts: bool) -> None:
    """Draw what was reconciled, and whether all of it adds up; of what nothing was compared, why.

    ``accounts``: also which accounts differ most, for who may read those of customers.
    """
    loads = {
        "What is stated": f"Rows of {counted(found.loads, 'load')}", "Held to": "rows accepted, and rows known before",
        "Compared": count(found.delivered), "Do not follow": count(found.off),
    }  # fmt: skip
    with panel("Do the books add up?", figures.COMPARED, "Control totals of loads, and statements against movements."):
        table([loads, *(_row(one) for one in found.held)], _COLUMNS)
        uncompared = [one for one in found.held if not one.compared]
        differing = found.off + sum(one.differing for one in found.held)
        if differing:
            said = "'bank360 check --json' lists every load and account"
            st.caption(f":material/error: {counted(differing, 'difference')}. {said}.")
            if accounts:
                _largest(found.held)
        elif not found.held:
            st.caption(":material/hourglass_empty: Balances were not compared yet: the next check does so.")
        elif len(uncompared) < len(found.held):
            empty("All that was compared adds up." if uncompared else "All of it adds up.")
        for one in uncompared:
            said = one.uncompared(known).replace("_", " ")
            st.caption(f":material/help: {_stated(one)} were not held to {one.held_to}: {said}.")


def _largest(held: Sequence[Held]) -> None:
    rows = [_difference(one, apart) for one in held for apart in one.largest]
    if not rows:
        return
    table(rows, _LARGEST)
    every = sum(one.differing_accounts for one in held)
    if len(rows) < every:
        st.caption(f"The {counted(len(rows), 'account')} of {every:,} with the largest differences.")


def _difference(one: Held, apart: Apart) -> dict[str, str]:
    return {
        "Account": apart.account,
        "Statement": one.stated[:1].upper() + one.stated[1:],
        "After": day(date.fromisoformat(apart.since)),
        "Until": day(date.fromisoformat(apart.until)),
        "Expected": _amount(apart.expected, apart.currency),
        "Found": _amount(apart.found, apart.currency),
        "Times": count(apart.times),
    }


def _amount(minor: int, currency: str | None) -> str:
    return f"{minor:,} minor units" if currency is None else money(minor, currency)


def _row(one: Held) -> dict[str, str]:
    return {
        "What is stated": f"{_stated(one)} of {counted(one.accounts, 'account')}" if one.compared else _stated(one),
        "Held to": one.held_to,
        "Compared": count(one.compared),
        "Do not follow": count(one.differing) if one.compared else UNKNOWN,
    }


def _stated(one: Held) -> str:
    return "Balances" if one.stated == "balance" else "Months of credit"
