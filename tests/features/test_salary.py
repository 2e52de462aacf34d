"""Salaries are found by payer, cycle and amount; and never before the bank could have found them."""

from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank360.bank.calendar import day_number, day_starts, instant
from bank360.features.compute import compute
from bank360.features.feature import LIFETIME, Feature, Measure
from bank360.features.history import Histories, packed_stream
from bank360.features.layout import layouts
from bank360.features.ops import Op
from bank360.features.salary import salary_events
from bank360.features.spine import Spine
from tests.features import naive
from tests.features.naive import add_months, previous_working_day

ZONE = "Europe/London"
DAY = 86_400_000_000
FEATURES = (
    Feature("count", Measure("n", "salaries", None, "m", "u"), Op.COUNT, LIFETIME, "u", "m"),
    Feature("sum", Measure("amount", "salaries", "amount", "m", "u"), Op.SUM, LIFETIME, "u", "m"),
)


def credit(day: date, amount: int = 200_000, payer: str | None = "employer", **changes):
    at = int(day_starts(day_number(day), ZONE)) + 6 * 3_600_000_000
    return {
        "customer": 0, "event_time": at, "known_time": at, "superseded_time": None, "date_only": False,
        "amount": amount, "counterparty_token": payer, "category": "unknown", "scheme": "transfer",
        "reverses_id": None, "currency": "GBP", "home_currency": True, **changes,
    }  # fmt: skip


def batch_of(rows):
    times = dict.fromkeys(("event_time", "known_time", "superseded_time"), pa.timestamp("us"))
    flags = dict.fromkeys(("date_only", "home_currency"), pa.bool_())
    types = {"customer": pa.int32(), **times, **flags, "amount": pa.int64()}
    names = [*types, "counterparty_token", "category", "scheme", "reverses_id", "currency"]
    return pa.record_batch({n: pa.array([r[n] for r in rows], types.get(n, pa.string())) for n in names})


def found(rows, as_of: int, features=FEATURES) -> list[float]:
    """Count and sum of salaries of customer 0 as known at ``as_of``, by the engine."""
    events = salary_events([batch_of(rows)], ZONE)
    history = packed_stream([events], layouts(features)["salaries"], 1, ZONE)
    spine = Spine(np.zeros(1), np.zeros(1, dtype=np.int32), np.array([as_of]))
    return compute(Histories(1, ZONE, {"salaries": history}), spine, features).values[0].tolist()


LATE = instant(datetime(2030, 1, 1, tzinfo=UTC))


def monthly(pay_day: int, months: int = 6) -> list[date]:
    return [previous_working_day(add_months(date(2023, 8, pay_day), m)) for m in range(months)]


@pytest.mark.parametrize("pay_day", [1, 15, 25, 28, 30, 31])
def test_a_monthly_salary_paid_on_the_working_day_before_is_found(pay_day):
    assert found([credit(day) for day in monthly(pay_day)], LATE) == [6, 1_200_000]


@pytest.mark.parametrize("length", [7, 14, 28])
def test_weekly_cycles_are_found_across_easter(length):
    days = [previous_working_day(date(2024, 1, 1) + timedelta(days=length * i)) for i in range(16)]
    assert found([credit(day) for day in days], LATE)[0] == 16


def test_two_hits_are_no_salary():
    assert found([credit(day) for day in monthly(25, 2)], LATE) == [0, 0]


def test_irregular_days_are_no_salary():
    days = [date(2024, 1, 3), date(2024, 1, 21), date(2024, 3, 1), date(2024, 3, 13), date(2024, 5, 2)]
    assert found([credit(day) for day in days], LATE) == [0, 0]


def test_amounts_30_percent_apart_are_no_salary():
    days = monthly(25, 3)
    # 1.3 times the smallest is too much; one unit less is a salary.
    assert found([credit(days[0], 1000), credit(days[1], 1300), credit(days[2], 1000)], LATE) == [0, 0]
    assert found([credit(days[0], 1000), credit(days[1], 1299), credit(days[2], 1000)], LATE) == [3, 3299]


def test_three_payers_in_turn_are_no_salary():
    days = monthly(25, 3)
    assert found([credit(day, payer=f"payer {i}") for i, day in enumerate(days)], LATE) == [0, 0]


@pytest.mark.parametrize("category", ["benefits", "pension", "own_transfer", "shopping", "loan_disbursement"])
def test_what_the_bank_knows_to_be_something_else_is_set_apart(category):
    assert found([credit(day, category=category) for day in monthly(25)], LATE) == [0, 0]


def test_amounts_of_two_currencies_do_not_make_one_salary_together():
    euro = {"currency": "EUR", "home_currency": False}
    first, second, third = monthly(25, 3)
    assert found([credit(first), credit(second, **euro), credit(third)], LATE) == [0, 0]


