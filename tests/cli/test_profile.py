"""`profile show`: identity masked unless it is asked for, and the same for a program to read."""

import json
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from bank360.bank.vocabulary import RiskTier
from bank360.storage.reads_credit import credit_standings
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


def test_in_default_are_those_whom_eligibility_takes_for_so_and_nobody_else(scored):
    with open_warehouse(scored / "warehouse.duckdb", 1, "500MB") as warehouse:
        rows = warehouse.query("SELECT customer_id, tier, as_of FROM scores").to_pylist()
        at = rows[0]["as_of"].replace(tzinfo=UTC)
        standings = credit_standings(warehouse, at, at.astimezone(ZoneInfo("Europe/London")).date(), "GBP")
    bad = {customer_id for customer_id, standing in standings.items() if standing.in_default}
    assert bad
    for row in rows:
        assert (row["tier"] == RiskTier.IN_DEFAULT) == (row["customer_id"] in bad)


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
