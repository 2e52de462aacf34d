"""The default label against hand-made accounts, and against its definition written as a loop."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.bank.errors import SettingsError
from bank360.labels.application_default import DefaultDefinition, Repayment, application_default
from bank360.labels.label import State, months_later


def _day(text):
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


OPENED = _day("2024-01-15")  # the window ends on 2025-01-15, complete with the month end of 2025-01-31
LATE = _day("2025-02-01")


CLOSING = ("2025-01-31", 0, 0, 0, False, False)


def _label(*rows, cut_off=LATE, booked=True, closed_bad=False, closed_on=0, fraud=False, currency="GBP", **definition):
    """Label one application; rows are (month end, days past due, arrears, balance, charged off, forbearance).

    A second application, closed on 2024-03-01, has the month end of 2025-02-28: the file is in.
    """
    columns = list(zip(*rows, ("2025-02-28", 0, 0, 0, False, False), strict=True))
    months = np.array([_day(day) for day in columns[0]], dtype=np.int64)
    past_due, arrears, balance = (np.array(column, dtype=np.int64) for column in columns[1:4])
    charged_off, forborne = (np.array(column, dtype=bool) for column in columns[4:])
    row = np.array([0] * len(rows) + [1])
    repayment = Repayment(row, months, past_due, arrears, balance, charged_off, forborne, row * 0, (currency,))
    opened, closed, is_booked, bad, is_fraud = (
        np.array(values)
        for values in (
            (OPENED, OPENED),
            (closed_on, _day("2024-03-01")),
            (booked, True),
            (closed_bad, False),
            (fraud, False),
        )
    )
    chosen = DefaultDefinition(**definition)
    labelled = application_default(opened, closed, is_booked, bad, is_fraud, repayment, cut_off, chosen)
    return State(int(labelled.state[0]))


def test_ninety_one_days_past_due_on_a_material_amount_is_default():
    assert _label(("2024-06-30", 91, 20_000, 100_000, False, False), CLOSING) is State.EVENT
    assert _label(("2024-06-30", 90, 20_000, 100_000, False, False), CLOSING) is State.NO_EVENT


def test_a_small_arrear_is_not_material():
    assert _label(("2024-06-30", 120, 10_000, 100_000, False, False), CLOSING) is State.NO_EVENT
    # Over 100.00 but not over 1 % of an exposure of 15,000.00.
    assert _label(("2024-06-30", 120, 15_000, 1_500_000, False, False), CLOSING) is State.NO_EVENT


@pytest.mark.parametrize(("days", "expected"), [(61, State.EVENT), (60, State.NO_EVENT)])
def test_a_bank_may_call_more_than_sixty_days_default(days, expected):
    assert _label(("2024-06-30", days, 20_000, 100_000, False, False), CLOSING, days_past_due=60) is expected


@pytest.mark.parametrize(("days", "expected"), [(77, State.EVENT), (76, State.INDETERMINATE)])
def test_the_61st_day_is_then_counted_back(days, expected):
    # 2025-01-31 minus (77 - 61) = 2025-01-15, the window's last day; with 76 it is the day after.
    assert _label(("2025-01-31", days, 50_000, 100_000, False, False), days_past_due=60) is expected


@pytest.mark.parametrize(
    ("currency", "arrears", "expected"),
    [
        ("CZK", 250_001, State.EVENT),  # over 2,500.00 and over 1 % of 20,000.00
        ("CZK", 250_000, State.NO_EVENT),
        ("GBP", 20_001, State.EVENT),  # over 100.00, and 200.01 is over 1 %
        ("GBP", 20_000, State.NO_EVENT),
    ],
)
def test_arrears_are_material_by_the_amount_of_their_currency(currency, arrears, expected):
    row = ("2024-06-30", 91, arrears, 2_000_000, False, False)
    amounts = {"CZK": 250_000, "GBP": 10_000}
    assert _label(row, CLOSING, currency=currency, material_amounts=amounts) is expected


def test_a_currency_without_a_material_amount_stops_the_label_and_names_the_setting():
    with pytest.raises(SettingsError, match=r"default\.material_amounts: there is credit in CZK.*\{CZK: AMOUNT\}"):
        _label(CLOSING, currency="CZK")


def test_another_share_of_the_exposure_and_another_indeterminate_edge():
    row = ("2024-06-30", 91, 50_000, 1_000_000, False, False)  # 5 % of the exposure
    assert _label(row, CLOSING, material_share=0.05) is State.NO_EVENT
    assert _label(row, CLOSING, material_share=0.049) is State.EVENT
    assert _label(("2025-01-31", 30, 50_000, 100_000, False, False), indeterminate_days=31) is State.NO_EVENT


def test_a_definition_says_itself_in_words():
    words = DefaultDefinition(60, {"CZK": 250_000, "JPY": 20_000}, 0.02, indeterminate_days=15).words()
    assert words.startswith(
        "Default: more than 60 consecutive days past due, with arrears of more than 2,500.00 CZK or 20,000 JPY and "
        "more than 0.02 of the exposure;"
    )
    assert words.endswith("From 15 days at the window's end an outcome is indeterminate.")


@pytest.mark.parametrize(("days", "expected"), [(107, State.EVENT), (106, State.INDETERMINATE)])
def test_the_91st_day_is_counted_back_from_the_month_end_after_the_window(days, expected):
    # 2025-01-31 minus (107 - 91) = 2025-01-15, the window's last day; with 106 it is the day after.
    row = ("2025-01-31", days, 50_000, 100_000, False, False)
    assert _label(row) is expected


def test_charge_off_is_default_and_forbearance_where_the_bank_says_so():
    assert _label(("2024-06-30", 0, 0, 0, True, False), CLOSING) is State.EVENT
    assert _label(("2024-06-30", 0, 0, 0, False, True), CLOSING) is State.NO_EVENT
    assert _label(("2024-06-30", 0, 0, 0, False, True), CLOSING, forbearance=True) is State.EVENT


def test_default_after_the_window_is_not_this_label():
    assert (
        _label(CLOSING, ("2025-03-31", 59, 50_000, 100_000, True, False), cut_off=_day("2025-06-01")) is State.NO_EVENT
    )


def test_30_to_89_days_at_the_end_is_indeterminate_and_earlier_ones_are_good():
    assert _label(("2025-01-31", 30, 50_000, 100_000, False, False)) is State.INDETERMINATE
    assert _label(("2024-09-30", 60, 50_000, 100_000, False, False), CLOSING) is State.NO_EVENT


def test_there_is_no_label_before_the_window_is_complete_not_even_for_an_early_default():
    row = ("2024-05-31", 91, 20_000, 100_000, False, False)
    assert _label(row, CLOSING, cut_off=LATE - 1) is State.UNKNOWN
    assert _label(row, CLOSING, cut_off=LATE) is State.EVENT


def test_fraud_and_what_was_not_booked_leave_the_population():
    row = ("2024-05-31", 91, 20_000, 100_000, False, False)
    assert _label(row, CLOSING, fraud=True) is State.EXCLUDED
    assert _label(row, CLOSING, booked=False) is State.EXCLUDED


def test_closed_is_good_unless_by_charge_off():
    assert _label(closed_on=_day("2024-08-01")) is State.NO_EVENT
    assert _label(closed_bad=True, closed_on=_day("2024-08-01")) is State.EVENT
    assert _label(closed_bad=True, closed_on=_day("2025-01-16")) is State.NO_EVENT


def test_without_the_month_end_that_closes_the_window_there_is_no_label():
    fine, late = ("2024-12-31", 0, 0, 100_000, False, False), ("2024-06-30", 91, 20_000, 100_000, False, False)
    assert _label() is State.UNKNOWN
    assert _label(fine) is State.UNKNOWN
    assert _label(late) is State.UNKNOWN  # else the bad of a broken file would be kept and its good dropped
    assert _label(fine, CLOSING) is State.NO_EVENT
    assert _label(fine, closed_on=_day("2025-02-01")) is State.UNKNOWN  # closed too late to tell
    later = ("2025-02-28", 0, 0, 100_000, False, False)
    assert _label(fine, later) is State.NO_EVENT


def test_a_later_row_tells_the_days_past_due_of_the_closing_day():
    # 28 days after the closing day: 58 days past due then were 30 at the window's end.
    assert _label(("2025-02-28", 58, 50_000, 100_000, False, False)) is State.INDETERMINATE
    assert _label(("2025-02-28", 57, 50_000, 100_000, False, False)) is State.NO_EVENT


def test_who_leaves_the_book_in_default_needs_no_closing_row():
    assert _label(("2024-06-30", 0, 0, 0, True, False)) is State.EVENT
    assert _label(("2024-06-30", 0, 0, 0, True, False), ("2024-07-31", 0, 0, 0, False, False)) is State.UNKNOWN


def test_while_nobodys_closing_row_is_in_nobody_has_a_label():
    opened = np.array([OPENED, OPENED])
    closed, no = np.array([_day("2024-08-01"), 0]), np.zeros(2, dtype=bool)
    month = np.array([_day("2024-12-31"), _day("2025-01-31")])
    nothing = np.zeros(1, dtype=np.int64)
    for k, expected in ((0, State.UNKNOWN), (1, State.NO_EVENT)):
        rows = Repayment(np.array([1]), month[[k]], nothing, nothing, nothing, no[:1], no[:1], nothing, ("GBP",))
        assert application_default(opened, closed, ~no, no, no, rows, LATE).state.tolist() == [expected] * 2


def test_a_leap_days_window_ends_on_the_last_of_february():
    assert months_later([_day("2024-02-29")], 12)[0] == _day("2025-02-28")


ROW = st.tuples(
    st.integers(0, 2),
    st.integers(0, 15),
    st.integers(0, 130),
    st.sampled_from([0, 10_000, 10_001, 10**6]),
    st.sampled_from([0, 10**6, 10**9]),
    st.booleans(),
    st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(ROW, max_size=25, unique_by=lambda row: row[:2]),
    st.lists(st.integers(-400, 0), min_size=3, max_size=3),
    st.integers(-30, 60),
    st.booleans(),
)
def test_it_is_what_a_loop_over_the_definition_says(rows, opened, cut_off, forbearance):
    start = _day("2024-06-20")
    opened = np.array(opened) + start
    month_end = [int((np.datetime64("2023-05") + 2 * k + 1).astype("datetime64[D]").astype(int)) - 1 for k in range(16)]
    cut = start + cut_off
    columns = list(zip(*rows, strict=True)) or [()] * 7
    row, _, past_due, arrears, balance = (np.array(column, dtype=np.int64) for column in columns[:5])
    months = np.array([month_end[k] for k in columns[1]], dtype=np.int64)
    charged_off, forborne = (np.array(column, dtype=bool) for column in columns[5:])
    repayment = Repayment(row, months, past_due, arrears, balance, charged_off, forborne, row * 0, ("GBP",))
    no = np.zeros(3, dtype=bool)
    definition = DefaultDefinition(forbearance=forbearance)
    got = application_default(opened, np.zeros(3, dtype=np.int64), ~no, no, no, repayment, cut, definition).state

    delivered = max((month_end[row[1]] for row in rows), default=0)
    for a in range(3):
        end = int(months_later([opened[a]], 12)[0])
        after = (np.datetime64(end, "D").astype("datetime64[M]") + 1).astype("datetime64[D]").astype(int)
        state = State.NO_EVENT
        mine = [row for row in rows if row[0] == a]
        for _, k, days, arrears, balance, off, eased in mine:
            at = month_end[k]
            if days > 90 and arrears > 10_000 and arrears > 0.01 * balance and at - days + 91 <= end:
                state = State.EVENT
            if (off or (eased and forbearance)) and at <= end:
                state = State.EVENT
        closing = min((row for row in mine if month_end[row[1]] >= after - 1), key=lambda row: row[1], default=None)
        if closing and state is State.NO_EVENT and closing[2] - (month_end[closing[1]] - after + 1) >= 30:
            state = State.INDETERMINATE
        last = max(mine, key=lambda row: row[1], default=None)
        complete = delivered >= after - 1 and (closing is not None or (last is not None and last[5]))
        assert got[a] == (state if after <= cut and complete else State.UNKNOWN)
