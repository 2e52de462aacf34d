"""The parts of the Portfolio page below its cards: vintages, losses, product lines, risk tiers, penetration."""

from collections.abc import Sequence

import streamlit as st

from bank360.bank.money import exponent
from bank360.bank.vocabulary import RiskTier
from bank360.dashboard import figures
from bank360.dashboard.cards import panel
from bank360.dashboard.charts_portfolio import held_bars, losses, tier_bars, vintage_curves
from bank360.dashboard.links import to_held, to_tier
from bank360.dashboard.states import empty, not_known
from bank360.dashboard.tables import Columns, table
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import count, money, money_short, percent, plain, points, sign
from bank360.pipeline.holdings import Holdings, LineHoldings, of_line
from bank360.pipeline.portfolio import LineFigures, Portfolio, TierFigures, Vintage
from bank360.policies.access_table import Action, Resource
from bank360.storage.known import PRODUCT_LINES, Known
from bank360.storage.published_lists import OwedByCustomers

_MOST_QUARTERS = 12
_BY_LINE = "By product line, in 12 months."
_EXPECTED = (
    f"{_BY_LINE} All lines rest on the probability of default of the standard request, an unsecured "
    "loan as a rule: of mortgages it is a stand-in."
)
_OF_LINES: Columns = {
    "Line": "The product line; the last row is all of them.",
    "Accounts": figures.ACCOUNTS,
    "Exposure": figures.EXPOSURE,
    "30+ days": figures.PAST_DUE_30,
    "90+ days": figures.PAST_DUE_90,
    "Expected loss": figures.EXPECTED_LOSS,
    "Written off": figures.WRITTEN_OFF,
}
_OF_HOLDINGS: Columns = {
    "Line": "The product line.",
    "Customers": figures.HOLDERS,
    "Penetration": figures.PENETRATION,
    "In a year": figures.PENETRATION_CHANGE,
}


def curves_and_losses(found: Portfolio) -> None:
    """Draw default by age of the account; what was written off, and against it the loss expected where there is one."""
    left, right = st.columns([3, 2])
    rows = _curves(found.vintages)
    quarters = f"{rows[0]['quarter']} to {rows[-1]['quarter']}" if rows else ""
    with (
        left,
        panel("Default by age of the account", figures.VINTAGE, f"By quarter of opening, {quarters}; darker is newer."),
    ):
        if rows:
            st.altair_chart(vintage_curves(rows), alt="Share ever 90 days past due by months since opening, by quarter")
        else:
            empty("No quarter's accounts have been open long enough yet.")
    title, figure, note = "Loss expected against written off", figures.EXPECTED_LOSS, _EXPECTED
    if not found.scored:
        title, figure, note = "Written off", figures.WRITTEN_OFF, _BY_LINE
    with right, panel(title, figure, note):
        st.altair_chart(losses(_losses(found), sign(found.currency).strip()), alt=f"{title}, by product line")


def lines_and_tiers(visit: Visit, found: Portfolio, owed: OwedByCustomers) -> None:
    """Draw lending by product line, and, where anybody is scored, customers by risk tier."""
    left, right = st.columns([3, 2]) if found.scored else (st.container(), None)
    with left, panel("By product line", figures.EXPOSURE, _counted_once(found, owed)):
        largest = sorted(found.lines, key=lambda line: -line.exposure)
        rows = [_line(one, found.currency) for one in (*largest, found.total)]
        table(rows, {title: _OF_LINES[title] for title in rows[0]})
    if right is not None:
        with right, panel("Customers by risk tier", figures.TIERS):
            _tiers(visit, found)


def penetration(visit: Visit, held: Holdings, known: Known) -> None:
    """Draw what share of the customers holds each product line, and how that changed in a year."""
    if not known.of(PRODUCT_LINES):
        with panel("Penetration by product line", figures.PENETRATION):
            not_known("The product lines of accounts are not known", known.lacks(PRODUCT_LINES))
        return
    left, right = st.columns([3, 2])
    with left, panel("Penetration by product line", figures.PENETRATION, "Today, and a mark where it was a year ago."):
        if not held.customers:
            empty("Nobody holds anything yet.")
            return
        st.altair_chart(held_bars([_held(held, one) for one in held.lines]), alt="Share of customers by product line")
    with right, panel("Who holds what", figures.HOLDERS):
        table([_holding(held, one) for one in held.lines], _OF_HOLDINGS)
        with st.container(horizontal=True):
            for one in held.lines:
                if one.customers:
                    to_held(visit, of_line(one.line), one.customers, f"{plain(one.line)}: {count(one.customers)}")


