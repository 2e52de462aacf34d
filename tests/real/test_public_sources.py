"""The sources of public data sets, on the files themselves; skipped with a printed reason where they are absent."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bank360.pipeline.ingest import ingest
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
