"""The study of who comes to be at risk, on a bank in which it is known what tells it."""

from datetime import date, datetime

import pytest

from bank360.bank.calendar import day_number, to_date
from bank360.bank.errors import NotFound, NotReady
from bank360.pipeline.at_risk_study import study_at_risk, study_days
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import open_warehouse
from tests.pipeline.behaving import CUSTOMERS, append, behaving
from tests.rows import micros

AS_OF = micros("2026-07-01 12:00")


def _studied(bank, as_of=AS_OF):
    return study_at_risk(bank, as_of, "Europe/London", "GBP", "GB", "at_risk", 42, 1)


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    with behaving(tmp_path_factory.mktemp("bank") / "w.duckdb") as warehouse:
        yield warehouse


@pytest.fixture(scope="module")
def found(bank):
    return _studied(bank)


def test_the_days_are_those_whose_labels_are_complete_when_they_are_taken():
    days = study_days(day_number(date(2026, 7, 1)))
    # Described on 2025-12-02 the window ends on 2026-06-02 and is complete with the month end of 2026-06-30.
    assert [str(to_date(days.test[place])) for place in (0, -1)] == ["2025-01-02", "2025-12-02"]
    # Complete on 2025-01-02, when the test begins: described on 2024-06-02, window to 2024-12-02, on 2025-01-01.
    assert [str(to_date(day)) for day in days.train[-2:]] == ["2024-03-02", "2024-06-02"]
    assert str(to_date(days.train[0])) == "2022-09-02"
    before = study_days(day_number(date(2026, 6, 30)))  # the last month end is not past yet
    assert str(to_date(before.test[-1])) == "2025-11-02"


def test_it_finds_what_tells_it_and_calls_the_claim_by_what_it_found(found):
    assert (found.train_days, found.test_days) == (("2022-09-02", "2024-06-02"), ("2025-01-02", "2025-12-02"))
    assert not found.overdrafts
    assert len(found.parts) == 4
    for part in found.parts:
        assert [one.candidate for one in part.candidates] == ["logistic", "lightgbm"]
        for one in part.candidates:
            assert one.importances[0].name == "spend volatility"
            assert one.importances[0].fall.low > 0.05
            assert one.reaches == "refuted"
            assert one.strongest == "not shown"  # spend level tells nothing, and no more do the others


def test_nobody_both_trains_and_tests_and_who_tests_has_one_row(found):
    part = found.parts[0]
    assert part.train_customers + part.test_rows <= CUSTOMERS
    assert part.train_rows <= 8 * part.train_customers
    assert part.test_rows > CUSTOMERS / 2


def test_what_came_to_be_known_later_changes_nothing(tmp_path, found):
    with behaving(tmp_path / "w.duckdb") as bank:
        later = {"known_time": [datetime.fromisoformat("2026-07-01T12:00:00")]}
        append(bank, "credit_months", 1, account_id=["A0001"], month_end=[date(2025, 3, 31)], days_past_due=[95],
               status=["default"], **later)  # fmt: skip
        append(bank, "customers", 1, customer_id=["k0003"], type=["person"], left_on=[date(2024, 1, 1)], **later)
        assert _studied(bank) == found


def _told(bank):
    """What a bank too small to be studied is told: how many events of how many rows train."""
    with pytest.raises(NotReady, match="rows of all") as refused:
        _studied(bank)
    return str(refused.value)


def test_training_labels_are_as_known_when_the_test_begins(tmp_path):
    with behaving(tmp_path / "w.duckdb", 20) as bank:
        before = _told(bank)
        rows = {"account_id": [f"A{k:04d}" for k in range(20)], "month_end": [date(2024, 8, 31)] * 20,
                "days_past_due": [40] * 20, "status": ["performing"] * 20}  # fmt: skip
        append(bank, "credit_months", 20, **rows, known_time=[datetime.fromisoformat("2025-01-02T00:00:00")] * 20)
        assert _told(bank) == before  # known at the very instant at which the test begins
        rows["days_past_due"] = [41] * 20
        append(bank, "credit_months", 20, **rows, known_time=[datetime.fromisoformat("2025-01-01T23:59:59")] * 20)
        assert _told(bank) != before


def test_a_bank_that_lacks_a_table_is_told_which_and_what_is_not_studied_is_not_found(tmp_path, bank):
    with pytest.raises(NotFound, match=r"There is no study of 'churn'\. There is: at_risk\."):
        study_at_risk(bank, AS_OF, "Europe/London", "GBP", "GB", "churn", 42, 1)
    with open_warehouse(tmp_path / "w.duckdb", 1, "500MB") as empty:
        prepare(empty)
        append(empty, "transactions", 1, amount=[-5], currency=["GBP"])
        with pytest.raises(NotReady, match=r"no rows of 'accounts', 'account_parties', 'credit_months'\. Map them"):
            _studied(empty)


def test_a_bank_too_young_or_too_small_is_told_what_it_has(tmp_path, bank):
    with pytest.raises(NotReady, match=r"trains on 0 events in 0 rows of all; it needs at least 20"):
        _studied(bank, micros("2023-03-15"))
    with behaving(tmp_path / "w.duckdb", 40) as small, pytest.raises(NotReady, match=r"is tested on \d+ events? in"):
        _studied(small)
