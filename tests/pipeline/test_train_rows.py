"""What trains and what tests, row by row: a label is what the bank knew at its moment, not what it learned later."""

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from bank360.bank.calendar import instant
from bank360.bank.table import PROVENANCE
from bank360.bank.tables import TABLE_BY_NAME
from bank360.labels.application_default import DefaultDefinition
from bank360.models.catalogue import MODELS
from bank360.pipeline.periods import periods
from bank360.pipeline.train_rows import sample_of
from bank360.storage.ledger import prepare
from bank360.storage.spines import ApplicationSpine
from bank360.storage.warehouse import open_warehouse

ZONE = "Europe/London"
PERIODS = periods(instant(datetime(2026, 7, 1, 12, tzinfo=UTC)), ZONE)  # the test starts on 2 July 2024
PD, FRAUD = MODELS
_EMPTY = {"string": "-", "int64": 0, "float64": 0.0, "bool": False, "date": date(2020, 1, 1)}
# Submitted, opened. The windows of the first three ended in January 2024, that of LATE60 in October 2025.
APPLICATIONS = {
    "CASE": (datetime.fromisoformat("2023-01-09"), date(2023, 1, 10)),
    "CORRECTED": (datetime.fromisoformat("2023-01-09"), date(2023, 1, 10)),
    "EARLY60": (datetime.fromisoformat("2023-01-09"), date(2023, 1, 10)),
    "LATE60": (datetime.fromisoformat("2024-10-10"), date(2024, 10, 11)),
}
IDS = sorted(APPLICATIONS)


def _append(warehouse, table, *rows):
    """Append rows; what is not given is null, or empty where it may not be."""
    columns = (*TABLE_BY_NAME[table].columns, *PROVENANCE)
    empty = {c.name: None if c.nullable else _EMPTY.get(c.type, datetime.fromisoformat("2020-01-01")) for c in columns}
    filled = [empty | row for row in rows]
    warehouse.append(table, pa.table({c.name: pa.array([r[c.name] for r in filled], c.arrow_type) for c in columns}))


def _month(application, end, known, days_past_due=0, **more):
    late = {"arrears": 90_000} if days_past_due else {}
    row = {"account_id": f"A-{application}", "month_end": end, "known_time": known, "balance": 500_000}
    return row | {"days_past_due": days_past_due, "status": "performing"} | late | more


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    with open_warehouse(tmp_path_factory.mktemp("rows") / "w.duckdb", 1, "500MB") as opened:
        prepare(opened)
        for name, (at, day) in APPLICATIONS.items():
            _append(opened, "applications", {"application_id": name, "submitted_at": at, "account_id": f"A-{name}",
                                             "outcome": "approved", "known_time": at})  # fmt: skip
            _append(
                opened, "accounts", {"account_id": f"A-{name}", "opened_on": day, "currency": "GBP", "known_time": at}
            )
        closing, after = date(2024, 1, 31), datetime.fromisoformat("2024-02-01")
        june, corrected = date(2023, 6, 30), datetime.fromisoformat("2024-10-01")
        _append(
            opened,
            "credit_months",
            *(_month(name, closing, after) for name in ("CASE", "CORRECTED")),
            _month("CORRECTED", june, datetime.fromisoformat("2023-07-01"), superseded_time=corrected),
            _month("CORRECTED", june, corrected, days_past_due=95),
            _month("EARLY60", closing, after, days_past_due=60),
            _month("LATE60", date(2025, 10, 31), datetime.fromisoformat("2025-11-01"), days_past_due=60),
        )
        found = datetime.fromisoformat("2024-09-01")
        _append(opened, "fraud_cases", {"case_id": "F", "subject": "CASE", "kind": "application", "known_time": found,
                                        "opened_at": datetime.fromisoformat("2024-08-01"), "closed_at": found,
                                        "outcome": "confirmed"})  # fmt: skip
        yield opened


def _rows(warehouse, spec):
    """Return by application: whether it trains, whether it tests, its outcome when fitted and when tested."""
    at = np.array([instant(APPLICATIONS[name][0].replace(tzinfo=UTC)) for name in IDS])
    n = len(IDS)
    spine = ApplicationSpine(np.array(IDS, dtype=object), np.full(n, -1, dtype=np.int32), at, {})
    sample = sample_of(warehouse, spec, spine, np.ones(n, dtype=bool), {}, PERIODS, ZONE, DefaultDefinition())
    parts = (sample.train, sample.test, sample.fitted_outcome, sample.tested_outcome)
    return dict(zip(IDS, zip(*(part.tolist() for part in parts), strict=True), strict=True))


def test_a_fraud_found_after_the_test_began_is_no_fraud_in_training(warehouse):
    assert _rows(warehouse, FRAUD)["CASE"] == (True, False, 0.0, 1.0)


def test_a_month_corrected_after_the_test_began_trains_as_it_was_first_delivered(warehouse):
    # Told in October 2024: 95 days past due in June 2023. In July 2024 nobody knew.
    assert _rows(warehouse, PD)["CORRECTED"] == (True, False, 0.0, 1.0)


def test_sixty_days_past_due_is_no_event_in_training_as_in_the_test(warehouse):
    rows = _rows(warehouse, PD)
    assert rows["EARLY60"] == (True, False, 0.0, 0.0)
    assert rows["LATE60"] == (False, True, 0.0, 0.0)
