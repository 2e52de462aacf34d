"""What a bank lacks is said once, with what can be done; no step sends to another that cannot work."""

import json
import shutil

import pytest

from bank360.storage.warehouse import open_warehouse

FLAT = """
sources:
  - {name: loans, kind: mapped, mapping: {flat: {pattern: a.csv, label: {column: bad, bad: [1], good: [0]}}}}
  - {name: cards, kind: mapped, mapping: {flat: {pattern: b.csv, label: {column: bad, bad: [1], good: [0]}}}}
"""


@pytest.fixture
def flats(tmp_path):
    (tmp_path / "bank360.yaml").write_text(FLAT, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("verb", ["train", "score"])
def test_a_bank_without_applications_is_told_so_by_training_and_by_scoring_alike(
    bank360, refused, client_home, tmp_path, verb
):
    client_home(tmp_path, core="id,since\n1,2024-01-05\n2,2024-02-01\n")
    assert bank360("ingest", "--home", tmp_path).code == 0
    line = refused(verb, "--home", tmp_path)
    assert "the bank has no applications for credit" in line
    assert "Map the table 'applications' in bank360.yaml" in line
    assert f"'bank360 profile show CUSTOMER --home {tmp_path}'" in line
    assert "Run 'bank360 train" not in line


def test_a_bank_without_months_of_credit_is_told_what_a_default_is_known_from(bank360, refused, built, tmp_path):
    home = shutil.copytree(built, tmp_path / "home", ignore=shutil.ignore_patterns("registry", "raw", "*.damaged-*"))
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        warehouse.execute("DELETE FROM credit_months")
    for verb in ("train", "score"):
        line = refused(verb, "--home", home)
        assert "no months of its credit accounts" in line
        assert "Map the table 'credit_months' in bank360.yaml" in line
        assert "Run 'bank360 train'" not in line


def test_a_bank_without_applications_lists_its_customers_and_says_why_nobody_is_scored(
    bank360, refused, client_home, tmp_path
):
    client_home(tmp_path, core="id,since\n1,2024-01-05\n2,2024-02-01\n")
    assert bank360("ingest", "--home", tmp_path).code == 0
    assert f"Run 'bank360 build --home {tmp_path}' first" in refused("profile", "list", "--home", tmp_path)
    assert bank360("build", "--home", tmp_path).code == 0
    rows = json.loads(bank360("profile", "list", "--home", tmp_path, "--json").out)
    assert sorted((row["keys"], row["accounts"]) for row in rows) == [("core 1", None), ("core 2", None)]
    assert rows == sorted(rows, key=lambda row: row["customer_id"])
    said = bank360("profile", "list", "--limit", "1", "--home", tmp_path).out.splitlines()
    assert said[1].split()[0] == rows[0]["customer_id"]
    assert said[2] == "The first 1; --limit says how many are printed."
    assert said[3].startswith("Nobody is scored: the bank has no applications for credit")
    assert "no applications for credit" in refused("profile", "list", "--tier", "high", "--home", tmp_path)
    shown = bank360("profile", "show", rows[0]["customer_id"], "--home", tmp_path).out
    assert "No score: the bank has no applications for credit" in shown
    assert "run 'bank360 score'" not in shown, "which could not work"


def test_a_bank_of_flat_files_is_told_which_to_train_on_and_not_to_ingest(refused, flats):
    line = refused("train", "--home", flats)
    assert f"'bank360 train --source loans --home {flats}', 'bank360 train --source cards --home {flats}'" in line
    assert "ingest" not in line


def test_a_bank_of_flat_files_is_told_to_score_a_file_and_not_to_ingest(refused, flats):
    line = refused("score", "--home", flats)
    assert "has flat files only" in line
    assert f"'bank360 score --in FILE --out SCORED --source cards --home {flats}'" in line
    assert "ingest" not in line
    assert "name it with --in" in refused("score", "--source", "loans", "--home", flats)


def test_a_mistyped_source_is_answered_with_those_there_are(refused, flats):
    line = refused("train", "--source", "loanz", "--home", flats)
    assert "states no source 'loanz'. Did you mean 'loans'? Its sources: loans, cards." in line
    scored = refused("score", "--in", flats / "a.csv", "--out", flats / "o.csv", "--source", "zzz", "--home", flats)
    assert "states no source 'zzz'. Its sources: loans, cards." in scored


def test_a_source_that_is_not_trained_yet_is_sent_to_training_by_name(refused, flats):
    line = refused("score", "--in", flats / "a.csv", "--out", flats / "o.csv", "--source", "loans", "--home", flats)
    assert f"Model 'loans' is not trained yet. Run 'bank360 train --source loans --home {flats}' first." in line


def test_a_check_finds_of_silent_columns_only_those_that_the_mapping_takes_from_a_file(bank360, client_home, tmp_path):
    client_home(tmp_path, {"region": "area"}, core="id,since,area\n1,2024-01-05,\n2,2024-02-01,\n")
    assert bank360("ingest", "--home", tmp_path).code == 0
    found = json.loads(bank360("check", "--json", "--home", tmp_path).out)
    # 'region' is mapped and empty; 'birth_date', 'sex' and the rest are nobody's, and no news.
    assert [(one["table"], one["column"], one["rule"]) for one in found] == [("customers", "region", "empty_column")]


def test_a_request_of_a_bank_without_products_and_models_is_told_both_at_once(bank360, refused, client_home, tmp_path):
    client_home(tmp_path, core="id,since\n1,2024-01-05\n2,2024-02-01\n")
    for verb in ("ingest", "build"):
        assert bank360(verb, "--home", tmp_path).code == 0
    line = refused("decide", "--customer", "1", "--home", tmp_path)
    assert (
        "No product was delivered, so that nobody knows what kind of credit 'LOAN' is. Map the table 'products'" in line
    )
    assert f"run 'bank360 ingest --home {tmp_path}'" in line
    assert "Nobody can be scored: the bank has no applications for credit" in line


def test_a_product_that_the_bank_does_not_have_is_answered_with_those_it_has(refused, scored, tmp_path):
    home = shutil.copytree(scored, tmp_path / "home", ignore=shutil.ignore_patterns("raw", "*.damaged-*"))
    settings = home / "bank360.yaml"
    settings.write_text(
        settings.read_text("utf-8") + "standard_request: {product_id: KREDIT, amount: 500000, term_months: 36}\n",
        "utf-8",
    )
    line = refused("decide", "--customer", "anybody", "--home", home)
    assert "The bank has no product 'KREDIT'. It has CARD (credit_card), CURRENT (current_account)" in line
    assert "LOAN (personal_loan)" in line
    assert "standard_request.product_id in bank360.yaml" in line
    assert "The bank has no product 'KREDIT'. It has CARD" in refused("score", "--home", home)
