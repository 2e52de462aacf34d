"""Balances and repayments against movements: by hand, and held to a naive sum on untidy accounts."""

from datetime import date, timedelta
from itertools import count, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.bank.calendar import to_date
from bank360.storage.ledger import prepare
from bank360.storage.reconciliation import SHOWN, load_totals, reconciled, store_reconciliation, stored_reconciliation
from bank360.storage.warehouse import open_warehouse
from tests.rows import fill, stored

LONDON = "Europe/London"
JAN, FEB, MARCH = date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)
_numbers = count()


@pytest.fixture
def bank(tmp_path):
    """Movements are delivered from 1 January to 30 April 2024: those of OTHER say so, and say nothing else."""
    with open_warehouse(tmp_path / "w.duckdb", 1, "500MB") as warehouse:
        prepare(warehouse)
        fill(warehouse, "accounts", {"account_id": "A", "currency": "GBP"})
        for day in (date(2024, 1, 1), date(2024, 4, 30)):
            moved(warehouse, f"{day} 12:00", 1, "OTHER", booked=day)
            paid(warehouse, day, 1, "OTHER")
        yield warehouse


def moved(bank, when, amount, account="A", booked=None, **more):
    at = stored(when)
    row = {"transaction_id": f"t{next(_numbers)}", "account_id": account, "event_time": at, "amount": amount}
    fill(bank, "transactions", row | {"booked_on": booked or at.date(), "currency": "GBP"} | more)


def paid(bank, day, amount, account="A", **more):
    fill(
        bank,
        "payments",
        {"payment_id": f"p{next(_numbers)}", "account_id": account, "paid_on": day, "amount": amount} | more,
    )


def stood(bank, *balances, account="A"):
    fill(bank, "balances", *({"account_id": account, "date": day, "booked": booked} for day, booked in balances))


def test_a_balance_is_the_one_before_and_what_moved_since_to_the_minor_unit(bank):
    stood(bank, (JAN, 1_000), (FEB, 1_250), (MARCH, 1_249))
    moved(bank, "2024-02-01 09:00", 300)
    moved(bank, "2024-02-29 23:59", -50)
    moved(bank, "2024-02-10 09:00", 999, superseded_time=stored("2024-02-11"))  # corrected away
    balances, _ = reconciled(bank, LONDON)
    assert (balances.compared, balances.accounts, balances.differing, balances.by) == (2, 1, 1, "event")
    (one,) = balances.differences
    assert (one.account_id, one.currency, one.since, one.until) == ("A", "GBP", FEB, MARCH)
    assert (one.stated, one.moved, one.movements, one.differing) == (-1, 0, 0, 1)


def test_a_day_ends_at_the_banks_own_midnight(bank):
    stood(bank, (MARCH, 0), (date(2024, 4, 15), 100))
    moved(bank, "2024-03-31 23:30", 100, booked=date(2024, 4, 1))  # half past midnight on 1 April in London
    assert reconciled(bank, LONDON)[0].differing == 0


def test_balances_drawn_by_booking_days_follow_by_booking_days(bank):
    stood(bank, (JAN, 0), (FEB, 0), (MARCH, -700))
    moved(bank, "2024-02-29 18:00", -700, booked=date(2024, 3, 1))
    balances, _ = reconciled(bank, LONDON)
    assert (balances.by, balances.compared, balances.differing) == ("booking", 2, 0)


def test_what_was_not_delivered_of_movements_is_not_held_against_a_balance(bank):
    stood(bank, (date(2023, 11, 30), 5), (date(2023, 12, 31), 10), (JAN, 20), (date(2024, 5, 31), 30))
    balances, _ = reconciled(bank, LONDON)
    # December was before the first movement, April and May end after the last: of January all is there.
    assert [(one.since, one.until) for one in balances.differences] == [(date(2023, 12, 31), JAN)]
    assert balances.compared == 1


def test_a_month_of_credit_says_what_was_paid_in_it_and_not_what_came_back(bank):
    months = ((JAN, 300), (FEB, 200), (MARCH, 100))
    fill(bank, "credit_months", *({"account_id": "A", "month_end": day, "paid": amount} for day, amount in months))
    paid(bank, JAN, 300)
    paid(bank, date(2024, 2, 1), 150)
    paid(bank, date(2024, 2, 2), 50, returned=True)
    paid(bank, MARCH, 100)
    _, credit = reconciled(bank, LONDON)
    assert (credit.compared, credit.differing) == (3, 1)
    assert [(one.until, one.stated, one.moved) for one in credit.differences] == [(FEB, 200, 150)]


def test_a_month_that_was_not_delivered_leaves_its_payments_to_nobody(bank):
    months = ((JAN, 300), (MARCH, 100))
    fill(bank, "credit_months", *({"account_id": "A", "month_end": day, "paid": amount} for day, amount in months))
    for day, amount in ((JAN, 300), (FEB, 200), (MARCH, 100)):
        paid(bank, day, amount)
    assert reconciled(bank, LONDON)[1].differing == 0


