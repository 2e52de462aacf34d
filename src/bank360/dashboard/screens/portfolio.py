"""Portfolio: what is lent, how late it is, what it costs and is expected to, and who waits to be looked at.

Everything but the queue is of one published version; the queue is the store's, as it is now.
"""

from collections.abc import Sequence

import streamlit as st

from bank360.bank.money import exponent
from bank360.dashboard import figures
from bank360.dashboard.cards import header, number, panel
from bank360.dashboard.charts_portfolio import losses, tier_bars, vintage_curves
from bank360.dashboard.links import to_tier
from bank360.dashboard.screens.screen import Page
from bank360.dashboard.states import empty
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import count, moment, money, money_short, percent, plain, sign
from bank360.pipeline.portfolio import LineFigures, Portfolio, Vintage, published_portfolio
from bank360.policies.access_table import Action, FieldClass, Resource
from bank360.storage.cases import queue_totals

_MOST_QUARTERS = 12
_A_YEAR = 12


def draw(visit: Visit) -> None:
    """Draw the page."""
    visit.must(Action.READ, Resource.PORTFOLIO)
    with visit.bank.published.current() as version:
        found, published_at = published_portfolio(version), version.meta.published_at
    zone = visit.bank.zone
    header("Portfolio", moment(found.as_of, zone), f"published {moment(published_at, zone)}")
    _cards(visit, found)
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
    with right, panel("Loss expected against written off", figures.EXPECTED_LOSS):
        st.altair_chart(
            losses(_losses(found), sign(found.currency).strip()), alt="Expected and actual loss by product line"
        )
    left, right = st.columns([3, 2])
    with left, panel("By product line", figures.EXPOSURE):
        st.dataframe([_line(one, found.currency) for one in (*found.lines, found.total)], hide_index=True)
    with right, panel("Customers by risk tier", figures.TIERS):
        _tiers(visit, found)


def _cards(visit: Visit, found: Portfolio) -> None:
    total, months, currency = found.total, found.months, found.currency
    columns = st.columns(5 if visit.may(Action.READ, Resource.CASE) else 4)
    with columns[0]:
        exposure = [month.exposure for month in months]
        number(
            figures.EXPOSURE, money_short(total.exposure, currency), change=_growth(exposure),
            trend=[value / 10 ** exponent(currency) for value in exposure],
        )  # fmt: skip
    for column, figure, amount, name in (
        (columns[1], figures.PAST_DUE_30, total.past_due_30, "past_due_30"),
        (columns[2], figures.PAST_DUE_90, total.past_due_90, "past_due_90"),
    ):
        with column:
            shares = [getattr(month, name) / month.exposure for month in months if month.exposure]
            share = amount / total.exposure if total.exposure else None
            number(figure, percent(share, 2), change=_points(shares), trend=shares, good="inverse")
    with columns[3]:
        note = f"{money_short(total.written_off, currency)} written off"
        number(figures.EXPECTED_LOSS, money_short(total.expected_loss, currency), note=note)
    if visit.may(Action.READ, Resource.CASE):
        with columns[4]:
            with visit.bank.log.store.reading() as connection:
                totals = queue_totals(connection)
            stake = money_short(sum(one.money_at_stake for one in totals), currency)
            number(figures.OPEN_CASES, count(sum(one.cases for one in totals)), note=f"{stake} at stake")


def _growth(values: Sequence[int]) -> str | None:
    if len(values) <= _A_YEAR or not values[-1 - _A_YEAR]:
        return None
    return f"{values[-1] / values[-1 - _A_YEAR] - 1:+.1%} in a year"


def _points(shares: Sequence[float]) -> str | None:
    if len(shares) <= _A_YEAR:
        return None
    return f"{(shares[-1] - shares[-1 - _A_YEAR]) * 100:+.2f} points in a year"


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
        for line in found.lines
        for what, amount in (
            ("Expected in 12 months", line.expected_loss),
            ("Written off in 12 months", line.written_off),
        )
    ]


def _line(one: LineFigures, currency: str) -> dict[str, str]:
    return {
        "Line": plain(one.line),
        "Accounts": count(one.accounts),
        "Exposure": money(one.exposure, currency),
        "30+ days": percent(one.past_due_30 / one.exposure if one.exposure else None, 2),
        "90+ days": percent(one.past_due_90 / one.exposure if one.exposure else None, 2),
        "Expected loss": money(one.expected_loss, currency),
        "Written off": money(one.written_off, currency),
    }


def _tiers(visit: Visit, found: Portfolio) -> None:
    by_tier = {one.tier: one for one in found.tiers}
    shown = [by_tier[tier] for tier in ("high", "medium", "low") if tier in by_tier]
    if not shown:
        empty("Nobody is scored yet.")
        return
    scored = visit.may(Action.READ, Resource.SCORE)
    rows = [
        {
            "tier": one.tier, "name": plain(one.tier), "customers": one.customers,
            "said": f"{count(one.customers)}" + (f" · mean {percent(one.probability)}" if scored else ""),
        }
        for one in shown
    ]  # fmt: skip
    st.altair_chart(tier_bars(rows), alt="Customers by risk tier")
    if scored and visit.may(Action.READ, Resource.CUSTOMER):
        with st.container(horizontal=True):
            for one in shown[:2]:
                to_tier(visit, one.tier)


PAGE = Page(
    "portfolio",
    "Portfolio",
    ":material/account_balance:",
    ((Action.READ, Resource.PORTFOLIO, FieldClass.ORDINARY),),
    draw,
)
