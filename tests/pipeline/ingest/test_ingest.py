"""What a load does to what was known before: nothing twice, corrections as new versions, all or nothing."""

from datetime import datetime

import pyarrow as pa
import pytest

from bank360.bank.errors import DataRefused, NotReady
from bank360.pipeline.ingest import IngestReport, complete_pending
from bank360.storage.landing import Landing
from bank360.storage.warehouse import Warehouse
from tests.pipeline.ingest.conftest import tiny_source

VERSIONS = (
    "SELECT amount, known_time, superseded_time FROM transactions WHERE transaction_id = 'T1' ORDER BY known_time"
)
at = datetime.fromisoformat  # instants as the warehouse stores them: UTC without a zone
FIRST = at("2020-02-01T10:00:05")


def test_a_first_delivery_fills_its_tables_and_says_where_each_row_came_from(bank, header, line):
    report = bank.deliver({"transactions.csv": header + line(1) + line(2)})
    assert [(load.table, load.delivered, load.accepted, load.corrections) for load in report.tables] == [
        ("transactions", 2, 2, 0)
    ]
    rows = bank.rows("SELECT transaction_id, source_system, batch_id, source_line FROM transactions ORDER BY 1")
    assert rows == [("T1", "tiny", report.batch_id, 2), ("T2", "tiny", report.batch_id, 3)]
    ledger = bank.rows("SELECT file, rows, delivered, accepted, refused FROM loads WHERE part = 'transactions'")
    assert ledger == [("transactions.csv", 2, 2, 2, 0)]


def test_the_same_file_twice_changes_nothing(bank, header, line):
    bank.deliver({"transactions.csv": header + line(1)})
    before = bank.hashes()
    report = bank.deliver({"transactions-again.csv": header + line(1)})
    assert (report.batch_id, report.known_files) == (None, ("transactions-again.csv",))
    assert bank.hashes() == before


def test_the_same_rows_in_another_file_change_no_table_of_facts(bank, header, line):
    bank.deliver({"transactions.csv": header + line(1) + line(2)})
    before = bank.hashes()
    report = bank.deliver({"transactions.csv": header + line(2) + line(1)})
    assert [(load.delivered, load.accepted, load.unchanged) for load in report.tables] == [(2, 0, 2)]
    after = bank.hashes()
    ledger = {"loads", "load_tables", "load_amounts"}
    assert {name: after[name] for name in after.keys() - ledger} == {
        name: before[name] for name in before.keys() - ledger
    }


def test_a_later_known_time_with_other_values_closes_the_row_and_adds_a_version(bank, header, line):
    bank.deliver({"transactions.csv": header + line(1)})
    report = bank.deliver({"transactions.csv": header + line(1, amount="-900", known_time="2020-03-01T00:00:00")})
    assert report.tables[0].corrections == 1
    corrected = at("2020-03-01")
    assert bank.rows(VERSIONS) == [(-1000, FIRST, corrected), (-900, corrected, None)]


def test_a_later_known_time_with_the_same_values_is_no_news(bank, header, line):
    bank.deliver({"transactions.csv": header + line(1)})
    report = bank.deliver({"transactions.csv": header + line(1, known_time="2020-03-01T00:00:00")})
    assert (report.tables[0].accepted, report.tables[0].unchanged) == (0, 1)
    assert bank.rows(VERSIONS) == [(-1000, FIRST, None)]


def test_a_correction_without_a_new_known_time_becomes_known_just_after_it_was_received(bank, header, line):
    bank.deliver({"transactions.csv": header + line(1)})
    bank.deliver({"transactions.csv": header + line(1, amount="-900")})  # received on 3 June 2020 at noon
    received = at("2020-06-03T12:00:00.000001")
    assert bank.rows(VERSIONS) == [(-1000, FIRST, received), (-900, received, None)]
    assert bank.deliver({"transactions.csv": header + line(1, amount="-900") + line(2)}).tables[0].accepted == 1


def test_a_key_used_again_for_another_row_is_a_finding(bank, header, line):
    bank.deliver({"transactions.csv": header + line(1) + line(2) + line(3)})
    again = header + line(1, amount="-900") + line(2) + line(3, category="fuel") + line(4)
    (found,) = [one for one in bank.deliver({"transactions-2.csv": again}).findings if one.rule == "corrected_rows"]
    assert (found.table, found.severity, found.rows, found.example) == ("transactions", "warning", 2, "T1")
    assert found.message.startswith(
        "corrected rows of 'transactions': 2; such as transaction_id 'T1', which was known with other content."
    )
    assert "give each a key of its own" in found.message
    none = bank.deliver({"transactions-3.csv": header + line(4) + line(5)})
    assert [one.rule for one in none.findings if one.rule == "corrected_rows"] == []


