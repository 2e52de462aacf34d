"""What the commands say of how old the data is goes by the clock that the bank has set."""

import pytest

from bank360.cli.data_notes import age_lines
from bank360.cli.home import open_home
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import open_warehouse
from tests.rows import fill, stored


@pytest.mark.parametrize(
    ("clock", "said", "unsaid"),
    [
        ("data", "'clock: 2021-07-01T00:00:00Z' in its place", "write 'clock: data' into"),
        ("wall", "write 'clock: data' into bank360.yaml", "in its place"),
        ("2024-07-01T00:00:00Z", "write 'clock: data' into bank360.yaml", "in its place"),
    ],
)
def test_old_rows_are_told_with_what_to_set_by_what_is_set(tmp_path, clock, said, unsaid):
    (tmp_path / "bank360.yaml").write_text(f"clock: {clock}\n", encoding="utf-8")
    with open_warehouse(tmp_path / "warehouse.duckdb", 1, "500MB") as warehouse:
        prepare(warehouse)
        paid = {"event_time": stored("2021-06-30 12:00"), "known_time": stored("2024-06-30 12:00")}
        fill(warehouse, "transactions", paid)
        lines = " ".join(line.strip() for line in age_lines(open_home(tmp_path), warehouse))
    assert said in lines
    assert unsaid not in lines
