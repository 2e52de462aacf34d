"""What leaves the warehouse for an engine on other machines: all rows, no names, and nothing once the step is over."""

import stat

import pyarrow.parquet as pq
import pytest

from bank360.bank.table import Tag
from bank360.bank.tables import TABLE_BY_NAME
from bank360.storage.exchange import CANONICAL, NAME, exchanged
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import open_warehouse
from tests.rows import fill


@pytest.fixture
def warehouse(tmp_path):
    with open_warehouse(tmp_path / "warehouse.duckdb") as opened:
        prepare(opened)
        yield opened


def test_every_row_is_there_with_its_times_and_without_what_names_a_person(warehouse, tmp_path) -> None:
    fill(warehouse, "transactions", {"raw_text": "Jane Doe, rent"}, {"transaction_id": "2"})
    with exchanged(warehouse, tmp_path / "exchange") as written:
        assert list((tmp_path / "exchange" / NAME).iterdir()) == [], "nothing lies there that no statement reads"
        found = pq.read_table(written("transactions"))
        assert pq.read_table(written("balances")).num_rows == 0
        assert {path.stem for path in (tmp_path / "exchange" / NAME).iterdir()} == {"transactions", "balances"}
        assert stat.S_IMODE((tmp_path / "exchange" / NAME).stat().st_mode) == 0o700
    assert found.num_rows == 2
    assert {"known_time", "superseded_time", "amount"} <= set(found.column_names)
    assert not {"raw_text", "batch_id"} & set(found.column_names)


def test_no_column_that_says_who_somebody_is_goes_along(warehouse, tmp_path) -> None:
    with exchanged(warehouse, tmp_path / "exchange") as written:
        for name in CANONICAL:
            tags = {tag for c in pq.read_schema(written(name)).names for tag in TABLE_BY_NAME[name].column(c).tags}
            assert not tags & {Tag.PII, Tag.PROTECTED, Tag.RESTRICTED}, name


def test_of_tables_that_are_not_there_yet_or_may_not_leave_there_is_no_file(warehouse, tmp_path) -> None:
    with exchanged(warehouse, tmp_path / "exchange") as written:
        assert [written(name) for name in ("scores", "customer_personal", "customers", "no such table")] == [None] * 4
        warehouse.execute("CREATE TABLE scores (customer_id VARCHAR)")
        assert written("scores") is not None


def test_nothing_is_left_after_the_step_even_where_it_failed_or_was_killed_before(warehouse, tmp_path) -> None:
    folder = tmp_path / "exchange"
    (folder / NAME).mkdir(parents=True)
    (folder / NAME / "left by a killed process").write_text("x")
    (folder / "of somebody else").write_text("x")
    with pytest.raises(ValueError, match="the step failed"):
        failing_step(warehouse, folder)
    assert [path.name for path in folder.iterdir()] == ["of somebody else"]


def failing_step(warehouse, folder) -> None:
    with exchanged(warehouse, folder) as written:
        assert written("transactions") == folder / NAME / "transactions.parquet"
        assert not (folder / NAME / "left by a killed process").exists()
        raise ValueError("the step failed")
