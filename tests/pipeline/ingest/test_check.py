"""The check reads the warehouse, stores what it finds, and replaces what the check before found."""

from datetime import UTC, datetime

from bank360.bank.vocabulary import Severity
from bank360.pipeline.check import check
from bank360.pipeline.ingest import ingest
from bank360.sources.mapped import mapped_source
from bank360.storage.findings import stored_findings
from bank360.storage.warehouse import open_warehouse
from tests.rows import fill

AT, ZONE = datetime(2020, 7, 1, tzinfo=UTC), "Europe/London"


def rules(findings):
    """Return what was found, as (table, column, rule), without what is only worth knowing."""
    return {(each.table, each.column, each.rule) for each in findings if each.severity != "info"}


def test_sound_rows_have_no_findings_that_need_a_look(bank, header, line):
    bank.deliver({"transactions.csv": header + line(1) + line(2)})
    assert rules(check(bank.warehouse, ZONE, AT)) == set()


def test_each_trouble_in_accepted_rows_is_found(bank, header, line):
    bank.deliver(
        {
            "transactions.csv": header
            + line(1, account_id="A9")
            + line(2, merchant_id="M1")
            + line(3, known_time="2020-02-01T09:00:00")
            + line(4, category="salary", amount="-100")
        }
    )
    assert rules(check(bank.warehouse, ZONE, AT)) == {
        ("transactions", "account_id", "dangling_reference"),
        ("transactions", "merchant_id", "reference_not_checked"),
        ("transactions", "event_time", "known_early"),
        ("transactions", "amount", "wrong_sign"),
    }


def test_a_load_counts_what_leads_nowhere_as_a_person_reads_it(bank, header, line):
    one = bank.deliver({"transactions.csv": header + line(1, account_id="A9", merchant_id="M1")})
    two = bank.deliver({"transactions.csv": header + line(2, merchant_id="M1") + line(3, merchant_id="M2")})
    said = [finding.message for report in (one, two) for finding in report.findings]
    assert any("the value is not in table 'accounts' (1 value in 1 row)" in message for message in said)
    assert [message for message in said if "not checked" in message] == [
        "1 value of table 'merchants', which no source has filled: not checked",
        "2 values of table 'merchants', which no source has filled: not checked",
    ]


def test_rows_that_vanished_are_found_by_the_control_totals(bank, header, line):
    bank.deliver({"transactions.csv": header + line(1) + line(2)})
    bank.warehouse.execute("DELETE FROM transactions WHERE transaction_id = 'T1'")
    assert ("transactions", None, "control_total") in rules(check(bank.warehouse, ZONE, AT))


def test_each_load_keeps_what_its_money_added_up_to_and_money_that_changed_since_is_found(bank, header, line):
    """Largest amounts of a load do not overflow; a row that came before is part of what was delivered again."""
    most = 2**63 - 1
    bank.deliver({"transactions.csv": header + line(1, amount=str(most)) + line(2, amount=str(most))})
    bank.deliver({"transactions-2.csv": header + line(2, amount=str(most)) + line(3, amount="-5")})
    kept = bank.rows("SELECT column_name, delivered, accepted FROM load_amounts ORDER BY delivered DESC")
    assert kept == [("amount", 2 * most, 2 * most), ("amount", most - 5, -5)]
    assert ("transactions", None, "control_total") not in rules(check(bank.warehouse, ZONE, AT))
    bank.warehouse.execute("UPDATE transactions SET amount = amount - 1 WHERE transaction_id = 'T3'")
    (said,) = (one for one in check(bank.warehouse, ZONE, AT) if one.rule == "control_total")
    assert said.rows == 1
    assert "their money, in minor units, 9,223,372,036,854,775,802 delivered, -5 accepted, -6 there" in said.message


def test_a_second_check_replaces_the_first_and_keeps_what_loads_found(bank, header, line):
    bank.deliver({"transactions.csv": header + line(1, account_id="A9")})
    first = check(bank.warehouse, ZONE, AT)
    stored = stored_findings(bank.warehouse)
    assert check(bank.warehouse, ZONE, AT) == first
    assert stored_findings(bank.warehouse) == stored
    assert [each.severity for each in stored] == sorted(
        (each.severity for each in stored), key=["error", "warning", "info"].index
    )


def test_money_that_leaves_without_a_category_is_found_in_the_commonest_currency(bank, header, line):
    rows = [
        line(1, amount="-90", category="groceries"),
        line(2, amount="-10", category="unknown"),
        line(3, amount="500", category="unknown"),  # comes in: no spending lacks it
        line(4, amount="-70", category="unknown"),  # gives T3 back, and has its purpose
        line(5, amount="-999", category="unknown", currency="JPY"),  # never added to pounds
    ]
    bank.deliver({"transactions.csv": header + "".join(rows)})
    bank.warehouse.execute("UPDATE transactions SET reverses_id = 'T3' WHERE transaction_id = 'T4'")
    (found,) = [one for one in check(bank.warehouse, ZONE, AT) if one.rule == "unknown_category"]
    assert (found.table, found.column, found.severity, found.rows) == ("transactions", "category", "warning", 1)
    assert "1 of 2 rows" in found.message
    assert "(10.0%)" in found.message


