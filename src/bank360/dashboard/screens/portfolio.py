"""Portfolio: what is lent, how late it is, what it costs and is expected to, who holds what, and who waits.

Everything but the queue is of one published version; the queue is the store's, as it is now. Roles that look after
risk see lending first, all others who holds what. What a bank has no data or no model for is not there: lending, where
no months of credit were delivered; tiers and expected loss, where nobody is scored. Neighbour: `portfolio_parts.py`
draws below the cards.
"""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from bank360.bank.counted import counted
from bank360.bank.errors import NotReady
from bank360.bank.money import exponent
from bank360.dashboard import figures
from bank360.dashboard.cards import header, number
from bank360.dashboard.links import to_held, to_late, to_queue
from bank360.dashboard.screens import portfolio_parts as parts
from bank360.dashboard.screens.portfolio_controls import controls, reconciled_in
from bank360.dashboard.screens.portfolio_pairs import possible_pairs
from bank360.dashboard.screens.screen import Page
from bank360.dashboard.states import empty, not_known
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import (
    UNKNOWN,
    ago,
    change,
    count,
    moment,
    money_short,
    percent,
    points,
    rules_with_data,
    undelivered,
)
from bank360.pipeline.find_alerts import blind_rules
from bank360.pipeline.holdings import CUSTOMERS, LEFT, MAIN_BANK, Holdings, published_holdings
from bank360.pipeline.portfolio import Portfolio, published_portfolio
from bank360.pipeline.possible_pairs import published_pairs
from bank360.policies.access_table import Action, FieldClass, Resource
from bank360.policies.alerts import RULES
from bank360.storage.known import ACCOUNTS, BALANCES, LEAVERS, LENDING, SALARIES, Known
from bank360.storage.published import Version
from bank360.storage.published_lists import CustomerFilter, count_customers, owed_by_customers
from bank360.storage.queue_pages import queue_money, queue_totals

_A_YEAR = 12
_LATE = (0, 30, 90)


def draw(visit: Visit) -> None:
    """Draw the page."""
    visit.must(Action.READ, Resource.PORTFOLIO)
    with visit.bank.published.current() as version:
        found, published_at = published_portfolio(version), version.meta.published_at
        held, books = _holdings(version), reconciled_in(version)
        may = visit.may(Action.READ, Resource.CUSTOMER, FieldClass.IDENTITY)
        pairs = published_pairs(version) if may else None  # not even read for anybody else
        known = version.meta.known
        late = {days: count_customers(version, CustomerFilter(least_days_past_due=days)) for days in _LATE}
        owed, everybody = owed_by_customers(version), count_customers(version)
    zone = visit.bank.zone
    header("Portfolio", moment(found.as_of, zone), f"published {ago(published_at, visit.at_us)}")
    for_risk = visit.may(Action.READ, Resource.CASE)
    if held is not None and not for_risk:
        _held_cards(visit, held, known, everybody)
    if found.lines:
        _cards(visit, found, late, known if for_risk else None)
        parts.curves_and_losses(found)
        parts.lines_and_tiers(visit, found, owed)
    else:
        if known.of(LENDING):
            empty(f"No credit account in {visit.bank.currency}.")
        else:
            not_known("Nothing is known of lending", known.lacks(LENDING))
        if for_risk:
            with st.columns(4)[0]:
                _open_cases(visit, known)
    if held is not None:
        if for_risk:
            _held_cards(visit, held, known, everybody)
        if known.of(ACCOUNTS):
            parts.penetration(visit, held, known)
    if books is not None:
        controls(books, known, visit.may(Action.READ, Resource.CUSTOMER))
    if pairs is not None:
        possible_pairs(visit, pairs)


def _holdings(version: Version) -> Holdings | None:
    """Return who holds what; None in a version that was published before there was such a figure."""
    try:
        return published_holdings(version)
    except NotReady:
        return None


