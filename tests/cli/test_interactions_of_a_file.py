"""A file of interactions, mapped as `init` proposes it, and the API fill one table; a file of anything makes nobody."""

import shutil

import pytest
import yaml

from bank360.bank.calendar import MICROS_PER_DAY, instant
from bank360.home import open_home, store_of
from bank360.pipeline.take_interactions import ArrivedInteraction, take_interactions
from bank360.storage.published import open_published
from bank360.storage.warehouse import open_warehouse

CUSTOMERS = "customer_id,name,birth_date\nC1,Ann Smith,1980-01-02\nC2,Bob Jones,1975-05-06\nC3,Cy Young,1990-09-10\n"
INTERACTIONS = """interaction_id,customer_id,timestamp,channel,type,product
I1,C1,2024-05-01T10:00:00Z,web,view,savings
I2,C2,2024-05-02T11:00:00Z,branch,visit,
I3,C3,2024-05-03T12:00:00Z,app,click,loan
I4,C1,2024-05-04T12:00:00Z,web,purchase,savings
"""


@pytest.fixture
def home(bank360, tmp_path):
    """A folder with a bank's customers and their interactions, as `init` maps it; now is two months after them."""
    (tmp_path / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    (tmp_path / "interactions.csv").write_text(INTERACTIONS, encoding="utf-8")
    assert bank360("init", tmp_path).code == 0
    edit(tmp_path, lambda settings: settings.update(clock="2024-06-30T12:00:00Z", engine={"threads": 1}))
    return tmp_path


def edit(home, change):
    told = yaml.safe_load((home / "bank360.yaml").read_text(encoding="utf-8"))
    change(told)
    (home / "bank360.yaml").write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")


def rows(home, query):
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        return [tuple(row.values()) for row in warehouse.query(query).to_pylist()]


def test_a_mapped_file_and_the_api_land_in_one_table(bank360, home):
    night = bank360("nightly", "--home", home)
    assert night.code == 0, night.err
    assert "'purchase' of 'type' is no kind of ours" in night.err
    of_the_file = [("I1", "C1", "online", "view"), ("I2", "C2", "branch", "visit"), ("I3", "C3", "mobile", "click"),
                   ("I4", "C1", "online", "answer")]  # fmt: skip
    asked = "SELECT interaction_id, customer_id, channel, kind FROM interactions ORDER BY 1"
    assert rows(home, asked) == of_the_file
    now = instant(open_home(home).settings.now(None))
    call = ArrivedInteraction("MET-1", "C2", now - MICROS_PER_DAY, "phone", "call")
    with (
        store_of(open_home(home)) as store,
        open_published(store, home / "published") as published,
        published.current() as version,
    ):
        take_interactions(store, version, [call], now)
    ran = bank360("ingest", "--home", home)
    assert "1 interaction that arrived by the API" in ran.out
    assert rows(home, asked) == [*of_the_file, ("MET-1", "C2", "phone", "call")]
    assert rows(home, "SELECT source_system, count(*) FROM interactions GROUP BY 1 ORDER BY 1") == [
        ("arrived_interactions", 1), ("core", 4),
    ]  # fmt: skip
    assert rows(home, "SELECT count(*) FROM customers") == [(3,)]


def test_rows_of_which_nothing_says_what_they_are_make_no_customer_until_it_is_said(bank360, home):
    log = "ref,customer,day,text\n" + "".join(f"R{n},C1,2024-05-0{n + 1},word{n}\n" for n in range(4))
    (home / "log.csv").write_text(log, encoding="utf-8")
    shutil.move(home / "bank360.yaml", home / "bank360.yaml.before")
    said = bank360("init", home)
    assert "check: nothing says what a row is, so no row is loaded as a customer" in said.out
    ran = bank360("ingest", "--home", home)
    assert ran.code == 0, ran.err
    assert "source 'log': nothing in its mapping says what a row of its flat file is" in ran.err
    assert rows(home, "SELECT customer_id FROM customers ORDER BY 1") == [("C1",), ("C2",), ("C3",)]
    edit(home, lambda told: told["sources"][1]["mapping"]["flat"].update(subject="customer"))
    ran = bank360("ingest", "--home", home)
    assert (ran.code, "nothing in its mapping" in ran.err) == (0, False)
    assert rows(home, "SELECT count(*) FROM customers") == [(7,)]


def test_what_an_earlier_release_loaded_of_such_a_file_stands_through_a_rebuild(bank360, home, monkeypatch):
    (home / "log.csv").write_text("ref,day,text\nR1,2024-05-01,a\nR2,2024-05-02,b\n", encoding="utf-8")
    flat = {"pattern": "log.csv", "id": "ref", "date": {"column": "day"}}
    log = {"name": "log", "kind": "mapped", "folder": ".", "mapping": {"flat": flat}}
    edit(home, lambda told: told["sources"].append(log))
    with monkeypatch.context() as earlier:
        earlier.setattr("bank360.cli.sources.rows_of_nobody", lambda entry: False)
        assert bank360("ingest", "--home", home).code == 0
    assert rows(home, "SELECT count(*) FROM customers") == [(5,)]
    ran = bank360("rebuild", "--home", home)
    assert ran.code == 0, ran.err
    assert rows(home, "SELECT count(*) FROM customers") == [(5,)]


def test_rows_named_by_a_customers_number_are_proposed_as_customers(bank360, home):
    (home / "more.csv").write_text("cust_no,plan\nC1,basic\nC2,plus\nC3,basic\n", encoding="utf-8")
    shutil.move(home / "bank360.yaml", home / "bank360.yaml.before")
    assert bank360("init", home).code == 0
    told = yaml.safe_load((home / "bank360.yaml").read_text(encoding="utf-8"))
    assert told["sources"][1]["mapping"]["flat"]["subject"] == "customer"