def test_the_largest_difference_of_each_account_comes_first(bank):
    stood(bank, (JAN, 0), (FEB, 10), (MARCH, -90), account="B")
    stood(bank, (JAN, 0), (FEB, 50), (MARCH, 50), account="C")
    balances, _ = reconciled(bank, LONDON)
    assert [(one.account_id, one.until, one.stated, one.differing) for one in balances.differences] == [
        ("B", MARCH, -100, 2),
        ("C", FEB, 50, 1),
    ]
    assert (balances.differing, balances.differing_accounts, balances.differences[0].currency) == (3, 2, None)


def test_every_account_that_differs_is_told_and_the_largest_are_kept(bank):
    for n in range(SHOWN + 5):
        stood(bank, (JAN, 0), (FEB, 10 + n // 2), account=f"X{n:03}")  # two by two alike: the first by its name
    balances, credit = reconciled(bank, LONDON)
    told = [one.account_id for one in balances.differences]
    assert sorted(told) == [f"X{n:03}" for n in range(SHOWN + 5)]
    assert told[:3] == ["X024", "X022", "X023"]
    store_reconciliation(bank, (balances, credit))
    assert [one.differences for one in stored_reconciliation(bank)] == [balances.differences[:SHOWN], ()]


def test_nothing_delivered_is_nothing_compared(tmp_path):
    with open_warehouse(tmp_path / "w.duckdb", 1, "500MB") as warehouse:
        prepare(warehouse)
        assert [one.compared for one in reconciled(warehouse, LONDON)] == [0, 0]
        stood(warehouse, (JAN, 0), (FEB, 10))
        assert [one.compared for one in reconciled(warehouse, LONDON)] == [0, 0]  # no movements to hold them to
        assert load_totals(warehouse) == (0, 0, 0, 0)


def test_what_was_compared_is_kept_in_place_of_the_check_before(bank):
    assert stored_reconciliation(bank) == ()
    for booked in (5, 0):
        bank.execute("DELETE FROM balances")
        stood(bank, (JAN, 0), (FEB, booked))
        store_reconciliation(bank, reconciled(bank, LONDON))
    balances, credit = stored_reconciliation(bank)
    assert (balances.stated, balances.compared, balances.differing, balances.differences) == ("balances", 1, 0, ())
    assert (credit.stated, credit.by, credit.compared) == ("credit_months", "payment", 0)


DAY = st.integers(19_720, 19_760)  # December 2023 to January 2024
MOVES = st.lists(st.tuples(st.sampled_from("ABC"), DAY, st.integers(-3, 3)), min_size=1, max_size=25)
BALANCES = st.dictionaries(st.tuples(st.sampled_from("ABC"), DAY), st.integers(-4, 4), max_size=25)


@pytest.fixture(scope="module")
def untidy(tmp_path_factory):
    """A warehouse that each example empties first."""
    with open_warehouse(tmp_path_factory.mktemp("untidy") / "w.duckdb", 1, "500MB") as warehouse:
        prepare(warehouse)
        yield warehouse


@settings(max_examples=25)
@given(moves=MOVES, balances=BALANCES)
def test_spans_hold_what_a_naive_sum_of_each_holds(untidy, moves, balances):
    first, last = min(day for _, day, _ in moves), max(day for _, day, _ in moves)
    expected = {}
    for account in "ABC":
        days = sorted(day for one, day in balances if one == account)
        for since, until in pairwise(days):
            if since >= first - 1 and until <= last:
                total = sum(amount for one, day, amount in moves if one == account and since < day <= until)
                expected[account, until] = (balances[account, until] - balances[account, since], total)
    differing = {key for key, (said, total) in expected.items() if said != total}
    for table in ("transactions", "balances"):
        untidy.execute(f"DELETE FROM {table}")
    noon = stored("1970-01-01 12:00")
    rows = [
        {"transaction_id": str(n), "account_id": account, "amount": amount, "event_time": noon + timedelta(days=day)}
        for n, (account, day, amount) in enumerate(moves)
    ]
    fill(untidy, "transactions", *(row | {"booked_on": row["event_time"].date()} for row in rows))
    for account in {one for one, _ in balances}:
        stood(untidy, *((to_date(d), b) for (one, d), b in balances.items() if one == account), account=account)
    found, _ = reconciled(untidy, LONDON)
    assert (found.compared, found.differing) == (len(expected), len(differing))
    assert found.differing_accounts == len({account for account, _ in differing})
    for one in found.differences:
        assert (one.stated, one.moved) == expected[one.account_id, (one.until - date(1970, 1, 1)).days]
