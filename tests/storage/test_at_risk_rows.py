"""Who is up to date and what became of them, by hand-made rows: as known before an instant and nothing later."""

from datetime import date

import numpy as np
import pytest

from bank360.bank.calendar import day_number
from bank360.storage.at_risk_rows import at_risk_rows, standing_of_customers
from tests.rows import fill, micros, stored
from tests.storage.applied import applied

DAY = date(2024, 3, 2)
FAR = day_number(date(9999, 12, 31))


@pytest.fixture
def bank(tmp_path):
    """Ann (0) owns the loan L, and the current account K with Bob (1), whose own is the savings account S."""
    with applied(tmp_path) as warehouse:
        lines = (("CUR", "current_account"), ("SAV", "savings"))
        fill(warehouse, "products", *({"product_id": one, "line": line} for one, line in lines))
        accounts = (("L", "LOAN"), ("K", "CUR"), ("S", "SAV"))
        fill(warehouse, "accounts", *({"account_id": one, "product_id": p, "currency": "GBP"} for one, p in accounts))
        parties = (("L", "a1", "owner"), ("K", "a2", "owner"), ("K", "b1", "joint_holder"), ("S", "b1", "owner"))
        fill(warehouse, "account_parties", *({"account_id": a, "customer_id": c, "role": r} for a, c, r in parties))
        yield warehouse


def _month(bank, end, past_due=0, known=None, **more):
    fill(bank, "credit_months", {"account_id": "L", "month_end": end, "days_past_due": past_due, "status": "performing",
                                 "known_time": stored(known or f"{end} 23:00")} | more)  # fmt: skip


def _balance(bank, day, available, account="K", known=None, **more):
    row = {"account_id": account, "date": day, "booked": available or 0, "available": available}
    fill(bank, "balances", row | {"known_time": stored(known or f"{day} 23:00")} | more)


def _standing(bank, at="2024-03-02"):
    who, fine = standing_of_customers(bank, micros(at), day_number(DAY))
    return dict(zip(who.tolist(), fine.tolist(), strict=True))


def test_up_to_date_is_who_has_nothing_past_due_eased_lost_or_beyond_its_limit(bank):
    assert _standing(bank) == {}  # nobody has anything on the book that is told of
    _balance(bank, date(2024, 2, 29), -500, account="S")
    assert _standing(bank) == {}  # savings are no credit
    _balance(bank, date(2024, 2, 29), 0)
    assert _standing(bank) == {0: True, 1: True}
    _month(bank, date(2024, 2, 29), 1)
    assert _standing(bank) == {0: False, 1: True}


@pytest.mark.parametrize("more", [{"forbearance": True}, {"written_off": 5}, {"status": "default"}])
def test_eased_or_lost_credit_is_not_up_to_date_though_nothing_is_past_due(bank, more):
    _month(bank, date(2024, 2, 29), **more)
    assert _standing(bank) == {0: False}


def test_only_the_latest_month_end_counts_as_known_before_the_instant(bank):
    _month(bank, date(2024, 1, 31), 40)
    assert _standing(bank) == {0: False}
    _month(bank, date(2024, 2, 29), 0, known="2024-03-02 00:00")  # at the very instant: not yet known
    assert _standing(bank) == {0: False}
    assert _standing(bank, "2024-03-02 00:00:01") == {0: True}
    _month(bank, date(2024, 2, 29), 9, known="2024-03-05")  # a correction that came later
    assert _standing(bank, "2024-03-02 00:00:01") == {0: True}
    assert _standing(bank, "2024-03-06") == {0: False}


def test_an_account_that_is_told_of_no_more_is_not_on_the_book(bank):
    _month(bank, date(2023, 12, 31), 40)  # 62 days before the day: one of the last two month ends may be missing
    assert _standing(bank) == {0: False}
    _month(bank, date(2023, 12, 30), 40, account_id="M")
    fill(bank, "account_parties", {"account_id": "M", "customer_id": "b1", "role": "owner"})
    assert _standing(bank) == {0: False}


def test_beyond_its_limit_is_a_balance_by_what_is_available_or_else_by_the_limit_of_the_terms(bank):
    fill(bank, "account_terms", {"account_id": "K", "valid_from": date(2024, 1, 1), "credit_limit": 1000},
         {"account_id": "K", "valid_from": date(2024, 2, 15), "credit_limit": 200})  # fmt: skip
    for day, booked, available in ((1, -1000, None), (2, -1001, None), (3, -5000, 0), (16, -201, None), (17, -9, -1)):
        _balance(bank, date(2024, 2, day), available, booked=booked)
    _balance(bank, date(2023, 12, 20), None, booked=-7)  # before there were terms: nobody knows
    one = np.array([1], dtype=np.int32)
    found = at_risk_rows(bank, one, np.array([day_number(date(2024, 2, 1))]), micros("2024-04-01")).balances
    shown = {int(day) for day in found.day[found.beyond & (found.customer == 1)]}
    assert shown == {day_number(date(2024, 2, day)) for day in (2, 16, 17)}
    assert len(found.day[found.customer == 1]) == len(found.day[found.customer == 0]) == 6  # of both holders


