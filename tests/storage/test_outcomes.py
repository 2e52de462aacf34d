"""What became of applications: as known before the cut-off and nothing later, by hand-made rows."""

from datetime import date

import pytest

from bank360.storage.outcomes import application_cases, application_outcomes
from bank360.storage.spines import application_spine
from tests.rows import fill, micros, stored
from tests.storage.applied import applied

ZONE = "Europe/London"


@pytest.fixture
def bank(tmp_path):
    with applied(tmp_path) as warehouse:
        yield warehouse


def _spine(bank, until="2025-01-01"):
    return application_spine(bank, micros(until), ZONE)


def test_outcomes_are_those_known_before_the_cut_off(bank):
    fill(bank, "accounts", {"account_id": "A", "product_id": "LOAN", "opened_on": date(2024, 3, 12), "currency": "GBP"})
    decided = {"submitted_at": stored("2024-03-10 09:30"), "account_id": "A", "known_time": stored("2024-03-12")}
    fill(bank, "applications", {"application_id": "p1"} | decided)
    for month, days, known in ((date(2024, 4, 30), 0, "2024-05-01"), (date(2024, 5, 31), 29, "2024-06-01")):
        fill(bank, "credit_months", {"account_id": "A", "month_end": month, "balance": 1, "amount_due": 1, "paid": 0,
                                      "arrears": 5, "days_past_due": days, "status": "performing", "forbearance": False,
                                      "written_off": 0, "known_time": stored(known)})  # fmt: skip
    spine = _spine(bank)
    early, late = (application_outcomes(bank, spine, micros(at)) for at in ("2024-05-15", "2024-06-15"))
    assert late.booked.tolist() == [True, False, False]
    assert early.repayment.days_past_due.tolist() == [0]
    assert late.repayment.days_past_due.tolist() == [0, 29]
    assert late.opened_on[0] == (date(2024, 3, 12) - date(1970, 1, 1)).days
    assert not application_outcomes(bank, spine, micros("2024-03-11")).booked.any()


def test_cases_are_read_as_they_stood_and_alerts_are_left_out(bank):
    opened, closed = stored("2024-04-01"), stored("2024-05-01")
    case = {"case_id": "f1", "subject": "p1", "kind": "application", "opened_at": opened}
    fill(bank, "fraud_cases", case | {"known_time": opened})
    fill(bank, "fraud_cases", case | {"closed_at": closed, "outcome": "confirmed", "known_time": closed})
    fill(bank, "fraud_cases", case | {"case_id": "f2", "kind": "first_payment_default", "known_time": opened})
    spine = _spine(bank)
    before = application_cases(bank, spine, micros("2024-04-15"))
    assert (before.application.tolist(), before.closed.tolist()) == ([0], [False])
    after = application_cases(bank, spine, micros("2024-05-15"))
    assert (after.closed.tolist(), after.confirmed.tolist()) == ([True], [True])
    assert len(application_cases(bank, spine, micros("2024-03-15")).application) == 0
