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
from bank360.features.income_events import income_events
from bank360.features.layout import layouts
from bank360.features.ops import Op
from bank360.features.spine import Spine
from tests.features import naive
from tests.features.naive import add_months, previous_working_day

ZONE = "Europe/London"
DAY = 86_400_000_000
SALARY, EARNED, RECEIPT = ((("salary", "in", (True,)),), (("earned", "in", (True,)),), (("receipt", "in", (True,)),))
FEATURES = (
    Feature("count", Measure("n", "income", None, "m", "u", where=SALARY), Op.COUNT, LIFETIME, "u", "m"),
    Feature("sum", Measure("amount", "income", "amount", "m", "u", where=SALARY), Op.SUM, LIFETIME, "u", "m"),
)


def credit(day: date, amount: int = 200_000, payer: str | None = "employer", **changes):
    at = int(day_starts(day_number(day), ZONE)) + 6 * 3_600_000_000
    return {
        "customer": 0, "event_time": at, "known_time": at, "superseded_time": None, "date_only": False,
        "amount": amount, "counterparty_token": payer, "category": "unknown", "scheme": "transfer",
        "reverses_id": None, "currency": "GBP", "home_currency": True, "outgoing": False, "transaction_id": f"t{at}",
    } | changes  # fmt: skip


def batch_of(rows):
    times = dict.fromkeys(("event_time", "known_time", "superseded_time"), pa.timestamp("us"))
    rows = [{"purpose": r["category"]} | r for r in rows]
    flags = dict.fromkeys(("date_only", "home_currency", "outgoing"), pa.bool_())
    types = {"customer": pa.int32(), **times, **flags, "amount": pa.int64()}
    names = [
        *types,
        *("counterparty_token", "category", "purpose", "scheme", "reverses_id", "transaction_id", "currency"),
    ]
    return pa.record_batch({n: pa.array([r[n] for r in rows], types.get(n, pa.string())) for n in names})


def found(rows, as_of: int, features=FEATURES, country="GB") -> list[float]:
    """Count and sum of salaries of customer 0 as known at ``as_of``, by the engine."""
    events = income_events([batch_of(rows)], ZONE, country)
    history = packed_stream([events], layouts(features)["income"], 1, ZONE)
    spine = Spine(np.zeros(1), np.zeros(1, dtype=np.int32), np.array([as_of]))
    return compute(Histories(1, ZONE, {"income": history}), spine, features).values[0].tolist()


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
    pay = Measure("pay", "income", "amount", "m", "u", where=(*SALARY, ("home_currency", "in", (True,))))
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


def taken_back(row, known, amount=None, **changes):
    """A row that takes back a credit, or a part of it; known so long after the credit was."""
    return row | {
        "transaction_id": f"back {row['transaction_id']}", "reverses_id": row["transaction_id"],
        "amount": -row["amount"] if amount is None else amount, "category": "unknown", "purpose": row["category"],
        "event_time": row["event_time"] + DAY, "known_time": row["known_time"] + known, "superseded_time": None,
    } | changes  # fmt: skip


def test_a_salary_taken_back_is_none_from_when_that_is_known_and_was_one_before():
    first, second, third = (credit(day) for day in monthly(25, 3))
    rows = [first, second, third, taken_back(third, 5 * DAY)]
    told = rows[3]["known_time"]
    assert found(rows, told) == [3, 600_000]  # what was said then is never rewritten
    assert found(rows, told + 1) == [0, 0]  # two are none
    fourth = credit(monthly(25, 4)[3])
    assert found([*rows, fourth], LATE) == [0, 0]


def test_a_salary_taken_back_by_mistake_is_one_again_once_the_correction_is_known():
    first, second, third = (credit(day) for day in monthly(25, 3))
    wrong = taken_back(third, 5 * DAY)
    wrong["superseded_time"] = wrong["known_time"] + 9 * DAY
    rows = [first, second, third, wrong]
    counts = [found(rows, wrong["known_time"] + days * DAY)[0] for days in (0, 9, 10)]
    assert counts == [3, 0, 3]


def test_of_a_salary_that_is_taken_back_in_part_the_rest_counts_if_it_is_still_like_the_others():
    first, second, third = (credit(day) for day in monthly(25, 3))
    assert found([first, second, third, taken_back(third, DAY, -20_000)], LATE) == [3, 580_000]
    # 2,000.00 is 1.3 times 1,538.46: alike needs less.
    assert found([first, second, third, taken_back(third, DAY, -46_153)], LATE) == [3, 553_847]
    assert found([first, second, third, taken_back(third, DAY, -46_154)], LATE) == [0, 0]


def test_what_takes_back_something_else_ends_no_salary():
    rows = [credit(day) for day in monthly(25, 3)]
    others = [taken_back(rows[2], DAY, reverses_id="elsewhere"), taken_back(rows[2], DAY, customer=-1)]
    assert found([*rows, *others], LATE) == [3, 600_000]


INCOME = (
    Feature("income", Measure("in", "income", "amount", "m", "u", where=EARNED), Op.SUM, LIFETIME, "u", "m"),
    Feature("receipts", Measure("one", "income", None, "m", "u", where=RECEIPT), Op.COUNT, LIFETIME, "u", "m"),
)


@pytest.mark.parametrize("category", ["salary", "other_income", "other_transfer", "unknown"])
def test_a_salary_is_income_once_whatever_the_ledger_calls_it(category):
    rows = [credit(day, category=category) for day in monthly(25, 3)]
    assert found(rows, LATE, INCOME) == [600_000, 3]
    # Of two, which are no salary, only what the ledger calls income is.
    earned = category in ("salary", "other_income")
    assert found(rows[:2], LATE, INCOME) == [400_000 * earned, 2 * earned]