def _curves(vintages: Sequence[Vintage]) -> list[dict[str, object]]:
    shown = [vintage for vintage in vintages if vintage.ever_90][-_MOST_QUARTERS:]
    rows: list[dict[str, object]] = []
    for order, vintage in enumerate(shown):
        quarter = f"{vintage.quarter.year} Q{(vintage.quarter.month + 2) // 3}"
        for months, share in ((0, 0.0), *vintage.ever_90):
            rows.append(
                {"quarter": quarter, "order": order, "months": months, "share": share, "accounts": vintage.accounts}
            )
    return rows


def _losses(found: Portfolio) -> list[dict[str, object]]:
    unit = 10 ** exponent(found.currency)
    return [
        {"line": plain(line.line), "what": what, "value": amount / unit, "said": money_short(amount, found.currency)}
        for line in sorted(found.lines, key=_largest_loss)
        for what, amount in (
            ("Expected in 12 months", line.expected_loss),
            ("Written off in 12 months", line.written_off),
        )
        if amount is not None
    ]


def _largest_loss(line: LineFigures) -> int:
    return -(line.written_off if line.expected_loss is None else line.expected_loss)


def _line(one: LineFigures, currency: str) -> dict[str, str]:
    return {
        "Line": plain(one.line),
        "Accounts": count(one.accounts),
        "Exposure": money(one.exposure, currency),
        "30+ days": percent(one.past_due_30 / one.exposure if one.exposure else None, 2),
        "90+ days": percent(one.past_due_90 / one.exposure if one.exposure else None, 2),
        **({} if one.expected_loss is None else {"Expected loss": money(one.expected_loss, currency)}),
        "Written off": money(one.written_off, currency),
    }


def _counted_once(found: Portfolio, owed: OwedByCustomers) -> str:
    """Return how the totals of accounts and those of customers follow from each other."""
    sums = (
        ("exposure", owed.exposure, found.total.exposure),
        ("expected loss", owed.expected_loss, found.total.expected_loss),
    )
    more = ", ".join(
        f"{what} {money(each, found.currency)} = {money(once, found.currency)} + {money(each - once, found.currency)}"
        for what, each, once in sums
        if each is not None and once is not None
    )
    return (
        "Each account once, whoever owes on it. Lists of customers and the queue have joint debt in full for each "
        f"obligor, and credit on one account lowers no other debt: over all customers once + difference, {more}."
    )


def _tiers(visit: Visit, found: Portfolio) -> None:
    by_tier = {one.tier: one for one in found.tiers}
    shown = [by_tier[tier] for tier in reversed(RiskTier) if tier in by_tier]
    if not shown:
        empty("Nobody is scored yet.")
        return
    scored = visit.may(Action.READ, Resource.SCORE)
    rows = [
        {
            "tier": one.tier, "name": plain(one.tier), "customers": one.customers,
            "said": count(one.customers) + (f" · mean {percent(one.probability)}" if scored and _banded(one) else ""),
        }
        for one in shown
    ]  # fmt: skip
    st.altair_chart(tier_bars(rows), alt="Customers by risk tier")
    with st.container(horizontal=True):
        for one in shown:
            to_tier(visit, one.tier, one.customers)


def _banded(one: TierFigures) -> bool:
    """Return whether the tier is one of probabilities; of those in default a mean of them would say nothing."""
    return one.tier != RiskTier.IN_DEFAULT


def _shares(held: Holdings, one: LineHoldings) -> tuple[float, float | None]:
    before = one.customers_before / held.customers_before if held.customers_before else None
    return one.customers / held.customers, before


def _held(held: Holdings, one: LineHoldings) -> dict[str, object]:
    now, before = _shares(held, one)
    return {"line": plain(one.line), "share": now, "before": before, "said": percent(now)}


def _holding(held: Holdings, one: LineHoldings) -> dict[str, str]:
    now, before = _shares(held, one)
    return {
        "Line": plain(one.line),
        "Customers": count(one.customers),
        "Penetration": percent(now),
        "In a year": "" if before is None else points(now - before),
    }
