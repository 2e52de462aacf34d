"""A corrected mapping moves files to another source or table: one rebuild, as if it had been right from the start."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bank360.bank.errors import Bank360Error
from bank360.bank.tables import TABLES
from bank360.pipeline.ingest import ingest
from bank360.pipeline.pending import not_loaded
from bank360.pipeline.readings import Present, changed_readings, left_to_rebuild
from bank360.pipeline.rebuild import rebuild
from bank360.sources.registry import Told, source_of_kind
from bank360.storage.landing import Landing
from bank360.storage.warehouse import open_warehouse

NOW = datetime(2024, 9, 1, tzinfo=UTC)
FILES = {
    "kunden.csv": "nr,seit,ort\n1,2020-01-05,Ulm\n2,2020-02-07,Ulm\n",
    "konten.csv": "konto,nr,auf\nA1,1,2020-02-03\nA2,2,2020-02-09\n",
    "zug.csv": "id,konto,tag,betrag\nt1,A1,2024-06-03,12.30\n",
}
CUSTOMERS = {"pattern": "kunden.csv", "history": "none",
             "columns": {"customer_id": "nr", "type": {"constant": "person"}, "onboarded_on": "seit"}}  # fmt: skip
ACCOUNTS = {"pattern": "konten.csv", "known_after": "0d",
            "columns": {"account_id": "konto", "product_id": {"constant": "CUR"}, "opened_on": "auf"}}  # fmt: skip
PARTIES = {"pattern": "konten.csv", "known_after": "0d", "table": "account_parties",
           "columns": {"account_id": "konto", "customer_id": "nr", "role": {"constant": "owner"}, "valid_from": "auf",
                       "liability_share": {"constant": 1.0}}}  # fmt: skip
MOVES = {"pattern": "zug.csv", "known_after": "1d",
         "columns": {"transaction_id": "id", "account_id": "konto", "event_time": "tag", "amount": "betrag",
                     "country": {"constant": "DE"}}}  # fmt: skip
PLACES = {"pattern": "kunden.csv", "history": "none", "table": "merchants",
          "columns": {"merchant_id": "nr", "name": "ort", "category": {"constant": "groceries"}}}  # fmt: skip
RIGHT = {"core": {"customers": CUSTOMERS, "accounts": ACCOUNTS, "account_parties": PARTIES, "transactions": MOVES}}
CORE = {"accounts": ACCOUNTS, "transactions": MOVES}
# Mappings as somebody had them first, by what was wrong.
WRONG = {
    "customers are another source": {"core": CORE, "people": {"customers": CUSTOMERS}},
    "customers are another source, after those who refer to them": {
        "core": {**CORE}, "zz": {"customers": CUSTOMERS}, "holders": {"account_parties": PARTIES},
    },
    "the source was named otherwise": {"main": RIGHT["core"]},
    "a file filled another table": {"core": {**CORE, "customers": CUSTOMERS | {"columns": {
        "customer_id": "ort", "type": {"constant": "person"}}, "pattern": "none*.csv", "optional": True}}},
    "each file was a source of its own": {
        "people": {"customers": CUSTOMERS}, "held": {"accounts": ACCOUNTS, "parties": PARTIES},
        "moved": {"transactions": MOVES},
    },
}  # fmt: skip


@dataclass
class Home:
    """A home folder with a source for each mapping, all of whose files lie in the folder ``raw``."""

    path: Path
    mappings: dict
    folders: dict | None = None

    @property
    def landing(self):
        return Landing(self.path / "landing")

    @property
    def current(self):
        told = {"kind": "mapped", "zone": "UTC", "currency": "EUR"}
        return {
            name: Present(told | {"mapping": {"files": files}}, (self.folders or {}).get(name, "raw"))
            for name, files in self.mappings.items()
        }

    def open(self):
        return open_warehouse(self.path / "warehouse.duckdb", 1, "500MB")

    def ingest(self, day=1, files=None):
        """Deliver what is new to every source, in the order of the settings; return the names of the files loaded."""
        loaded = []
        for name, present in self.current.items():
            folder = self.path / present.folder
            folder.mkdir(parents=True, exist_ok=True)
            for file, text in (files or {}).items():
                (folder / file).write_text(text)
            at = datetime(2024, 8, day, 12, tzinfo=UTC)
            left = left_to_rebuild(self.landing, name, self.current, source_of)
            with self.open() as warehouse:
                report = ingest(made(name, present.settings, at), folder, self.landing.root, warehouse, at,
                                settings=present.settings, left_to_rebuild=left)  # fmt: skip
            loaded += report.files
        return loaded

    def rebuild(self, **options):
        return rebuild(
            self.path / "warehouse.duckdb", self.landing.root, source_of, self.current, NOW, 1, "500MB", **options
        )

    def changed(self):
        with self.open() as warehouse:
            return changed_readings(self.landing, warehouse, self.current, source_of)

    def bank(self):
        """Return every row of every table, known times and sources included; a load's own name is left out."""
        with self.open() as warehouse:
            rows = {table.name: warehouse.query(f'SELECT * FROM "{table.name}"').to_pylist() for table in TABLES}
        return {
            name: sorted(str({key: value for key, value in row.items() if key != "batch_id"}) for row in found)
            for name, found in rows.items()
        }


def made(name, settings, at):
    told = Told(name, settings["zone"], settings["currency"], at.date(), settings["mapping"], at)
    return source_of_kind(settings["kind"], told)


