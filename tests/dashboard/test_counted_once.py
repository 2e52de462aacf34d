"""Totals that count a debt once, beside lists that do not: both stand in the open, and one follows from the other."""

import re

import pytest

from bank360.bank.vocabulary import Role
from bank360.dashboard.opened import bank
from bank360.dashboard.wording import money, money_short
from bank360.pipeline.portfolio import published_portfolio
from bank360.storage.published_lists import count_customers, found_customers
from bank360.storage.queue_pages import queue_money, queue_totals
from tests.dashboard.bank import published_home, served_home  # noqa: F401 - fixtures
from tests.dashboard.visitor import go, visitor


@pytest.fixture(scope="module")
def officer(served_home):  # noqa: F811
    return visitor(Role.RISK_OFFICER)


def captions(page):
    return [one.value for one in page.caption]


def pence(text):
    return [round(float(one.replace(",", "")) * 100) for one in re.findall("£([0-9,.]+[0-9])", text)]


def test_the_portfolio_says_how_the_sums_over_customers_follow_from_those_over_accounts(officer):
    (said,) = [text for text in captions(go(officer, "portfolio")) if text.startswith("Each account once")]
    with bank().published.current() as version:
        rows, total = found_customers(version, most=500).rows, published_portfolio(version).total
    assert len(rows) < 500
    each, loss = sum(row.exposure or 0 for row in rows), sum(row.expected_loss or 0 for row in rows)
    assert pence(said) == [
        each, total.exposure, each - total.exposure, loss, total.expected_loss, loss - total.expected_loss,
    ]  # fmt: skip


def test_the_portfolio_says_why_it_counts_fewer_customers_than_the_customers_page_lists(officer):
    drawn = go(officer, "portfolio")
    (holding,) = (int(one.value.replace(",", "")) for one in drawn.metric if one.label == "Customers")
    with bank().published.current() as version:
        everybody = count_customers(version)
    assert 0 < holding < everybody
    assert captions(drawn).count(
        f"{holding:,} customers hold an open account, alone or jointly; the Customers page lists all {everybody:,}, "
        f"the other {everybody - holding:,} too."
    ) == 1  # fmt: skip


def test_the_list_of_customers_says_what_it_adds_up_to_with_joint_debt_in_full(officer):
    (said,) = [text for text in captions(go(officer, "customers")) if "Exposure together" in text]
    with bank().published.current() as version:
        each = sum(row.exposure or 0 for row in found_customers(version, most=500).rows)
    assert f"Exposure together {money(each, 'GBP')}, joint debt in full" in said


def test_the_queue_says_what_its_cases_add_up_to_beside_each_debt_once(officer):
    page = go(officer, "queue")
    with bank().log.store.reading() as connection:
        totals, once = queue_totals(connection), queue_money(connection)
    stake, loss = sum(one.money_at_stake or 0 for one in totals), sum(one.expected_loss or 0 for one in totals)
    assert once.expected_loss is not None
    (said,) = [text for text in captions(page) if text.startswith("Money counts")]
    assert pence(said) == [stake, loss, stake - once.at_stake, loss - once.expected_loss]
    kinds = next(table.value for table in page.dataframe if "Kind" in table.value.columns)
    again = once.at_stake - stake
    assert kinds["At stake"].tolist()[-3:] == [money_short(one, "GBP") for one in (stake, again, once.at_stake)]