def test_countries_that_are_none_are_loaded_and_found(bank, header, line):
    rows = [line(1), line(2, country="UK"), line(3, country="UK"), line(4, country="QZ"), line(5, country="XK")]
    bank.deliver({"transactions.csv": header + "".join([*rows, line(6)])})
    (found,) = [one for one in check(bank.warehouse, ZONE, AT) if one.rule == "no_country"]
    assert (found.table, found.column, found.severity, found.rows) == ("transactions", "country", "warning", 3)
    assert found.example == "UK"
    bank.deliver({"transactions-2.csv": header + line(7, country="UK")})  # most rows: every feature of abroad is wrong
    (found,) = [one for one in check(bank.warehouse, ZONE, AT) if one.rule == "no_country"]
    assert (found.severity, found.rows) == ("error", 4)


def test_a_check_tells_again_of_keys_that_were_used_again_and_of_those_of_two_sources(bank, header, line):
    bank.deliver({"transactions.csv": header + line(1) + line(2)})
    bank.deliver({"transactions-2.csv": header + line(1, amount="-900")})
    other = "customer_id,type,region,known_time\nC1,person,South,2020-03-01T00:00:00\n"
    bank.deliver({"customers.csv": other}, bank.with_source(name="cards"))
    again = [one for one in check(bank.warehouse, ZONE, AT) if one.rule in ("corrected_rows", "two_sources")]
    assert [(one.table, one.rule, one.severity) for one in again] == [
        ("customers", "two_sources", "warning"),
        ("transactions", "corrected_rows", "warning"),
    ]
    # What is told of a customer who came with other content, as customers do, is of the load alone.
    assert {one.severity for one in stored_findings(bank.warehouse, ("corrected_rows",))} == {"warning", "info"}


def mapped(tmp_path, files, columns_of):
    """Load files by a mapping and return the findings of a check after it."""
    folder = tmp_path / "raw"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    mapping = {
        "files": {
            table: {"pattern": f"{table}.csv", "known_time": {"constant": "2020-01-01"}, "columns": columns}
            for table, columns in columns_of.items()
        }
    }
    with open_warehouse(tmp_path / "mapped.duckdb", 1, "500MB") as warehouse:
        ingest(mapped_source("core", mapping, ZONE, "GBP"), folder, tmp_path / "landing", warehouse, AT)
        return check(warehouse, ZONE, AT)


CUSTOMER = {
    "customer_id": "NO",
    "type": {"constant": "person"},
    "birth_date": "BORN",
    "region": {"column": "R", "codes": {"N": "North"}, "other": "elsewhere"},
    "sex": {"column": "S", "codes": {"F": "female"}, "other": "unknown"},
}


def test_what_cannot_be_true_is_found_with_file_and_line_and_codes_that_became_something_with_their_counts(tmp_path):
    text = "NO,BORN,R,S\nC1,2999-01-01,N,F\nC2,1980-01-01,Q7,D\nC3,2998-01-01,Q7,F\nC4,1980-01-01,W,F\n"
    found = {one.rule: one for one in mapped(tmp_path, {"customers.csv": text}, {"customers": CUSTOMER})}
    born = found["future_birth"]
    assert (born.severity, born.rows, born.example) == (Severity.ERROR, 2, "C1")
    assert born.message.endswith("; first file 'customers.csv', row 2; file 'customers.csv', row 4")
    assert "2999" not in born.message
    codes = [one for one in mapped_again(tmp_path) if one.rule == "unlisted_codes"]
    assert [(one.column, one.rows, one.example) for one in codes] == [("region", 3, "Q7"), ("sex", 1, None)]
    assert codes[0].message == (
        "file 'customers.csv', column 'R', first in row 3: 3 rows with a code that the mapping of 'region' does not "
        "list became 'elsewhere': 'Q7' in 2 rows, 'W' in 1 row. List what they mean at "
        "sources.core.mapping.files.customers.columns.region.codes and run 'bank360 rebuild'"
    )
    assert "'D'" not in codes[1].message  # what somebody's sex is called is not repeated


def mapped_again(tmp_path):
    """Return what another check finds: it replaces the first one's findings and keeps those of the load."""
    with open_warehouse(tmp_path / "mapped.duckdb", 1, "500MB") as warehouse:
        found = check(warehouse, ZONE, AT)
        assert set(stored_findings(warehouse)) >= set(found)
        return found


def test_bureau_reports_about_a_customer_are_found_since_no_feature_reads_them(bank):
    fill(bank.warehouse, "applications", {"application_id": "A1"})
    fill(bank.warehouse, "bureau_reports", {"report_id": "R1", "subject": "A1"}, {"report_id": "R2", "subject": "C1"})
    (found,) = [one for one in check(bank.warehouse, ZONE, AT) if one.rule == "unread_reports"]
    assert (found.table, found.severity, found.rows, found.example) == ("bureau_reports", "warning", 1, "C1")
