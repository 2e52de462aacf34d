"""`alerts`: who should be looked at and why, of everybody or one; nothing is written."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import yaml

from bank360.bank.vocabulary import AlertSeverity
from bank360.policies.alerts import RULES
from bank360.storage.ledger import last_known_time
from bank360.storage.warehouse import open_warehouse


@pytest.fixture(scope="module")
def found(bank360, built):
    return json.loads(bank360("alerts", "--limit", "10000", "--json", "--home", built).out)


def test_alerts_are_printed_with_their_evidence_the_most_urgent_first(bank360, built, found):
    assert found
    order = [tuple(AlertSeverity).index(AlertSeverity(one["severity"])) for one in found]
    assert order == sorted(order)
    assert {one["rule"] for one in found} <= {rule.name for rule in RULES}
    _, headings, *printed = bank360("alerts", "--limit", "1", "--home", built).out.splitlines()
    assert headings.split()[:2] == ["urgency", "customer"]
    assert printed[0].split() == [found[0]["severity"], found[0]["customer_id"], found[0]["rule"]]
    assert printed[1].strip() == found[0]["evidence"]
    rest = len(found) - 1  # the small bank may have one alert only
    assert printed[2:] == ([f"{rest:,} more; --limit says how many are printed."] if rest else [])


def test_one_customer_has_the_alerts_that_they_have_among_all(bank360, built, found):
    who = found[0]["customer_id"]
    own = json.loads(bank360("alerts", "--customer", who, "--json", "--home", built).out)
    assert own == [one for one in found if one["customer_id"] == who]


def test_a_severity_chooses_and_nothing_found_is_said(bank360, built, found):
    for severity in AlertSeverity:
        ran = json.loads(bank360("alerts", "--severity", severity, "--limit", "10000", "--json", "--home", built).out)
        assert ran == [one for one in found if one["severity"] == severity]
    assert bank360("alerts", "--severity", "low", "--home", built).out.splitlines()[1:] == ["No rule found anything."]


def test_alerts_say_as_of_which_instant_they_were_found(bank360, built, found):
    with open_warehouse(built / "warehouse.duckdb", 1, read_only=True) as warehouse:
        last = last_known_time(warehouse)
    assert last is not None
    now = last + timedelta(microseconds=1)  # the clock of this bank is its data's
    assert {datetime.fromisoformat(one["found_at"]) for one in found} == {now}
    first, *_ = bank360("alerts", "--limit", "1", "--home", built).out.splitlines()
    assert first == f"As of {now.astimezone(ZoneInfo('Europe/London')):%Y-%m-%d %H:%M} Europe/London:"


def test_a_customer_who_is_not_there_ends_in_one_line(refused, built):
    assert "No customer and no source key is called 'nobody'" in refused(
        "alerts", "--customer", "nobody", "--home", built
    )


def test_rules_that_had_no_data_are_named_with_what_they_lack(bank360, client_home, tmp_path):
    client_home(tmp_path, core="id,since\n1,2024-01-05\n2,2024-02-01\n")
    assert bank360("ingest", "--home", tmp_path).code == 0
    assert bank360("build", "--home", tmp_path).code == 0
    first, *said = bank360("alerts", "--home", tmp_path).out.splitlines()
    assert first == "As of 2024-06-30 13:00 Europe/London:"
    assert said[:2] == ["No rule has any data.", "No data for:"]
    assert {line.split(":")[0].strip() for line in said[2:]} == {rule.name for rule in RULES}
    assert "  first_payment_default: the bank delivered no rows in 'credit_months'" in said
    assert any("no identifier_tokens.kind: device and no fraud_cases.kind: application" in line for line in said)


def test_where_some_rules_have_data_the_others_are_named(bank360, client_home, tmp_path):
    """A ledger with a direct debit and one that came back: only the rule of returned debits can see."""
    client_home(tmp_path, core="id,since\n1,2024-01-05\n")
    (tmp_path / "core" / "moves.csv").write_text(
        "id,acc,at,amount,scheme,category\n"
        "t1,A1,2024-06-03,-12.30,direct_debit,utilities\nt2,A1,2024-06-04,12.30,direct_debit,returned_payment\n",
        encoding="utf-8",
    )
    settings = yaml.safe_load((tmp_path / "bank360.yaml").read_text(encoding="utf-8"))
    same = {"transaction_id": "id", "account_id": "acc", "event_time": "at"}
    columns = same | {name: name for name in ("amount", "scheme", "category")} | {"country": {"constant": "GB"}}
    files = settings["sources"][0]["mapping"]["files"]
    files["transactions"] = {"pattern": "moves.csv", "known_after": "0d", "columns": columns}
    (tmp_path / "bank360.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    assert bank360("ingest", "--home", tmp_path).code == 0
    assert bank360("build", "--home", tmp_path).code == 0
    said = bank360("alerts", "--home", tmp_path).out.splitlines()
    assert said[1:3] == ["Nothing was found by the 1 of 5 rules that have data.", "No data for:"]
    assert "returned_direct_debits_in_a_row" not in "\n".join(said)