def test_what_became_of_them_is_as_known_when_the_label_is_taken(bank):
    _month(bank, date(2024, 1, 31))
    _month(bank, date(2024, 4, 30), 35, known="2024-05-01")
    who, day = np.array([0, 1], dtype=np.int32), np.array([day_number(date(2024, 2, 2))] * 2)
    before, after = (at_risk_rows(bank, who, day, micros(at)) for at in ("2024-05-01", "2024-05-02"))
    assert before.months.customer.tolist() == []
    assert (after.months.customer.tolist(), after.months.days_past_due.tolist()) == ([0], [35])
    ends = [day_number(date(2024, 1, 31)), day_number(date(2024, 4, 30))]
    assert before.told_to.tolist() == [ends[0], -1]  # Bob has nothing on the book
    assert after.told_to.tolist() == [ends[1], -1]


@pytest.mark.parametrize(
    ("row", "closed", "told"),
    [
        ({}, None, date(2024, 2, 29)),
        ({"written_off": 5}, None, None),
        ({}, date(2024, 3, 10), None),
        # The window runs to 2 August, and the month end that closes it is the 31st.
        ({}, date(2024, 8, 31), None),
        ({}, date(2024, 9, 1), date(2024, 2, 29)),
    ],
)
def test_an_account_that_left_the_book_in_the_window_or_was_lost_is_told_of_for_good(bank, row, closed, told):
    _month(bank, date(2024, 1, 31))
    _month(bank, date(2024, 2, 29), **row)
    if closed:
        loan = {"account_id": "L", "product_id": "LOAN", "currency": "GBP", "closed_on": closed}
        fill(bank, "accounts", loan | {"known_time": stored(f"{closed} 23:00")})
    one, day = np.array([0], dtype=np.int32), np.array([day_number(date(2024, 2, 2))])
    expected = FAR if told is None else day_number(told)
    assert at_risk_rows(bank, one, day, micros("2024-09-02")).told_to.tolist() == [expected]


def test_an_account_lost_on_a_day_on_which_it_also_has_a_balance_is_told_of_for_good(bank):
    _balance(bank, date(2024, 1, 31), -1)
    _balance(bank, date(2024, 2, 29), -1)
    _month(bank, date(2024, 2, 29), account_id="K", written_off=5)
    one, day = np.array([1], dtype=np.int32), np.array([day_number(date(2024, 2, 2))])
    assert at_risk_rows(bank, one, day, micros("2024-09-01")).told_to.tolist() == [FAR]


def test_an_account_is_a_current_one_by_what_its_product_was_on_the_balances_day(bank):
    """CUR becomes savings from 1 April, known long before; SAV, savings first, is a current account from then on."""
    fill(bank, "products", {"product_id": "CUR", "line": "savings", "valid_from": date(2024, 4, 1)},
         {"product_id": "SAV", "line": "current_account", "valid_from": date(2024, 4, 1)})  # fmt: skip
    for end in (date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 1)):
        _balance(bank, end, -1)
        _balance(bank, end, -1, account="S")
    assert _standing(bank) == {0: False, 1: False}  # by K, which both hold
    who, day = np.array([0, 1], dtype=np.int32), np.array([day_number(DAY)] * 2)
    found = at_risk_rows(bank, who, day, micros("2024-09-01")).balances
    shown = {one: sorted(found.day[found.customer == one].tolist()) for one in (0, 1)}
    ends = [day_number(date(2024, 2, 29)), day_number(date(2024, 3, 31)), day_number(date(2024, 4, 1))]
    assert shown == {0: ends[:2], 1: ends}  # of K until 31 March, and of Bob's S on 1 April


def test_before_its_first_day_a_product_has_its_first_line(bank):
    fill(bank, "products", {"product_id": "NEW", "line": "current_account", "valid_from": date(2024, 5, 1)},
         {"product_id": "NEW", "line": "savings", "valid_from": date(2024, 6, 1)})  # fmt: skip
    fill(bank, "accounts", {"account_id": "N", "product_id": "NEW", "currency": "GBP"})
    fill(bank, "account_parties", {"account_id": "N", "customer_id": "b1", "role": "owner"})
    _balance(bank, date(2024, 2, 29), -1, account="N")
    assert _standing(bank) == {1: False}


def test_who_left_an_account_before_the_day_has_nothing_on_the_book_by_it(bank):
    _balance(bank, date(2024, 2, 29), 0)
    left = {"account_id": "K", "customer_id": "b1", "role": "joint_holder", "valid_to": date(2024, 3, 2)}
    fill(bank, "account_parties", left | {"known_time": stored("2024-03-01")})
    assert _standing(bank) == {0: True}


def test_debts_of_another_day_are_not_of_who_left_the_account_before(bank):
    fill(bank, "account_parties", {"account_id": "L", "customer_id": "b1", "role": "guarantor",
                                   "valid_from": date(2024, 3, 1), "valid_to": date(2024, 5, 1)})  # fmt: skip
    for end in (date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30), date(2024, 5, 31)):
        _month(bank, end, 5)
    one, day = np.array([1], dtype=np.int32), np.array([day_number(date(2024, 3, 2))])
    found = at_risk_rows(bank, one, day, micros("2024-09-01")).months
    assert found.month_end[found.customer == 1].tolist() == [
        day_number(date(2024, 3, 31)), day_number(date(2024, 4, 30)),
    ]  # fmt: skip
    assert found.month_end[found.customer == 0].size == 4
