"""`ingest` brings in what arrived by the API, as `nightly` does: once, and only where all sources are meant."""

import json
import shutil
from datetime import UTC

from bank360.bank.calendar import instant
from bank360.home import open_home, store_of
from bank360.storage.ledger import last_known_time
from bank360.storage.new_events import NewEvent, take_in, undrained
from bank360.storage.new_interactions import NewInteraction, undrained_interactions
from bank360.storage.new_interactions import take_in as take_in_interactions
from bank360.storage.store.schema import new_interactions
from bank360.storage.warehouse import open_warehouse

FIELDS = dict.fromkeys(
    ("card_token", "terminal_id", "merchant_id", "counterparty_token", "mandate_id", "reverses_id", "original_amount",
     "original_currency", "balance_after")
)  # fmt: skip


def arrive(home, number, **other):
    """Let one transaction arrive on an account of the bank, as `POST /v1/events` stores it."""
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        (account,) = warehouse.query("SELECT min(account_id) FROM accounts WHERE currency = 'GBP'").to_pydict().values()
        at = instant(last_known_time(warehouse))
    said = {"amount": -4_250, "currency": "GBP", "channel": "online", "scheme": "transfer",
            "category": "groceries", "country": "GB", "booked_on": "2023-06-30"}  # fmt: skip
    event = NewEvent(f"ARRIVED-{number}", account[0], None, at, at, FIELDS | said | other)
    with store_of(open_home(home), new=True) as store, store.writing() as connection:
        take_in(connection, [event], {})


def standing(home):
    """Return the arrived transactions of the warehouse, and the ids that wait."""
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        rows = warehouse.query(
            "SELECT transaction_id FROM transactions WHERE transaction_id LIKE 'ARRIVED-%' ORDER BY 1"
        )
    with store_of(open_home(home)) as store, store.reading() as connection:
        waiting = [event.event_id for event in undrained(connection, 9)]
    return rows["transaction_id"].to_pylist(), waiting


def test_ingest_brings_in_what_arrived_once_and_not_with_one_source_alone(bank360, built, tmp_path):
    home = shutil.copytree(built, tmp_path / "bank")
    arrive(home, 1)
    assert bank360("ingest", "--source", "synthetic", "--home", home).code == 0
    assert standing(home) == ([], ["ARRIVED-1"])
    ran = bank360("ingest", "--home", home)
    assert (ran.code, ran.err) == (0, "")
    assert "1 transaction that arrived by the API" in ran.out
    assert standing(home) == (["ARRIVED-1"], [])
    assert "arrived by the API" not in bank360("ingest", "--home", home).out
    arrive(home, 2)
    told = json.loads(bank360("ingest", "--json", "--home", home).out)
    assert [one["events"] for one in told if one["source"] == "arrived_events"] == [1]
    assert json.loads(bank360("nightly", "--json", "--home", home).out)["ingest"] == {"rows": 0}
    assert standing(home) == (["ARRIVED-1", "ARRIVED-2"], [])


def test_what_the_warehouse_refuses_waits_and_stops_no_night(bank360, scored, tmp_path):
    home = shutil.copytree(scored, tmp_path / "bank")
    arrive(home, 1, scheme="no such scheme")
    night = bank360("nightly", "--home", home)
    assert night.code == 2
    assert "scheme" in night.err
    assert "publish" in night.out
    assert standing(home) == ([], ["ARRIVED-1"])


def meet(home, *told):
    """Let interactions arrive with a customer of the bank: id, kind, and days before the bank's last instant."""
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        (key,) = warehouse.query("SELECT min(customer_id) FROM customers").to_pydict().values()
        now = instant(last_known_time(warehouse))
    rest = dict.fromkeys(("topic", "product_id", "campaign_id", "arm", "response"))
    met = [
        NewInteraction(name, key[0], now - days * 86_400_000_000, now, rest | {"channel": "branch", "kind": kind})
        for name, kind, days in told
    ]
    with store_of(open_home(home), new=True) as store, store.writing() as connection:
        return take_in_interactions(connection, met), key[0], now


def test_interactions_of_the_api_land_in_the_table_that_files_fill_once_and_old_ones_are_forgotten(
    bank360, built, tmp_path
):
    home = shutil.copytree(built, tmp_path / "bank")
    known, key, now = meet(home, ("MET-1", "visit", 0), ("MET-2", "visit", 40), ("MET-1", "visit", 0))
    assert known == 1
    ran = bank360("ingest", "--home", home)
    assert (ran.code, ran.err) == (0, "")
    assert "2 interactions that arrived by the API" in ran.out
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        rows = warehouse.query(
            'SELECT interaction_id, customer_id, "at", known_time, kind FROM interactions'
            " WHERE interaction_id LIKE 'MET-%' ORDER BY 1"
        ).to_pylist()
        both = warehouse.query("SELECT count(DISTINCT source_system) FROM interactions").to_pydict()
    assert list(both.values()) == [[2]], "those of the bank's file stand in the same table"
    assert [(row["interaction_id"], row["customer_id"], row["kind"]) for row in rows] == [
        ("MET-1", key, "visit"), ("MET-2", key, "visit"),
    ]  # fmt: skip
    assert [instant(row["known_time"].replace(tzinfo=UTC)) for row in rows] == [now, now]
    # The second is too old to arrive again; the first one, sent again, is known.
    assert meet(home, ("MET-1", "visit", 0))[0] == 1
    with store_of(open_home(home)) as store, store.reading() as connection:
        assert undrained_interactions(connection, 9) == ()
        assert [row.interaction_id for row in connection.execute(new_interactions.select())] == ["MET-1"]
    assert "arrived by the API" not in bank360("ingest", "--home", home).out
    assert bank360("rebuild", "--home", home).code == 0
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        again = warehouse.query("SELECT count(*) AS n FROM interactions WHERE interaction_id LIKE 'MET-%'").to_pylist()
    assert again == [{"n": 2}]
