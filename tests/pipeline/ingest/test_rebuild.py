"""The warehouse can be thrown away at any time: replaying the landing zone gives the same rows."""

from datetime import UTC, datetime

import pytest

from bank360.bank.errors import Bank360Error, DataRefused, WarehouseDamaged
from bank360.pipeline.ingest import IngestReport, complete_pending
from bank360.pipeline.rebuild import rebuild
from bank360.storage.ledger import content_hashes
from bank360.storage.warehouse import open_warehouse
from bank360.storage.warehouse_damage import set_aside

NOW = datetime(2021, 1, 1, tzinfo=UTC)


@pytest.fixture
def history(bank, header, line):
    """Deliver rows, a correction with and one without a known time, a refusal, and the same file twice."""
    first = header + line(1) + line(2) + line(3)
    bank.deliver({"transactions.csv": first})
    bank.deliver({"transactions.csv": header + line(1, amount="-900", known_time="2020-03-01T00:00:00")})
    with pytest.raises(DataRefused):
        bank.deliver({"transactions.csv": header + line(4, channel="pigeon")})
    bank.deliver({"transactions.csv": header + line(2, amount="-5") + line(4, account_id="A9")})
    bank.deliver({"transactions.csv": first})
    return bank


def test_a_rebuilt_warehouse_equals_the_one_before(history):
    before = history.hashes()
    history.warehouse.close()
    path = history.warehouse.path
    reports = rebuild(path, history.landing, lambda delivery: history.source, {}, NOW).loads
    assert [report.rows for report in reports if isinstance(report, IngestReport)] == [5, 3, 1, 2]
    with open_warehouse(path) as rebuilt:
        assert content_hashes(rebuilt) == before


def test_a_damaged_warehouse_is_filled_again_by_the_next_load(history):
    before = history.hashes()
    history.warehouse.close()
    path = history.warehouse.path
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(WarehouseDamaged):
        open_warehouse(path)
    set_aside(path)
    with open_warehouse(path) as rebuilt:
        complete_pending(history.landing, rebuilt, lambda delivery: history.source)
        assert content_hashes(rebuilt) == before


def test_a_rebuild_that_fails_leaves_the_old_warehouse(history):
    before = history.hashes()
    history.warehouse.close()
    path = history.warehouse.path

    def changed(delivery):
        def refuse(batch, row):
            raise DataRefused("transactions.csv", "the mapping was changed", "Undo it.")

        return history.with_source(convert=dict(history.source.convert) | {"transactions": refuse})

    with pytest.raises(Bank360Error, match="was accepted before and is refused now"):
        rebuild(path, history.landing, changed, {}, NOW)
    with open_warehouse(path) as old:
        assert content_hashes(old) == before
    reports = rebuild(path, history.landing, lambda delivery: history.source, {}, NOW).loads
    assert len(reports) == 4