def test_a_master_file_delivered_anew_is_told_as_corrected_without_a_warning(bank):
    head = "product_id,valid_from,family,line,name,secured,revolving,rate_type,fee,transfer_rate,known_time\n"
    row = "{},2020-01-01,deposits,current_account,{},false,true,none,0,0.01,2020-0{}-01T00:00:00\n"
    bank.deliver({"products.csv": head + row.format("P7", "Old", 1) + row.format("P8", "Same", 1)})
    report = bank.deliver({"products.csv": head + row.format("P7", "New", 2) + row.format("P8", "Same", 2)})
    (found,) = [one for one in report.findings if one.rule == "corrected_rows"]
    assert (found.table, found.severity, found.rows, found.example) == ("products", "info", 1, "P7")


@pytest.mark.parametrize("known", ["2020-03-01", "2019-03-01"], ids=["known later", "known earlier"])
def test_a_key_that_two_sources_use_is_told_whichever_was_known_first(bank, known):
    """Two systems that number their customers alike would else make one person of two."""
    files = {"customers.csv": f"customer_id,type,region,known_time\nC1,person,South,{known}T00:00:00\n"}
    (found,) = [
        one for one in bank.deliver(files, bank.with_source(name="cards")).findings if one.rule == "two_sources"
    ]
    assert (found.table, found.severity, found.rows, found.example) == ("customers", "warning", 1, "C1")
    assert found.message == (
        "1 row of 'customers' has a key that source 'tiny' delivered too, such as customer_id 'C1', with other"
        " content: both are kept as versions of one row. If the systems number theirs alike, give the keys of one a"
        " prefix of its own and deliver them anew."
    )


@pytest.mark.parametrize("ours", ["arrived_events", "arrived_interactions"])
def test_what_arrived_by_the_api_and_comes_in_a_file_is_of_no_two_sources(bank, header, line, ours):
    bank.deliver({"transactions.csv": header + line(1)}, bank.with_source(name=ours))
    report = bank.deliver({"transactions-2.csv": header + line(1, amount="-900")})
    (found,) = report.findings  # and no key was used again
    assert (found.rule, found.severity, "used again" in found.message) == ("corrected_rows", "info", False)
    # Two files that say otherwise of it are another matter.
    again = bank.deliver({"transactions-3.csv": header + line(1, amount="-950")})
    assert [(one.rule, one.severity) for one in again.findings] == [("corrected_rows", "warning")]


def test_a_source_that_delivers_its_history_has_nothing_to_tell_of_its_corrections(bank, header, line):
    versioned = tiny_source(versioned=True)
    bank.deliver({"transactions.csv": header + line(1)}, versioned)
    later = header + line(1, amount="-900", known_time="2020-03-01T00:00:00")
    report = bank.deliver({"transactions.csv": later}, versioned)
    assert (report.tables[0].corrections, [one.rule for one in report.findings if one.rule == "corrected_rows"]) == (
        1,
        [],
    )


def test_a_version_that_arrives_late_takes_its_place_in_time(bank, header, line):
    bank.deliver({"transactions.csv": header + line(1)})
    newest, between = "2020-05-01T00:00:00", "2020-03-01T00:00:00"
    bank.deliver({"transactions.csv": header + line(1, amount="-800", known_time=newest)})
    bank.deliver({"transactions.csv": header + line(1, amount="-900", known_time=between)})
    middle, last = at("2020-03-01"), at("2020-05-01")
    assert bank.rows(VERSIONS) == [(-1000, FIRST, middle), (-900, middle, last), (-800, last, None)]


def test_versions_give_the_same_history_in_whatever_order_they_arrive(bank, header, line):
    versions = [("-1000", "2020-02-01T10:00:05"), ("-900", "2020-03-01T00:00:00"), ("-800", "2020-05-01T00:00:00")]
    files = [header + line(1, amount=amount, known_time=known) for amount, known in versions]
    for content in (files[2], files[0], files[1]):
        bank.deliver({"transactions.csv": content})
    middle, last = at("2020-03-01"), at("2020-05-01")
    assert bank.rows(VERSIONS) == [(-1000, FIRST, middle), (-900, middle, last), (-800, last, None)]


