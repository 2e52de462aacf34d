"""The Portfolio page says whether the books add up, to everybody who may open it, and how many do not."""

import pytest
from streamlit.testing.v1 import AppTest

from bank360.bank.vocabulary import Role
from bank360.dashboard.opened import bank
from bank360.pipeline.reconcile import published_reconciliation
from tests.dashboard.bank import published_home, served_home  # noqa: F401 - fixtures
from tests.dashboard.visitor import go, visitor


def shown(page):
    """Return the rows of the page's controls."""
    (rows,) = (one.value for one in page.dataframe if "Do not follow" in one.value.columns)
    return rows.to_dict("records")


def drawn(differing, accounts, off=0, compared=(120,), named=True):
    def draw(differing, accounts, off, compared, named):
        from bank360.dashboard.screens.portfolio_controls import controls
        from bank360.pipeline.reconcile import Apart, Held, Reconciliation
        from bank360.storage.known import BALANCES_HELD, Known, as_words

        largest = (
            Apart("DE89…00", "EUR", "2024-04-30", "2024-05-31", -10_000, -12_050, 6),
            Apart("A7", None, "2024-05-01", "2024-05-31", 0, 300, 1),
        )[:accounts]
        held = [Held("balance", "transactions", one, 10, differing, accounts, largest) for one in compared]
        known = Known(as_words([BALANCES_HELD]), frozenset({"rows in 'balances'"}))
        controls(Reconciliation(3, 1200, 1198, 2, off, tuple(held)), known, named)

    return AppTest.from_function(draw, args=(differing, accounts, off, compared, named), default_timeout=60).run()


@pytest.mark.usefixtures("served_home")
@pytest.mark.parametrize("role", [Role.VIEWER, Role.RISK_OFFICER])
def test_the_page_shows_what_the_published_version_reconciled(role):
    with bank().published.current() as version:
        found = published_reconciliation(version)
    page = go(visitor(role), "portfolio")
    rows = shown(page)
    assert [row["Compared"] for row in rows] == [f"{n:,}" for n in (found.delivered, *(h.compared for h in found.held))]
    assert {row["Do not follow"] for row in rows} == {"0"}
    assert any("All of it adds up" in caption.value for caption in page.caption)


def test_differences_are_counted_and_told_where_each_is_listed():
    page = drawn(7, 2)
    assert [row["Do not follow"] for row in shown(page)] == ["0", "7"]
    assert shown(page)[1]["What is stated"] == "Balances of 10 accounts"
    said = "7 differences. 'bank360 check --json' lists every load and account."
    assert any(said in caption.value for caption in page.caption)


def test_the_largest_differences_are_shown_with_account_days_and_both_amounts():
    (rows,) = (one.value for one in drawn(7, 2).dataframe if "Expected" in one.value.columns)
    assert rows.to_dict("records") == [
        {"Account": "DE89…00", "Statement": "Balance", "After": "30 Apr 2024", "Until": "31 May 2024",
         "Expected": "-€100.00", "Found": "-€120.50", "Times": "6"},
        {"Account": "A7", "Statement": "Balance", "After": "1 May 2024", "Until": "31 May 2024",
         "Expected": "0 minor units", "Found": "300 minor units", "Times": "1"},
    ]  # fmt: skip


def test_who_may_read_no_customers_sees_how_many_differ_and_not_whose():
    page = drawn(7, 2, named=False)
    assert [row["Do not follow"] for row in shown(page)] == ["0", "7"]
    assert not [one for one in page.dataframe if "Expected" in one.value.columns]


def test_more_accounts_than_are_shown_are_counted():
    assert any("The 2 accounts of 31 with the largest" in one.value for one in drawn(70, 31).caption)
    assert not any("with the largest" in one.value for one in drawn(7, 2).caption)


def test_loads_that_do_not_add_up_are_a_difference_too():
    page = drawn(0, 0, off=1)
    assert [row["Do not follow"] for row in shown(page)] == ["1", "0"]
    assert any("1 difference." in caption.value for caption in page.caption)


def test_only_what_was_compared_is_said_to_add_up():
    reason = "Balances were not held to transactions: the bank delivered no rows in 'balances'."
    for compared, said in (((120,), "All of it adds up."), ((120, 0), "All that was compared adds up."), ((0,), None)):
        captions = [one.value for one in drawn(0, 0, compared=compared).caption]
        assert [one.partition(": ")[2] for one in captions if "adds up" in one] == [said][: said is not None]
        assert any(one.endswith(reason) for one in captions) == (0 in compared)
