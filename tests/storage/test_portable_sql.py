"""One statement, two dialects: what stands where, and what is refused because Spark would read it otherwise."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from bank360.bank.tables_star import DIM_CUSTOMER
from bank360.features.families import ALL_FEATURES
from bank360.features.scan import scan_plan
from bank360.storage.events import event_sql
from bank360.storage.holders import owners
from bank360.storage.ledger import prepare
from bank360.storage.portable_sql import spark_sql
from bank360.storage.reads_holdings import MAIN_BANK_FEATURES, HoldingRows
from bank360.storage.reads_portfolio import PortfolioRows
from bank360.storage.reconciliation import reconciled
from bank360.storage.star import Star
from bank360.storage.star_customers import dim_customer
from bank360.storage.warehouse import Param, Warehouse, open_warehouse
from tests.rows import fill, stored


def test_values_keep_their_order_wherever_they_stand_in_the_statement() -> None:
    sql = "WITH a AS (SELECT x FROM t WHERE y = ?) SELECT x = ? AS z FROM a WHERE x IN (?, ?) AND '?' <> x"
    text, values = spark_sql(sql, ["first", 2, 3.5, None])
    assert (
        text
        == "WITH a AS (SELECT x FROM t WHERE y = :p1) SELECT x = :p2 AS z FROM a WHERE x IN (:p3, :p4) AND '?' <> x"
    )
    assert values == {"p1": "first", "p2": 2, "p3": 3.5, "p4": None}


def test_one_numbered_value_may_stand_twice() -> None:
    assert spark_sql("SELECT $2 FROM t WHERE a < $1 AND b < $1", [1, 2]) == (
        "SELECT :p2 FROM t WHERE a < :p1 AND b < :p1",
        {"p1": 1, "p2": 2},
    )


@pytest.mark.parametrize(
    ("duckdb", "spark"),
    [
        ("d + to_months(CAST(n AS INTEGER))", "d + MAKE_YM_INTERVAL(0, CAST(n AS INT))"),
        ("CAST(a AS ENUM('x', 'y'))", "CAST(a AS STRING)"),
        ("TIMESTAMP '2024-01-01 00:00:00'", "CAST('2024-01-01 00:00:00' AS TIMESTAMP_NTZ)"),
        ("count(*) FILTER (open)", "COUNT(*) FILTER(WHERE open)"),
        ("unnest(generate_series(3, 24, 3))", "EXPLODE(SEQUENCE(3, 24, 3))"),
    ],
)
def test_what_the_dialects_spell_otherwise(duckdb: str, spark: str) -> None:
    assert spark_sql(f"SELECT {duckdb} FROM t")[0] == f"SELECT {spark} FROM t"


@pytest.mark.parametrize("comparison", ["m.at < s.ends_at", "s.begins_at <= m.at"])
def test_of_an_asof_join_the_comparison_stands_apart_from_what_must_be_equal(comparison: str) -> None:
    text, _ = spark_sql(f"SELECT * FROM m ASOF JOIN s ON s.id = m.id AND {comparison} AND s.kind = m.kind")
    assert text == f"SELECT * FROM m ASOF JOIN s MATCH_CONDITION ({comparison}) ON s.id = m.id AND s.kind = m.kind"


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("SELECT unnest(range(3, 25, 3))", "range"),
        ("SELECT epoch_us(a) FROM t", "epoch_us"),
        ("SELECT * FROM m ASOF JOIN s ON s.id = m.id AND m.at < s.ends_at AND m.at > s.begins_at", "one comparison"),
        ("SELECT * FROM m ASOF JOIN s USING (id, at)", "one comparison"),
    ],
)
def test_what_another_engine_would_read_otherwise_is_refused(sql: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        spark_sql(sql)


class Transpiled:
    """A warehouse's tables that also transpile what they are asked, and remember it."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.asked: list[str] = []
        self.warehouse = warehouse

    def query(self, sql: str, params: Sequence[Param] = (), beside: Mapping[str, pa.Table] | None = None) -> pa.Table:
        self.asked.append(spark_sql(sql)[0])
        return self.warehouse.query(sql, params, beside)

    def stream(
        self, sql: str, params: Sequence[Param] = (), rows_per_batch: int = 1,
        beside: Mapping[str, pa.Table] | None = None,
    ) -> Iterator[pa.RecordBatch]:  # fmt: skip
        yield from self.query(sql, params, beside).to_batches()


@pytest.fixture
def tables(tmp_path) -> Iterator[Transpiled]:
    """Those of a bank with an account whose balances do not follow from its payments, and a month of credit."""
    with open_warehouse(tmp_path / "warehouse.duckdb", 1, "500MB") as warehouse:
        prepare(warehouse)
        ends = (date(2024, 4, 30), date(2024, 5, 31))
        fill(warehouse, "transactions", *({"event_time": stored(f"{day} 12:00"), "booked_on": day} for day in ends))
        fill(warehouse, "balances", *({"date": day, "booked": day.day} for day in ends))
        fill(warehouse, "credit_months", {"month_end": ends[1]})
        warehouse.replace_table("customer_index", pa.table({"customer_id": ["C"], "customer": pa.array([0], "int32")}))
        for name, read in (("scores", ("tier", "probability")), ("customer_features", MAIN_BANK_FEATURES)):
            values = pa.array([None], pa.float64())
            warehouse.replace_table(name, pa.table({"customer_id": ["C"]} | dict.fromkeys(read, values)))
        yield Transpiled(warehouse)


def test_every_statement_of_events_is_in_the_portable_subset() -> None:
    for scan in scan_plan(ALL_FEATURES):
        text, values = spark_sql(*event_sql(scan, "GBP", "GB"))
        assert all(f":{name}" in text for name in values)


def test_every_statement_of_a_mart_is_in_the_portable_subset(tables) -> None:
    at = datetime(2024, 7, 1, tzinfo=UTC)
    lent = PortfolioRows(tables, at, at.date(), "GBP")
    held = HoldingRows(tables, at, at.date(), "GBP")
    customers = dim_customer(tables.warehouse, at, frozenset(column.name for column in DIM_CUSTOMER.columns))
    acting = owners(tables.warehouse, "Europe/London")
    star = Star(tables, at, at.date(), "Europe/London", customers, acting)
    for count, read in (
        (4, (lent.by_line, lent.by_month, lambda: lent.vintages(3, 24), lent.tiers)),
        (3, (held.by_line, held.counted, held.totals)),
        (
            5,
            (
                star.accounts,
                star.account_holders,
                star.merchants,
                star.dates,
                lambda: list(star.facts(frozenset(["transaction_id", "event_time"]))),
            ),
        ),
        (6, (lambda: reconciled(tables, "Europe/London"),)),  # days and spans: by event, by booking, of credit
    ):
        for one in read:
            one()
        assert len(tables.asked) == count
        tables.asked.clear()