def test_a_row_that_a_correction_replaced_does_not_come_back_and_a_finding_says_so(bank, header, line):
    bank.deliver({"transactions.csv": header + line(1)})
    bank.deliver({"transactions.csv": header + line(1, amount="-900", known_time="2020-03-01T00:00:00")})
    report = bank.deliver({"transactions.csv": header + line(1) + line(2)})
    assert bank.rows("SELECT amount FROM transactions WHERE superseded_time IS NULL ORDER BY 1") == [(-1000,), (-900,)]
    assert [finding.rule for finding in report.findings] == ["repeats_a_corrected_row"]


def test_a_versioned_source_may_deliver_the_history_of_a_row_at_once(bank, header, line, source):
    history = line(1) + line(1, amount="-900", known_time="2020-03-01T00:00:00")
    bank.deliver({"transactions.csv": header + history}, source(versioned=True))
    corrected = at("2020-03-01")
    assert bank.rows(VERSIONS) == [(-1000, FIRST, corrected), (-900, corrected, None)]


def test_a_dangling_reference_that_the_contract_allows_is_a_finding(bank, header, line):
    report = bank.deliver({"transactions.csv": header + line(1) + line(2, account_id="A9")})
    found = [finding for finding in report.findings if finding.rule == "dangling_reference"]
    assert [(finding.column, finding.rows, finding.example) for finding in found] == [("account_id", 1, "row 3")]
    assert bank.rows("SELECT rule, row_count FROM quality_findings WHERE rule = 'dangling_reference'") == [
        ("dangling_reference", 1)
    ]


def test_columns_that_nobody_reads_are_a_finding(bank, header, line):
    extra = "".join(text.strip() + f",{cell}\n" for text, cell in ((header, "note"), (line(1), "x")))
    report = bank.deliver({"transactions.csv": extra})
    assert [finding.example for finding in report.findings if finding.rule == "columns_not_read"] == ["note"]


def test_a_file_with_columns_and_no_rows_is_a_finding(bank, header):
    report = bank.deliver({"transactions.csv": header})
    assert "no_rows" in {finding.rule for finding in report.findings}
    assert report.rows == 0


def test_a_batch_counts_every_row_of_a_large_file_once(bank, header, line):
    report = bank.deliver({"transactions.csv": header + "".join(line(n) for n in range(140_000))})
    assert report.tables[0].accepted == 140_000
    assert bank.rows("SELECT min(source_line), max(source_line), count(DISTINCT source_line) FROM transactions") == [
        (2, 140_001, 140_000)
    ]


def test_a_killed_load_is_completed_by_the_next_run(bank, header, line, monkeypatch):
    undisturbed = header + line(1)

    def killed(self: Warehouse, name: str, schema: pa.Schema, batches: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Warehouse, "append_stream", killed)
        with pytest.raises(KeyboardInterrupt):
            bank.deliver({"transactions.csv": undisturbed})
    assert bank.rows("SELECT count(*) FROM transactions") == [(0,)]
    with pytest.raises(NotReady, match="not loaded yet"):
        bank.deliver({"transactions.csv": header + line(2)})
    (completed,) = complete_pending(bank.landing, bank.warehouse, lambda delivery: bank.source)
    assert isinstance(completed, IngestReport)
    assert completed.rows == 1
    assert bank.rows("SELECT transaction_id FROM transactions") == [("T1",)]


def test_a_changed_copy_in_the_landing_zone_is_noticed(bank, header, line, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("bank360.pipeline.ingest.Load.finish", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            bank.deliver({"transactions.csv": header + line(1)})
    zone = Landing(bank.landing)
    zone.path_of(zone.deliveries()[-1].files[0]).write_text("changed")
    with pytest.raises(Exception, match="missing or changed"):
        complete_pending(bank.landing, bank.warehouse, lambda delivery: bank.source)


def test_a_part_that_is_not_optional_must_be_delivered(bank, header, line):
    required = tuple(file for file in bank.source.files if file.name == "customers")
    strict = bank.with_source(
        files=(type(required[0])("customers", "customers*.csv", required[0].columns, ("customers",)),),
        convert={"customers": bank.source.convert["customers"]},
    )
    with pytest.raises(DataRefused, match="no file in"):
        bank.deliver({"transactions.csv": header + line(1)}, strict)
