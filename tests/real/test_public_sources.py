"""The sources of public data sets, on the files themselves; skipped with a printed reason where they are absent."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bank360.bank.errors import DataRefused
from bank360.pipeline.card_files import read_card_file
from bank360.pipeline.ingest import ingest
from bank360.pipeline.parity_rfm import parity_rfm
from bank360.pipeline.reference_check import compared
from bank360.sources.card_file.layout import CardRows
from bank360.sources.card_file.lookalike import lookalike
from bank360.sources.registry import Told, source_of_kind
from bank360.storage.warehouse import open_warehouse

pytestmark = pytest.mark.real
DATA = Path(__file__).parents[3] / "shared" / "data"
NOW = datetime(2024, 6, 30, 12, tzinfo=UTC)


def folder(name):
    path = DATA / name
    if not path.is_dir():
        pytest.skip(f"the public data set '{name}' is not beside the project (looked for {path})")
    return path


def loaded(kind, place, home, *queries):
    """Return rows accepted by table, findings by rule, and what each query answers."""
    with open_warehouse(home / f"{kind}.duckdb", 1, "1GB") as warehouse:
        told = Told(kind, "Europe/London", "GBP", NOW.date(), received_at=NOW)
        report = ingest(source_of_kind(kind, told), place, home / f"{kind}-landing", warehouse, NOW)
        answers = [warehouse.query(query).to_pylist() for query in queries]
    rows = {load.table: load.accepted for load in report.tables}
    return rows, {one.rule: one for one in report.findings}, *answers


FACTS = "SELECT customer_id, fact, number FROM customer_facts ORDER BY ALL"


def test_the_credit_card_customers_are_660_and_the_variant_says_the_same(tmp_path):
    place = folder("credit_card_customers")
    rows, told, facts = loaded("credit_card_customers_csv", place, tmp_path, FACTS)
    assert rows == {"customers": 660, "customer_facts": 660 * 6}
    assert told["repeated_key"].rows == 10
    assert told["repeated_key"].message.startswith("5 customer keys on several rows each")
    assert "not_the_published_rows" not in told
    (tmp_path / "variant").mkdir()
    _, _, variant = loaded("credit_card_customers_csv", place / "variant", tmp_path / "variant", FACTS)
    assert variant == facts


def test_the_tutorials_recency_frequency_and_monetary_value_are_the_same_of_both_variants():
    (file,), (variant,) = (sorted((folder("credit_card_customers") / sub).glob("*.csv")) for sub in ("", "variant"))
    found, again = parity_rfm(file), parity_rfm(variant)
    assert (len(found.rows), found.never_called, int(found.tested.sum())) == (660, 97, 132)
    assert found.to_json() == again.to_json()
    # Two groups of customers by whether they call, and those with the largest limits: well apart, on new rows too.
    assert 0.6 < found.tested_silhouette < found.trained_silhouette < 0.9


def test_cdnow_is_6919_purchases_of_2357_customers(tmp_path):
    total = (
        "SELECT count(DISTINCT account_id) AS buyers, sum(amount) AS cents, max(booked_on) AS last FROM transactions"
    )
    cds = "SELECT sum(number) AS cds FROM transaction_facts"
    rows, _, (sums,), (discs,) = loaded("cdnow", folder("cdnow"), tmp_path, total, cds)
    assert (rows["transactions"], rows["customers"], rows["accounts"]) == (6_919, 2_357, 2_357)
    lines = (folder("cdnow") / "CDNOW_sample.txt").read_text(encoding="ascii").split()
    assert -sums["cents"] == sum(int(one.replace(".", "")) for one in lines[4::5])
    assert discs["cds"] == sum(int(one) for one in lines[3::5])
    assert (sums["buyers"], str(sums["last"])) == (2_357, "1998-06-30")


def test_a_part_of_the_card_file_is_refused_as_the_whole_and_loaded_as_a_part(tmp_path):
    place = folder("creditcard_ulb")
    with pytest.raises(DataRefused, match="10,000 rows and 492 frauds, the published file 284,807 and 492"):
        loaded("creditcard_csv", place, tmp_path)
    total = "SELECT -sum(amount) AS pence FROM transactions"
    rows, told, (sums,) = loaded("creditcard_csv_part", place, tmp_path, total)
    assert (rows["transactions"], rows["transaction_facts"], rows["fraud_cases"]) == (10_000, 290_000, 492)
    assert sums["pence"] == 90_895_247  # the column's mean is 90.895247
    assert "(4.92%)" in told["part_of_the_file"].message


def test_a_drawn_card_file_is_like_rows_that_it_was_not_drawn_from():
    """From every second row of the part 284,807 are drawn; the other rows, which nobody has seen, are the reference."""
    part = read_card_file(folder("creditcard_ulb") / "creditcard_fraud_10000.csv")

    def half(first):
        return CardRows(part.seconds[first::2], part.components[first::2], part.amount[first::2], part.fraud[first::2])

    found = compared(half(1), lookalike(half(0), 284_807, 492, 42))
    assert [(row.name, row.distance, row.bound) for row in found.failures] == []
