"""One statement, two dialects: what stands where, and what is refused because Spark would read it otherwise."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from bank360.features.families import ALL_FEATURES
from bank360.features.scan import scan_plan
from bank360.storage.events import event_sql
from bank360.storage.portable_sql import spark_sql
from bank360.storage.reads_portfolio import PortfolioRows


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


@pytest.mark.parametrize(
    ("sql", "problem"),
    [("SELECT unnest(range(3, 25, 3))", "range"), ("SELECT epoch_us(a) FROM t", "epoch_us")],
)
def test_what_another_engine_would_read_otherwise_is_refused(sql: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        spark_sql(sql)


class Transpiled:
    """Tables that only transpile what they are asked, and remember it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def query(self, sql: str, params: object = ()) -> pa.Table:
        self.asked.append(spark_sql(sql)[0])
        return pa.table({})


def test_every_statement_of_events_and_of_the_portfolio_is_in_the_portable_subset() -> None:
    for scan in scan_plan(ALL_FEATURES):
        text, values = spark_sql(*event_sql(scan, "GBP", "GB"))
        assert all(f":{name}" in text for name in values)
    tables = Transpiled()
    rows = PortfolioRows(tables, datetime(2024, 7, 1, tzinfo=UTC), date(2024, 7, 1), "GBP")
    for read in (rows.by_line, rows.by_month, lambda: rows.vintages(3, 24), rows.tiers):
        read()
    assert len(tables.asked) == 4
