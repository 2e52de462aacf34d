"""The tables of the Customer 360: what is known as name and value, and lists whose columns say what they hold."""

from collections.abc import Mapping, Sequence

import streamlit as st

from bank360.bank.counted import counted
from bank360.dashboard import figures
from bank360.dashboard.figures import Figure
from bank360.dashboard.states import empty
from bank360.dashboard.tables import Columns, Meaning, table
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import moment, money, percent, plain, quantity
from bank360.pipeline.profile import Profile
from bank360.pipeline.profile_blocks import Block, Cell, Listing, Value
from bank360.pipeline.visible_profile import Freshness

Row = Mapping[str, Cell]
_MONEY = frozenset({"balance", "owed", "credit_limit", "amount", "requested_amount", "money_in", "money_out"})
_CODES = frozenset({"line", "role", "category", "channel", "kind", "purpose", "outcome", "decision_source", "product"})
_SHARES = frozenset({"share"})
_OF = "published accounts, movements, applications and contacts"


def _money(name: str, meaning: str) -> tuple[str, Figure]:
    return name, Figure(name, "money", meaning, _OF)


def _number(name: str, unit: str, meaning: str) -> tuple[str, Figure]:
    return name, Figure(name, unit, meaning, _OF)


# The title and the meaning of each column that a list of the 360 may have.
_TITLES: Mapping[str, tuple[str, Meaning]] = {
    "account_id": ("Account", "As its source has it; an IBAN or the number of a card is masked unless revealed."),
    "product": ("Product", "The product's name."),
    "product_id": ("Product", "The product, as its source names it."),
    "line": ("Line", "The product line."),
    "role": ("Role", "As what the customer stands in the account."),
    "share": _number(
        "Share", "share of the account", "By which the account's value is the customer's; debt is in full."
    ),
    "opened_on": ("Opened", "Local day."),
    "closed_on": ("Closed", "Local day; empty while it is open."),
    "left_on": ("Left", "Local day from which on the customer was no party of it; figures are from before."),
    "charged_off_on": ("Charged off", "The local day on which the bank gave it up as a loss."),
    "currency": ("Currency", "Of the account or movement."),
    "balance": _money("Balance", "Booked on the account at its latest balance; of loans and cards see what is owed."),
    "balance_on": ("Balance of", "The day of that balance."),
    "owed": _money("Owed", "At the latest month end of a credit account."),
    "credit_limit": _money("Credit limit", "Of a card or overdraft, as agreed."),
    "days_past_due": ("Days past due", figures.DAYS_PAST_DUE),
    "days_past_due_on": ("Days past due of", "The month end of those days."),
    "event_time": ("When", "The movement's time; the local day where no time of day is known."),
    "amount": _money("Amount", "Of the movement; less than 0 is out."),
    "category": ("Category", "What the movement was for."),
    "channel": ("Channel", "By what it came."),
    "country": ("Country", "Where it took place."),
    "times_in": _number("Times in", "movements", "How often money came in."),
    "money_in": _money("Money in", "Came in, in 90 days."),
    "times_out": _number("Times out", "movements", "How often money went out."),
    "money_out": _money("Money out", "Went out, in 90 days."),
    "application_id": ("Application", "The application's number, as its source has it."),
    "submitted_at": ("Submitted", "When the customer asked; the local day where no time of day is known."),
    "requested_amount": _money("Requested", "The amount asked for."),
    "term_months": _number("Term", "months", "The term asked for."),
    "purpose": ("Purpose", "As the customer said."),
    "outcome": ("Outcome", "How the bank decided."),
    "decision_source": ("Decided by", "The policy, or a person against it."),
    "taken_up": ("Taken up", "Whether the customer took the offer."),
    "kind": ("Kind", "What kind of contact it was."),
    "contacts": _number("Contacts", "contacts", "How many of this kind and channel."),
    "last_at": ("Latest", "When the latest was."),
    "source": ("System", "The system of the bank that has the record."),
    "source_key": (
        "Key there",
        "By which that system knows the customer; masked where it is a personal number, unless revealed.",
    ),
    "given_name": ("Given name", "Masked unless revealed."),
    "family_name": ("Family name", "Masked unless revealed."),
    "birth_date": ("Date of birth", "Masked unless revealed."),
    "valid_from": ("Valid from", "The local day from which the record holds."),
}
_OF_VALUES: Columns = {
    "What": "What is known: a fact, or a feature with its window.",
    "Value": "With its unit.",
    "As of": "When the value became known.",
    "Source": "The table that it was read from or computed on.",
}
_OF_SOURCES: Columns = {
    "Part": "The part of this 360.",
    "Source": "The table, and the system that delivered it.",
    "Values": Figure("Values", "values", "How many values of the part come from there.", "this 360"),
    "As of": "When the latest of them became known.",
}


