"""`profile show`: identity masked unless it is asked for, and the same for a program to read."""

import json
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from bank360.bank.vocabulary import RiskTier
from bank360.storage.warehouse import open_warehouse


@pytest.fixture(scope="module")
def person(scored):
    with open_warehouse(scored / "warehouse.duckdb", 1, "500MB") as warehouse:
        found = warehouse.query(
            "SELECT k.customer_id, k.source_key, p.family_name, p.postcode FROM source_keys k"
            " JOIN customer_personal p ON p.customer_id = k.source_key JOIN scores s ON s.customer_id = k.customer_id"
            " WHERE p.superseded_time IS NULL AND p.postcode IS NOT NULL ORDER BY k.source_key LIMIT 1"
        )
    return found.to_pylist()[0]


def test_identity_is_masked_by_default(bank360, scored, person):
    shown = bank360("profile", "show", person["customer_id"], "--home", scored)
    assert (shown.code, shown.err) == (0, "")
    assert person["customer_id"] in shown.out
    assert "identity masked (--reveal shows it)" in shown.out
    for secret in (person["family_name"], person["postcode"]):
        assert secret not in shown.out


def test_a_reveal_is_sealed_and_refused_where_it_cannot_be(bank360, refused, scored, keyed, person):
    asked = ("profile", "show", person["customer_id"], "--reveal", "--home")
    assert "No audit key" in refused(*asked, scored)
    shown = bank360(*asked, keyed).out
    sealed = json.loads(bank360("audit", "verify", "--json", "--home", keyed).out)["records"]
    bank360(*asked, keyed)
    verdict = json.loads(bank360("audit", "verify", "--json", "--home", keyed).out)
    assert (verdict["faults"], verdict["records"]) == ([], sealed + 1)
    assert person["family_name"] in shown
    assert person["postcode"] in shown
    assert "identity masked" not in shown


def test_a_source_key_finds_its_customer(bank360, scored, person):
    told = json.loads(bank360("profile", "show", person["source_key"], "--json", "--home", scored).out)
    assert told["customer_id"] == person["customer_id"]
    assert person["source_key"] in [key["source_key"] for key in told["keys"]]


def test_the_json_holds_blocks_score_and_reasons_and_is_masked_too(bank360, scored, person):
    text = bank360("profile", "show", person["customer_id"], "--json", "--home", scored).out
    told = json.loads(text)
    assert len(told["blocks"]) == 3
    (score,) = told["scores"]
    assert score["tier"] in ("low", "medium", "high", "in_default")
    assert [reason["rank"] for reason in score["reasons"]] == list(range(1, len(score["reasons"]) + 1))
    assert not told["revealed"]
    assert person["family_name"] not in text


def test_nobody_of_that_name_is_told_in_one_line(refused, scored):
    assert "'NOBODY'" in refused("profile", "show", "NOBODY", "--home", scored)


def test_the_list_names_the_riskiest_first_with_ids_that_the_other_verbs_take(bank360, scored):
    ran = bank360("profile", "list", "--limit", 3, "--home", scored)
    assert (ran.code, ran.err) == (0, "")
    headings, *listed, bad, rest = ran.out.splitlines()
    assert headings.split() == ["customer", "tier", "probability", "of", "default", "history"]
    assert rest == "The first 3; --limit says how many are printed."
    assert bad == "In default: the probability is that of a new request; of what is owed in default it is 1."
    lines = [line.split() for line in listed]
    assert [line[1:3] for line in lines] == [["in", "default"]] * 3
    told = json.loads(bank360("profile", "list", "--limit", 3, "--json", "--home", scored).out)
    assert [row["customer_id"] for row in told] == [line[0] for line in lines]
    everyone = json.loads(bank360("profile", "list", "--limit", 9_999, "--json", "--home", scored).out)
    order = [(row["tier"] != "in_default", -row["probability"], row["customer_id"]) for row in everyone]
    assert order == sorted(order)
    assert set(told[0]) == {"customer_id", "tier", "probability", "thin_file"}
    for verb in (["profile", "show"], ["explain"]):
        assert bank360(*verb, told[0]["customer_id"], "--home", scored).code == 0


def in_default_by_hand(rows, at, today):
    """Return who is in default by the words of ADR 0043, row by row: over 90 days past due, in default, charged off.

    Parameters
    ----------
    rows
        By table, the rows of `account_parties`, `accounts`, `credit_months` and `source_keys`.
    """

    def standing(table):
        known = (row for row in rows[table] if row["known_time"] < at)
        return [row for row in known if row["superseded_time"] is None or row["superseded_time"] >= at]

    people = {row["source_key"]: row["customer_id"] for row in rows["source_keys"] if row["valid_to"] is None}
    latest = {}
    for month in sorted(standing("credit_months"), key=lambda month: month["month_end"]):
        if month["month_end"] <= today:
            latest[month["account_id"]] = month
    bad, lost_on = set(), {}
    for account in standing("accounts"):
        key, closed = account["account_id"], account["closed_on"]
        month = latest.get(key)
        if closed is not None and closed <= today and account["close_reason"] == "charged_off":
            bad.add(key)
            lost_on[key] = closed
        elif month is not None:
            told = month["written_off"] > 0 or month["status"] in ("default", "charged_off")
            if told or (month["days_past_due"] > 90 and (closed is None or closed > today)):
                bad.add(key)
    obliged = [
        party
        for party in standing("account_parties")
        if party["role"] in ("owner", "joint_holder", "guarantor") and party["valid_from"] <= today
    ]
    return {
        people[party["customer_id"]]
        for party in obliged
        if party["account_id"] in bad
        and (
            party["valid_to"] is None
            or party["valid_to"] > today
            or (party["account_id"] in lost_on and party["valid_to"] >= lost_on[party["account_id"]])
        )
    }


def test_in_default_are_those_over_90_days_past_due_in_default_or_charged_off_and_nobody_else(scored):
    tables = ("account_parties", "accounts", "credit_months", "source_keys")
    with open_warehouse(scored / "warehouse.duckdb", 1, "500MB") as warehouse:
        tiers = warehouse.query("SELECT customer_id, tier, as_of FROM scores").to_pylist()
        rows = {table: warehouse.query(f"SELECT * FROM {table}").to_pylist() for table in tables}
    at = tiers[0]["as_of"]  # naive UTC, as rows are
    bad = in_default_by_hand(rows, at, at.replace(tzinfo=UTC).astimezone(ZoneInfo("Europe/London")).date())
    assert bad
    assert {row["customer_id"] for row in tiers if row["tier"] == RiskTier.IN_DEFAULT} == bad & {
        row["customer_id"] for row in tiers
    }


def test_the_list_of_a_tier_holds_only_that_tier(bank360, scored):
    everyone = json.loads(bank360("profile", "list", "--limit", 10_000, "--json", "--home", scored).out)
    for tier in RiskTier:
        told = json.loads(bank360("profile", "list", "--tier", tier, "--limit", 10_000, "--json", "--home", scored).out)
        assert told == [row for row in everyone if row["tier"] == tier]


def test_a_list_without_scores_says_what_to_run(refused, tmp_path):
    (tmp_path / "bank360.yaml").write_text("bank: {name: Unscored}\n", encoding="utf-8")
    assert f"Run 'bank360 ingest --home {tmp_path}' first" in refused("profile", "list", "--home", tmp_path)
    with open_warehouse(tmp_path / "warehouse.duckdb", 1, "500MB"):
        pass
    said = refused("profile", "list", "--home", tmp_path)
    assert f"Run 'bank360 ingest --home {tmp_path}' first" in said, "a score would have nobody to score"
