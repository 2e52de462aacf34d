"""`decide` and `policy`: what a risk analyst sees of a request that is tried, and that nothing is written."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bank360.policies.credit_policy import policy_hash
from bank360.policies.decision import WITHHELD, parse
from bank360.storage.policy_files import SHIPPED, policy_text

GATES = ["eligibility", "identity and fraud", "affordability", "probability of default", "amount and term"]


@pytest.fixture(scope="module")
def somebody(bank360, scored):
    rows = json.loads(bank360("profile", "list", "--limit", "9999", "--json", "--home", scored).out)
    return next(row["customer_id"] for row in rows if row["tier"] != "in_default")


def test_the_gates_are_printed_in_order_with_outcome_reasons_and_replay(bank360, scored, somebody):
    ran = bank360("decide", "--customer", somebody, "--amount", "500000", "--term", "36", "--home", scored)
    assert ran.code == 0, ran.err
    assert "what-if, not recorded" in ran.out
    assert re.findall(r"^\d\. ([a-z ]+): ", ran.out, re.MULTILINE) == GATES
    assert ran.out.startswith("--amount 500000 is GBP 5,000.00: it is read in minor units.\n")
    assert "GBP 5,000.00 over 36 months" in ran.out
    assert "2. identity and fraud: review" in ran.out  # no model of fraud is champion here: looked at, not passed
    assert "Outcome: DECLINE" in ran.out
    assert "P10 Details given in the application need to be confirmed" in ran.out
    assert "Worked out once more from the values above: the same bytes" in ran.out


def test_json_is_the_sealed_record_and_holds_no_identity(bank360, scored, keyed, somebody):
    out = bank360("decide", "--customer", somebody, "--json", "--home", scored).out.rstrip("\n")
    record = parse(out.encode("utf-8"))
    assert (record.kind, record.subject) == ("what-if", somebody)
    assert (record.request.amount, record.request.term_months) == (500_000, 36)  # the standard request
    assert record.policy_hash == policy_hash(policy_text(None))
    assert not {name for use in record.models for name, _ in use.features} & WITHHELD
    reveal = json.loads(bank360("profile", "show", somebody, "--reveal", "--json", "--home", keyed).out)
    named = {v["value"] for b in reveal["blocks"] for v in b["values"] if "customer_personal" in str(v["source"])}
    assert named
    assert not [one for one in named if isinstance(one, str) and len(one) > 3 and one in out]


def test_it_scores_as_the_night_run_did(bank360, scored, somebody):
    record = parse(bank360("decide", "--customer", somebody, "--json", "--home", scored).out.rstrip("\n").encode())
    (use,) = record.models
    rows = json.loads(bank360("profile", "list", "--limit", "9999", "--json", "--home", scored).out)
    row = next(row for row in rows if row["tier"] != "in_default")
    assert use.probability == row["probability"]


def test_evidence_of_income_and_a_bad_term_reach_the_gates(bank360, scored, somebody):
    words = ("--customer", somebody, "--term", "120", "--verified-income", "0", "--json", "--home", scored)
    ran = bank360("decide", *words)
    assert ran.err == "--verified-income 0 is GBP 0.00: it is read in minor units.\n"
    record = parse(ran.out.rstrip("\n").encode())
    assert record.outcome == "decline"
    assert record.reasons[:2] == ("P06", "P11")


def test_nothing_is_written_nor_is_the_warehouse_touched(bank360, scored, somebody):
    def prints():
        files = sorted(p for p in scored.rglob("*") if p.is_file())
        return [(p.relative_to(scored), hashlib.sha256(p.read_bytes()).hexdigest()) for p in files]

    before = prints()
    bank360("decide", "--customer", somebody, "--home", scored)
    assert prints() == before


def test_it_only_reads_so_that_others_may_read_meanwhile(bank360, scored, somebody):
    reading = (
        "import duckdb, sys; held = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True); input()"
    )
    words = (sys.executable, "-c", reading, scored / "warehouse.duckdb")
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        ran = bank360("decide", "--customer", somebody, "--home", scored)
        other.communicate("\n")
    assert (ran.code, ran.err) == (0, "")


def test_mistakes_end_in_one_clear_line(refused, scored, somebody, tmp_path):
    assert "No customer and no source key" in refused("decide", "--customer", "nobody", "--home", scored)
    assert "There is no policy file" in refused("policy", "check", tmp_path / "no.yaml")
    euro = tmp_path / "euro.yaml"
    euro.write_text(policy_text(None).replace("currency: GBP", "currency: EUR"), encoding="utf-8")
    said = refused("decide", "--customer", somebody, "--policy", euro, "--home", scored)
    assert "The policy is for personal_loan in EUR, the request for personal_loan in GBP" in said
    euro.write_bytes(b"policy: \xff")
    assert "is not text in UTF-8" in refused("policy", "check", euro)
    euro.write_text(policy_text(None).replace("buffer", "bufer"), encoding="utf-8")
    assert "euro.yaml: affordability.buffer is missing" in refused("policy", "check", euro)


def test_a_policy_is_shown_as_written_and_a_file_checked(bank360, tmp_path):
    text = policy_text(None)
    shown = bank360("policy", "show").out
    assert shown.startswith(text)
    assert shown.endswith(f"SHA-256 {policy_hash(text)}\n")
    assert json.loads(bank360("policy", "show", "--json").out)["pd"] == {"review_from": 0.1, "decline_from": 0.2}
    own = tmp_path / SHIPPED
    own.write_text(text, encoding="utf-8")
    assert bank360("policy", "check", own).out.startswith(f"{SHIPPED} is policy uk_personal_loan 1.0, SHA-256 ")
    assert json.loads(bank360("policy", "check", own, "--json").out)["hash"] == policy_hash(text)


def test_rights_are_printed_as_they_are_written(bank360, refused):
    document = (Path(__file__).parents[2] / "docs" / "reference" / "access.md").read_text("utf-8")
    assert document.endswith(bank360("policy", "access").out)
    seen = json.loads(bank360("policy", "access", "--role", "marketer", "--table", "customers", "--json").out)
    assert seen["region"] == "may read"
    assert seen["birth_date"] == "masked (identity, protected)"
    assert "--table takes --role" in refused("policy", "access", "--table", "customers")
    assert json.loads(bank360("policy", "access", "--role", "viewer", "--json").out) == [
        ["read", "portfolio", "ordinary", ["viewer"]],
        ["read", "customer", "provenance", ["viewer"]],
        ["read", "model", "ordinary", ["viewer"]],
    ]


def test_a_policy_is_shown_with_whether_it_is_the_banks_own(bank360, tmp_path):
    (tmp_path / "bank360.yaml").write_text("bank: {name: B, zone: Europe/Berlin, currency: EUR, country: DE}\n")
    said = "The credit policy uk_personal_loan 1.0 is for GB in GBP, and this bank is in DE with EUR: no request is"
    ran = bank360("policy", "show", "--home", tmp_path)
    assert ran.code == 0
    assert ran.out.rstrip().splitlines()[-1].startswith(f"# {said}")
    assert json.loads(bank360("policy", "show", "--home", tmp_path, "--json").out)["misfit"].startswith(said)
    (tmp_path / "bank360.yaml").write_text("bank: {name: B}\n")
    assert "this bank" not in bank360("policy", "show", "--home", tmp_path).out
    assert bank360("policy", "show", "--home", tmp_path / "none").code != 0