def source_of(delivery):
    return made(delivery.source, delivery.settings, delivery.received_at)


def loaded(path, mappings, folders=None):
    home = Home(path, mappings, folders)
    home.ingest(1, FILES)
    return home


@pytest.fixture(scope="module")
def right(tmp_path_factory):
    """Every row of a bank whose mapping was right from the start."""
    return loaded(tmp_path_factory.mktemp("right"), RIGHT).bank()


@pytest.mark.parametrize(
    ("wrong", "ingested_between"),
    [*((one, False) for one in WRONG.values()), (WRONG["customers are another source"], True)],
    ids=[*WRONG, "ingested in between"],
)
def test_one_rebuild_by_the_corrected_mapping_equals_a_bank_that_was_right_from_the_start(
    tmp_path, right, wrong, ingested_between
):
    assert [len(right[name]) for name in ("customers", "accounts", "account_parties", "transactions")] == [2, 2, 2, 1]
    order = sorted(wrong, key=lambda name: name == "holders")  # whom they hold must be there first, when first loaded
    home = loaded(tmp_path / "home", {name: wrong[name] for name in order})
    brought = {file.name for delivery in home.landing.received() for file in delivery.files}
    home.mappings = RIGHT
    assert home.changed()
    if brought != {*FILES}:
        home.ingest(1)  # what nothing read before is received now
    elif ingested_between:
        assert home.ingest(2) == [], "what is left to the rebuild is no new file"
    home.rebuild()
    assert home.bank() == right
    assert home.changed() == ()
    assert home.ingest(3) == []
    again = home.rebuild()
    assert (again.changed, again.kept) == ((), ())
    assert home.bank() == right


def test_what_moved_is_told_with_who_reads_it_now(tmp_path):
    home = loaded(tmp_path, WRONG["customers are another source"])
    home.mappings = RIGHT
    core, people = home.changed()
    assert (core.source, core.moved) == ("core", ())
    assert (people.source, people.keys, people.moved) == ("people", (), (("kunden.csv", "core"),))


def test_a_delivery_is_split_where_one_of_its_files_moves_out(tmp_path):
    home = loaded(tmp_path / "home", RIGHT)
    back = home.bank()
    home.mappings = {"core": CORE, "people": {"customers": CUSTOMERS}}
    right = loaded(tmp_path / "right", home.mappings).bank()
    home.rebuild()
    assert home.bank() == right
    assert [one.source for one in home.landing.deliveries()] == ["core", "people"]
    home.mappings = RIGHT
    home.rebuild()
    assert home.bank() == back, "and back"


def test_what_a_killed_rebuild_decided_is_not_loaded_beside_what_it_replaces(tmp_path, right, monkeypatch):
    home = loaded(tmp_path / "home", WRONG["customers are another source"])
    before = home.bank()
    home.mappings = RIGHT

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("bank360.pipeline.rebuild.replace_warehouse", killed)
        with pytest.raises(KeyboardInterrupt):
            home.rebuild()
    with home.open() as warehouse:
        assert not_loaded(home.landing, warehouse) == ()
    assert home.ingest(2) == []
    assert home.bank() == before
    assert home.changed()
    home.rebuild()
    assert home.bank() == right


def test_kept_as_loaded_nothing_moves_and_nothing_asks_again(tmp_path):
    home = loaded(tmp_path, WRONG["customers are another source"])
    before = home.bank()
    home.mappings = {"core": CORE | {"customers": CUSTOMERS}}
    home.rebuild(as_loaded=True)
    assert (home.bank(), home.changed(), home.ingest(2)) == (before, (), [])
    home.rebuild(kept_too=True)
    assert [one.source for one in home.landing.deliveries() if one.files] == ["core", "core"]


def test_a_file_of_a_retired_source_stays_where_it_lay_elsewhere(tmp_path):
    wrong = WRONG["customers are another source"]
    home = loaded(tmp_path, wrong, {"people": "other"})
    before = home.bank()
    home.mappings = {"core": CORE}
    assert home.changed() == ()
    home.mappings = {"core": CORE | {"customers": CUSTOMERS | {"optional": True}}}
    home.rebuild()
    assert home.bank() == before, "customers.csv of another folder was never core's"


def test_what_an_earlier_version_received_lay_where_its_source_has_its_folder_now(tmp_path):
    home = loaded(tmp_path / "home", RIGHT)
    for manifest in (home.landing.root / "deliveries").iterdir():
        said = json.loads(manifest.read_text())
        del said["folder"]
        manifest.write_text(json.dumps(said))
    home.mappings = {"core": CORE, "people": {"customers": CUSTOMERS}}
    home.rebuild()
    assert [(one.source, len(one.files)) for one in home.landing.deliveries()] == [("core", 2), ("people", 1)]


def test_references_that_nothing_ever_holds_up_still_refuse_the_rebuild(tmp_path):
    home = Home(tmp_path, {"core": CORE | {"customers": CUSTOMERS}})
    home.ingest(1, FILES | {"kunden.csv": "nr,seit,ort\n1,2020-01-05,Ulm\n"})
    before = home.bank()
    home.mappings = RIGHT
    with pytest.raises(
        Bank360Error, match=r"'2' is not in table 'customers'.*load what it lacks with 'bank360 ingest'"
    ):
        home.rebuild()
    assert home.bank() == before
