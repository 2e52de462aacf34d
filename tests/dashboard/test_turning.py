"""Lists longer than a page are turned to their end and back, each row once, and begin anew when asked for otherwise."""

import pytest

from bank360.bank.calendar import MICROS_PER_DAY
from bank360.bank.vocabulary import AlertSeverity, CaseKind, Role
from bank360.dashboard.links import LATE
from bank360.dashboard.opened import bank, wall
from bank360.storage.cases import FoundCase, open_cases
from bank360.storage.published_lists import CustomerFilter, found_customers
from bank360.storage.queue_pages import QueueFilter, queue_page
from tests.dashboard.bank import published_home, served_home  # noqa: F401 - fixtures
from tests.dashboard.visitor import go, press, visitor

pytestmark = pytest.mark.usefixtures("served_home")


def rows(page, title):
    """Return a column of the longest table that has it."""
    tables = [one.value for one in page.dataframe if title in one.value.columns]
    return max(tables, key=len)[title].tolist()


def to_the_end(page, title):
    """Turn to the last page; return what stood in a column of each."""
    pages = [rows(page, title)]
    while not next(button for button in page.button if button.label == "Further rows").disabled:
        page = press(page, "Further rows")
        pages.append(rows(page, title))
    return page, pages


def test_the_customers_are_turned_to_the_last_and_back():
    with bank().published.current() as version:
        everybody = [one.customer_id for one in found_customers(version, most=500).rows]
    page, pages = to_the_end(go(visitor(Role.RISK_ANALYST), "customers"), "Customer")
    assert [one for some in pages for one in some] == everybody
    assert [len(some) for some in pages[:-1]] == [50] * (len(everybody) // 50)
    last = 50 * (len(everybody) // 50)
    assert f"Rows {last + 1} to {len(everybody)}" in [caption.value for caption in page.caption]
    assert rows(press(page, "Earlier rows"), "Customer") == pages[-2]
    with bank().published.current() as version:
        lent = [
            one.customer_id for one in found_customers(version, CustomerFilter(least_days_past_due=0), most=50).rows
        ]
    assert rows(go(page, "customers", **{LATE: "0"}), "Customer") == lent


def test_the_queue_is_turned_to_the_last_case():
    """More cases than a page holds, of the least loss, so that they are its last."""
    with bank().log.store.writing() as connection:
        small = [FoundCase(CaseKind.ALERT, "small", f"Z{n:03}", "a test", AlertSeverity.LOW, 0, 0) for n in range(70)]
        open_cases(connection, small, wall() - MICROS_PER_DAY, "small ones")
        every = [case.customer_id for case in queue_page(connection, QueueFilter(), limit=500).rows]
    _, pages = to_the_end(go(visitor(Role.RISK_ANALYST), "queue"), "Customer")
    assert [one for some in pages for one in some] == every
    assert len(pages) > 1