def test_a_salary_in_another_currency_is_counted_and_not_added_up():
    pay = Measure("pay", "salaries", "amount", "m", "u", where=(("home_currency", "in", (True,)),))
    features = (FEATURES[0], Feature("sum", pay, Op.SUM, LIFETIME, "u", "m"))
    at_home = [credit(day) for day in monthly(25, 3)]
    elsewhere = [credit(day, 90_000, currency="EUR", home_currency=False) for day in monthly(25, 4)]
    # 3 payments of 2,000.00 in the bank's currency, 4 in another.
    assert found([*at_home, *elsewhere], LATE, features) == [7, 600_000]


def test_the_label_alone_makes_no_salary():
    days = [date(2024, 1, 3), date(2024, 1, 21), date(2024, 3, 1)]
    assert found([credit(day, category="salary") for day in days], LATE) == [0, 0]


def test_the_first_two_count_only_once_the_third_is_known():
    rows = [credit(day) for day in monthly(25, 4)]
    rows[2]["known_time"] += 2 * DAY
    third_known, fourth = rows[2]["known_time"], rows[3]["event_time"]
    assert found(rows, third_known) == [0, 0]
    assert found(rows, third_known + 1) == [3, 600_000]
    assert found(rows, fourth + DAY) == [4, 800_000]


def salaries_by_definition(rows, as_of: int) -> list[float]:
    """Brute force on what is visible at as_of: every three of one payer, every nominal pay day."""
    seen = [r for r in rows if naive.visible(r, as_of) and r["customer"] == 0]
    chosen = set()
    for three in combinations(range(len(seen)), 3):
        a, b, c = sorted((seen[i] for i in three), key=lambda r: r["event_time"])
        amounts = [r["amount"] for r in (a, b, c)]
        alike = a["counterparty_token"] == b["counterparty_token"] == c["counterparty_token"] is not None
        if alike and a["currency"] == b["currency"] == c["currency"] and 10 * max(amounts) < 13 * min(amounts):
            days = [naive.local(r["event_time"], ZONE).date() for r in (a, b, c)]
            if any(_paid(days, nominal) for nominal in _plans(days[0])):
                chosen.update(three)
    today = naive.day_of(as_of, ZONE)
    counted = [seen[i] for i in chosen if naive.day_of(seen[i]["event_time"], ZONE) < today]
    return [float(len(counted)), float(sum(r["amount"] for r in counted))]


def _plans(first: date):
    for ahead in range(10):
        day = first + timedelta(days=ahead)
        for length in (7, 14, 28):
            yield [day + timedelta(days=length * i) for i in range(3)]
        for of_month in range(1, 32):
            plan = [_of_month(add_months(day.replace(day=1), m), of_month) for m in range(3)]
            if plan[0] == day:
                yield plan


def _of_month(first: date, of_month: int) -> date:
    last = add_months(first, 1) - timedelta(days=1)
    return min(first + timedelta(days=of_month - 1), last)


def _paid(days, nominal) -> bool:
    # Paid on the day itself (also when it is no working day), or on the working day before.
    return all(day in (plan, previous_working_day(plan)) for day, plan in zip(days, nominal, strict=True))


@st.composite
def untidy_credits(draw):
    start = date(2024, 2, 20)
    nominal = draw(st.sampled_from([7, 14, 28, 0]))
    number = draw(st.integers(0, 5))
    day = start + timedelta(days=nominal * number) if nominal else add_months(date(2024, 1, 31), number)
    day = draw(st.sampled_from([previous_working_day(day), day, day + timedelta(days=1)]))
    known = draw(st.sampled_from([0, 0, 0, DAY, 40 * DAY]))
    row = credit(
        day, draw(st.sampled_from([1000, 1000, 1290, 1300])), draw(st.sampled_from(["a", "a", "a", "b", None]))
    )
    row["known_time"] += known
    row["currency"] = draw(st.sampled_from(["GBP", "GBP", "EUR"]))
    row["home_currency"] = row["currency"] == "GBP"
    row["superseded_time"] = draw(st.sampled_from([None, None, None, row["event_time"] + 50 * DAY]))
    row["customer"] = draw(st.sampled_from([0, 0, 0, -1, 1]))
    return row


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(untidy_credits(), max_size=12), after=st.integers(0, 150), data=st.data())
def test_detection_at_any_instant_is_the_definition_on_what_was_seen(rows, after, data):
    as_of = instant(datetime(2024, 3, 20, tzinfo=UTC)) + after * DAY
    arrived = data.draw(st.permutations(rows))
    kept = [r for r in arrived if r["customer"] < 1]
    assert found(kept, as_of) == salaries_by_definition(rows, as_of)
