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


def drawn(differing, accounts, off=0, compared=(120,)):
    def draw(differing, accounts, off, compared):
        from bank360.dashboard.screens.portfolio_controls import controls
        from bank360.pipeline.reconcile import Held, Reconciliation
        from bank360.storage.known import BALANCES_HELD, Known, as_words

        held = [Held("balance", "transactions", one, 10, differing, accounts) for one in compared]
        known = Known(as_words([BALANCES_HELD]), frozenset({"rows in 'balances'"}))
        controls(Reconciliation(3, 1200, 1198, 2, off, tuple(held)), known)

    return AppTest.from_function(draw, args=(differing, accounts, off, compared), default_timeout=60).run()


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
    assert any("7 differences. The check lists each load and account." in caption.value for caption in page.caption)


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