def _cards(visit: Visit, found: Portfolio, late: dict[int, int], known: Known | None) -> None:
    """Draw what is lent; with what is ``known``, for those who look after risk, who waits too."""
    total, months, currency = found.total, found.months, found.currency
    columns = st.columns(4 if known is None else 5)
    with columns[0]:
        exposure = [month.exposure for month in months]
        number(
            figures.EXPOSURE, money_short(total.exposure, currency), change=_growth(exposure),
            trend=[value / 10 ** exponent(currency) for value in exposure],
            opens=partial(to_late, visit, 0, late[0]),
        )  # fmt: skip
    for column, figure, amount, name, days in (
        (columns[1], figures.PAST_DUE_30, total.past_due_30, "past_due_30", 30),
        (columns[2], figures.PAST_DUE_90, total.past_due_90, "past_due_90", 90),
    ):
        with column:
            shares = [getattr(month, name) / month.exposure for month in months if month.exposure]
            share = amount / total.exposure if total.exposure else None
            number(figure, percent(share, 2), change=_points(shares), trend=shares, good="inverse",
                   opens=partial(to_late, visit, days, late[days]))  # fmt: skip
    with columns[3]:
        lost = [month.written_off / 10 ** exponent(currency) for month in months]
        if found.scored:
            note = f"{money_short(total.written_off, currency)} written off in a year (line)"
            number(figures.EXPECTED_LOSS, money_short(total.expected_loss, currency), note=note, trend=lost)
        else:
            number(figures.WRITTEN_OFF, money_short(total.written_off, currency), trend=lost)
    if known is not None:
        with columns[4]:
            _open_cases(visit, known)


def _open_cases(visit: Visit, known: Known) -> None:
    """Draw how many cases are open, with the money at stake; of a bank whose rules had no data, how many had."""
    with visit.bank.log.store.reading() as connection:
        totals, together = queue_totals(connection), queue_money(connection)
    note = f"{money_short(together.at_stake, visit.bank.currency)} at stake, each debt once"
    blind = blind_rules(known)
    if blind:
        seeing = rules_with_data(len(blind), len(RULES))
        note = f"{note}; {seeing}" if known.of(LENDING) else seeing
    number(figures.OPEN_CASES, count(sum(one.cases for one in totals)), note=note, opens=partial(to_queue, visit))


def _held_cards(visit: Visit, held: Holdings, known: Known, everybody: int) -> None:
    """Draw who holds what; of a number that rests on what was never delivered, that it is not known and why."""
    if not known.of(ACCOUNTS):
        not_known("Who holds what is not known", known.lacks(ACCOUNTS))
        return
    columns = st.columns(4)
    with columns[0]:
        number(figures.HOLDERS, count(held.customers), change=_grown(held.customers, held.customers_before),
               opens=partial(to_held, visit, CUSTOMERS, held.customers))  # fmt: skip
    with columns[1]:
        if not known.of(SALARIES):
            _unknown(figures.MAIN_BANK, known.lacks(SALARIES))
        else:
            main = held.main_bank / held.customers if held.customers else None
            number(figures.MAIN_BANK, percent(main), opens=partial(to_held, visit, MAIN_BANK, held.main_bank),
                   note=_of(visit, held.main_bank))  # fmt: skip
    with columns[2]:
        if known.of(LEAVERS):
            number(figures.LEFT, percent(held.left / held.customers_before if held.customers_before else None),
                   opens=partial(to_held, visit, LEFT, held.left), note=_of(visit, held.left))  # fmt: skip
        else:
            _unknown(figures.LEFT, known.lacks(LEAVERS))
    with columns[3]:
        lacking = known.lacks((*LEAVERS, *BALANCES))
        if lacking:
            _unknown(figures.ATTRITION, lacking)
        elif held.booked:
            note = f"{percent(held.left_with / held.booked)} of balances a year ago"
            number(figures.ATTRITION, money_short(held.left_with, held.currency), note=note,
                   opens=partial(to_held, visit, LEFT, held.left))  # fmt: skip
        else:
            number(figures.ATTRITION, percent(None), note="no balances of a year ago were delivered")
    if held.customers < everybody:
        st.caption(
            f"{counted(held.customers, 'customer holds', 'customers hold')} an open account, alone or jointly; the "
            f"Customers page lists all {count(everybody)}, the other {count(everybody - held.customers)} too."
        )


def _unknown(figure: figures.Figure, lacking: Sequence[str]) -> None:
    """Draw a number that nobody knows, and what was never delivered that would tell it."""
    number(figure, UNKNOWN, note=undelivered(lacking))


def _of(visit: Visit, customers: int) -> str | None:
    """Return how many there are, where no link says so."""
    return None if visit.may(Action.READ, Resource.CUSTOMER) else counted(customers, "customer")


def _growth(values: Sequence[int]) -> str | None:
    return None if len(values) <= _A_YEAR else _grown(values[-1], values[-1 - _A_YEAR])


def _grown(now: int, before: int) -> str | None:
    return f"{change(now / before - 1)} in a year" if before else None


def _points(shares: Sequence[float]) -> str | None:
    return None if len(shares) <= _A_YEAR else f"{points(shares[-1] - shares[-1 - _A_YEAR])} in a year"


PAGE = Page(
    "portfolio",
    "Portfolio",
    ":material/account_balance:",
    ((Action.READ, Resource.PORTFOLIO, FieldClass.ORDINARY),),
    draw,
)
