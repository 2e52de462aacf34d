"""A corrected mapping rereads what was loaded: as if it had been right from the start, all of it or nothing."""

import os
import subprocess
import sys
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bank360.bank.errors import Bank360Error, SettingsError
from bank360.pipeline.ingest import complete_pending, ingest
from bank360.pipeline.pending import not_loaded
from bank360.pipeline.readings import Present, changed_readings, left_to_rebuild
from bank360.pipeline.rebuild import Rebuilt, rebuild
from bank360.sources.registry import Told, source_of_kind
from bank360.storage.landing import Landing
from bank360.storage.ledger import content_hashes
from bank360.storage.warehouse import open_warehouse

NOW = datetime(2024, 9, 1, tzinfo=UTC)
RIGHT = {
    "files": {
        "accounts": {
            "pattern": "accounts.csv", "known_after": "0d", "optional": True,
            "columns": {"account_id": "acc", "product_id": {"constant": "CUR"}, "opened_on": "opened"},
        },
        "transactions": {
            "pattern": "ledger-*.csv", "history": "none", "sign": "debit_positive", "optional": True,
            "columns": {
                "transaction_id": "id", "account_id": "acc", "event_time": "at", "amount": "amount",
                "country": {"constant": "GB"},
            },
        },
    }
}  # fmt: skip
FIRST = {
    "accounts.csv": "acc,opened,fee\nA1,2020-02-03,1\n",
    "ledger-1.csv": "id,acc,at,amount,fee\nt1,A1,2024-06-03T10:00:00,12.30,2\n",
}
SECOND = {"ledger-2.csv": "id,acc,at,amount,fee\nt1,A1,2024-06-03T10:00:00,12.31,2\nt2,A1,2024-07-03T10:00:00,1,3\n"}


def mapping(**changes):
    """Return the right mapping with keys of the transactions changed."""
    changed = deepcopy(RIGHT)
    changed["files"]["transactions"] |= changes
    return changed


@dataclass
class Home:
    """A home folder whose one source is told by a mapping that can be changed."""

    path: Path
    mapping: dict = field(default_factory=mapping)

    @property
    def settings(self):
        return {"core": {"kind": "mapped", "mapping": self.mapping, "zone": "UTC", "currency": "GBP"}}

    @property
    def current(self):
        return {name: Present(settings, f"in-{name}") for name, settings in self.settings.items()}

    @property
    def landing(self):
        return Landing(self.path / "landing")

    def open(self):
        return open_warehouse(self.path / "warehouse.duckdb", 1, "500MB")

    def deliver(self, day, files):
        folder = self.path / f"in-{day}"
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(text)
        at = datetime(2024, 8, day, 12, tzinfo=UTC)
        settings = self.settings["core"]
        with self.open() as warehouse:
            left = left_to_rebuild(self.landing, "core", self.current, source_of)
            reader = source(settings, at)
            return ingest(reader, folder, self.landing.root, warehouse, at, settings=settings, left_to_rebuild=left)

    def rebuild(self, **options) -> Rebuilt:
        path = self.path / "warehouse.duckdb"
        return rebuild(path, self.landing.root, source_of, self.current, NOW, 1, "500MB", **options)

    def changed(self):
        with self.open() as warehouse:
            return changed_readings(self.landing, warehouse, self.current, source_of)

    def hashes(self):
        with self.open() as warehouse:
            return content_hashes(warehouse)

    def rows(self, sql):
        with self.open() as warehouse:
            return [tuple(row.values()) for row in warehouse.query(sql).to_pylist()]


def source(settings, at):
    told = Told("core", settings["zone"], settings["currency"], at.date(), settings["mapping"], at)
    return source_of_kind(settings["kind"], told)


def source_of(delivery):
    return source(delivery.settings, delivery.received_at)


def loaded(path, told):
    """Return a home that loaded both deliveries by a mapping."""
    home = Home(path, told)
    home.deliver(1, FIRST)
    home.deliver(2, SECOND)
    return home


@pytest.fixture
def home(tmp_path):
    """A home that took debits for credits, and was corrected since."""
    wrong = loaded(tmp_path / "home", mapping(sign="credit_positive"))
    wrong.mapping = mapping()
    return wrong


@pytest.fixture
def fresh(tmp_path):
    """Another that was right from the start."""
    return loaded(tmp_path / "fresh", mapping())


AMOUNTS = "SELECT transaction_id, amount FROM transactions ORDER BY transaction_id, known_time"
# In delivery 2 the row t1 is a correction of 1 penny; nothing dates it but its receipt.
AS_CREDITS = [("t1", 1230), ("t1", 1231), ("t2", 100)]
AS_DEBITS = [("t1", -1230), ("t1", -1231), ("t2", -100)]


def test_an_unchanged_mapping_has_changed_nothing(fresh):
    assert fresh.changed() == ()
    fresh.mapping = dict(reversed(mapping().items()))
    assert fresh.changed() == ()