def test_income_taken_back_is_taken_off_once_whatever_the_ledger_calls_it():
    for category, left in (("salary", 400_000), ("other_transfer", 0)):
        first, second, third = (credit(day, category=category) for day in monthly(25, 3))
        back = taken_back(third, 5 * DAY)
        rows = [first, second, third, back]
        assert found(rows, back["known_time"], INCOME)[0] == 600_000
        # Two that the ledger calls a salary are income; two that it calls a transfer are not.
        assert found(rows, back["known_time"] + 1, INCOME) == [left, left / 200_000]


@pytest.mark.parametrize("category", ["salary", "benefits", "other_income", "other_transfer", "unknown"])
def test_what_is_taken_back_in_full_is_no_receipt_whatever_the_ledger_calls_it(category):
    rows = [credit(day, category=category) for day in monthly(25, 3)]
    backs = [taken_back(row, 5 * DAY) for row in rows]
    assert found([*rows, *backs], LATE, INCOME) == [0, 0]
    if category in ("salary", "benefits", "other_income"):  # of a single one, and of a part of it
        assert found([rows[0], backs[0]], backs[0]["known_time"], INCOME) == [200_000, 1]
        assert found([rows[0], backs[0]], backs[0]["known_time"] + 1, INCOME) == [0, 0]
        assert found([rows[0], taken_back(rows[0], DAY, -50_000)], LATE, INCOME) == [150_000, 1]


def test_a_part_that_is_taken_back_is_taken_off_a_receipt_once_though_something_takes_that_back_too():
    (day,) = monthly(25, 1)
    row = credit(day, category="benefits")
    back = taken_back(row, DAY, -100_000)  # half of it
    again = taken_back(back, DAY, -10)
    assert found([row, back, again], LATE, INCOME)[1] == 1


def test_bank_holidays_are_those_of_the_banks_country_one_off_days_among_them():
    # Monday 19 September 2022 was the day of the Queen's funeral: what is due on the 19th was paid on Friday the 16th.
    days = [date(2022, 7, 19), date(2022, 8, 19), date(2022, 9, 16)]
    assert found([credit(day) for day in days], LATE) == [3, 600_000]
    assert found([credit(day) for day in days], LATE, country="FR") == [0, 0]
    # Where no holiday is known, weekends are: 19 November 2022 was a Saturday.
    days = [date(2022, 10, 19), date(2022, 11, 18), date(2022, 12, 19)]
    assert found([credit(day) for day in days], LATE, country="FR") == [3, 600_000]


def left_of(row, rows, as_of):
    """A credit as what is known of its reversals leaves of it."""
    back = [one["amount"] for one in rows if one["reverses_id"] == row["transaction_id"] and naive.visible(one, as_of)]
    return row | {"amount": row["amount"] + sum(back)}


def salaries_by_definition(rows, as_of: int) -> list[float]:
    """Brute force on what is visible at as_of: every three of one payer, every nominal pay day."""
    own = [r for r in rows if r["customer"] == 0]
    paid = [left_of(r, own, as_of) for r in own if naive.visible(r, as_of) and r["reverses_id"] is None]
    seen = [r for r in paid if r["amount"] > 0]
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
    row["transaction_id"] = draw(st.uuids()).hex
    if not draw(st.sampled_from([True, False, False])):
        return [row]
    part = draw(st.sampled_from([None, None, -10, -1500]))
    back = taken_back(row, draw(st.sampled_from([0, DAY, 30 * DAY])), part)
    back["superseded_time"] = draw(st.sampled_from([None, None, row["event_time"] + 70 * DAY]))
    back["customer"] = draw(st.sampled_from([row["customer"], row["customer"], -1]))
    return [row, back]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(untidy_credits(), max_size=12), after=st.integers(0, 150), data=st.data())
def test_detection_at_any_instant_is_the_definition_on_what_was_seen(rows, after, data):
    rows = [row for both in rows for row in both]
    as_of = instant(datetime(2024, 3, 20, tzinfo=UTC)) + after * DAY
    arrived = data.draw(st.permutations(rows))
    kept = [r for r in arrived if r["customer"] < 1]
    assert found(kept, as_of) == salaries_by_definition(rows, as_of)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(untidy_credits(), max_size=8), after=st.integers(0, 150), data=st.data())
def test_receipts_at_any_instant_are_credits_of_income_of_which_something_is_left(rows, after, data):
    called = data.draw(st.lists(st.sampled_from(["salary", "benefits"]), min_size=len(rows), max_size=len(rows)))
    rows = [
        row | ({"category": name} if row["reverses_id"] is None else {"purpose": name})
        for both, name in zip(rows, called, strict=True)
        for row in both
    ]
    as_of = instant(datetime(2024, 3, 20, tzinfo=UTC)) + after * DAY
    own = [row for row in rows if row["customer"] == 0]
    paid = [left_of(row, own, as_of) for row in own if naive.visible(row, as_of) and row["reverses_id"] is None]
    today = naive.day_of(as_of, ZONE)
    seen = [row for row in paid if row["amount"] > 0 and naive.day_of(row["event_time"], ZONE) < today]
    kept = [row for row in data.draw(st.permutations(rows)) if row["customer"] < 1]
    assert found(kept, as_of, INCOME[1:]) == [len(seen)]
