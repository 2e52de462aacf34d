"""The warehouse's connection is locked, its transactions whole, its file replaceable."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from bank360.bank.errors import NotReady, WarehouseDamaged
from bank360.storage.warehouse import open_warehouse, scratch_connection
from bank360.storage.warehouse_damage import set_aside

ROWS = pa.table({"x": [1, 2, 3]})


@pytest.fixture
def warehouse(tmp_path):
    with open_warehouse(tmp_path / "warehouse.duckdb", threads=1, memory_limit="500MB") as opened:
        yield opened


def test_replaced_rows_come_back_as_arrow_and_values_are_bound(warehouse):
    assert warehouse.replace_table("t", ROWS) == 3
    assert warehouse.query("SELECT x FROM t WHERE x > ? ORDER BY x", [1]).column("x").to_pylist() == [2, 3]


def test_a_stream_reads_while_other_statements_run_and_may_be_left_early(warehouse):
    warehouse.replace_table("t", pa.table({"x": range(10_000)}))
    for batch in warehouse.stream("SELECT x FROM t", rows_per_batch=2048):
        warehouse.execute("INSERT INTO t VALUES (-1)")
        assert batch.num_rows <= 2048
        break
    assert warehouse.number("SELECT count(*) FROM t") == 10_001


def test_arrow_rows_beside_a_statement_are_read_before_a_table_of_their_name_and_gone_after_it(warehouse):
    warehouse.replace_table("t", ROWS)
    beside = {"t": pa.table({"x": [7]}), "u": pa.table({"x": [7], "y": ["seven"]})}
    assert warehouse.query("SELECT y FROM t JOIN u USING (x)", beside=beside).to_pylist() == [{"y": "seven"}]
    with pytest.raises(duckdb.CatalogException, match="u does not exist"):
        warehouse.query("SELECT * FROM u")
    with pytest.raises(duckdb.BinderException):
        warehouse.query("SELECT z FROM t", beside=beside)
    assert warehouse.query("SELECT x FROM t ORDER BY x").equals(ROWS)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "COPY (SELECT 1) TO '/tmp/out.csv'",
        "ATTACH '/tmp/other.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET threads = 8",
        "SELECT * FROM ROWS",
    ],
)
def test_no_statement_reaches_a_file_the_network_a_setting_or_a_python_variable(warehouse, sql):
    with pytest.raises(duckdb.Error):
        warehouse.execute(sql)
    with scratch_connection() as connection, pytest.raises(duckdb.Error):
        connection.execute(sql)


def test_a_transaction_that_fails_leaves_nothing(warehouse):
    warehouse.replace_table("t", ROWS)

    def failing():
        with warehouse.transaction():
            warehouse.execute("DELETE FROM t")
            warehouse.replace_table("u", ROWS)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert warehouse.number("SELECT count(*) FROM t") == 3
    assert warehouse.tables() == {"t"}


def test_what_a_stream_of_batches_raises_is_raised_whole_and_nothing_is_added(warehouse):
    warehouse.replace_table("t", ROWS)

    def batches():
        yield ROWS.to_batches()[0]
        raise NotReady("not yet")

    with pytest.raises(NotReady, match="not yet"), warehouse.transaction():
        warehouse.append_stream("t", ROWS.schema, batches())
    assert warehouse.number("SELECT count(*) FROM t") == 3


def test_a_missing_table_names_the_command_that_makes_it(warehouse):
    with pytest.raises(NotReady, match="Run 'bank360 build' first"):
        warehouse.require("customer_features", "build")


def test_another_process_gets_one_clear_line(warehouse):
    code = (
        "from pathlib import Path\nfrom bank360.storage.warehouse import open_warehouse\n"
        f"try:\n    open_warehouse(Path({str(warehouse.path)!r}))\nexcept Exception as error:\n"
        "    print(type(error).__name__, error)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout.startswith("NotReady The warehouse")
    assert "in use by process" in told.stdout
    assert told.stdout.count("\n") == 1


def test_the_same_process_is_told_too_and_the_open_file_stays(warehouse):
    with pytest.raises(NotReady, match="open in this process"):
        open_warehouse(warehouse.path, threads=2)
    assert warehouse.path.exists()


def test_a_damaged_file_is_told_and_left_alone(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"torn" * 5000)
    for read_only in (False, True):
        with pytest.raises(WarehouseDamaged, match="bank360 rebuild"):
            open_warehouse(path, read_only=read_only)
    assert path.read_bytes() == b"torn" * 5000


def test_what_is_set_aside_is_kept_under_the_first_free_name_and_leaves_room_for_an_empty_one(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    for number in (1, 2):
        path.write_bytes(b"torn" * number)
        path.with_name("warehouse.duckdb.wal").write_bytes(b"log" * number)
        assert set_aside(path) == tmp_path / f"warehouse.duckdb.damaged-{number}"
        assert (tmp_path / f"warehouse.duckdb.damaged-{number}").read_bytes() == b"torn" * number
        assert (tmp_path / f"warehouse.duckdb.wal.damaged-{number}").read_bytes() == b"log" * number
    with open_warehouse(path, threads=1) as warehouse:
        assert warehouse.tables() == frozenset()


def test_reading_only_needs_a_file(tmp_path: Path):
    with pytest.raises(NotReady, match="Run 'bank360 ingest' first"):
        open_warehouse(tmp_path / "none.duckdb", read_only=True)


def test_one_in_memory_touches_nothing_where_the_process_stands(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    somebodys = tmp_path / ":memory:.spill" / "kept.txt"
    somebodys.parent.mkdir()
    somebodys.write_text("of another process")
    with open_warehouse(Path(":memory:"), 1, "40MB") as opened, pytest.raises(duckdb.OutOfMemoryException):
        opened.query("SELECT hash(range)::VARCHAR AS h FROM range(5_000_000) ORDER BY h")
    assert [one.name for one in tmp_path.iterdir()] == [":memory:.spill"]
    assert [one.name for one in somebodys.parent.iterdir()] == ["kept.txt"]