def test_a_changed_mapping_is_told_with_its_keys_and_files(home):
    (changed,) = home.changed()
    assert (changed.source, changed.keys) == ("core", ("mapping.files.transactions.sign",))
    assert changed.files == (
        "accounts.csv (delivery 1 of 2024-08-01)",
        "ledger-1.csv (delivery 1 of 2024-08-01)",
        "ledger-2.csv (delivery 2 of 2024-08-02)",
    )
    assert home.rows(AMOUNTS) == AS_CREDITS


def test_a_rebuild_by_the_corrected_mapping_equals_a_bank_that_was_right_from_the_start(home, fresh):
    rebuilt = home.rebuild()
    assert [one.keys for one in rebuilt.changed] == [("mapping.files.transactions.sign",)]
    assert home.rows(AMOUNTS) == AS_DEBITS
    assert home.hashes() == fresh.hashes()  # every table, known times and the ledger among them
    assert home.changed() == ()


def test_a_reread_row_is_known_from_when_its_file_came_not_from_when_it_was_read_again(home):
    known = "SELECT transaction_id, amount < 0, known_time FROM transactions ORDER BY transaction_id, known_time"
    before = home.rows(known)
    home.rebuild()
    assert [(key, True, at) for key, _, at in before] == home.rows(known)
    assert before[0][2] == datetime(2024, 8, 1, 12)  # noqa: DTZ001 - the warehouse stores UTC without a zone


def test_as_loaded_replays_the_recorded_readings_and_asks_no_more_until_the_mapping_changes_again(home):
    before = home.hashes()
    rebuilt = home.rebuild(as_loaded=True)
    assert [one.source for one in rebuilt.changed] == ["core"]
    assert home.hashes() == before
    assert home.changed() == ()
    home.deliver(3, {"ledger-3.csv": "id,acc,at,amount\nt3,A1,2024-07-09T10:00:00,7\n"})
    assert home.rows("SELECT amount FROM transactions WHERE transaction_id = 't3'") == [(-700,)]
    assert home.changed() == ()
    home.mapping = mapping(sign="debit_positive", decimal=".")
    assert [[one.number for one in each.deliveries] for each in home.changed()] == [[1, 2, 3]]


def test_what_was_kept_stays_so_through_a_plain_rebuild(home):
    home.rebuild(as_loaded=True)
    before = home.hashes()
    rebuilt = home.rebuild()
    assert (rebuilt.changed, [len(one.deliveries) for one in rebuilt.kept]) == ((), [2])
    assert home.hashes() == before
    assert home.changed() == ()
    home.deliver(3, {"ledger-3.csv": "id,acc,at,amount\nt3,A1,2024-07-09T10:00:00,7\n"})
    home.rebuild()
    assert home.rows(AMOUNTS) == [*AS_CREDITS, ("t3", -700)], "each as it was meant to be read"


def test_what_was_kept_can_be_read_again_later(home, fresh):
    home.rebuild(as_loaded=True)
    home.rebuild(kept_too=True)
    assert home.hashes() == fresh.hashes()
    home.mapping = mapping(sign="credit_positive")
    home.rebuild()
    assert home.rows(AMOUNTS) == AS_CREDITS
    assert len(list((home.landing.root / "readings").iterdir())) == 3


def test_what_was_kept_from_one_mapping_is_not_kept_from_the_next(home):
    home.rebuild(as_loaded=True)
    home.mapping = mapping(sign="debit_positive", decimal=".")
    rebuilt = home.rebuild()
    assert (rebuilt.kept, [one.source for one in rebuilt.changed]) == ((), ["core"])
    assert home.rows(AMOUNTS) == AS_DEBITS


def test_a_warehouse_lost_after_a_rereading_comes_back_as_reread(home, fresh):
    home.rebuild()
    home.mapping = mapping(sign="credit_positive")  # undone in the settings, not rebuilt
    (home.path / "warehouse.duckdb").unlink()
    with home.open() as warehouse:
        complete_pending(home.landing.root, warehouse, source_of)
    assert home.hashes() == fresh.hashes()
    assert [one.source for one in home.changed()] == ["core"]


def test_files_are_matched_with_the_corrected_patterns(home, tmp_path):
    told = mapping()
    told["files"]["cards_and_cash"] = {"table": "transactions"} | told["files"].pop("transactions")
    told["files"]["accounts"]["pattern"] = "acc*.csv"
    fresh = loaded(tmp_path / "fresh", told)
    home.mapping = told
    assert home.rebuild().unread == ()
    assert home.rows(AMOUNTS) == AS_DEBITS
    loads = "SELECT part, file, file_hash, reading, accepted FROM loads ORDER BY ALL"
    assert home.rows(loads) == fresh.rows(loads)
    assert home.deliver(3, SECOND).batch_id is None, "what was reread is known under its new part"


def renamed(part="moves", **changes):
    """Return the right mapping with its transactions under another part's name, and changed."""
    told = mapping(**changes)
    told["files"][part] = {"table": "transactions"} | told["files"].pop("transactions")
    return told


