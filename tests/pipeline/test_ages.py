"""Old data is told of, with what to do; data of these days is not."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bank360.pipeline.ages import OLD_DAYS, ages
from bank360.pipeline.ingest import ingest
from bank360.sources.registry import Told, source_of_kind
from bank360.storage.warehouse import open_warehouse

ZONE = "Europe/London"
LOADED = datetime(2024, 7, 1, 12, tzinfo=UTC)
CUSTOMERS = {"pattern": "customers.csv", "columns": {"customer_id": "ID", "type": {"constant": "person"}}}
LINES = {
    "pattern": "lines.csv", "known_after": "1d",
    "columns": {"transaction_id": "NO", "account_id": "ID", "actor_customer_id": "ID", "event_time": "DAY",
                "amount": "AMOUNT", "country": {"constant": "GB"}},
}  # fmt: skip


@pytest.fixture
def loaded(tmp_path):
    """Load two lines, of 2021-03-01 and 2021-06-30, and a customer whose file says so much of its history."""
    with open_warehouse(tmp_path / "warehouse.duckdb", 1, "500MB") as warehouse:

        def load(also="", **history):
            raw = tmp_path / "raw"
            raw.mkdir()
            (raw / "customers.csv").write_text("ID\nc\n", encoding="utf-8")
            (raw / "lines.csv").write_text(
                "NO,ID,DAY,AMOUNT\n1,c,2021-03-01,5\n2,c,2021-06-30,-5\n" + also, encoding="utf-8"
            )
            mapping = {"files": {"customers": CUSTOMERS | history, "transactions": LINES}}
            source = source_of_kind("mapped", Told("core", ZONE, "GBP", LOADED.date(), mapping))
            ingest(source, raw, tmp_path / "landing", warehouse, LOADED)
            return warehouse

        yield load


def test_old_rows_are_told_with_their_age_and_the_clock_that_helps(loaded):
    found = ages(loaded(known_time={"constant": "2020-01-01"}), LOADED, ZONE)
    assert found.newest == {"transactions": date(2021, 6, 30)}
    (told,) = found.advice
    assert "the newest row of any event is of 2021-06-30, 3.0 years before now (2024-07-01)" in told
    assert "'clock: data'" in told
    assert found.lines() == ("newest rows: transactions 2021-06-30 (3.0 years)", f"warning: {told}")


def test_a_bank_that_has_the_clock_of_its_data_is_told_the_instant_to_set_and_not_what_it_has_set(loaded):
    told, late = ages(loaded(history="none"), LOADED, ZONE, by_data=True).advice
    assert "3.0 years before now (2024-07-01)" in told
    # A day after the local day of the last line is over, summer time, and a second: then it is seen.
    assert "Write 'clock: 2021-07-01T23:00:01Z' in its place if the bank's data ends there" in told
    assert "'clock: data' starts at their load" in late
    assert 'known_time: {constant: "2021-03-01"}' in late
    assert not [one for one in (told, late) if "write 'clock: data'" in one]


def test_the_instant_to_set_is_one_at_which_the_newest_row_is_seen(loaded):
    warehouse = loaded(history="none")
    told, _ = ages(warehouse, LOADED, ZONE, by_data=True).advice
    clock = datetime.fromisoformat(told.partition("'clock: ")[2].partition("Write 'clock: ")[2].partition("'")[0])
    (unseen,) = warehouse.row(f"SELECT count(*) FROM transactions WHERE known_time >= TIMESTAMPTZ '{clock}'")
    assert unseen == 0


def test_what_is_known_only_since_its_load_is_named_with_the_known_time_to_state(loaded):
    """The clock alone would not help: of such a table nothing is seen at an instant before its load."""
    told, late = ages(loaded(history="none"), LOADED, ZONE).advice
    assert "clock: data" in told
    assert late.startswith("'customers' became known only after that")
    assert 'known_time: {constant: "2021-03-01"}' in late


def test_what_is_known_late_by_its_own_dates_is_not_taken_for_a_file_without_history(loaded):
    """Customers of 2022, after the last event of 2021: their file keeps its history; its dates are to be checked."""
    _, late = ages(loaded(known_time={"constant": "2022-05-01"}), LOADED, ZONE).advice
    assert late.startswith("'customers' became known only after that by their own dates, the first on 2022-0")
    assert "history: none" not in late
    assert 'known_time: {constant: "2021-03-01"}' in late


def test_rows_of_these_days_need_no_advice(loaded):
    warehouse = loaded(known_time={"constant": "2020-01-01"})
    newest = datetime(2021, 6, 30, 12, tzinfo=UTC)
    assert ages(warehouse, newest + timedelta(days=OLD_DAYS), ZONE).advice == ()
    assert ages(warehouse, newest + timedelta(days=OLD_DAYS + 1), ZONE).advice != ()


def test_a_row_dated_after_now_hides_nothing_and_is_told_apart(loaded):
    warehouse = loaded(also="3,c,2062-06-30,-5\n4,c,2024-07-02,-5\n", known_time={"constant": "2020-01-01"})
    found = ages(warehouse, LOADED, ZONE)
    assert found.newest == {"transactions": date(2021, 6, 30)}
    assert found.ahead == {"transactions": (2, date(2062, 6, 30))}
    (told,) = found.advice
    assert "the newest row of any event is of 2021-06-30, 3.0 years before now (2024-07-01)" in told
    assert found.lines()[1] == "dated after now: 2 rows of transactions (the last of 2062-06-30)"
    assert "-" not in found.lines()[0].partition("(")[2]  # no age is less than nothing


def test_where_all_rows_are_of_the_future_only_that_is_said(loaded):
    warehouse = loaded(known_time={"constant": "2020-01-01"})
    found = ages(warehouse, datetime(2021, 2, 28, 12, tzinfo=UTC), ZONE)
    assert found.lines() == ("dated after now: 2 rows of transactions (the last of 2021-06-30)",)


def test_an_empty_warehouse_has_no_age(tmp_path):
    with open_warehouse(tmp_path / "warehouse.duckdb", 1, "500MB") as warehouse:
        assert ages(warehouse, LOADED, ZONE).lines() == ()