def sources(visit: Visit, parts: Sequence[Freshness]) -> None:
    """Draw where each part of the 360 comes from, and how old it is."""
    rows = [
        {
            "Part": one.block,
            "Source": source_in_words(one.source),
            "Values": str(one.values),
            "As of": moment(one.as_of, visit.bank.zone),
        }
        for one in parts
    ]
    table(rows, _OF_SOURCES, most=20, widths={"Source": 420})


def source_in_words(source: str) -> str:
    """Return a source as words: tables without their spelling, the system in brackets as it is.

    >>> source_in_words("customer_personal (core)"), source_in_words("customer_features (cross_border)")
    ('Customer personal (core)', 'Customer features (cross border)')
    """
    return plain(source)


def values(visit: Visit, block: Block, currency: str) -> None:
    """Draw the values of a block that a face shows first."""
    shown = [value for value in block.values if value.headline]
    if not shown:
        empty("Nothing is known yet.")
        return
    rows = [
        {
            "What": value.label[:1].upper() + value.label[1:],
            "Value": _said(value, currency, visit.bank.zone),
            "As of": moment(value.as_of, visit.bank.zone),
            "Source": source_in_words(value.source),
        }
        for value in shown
    ]
    table(rows, _OF_VALUES, most=20)


def listed(
    visit: Visit, listing: Listing | None, currency: str, nothing: str, wanted: tuple[str, ...] | None = None
) -> None:
    """Draw a list of the profile.

    Parameters
    ----------
    nothing
        What to say where there is none; empty: nothing.
    wanted
        The columns, in their order; None: all. A column without any value is left out.
    """
    if listing is None:
        if nothing:
            empty(nothing)
        return
    rows = rows_of(listing)
    filled = [name for name in wanted or listing.columns if any(row[name] is not None for row in rows)]
    st.markdown(f"**{listing.label[:1].upper()}{listing.label[1:]}**")
    table(
        [{_TITLES[name][0]: _cell(name, row, currency, visit.bank.zone) for name in filled} for row in rows],
        {_TITLES[name][0]: _TITLES[name][1] for name in filled},
    )
    st.caption(f"{source_in_words(listing.source)}, as of {moment(listing.as_of, visit.bank.zone)}")


def listing_of(found: Profile, name: str) -> Listing | None:
    """Return the list of a profile that is called so; None where it has none."""
    return next((listing for block in found.blocks for listing in block.listings if listing.name == name), None)


def rows_of(listing: Listing | None) -> list[dict[str, Cell]]:
    """Return the rows of a list by column; none where there is no list."""
    return [] if listing is None else [dict(zip(listing.columns, row, strict=True)) for row in listing.rows]


def _said(value: Value, currency: str, zone: str) -> str:
    if value.no_data:
        return f"no data: {', '.join(value.no_data).replace('_', ' ')}"
    if value.unit == "1" and isinstance(value.value, float):  # a share, a ratio or a growth
        return percent(value.value)
    return quantity(value.value, value.unit, currency, zone)


def _cell(name: str, row: Row, currency: str, zone: str) -> str:
    value = row[name]
    if value is None:
        return ""
    if name in _MONEY and isinstance(value, int):
        return money(value, str(row.get("currency") or currency))
    if name == "term_months" and isinstance(value, int):
        return counted(value, "month")
    if name == "product_id":
        return plain(str(value).lower())
    if name in _CODES:
        return plain(str(value))
    if name in _SHARES and isinstance(value, float):
        return percent(value, 0)
    return quantity(value, None, currency, zone)