def test_delivered_again_under_a_renamed_part_the_same_bytes_change_nothing_until_they_are_reread(home, tmp_path):
    before = home.rows(AMOUNTS)
    home.mapping = renamed()
    again = home.deliver(3, FIRST | SECOND)
    assert (again.batch_id, again.files, len(again.known_files)) == (None, (), 3)
    assert home.rows(AMOUNTS) == before == AS_CREDITS
    assert [one.source for one in home.changed()] == ["core"], "and somebody is asked to decide"
    home.rebuild()
    known = "SELECT transaction_id, amount, known_time FROM transactions ORDER BY ALL"
    assert home.rows(known) == loaded(tmp_path / "right", renamed()).rows(known)


def test_bytes_that_a_rebuild_would_not_read_as_the_new_part_are_new(home):
    home.mapping = mapping() | {"files": mapping()["files"] | renamed("extra", pattern="extra-*.csv")["files"]}
    assert home.deliver(3, {"extra-1.csv": SECOND["ledger-2.csv"]}).files == ("extra-1.csv",)


def test_a_file_that_no_part_reads_any_more_is_named_and_kept(home):
    home.mapping = mapping(pattern="ledger-1.csv")
    assert home.rebuild().unread == ("ledger-2.csv (delivery 2 of source 'core')",)
    assert home.rows(AMOUNTS) == AS_DEBITS[:1]
    assert home.changed() == ()
    with home.open() as warehouse:
        assert not_loaded(home.landing, warehouse) == ()
    home.mapping = mapping()
    assert home.rebuild().unread == ()
    assert home.rows(AMOUNTS) == AS_DEBITS


def test_a_mapping_by_which_old_files_are_refused_changes_nothing(home):
    before = home.hashes(), home.landing.deliveries()
    home.mapping = mapping(columns=RIGHT["files"]["transactions"]["columns"] | {"amount": "sum"})
    with pytest.raises(Bank360Error, match=r"'sum'.*'bank360 rebuild --as-loaded'"):
        home.rebuild()
    assert (home.hashes(), home.landing.deliveries()) == before
    assert {path.name for path in home.path.iterdir()} == {"in-1", "in-2", "landing", "warehouse.duckdb"}
    home.rebuild(as_loaded=True)
    assert home.hashes() == before[0]


def test_a_mapping_that_is_wrong_in_itself_changes_nothing(home):
    before = home.hashes(), home.landing.deliveries()
    home.mapping = mapping(sign="debits_positive")
    with pytest.raises(SettingsError, match=r"sources\.core\.mapping\.files\.transactions\.sign"):
        home.rebuild()
    assert (home.hashes(), home.landing.deliveries()) == before


@pytest.mark.parametrize("killed_at", ["storage.landing.Landing.decide", "pipeline.rebuild.replace_warehouse"])
def test_killed_around_its_decision_a_rereading_leaves_the_old_warehouse_and_is_told(
    home, fresh, monkeypatch, killed_at
):
    before = home.hashes()

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"bank360.{killed_at}", killed)
        with pytest.raises(KeyboardInterrupt):
            home.rebuild()
    assert home.hashes() == before
    assert [one.source for one in home.changed()] == ["core"]
    home.rebuild()
    assert home.hashes() == fresh.hashes()


def test_nobody_loads_into_a_warehouse_that_is_about_to_be_replaced(home, monkeypatch):
    seen = []

    def meanwhile(*_):
        tried = "import sys; from pathlib import Path; from bank360.storage.warehouse import open_warehouse as o; "
        words = [sys.executable, "-c", f"{tried}o(Path(sys.argv[1]))", str(home.path / "warehouse.duckdb")]
        ran = subprocess.run(words, capture_output=True, text=True, check=False)
        seen.append(ran.stderr.splitlines()[-1])

    monkeypatch.setattr("bank360.pipeline.rebuild.complete_pending", meanwhile)
    monkeypatch.setattr("bank360.pipeline.rebuild.replace_warehouse", lambda *_: None)
    home.rebuild()
    assert len(seen) == 1
    assert "NotReady" in seen[0]
    assert f"in use by process {os.getpid()}" in seen[0]


def test_what_a_killed_rebuild_left_is_removed_by_the_next_that_writes(home):
    warehouse = home.path / "warehouse.duckdb"
    for name in (".rebuilding", ".rebuilding.wal"):
        warehouse.with_name(warehouse.name + name).write_bytes(b"half")
    for name in (".spill", ".rebuilding.spill"):
        folder = warehouse.with_name(warehouse.name + name)
        folder.mkdir()
        (folder / "duckdb_temp_storage_S32K-0.tmp").write_bytes(b"spilt")
    home.open().close()
    assert [path.name for path in home.path.glob("warehouse*")] == ["warehouse.duckdb"]


def test_a_source_that_is_no_longer_named_is_read_as_recorded(home):
    before = home.hashes()
    path = home.path / "warehouse.duckdb"
    rebuilt = rebuild(path, home.landing.root, source_of, {}, NOW, 1, "500MB")
    assert rebuilt.changed == ()
    assert home.hashes() == before
