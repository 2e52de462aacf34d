"""How values are written: signs, rounding at an edge, and what is not known."""

from datetime import UTC, date, datetime

import pytest

from bank360.bank.calendar import MICROS_PER_DAY
from bank360.dashboard.charts_models import grade_rows
from bank360.dashboard.screens.customer_tables import source_in_words
from bank360.dashboard.wording import age, moment, money, money_short, percent, plain, quantity


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [
        (123456, "GBP", "£1,234.56"),
        (-123456, "EUR", "-€1,234.56"),
        (-0.4, "GBP", "£0.00"),  # rounds to nothing, and nothing has no sign
        (1234, "JPY", "¥1,234"),
        (500_000, "CZK", "CZK 5,000.00"),
        (None, "GBP", "not known"),
    ],
)
def test_money_has_its_sign_and_digits(minor, currency, said):
    assert money(minor, currency) == said


@pytest.mark.parametrize(
    ("minor", "said"),
    [
        (0, "£0.00"),
        (99_949, "£999"),
        (99_950, "£1.00 k"),  # 999.50 to three figures is 1,000
        (12_345_678, "£123 k"),
        (99_999_999, "£1.00 m"),
        (123_456_789_000, "£1.23 bn"),
        (-250_000_00, "-£250 k"),
    ],
)
def test_short_money_has_three_figures_and_the_right_word_at_an_edge(minor, said):
    assert money_short(minor, "GBP") == said


def test_instants_are_in_the_banks_zone_and_days_are_days():
    noon = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert moment(noon, "Europe/London") == "1 Jul 2026, 13:00"
    assert quantity(noon, None, "GBP", "Europe/Prague") == "1 Jul 2026, 14:00"
    assert quantity(date(2026, 7, 1), None, "GBP", "UTC") == "1 Jul 2026"
    assert moment(None, "UTC") == "not known"


def test_nothing_known_is_never_0():
    assert quantity(None, "minor units", "GBP", "UTC") == percent(None) == plain(None) == "not known"


def test_a_clock_that_was_set_back_makes_nothing_older_than_just_now():
    assert age(MICROS_PER_DAY, 0) == "just now"
    assert age(0, 2 * MICROS_PER_DAY - 1) == "1 day"


def test_a_code_is_said_in_words_and_a_name_as_it_is():
    assert quantity("self_employed", None, "GBP", "UTC") == "Self employed"
    assert quantity("C0005772", None, "GBP", "UTC") == "C0005772"
    assert quantity("van der Berg", None, "GBP", "UTC") == "van der Berg"


def test_sources_are_said_without_the_spelling_of_tables():
    assert source_in_words("accounts, account_parties, credit_months") == "Accounts, account parties, credit months"


def test_a_grades_interval_is_of_shares():
    # 200 rows, 10 expected (5 %), 12 events: observed over expected 1.2 (0.6 to 2.0) is 6 % (3 % to 10 %) of the rows.
    ratio = {"value": 1.2, "low": 0.6, "high": 2.0}
    grade = {"low": 0.04, "high": 0.06, "rows": 200, "events": 12, "expected": 10.0, "observed_over_expected": ratio}
    (row,) = grade_rows({"grades": [grade]})
    assert row == {
        "grade": "4.0% to 6.0%", "expected": 0.05, "observed": 0.06, "low": pytest.approx(0.03),
        "high": pytest.approx(0.1),
    }  # fmt: skip
