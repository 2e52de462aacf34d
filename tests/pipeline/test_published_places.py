"""A published merchant or terminal is what the build stored of it, with its windows' edges and what is unreported.

The bank is that of the folder's fixtures; its stored features are held to loops in `test_place_features.py`.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bank360.bank.calendar import instant
from bank360.bank.errors import NotFound, NotReady
from bank360.features.families.places import REPORTED_AFTER
from bank360.features.place_tables import PLACE_FEATURES, TABLE_OF
from bank360.features.scan import Entity
from bank360.pipeline.published_places import PLACES, place_rows, places_about, published_place
from bank360.storage.delivered import store_known_from
from bank360.storage.place_features import store_place_features, stored_place_features
from bank360.storage.publications import Described, publish_version
from bank360.storage.published import Published
from bank360.storage.store.engine import open_store
from bank360.storage.version_place import place_of
from bank360.storage.version_schema import places
from bank360.storage.warehouse import open_warehouse

DAY = timedelta(days=1)


@pytest.mark.parametrize("entity", PLACE_FEATURES)
def test_every_place_is_published_with_the_values_that_the_build_stored(read_bank, entity):
    stored = stored_place_features(read_bank.night.warehouse, entity).to_pylist()
    assert stored
    with read_bank.published.current() as version:
        with version.reading() as connection:
            many = select(func.count()).select_from(places).where(places.c.entity == entity.value)
            assert connection.execute(many).scalar_one() == len(stored)
        for row in stored[:: max(len(stored) // 50, 1)]:
            found = published_place(version, entity, row[entity.key])
            assert {one.name: one.value for one in found.values} == {
                feature.name: row[feature.name] for feature in PLACE_FEATURES[entity]
            }
            assert (found.id, found.as_of) == (row[entity.key], instant(row["as_of"].replace(tzinfo=UTC)))
            assert found.unreported == row[f"{entity}_payments_{REPORTED_AFTER}d"]


def test_windows_end_at_local_midnights_and_those_of_frauds_a_week_before(read_bank):
    with read_bank.published.current() as version:
        (merchant, *_) = stored_place_features(read_bank.night.warehouse, Entity.MERCHANT)["merchant_id"].to_pylist()
        found = published_place(version, Entity.MERCHANT, merchant)
    at = {
        one.name: [datetime.fromtimestamp(edge / 1e6, UTC) for edge in (one.since, one.until)] for one in found.values
    }
    # The bank is in London and it is summer: its midnight is 23:00 the day before in UTC.
    as_of = datetime.fromtimestamp(found.as_of / 1e6, UTC)
    midnight = (as_of + timedelta(hours=1)).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(hours=1)
    assert at["merchant_payments_24h"] == [as_of - DAY, as_of]
    assert at["merchant_payments_7d"] == [midnight - 7 * DAY, midnight]
    assert at["merchant_aged_payments_7d"] == [midnight - 14 * DAY, midnight - 7 * DAY]
    assert at["merchant_frauds_30d"] == at["merchant_fraud_rate_30d"] == [midnight - 37 * DAY, midnight - 7 * DAY]


def test_what_no_transaction_names_is_not_found_nor_is_a_terminal_among_the_merchants(read_bank):
    (terminal, *_) = stored_place_features(read_bank.night.warehouse, Entity.TERMINAL)["terminal_id"].to_pylist()
    with read_bank.published.current() as version:
        for entity, name in ((Entity.MERCHANT, "nowhere"), (Entity.MERCHANT, terminal), (Entity.TERMINAL, "nowhere")):
            with pytest.raises(NotFound, match=f"No {entity} of this id is published") as told:
                published_place(version, entity, name)
            assert told.value.of == entity.value


def test_a_version_with_other_features_says_what_to_run(read_bank, tmp_path):
    about = places_about(read_bank.night.warehouse)
    about["merchant"]["names"][0] = "a feature of another release"
    (row, *_) = place_rows(read_bank.night.warehouse, Entity.MERCHANT)

    def write(new):
        with read_bank.published.current() as version:
            new.about("meta", version.meta.to_json())
        new.about(PLACES, json.dumps(about))
        new.rows(places, [row])
        return Described(about["merchant"]["as_of"], 0)

    with open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}") as store:
        place = place_of(store.address, tmp_path / "published")
        publish_version(store, place, write, 1)
        with (
            Published(store, place) as published,
            published.current() as version,
            pytest.raises(NotReady, match="Run 'bank360 build' and 'bank360 publish'"),
        ):
            published_place(version, Entity.MERCHANT, row["place_id"])


def test_where_nothing_is_built_it_is_said_and_where_no_transaction_names_a_place_there_are_none():
    with open_warehouse(Path(":memory:"), 1, "500MB") as warehouse:
        with pytest.raises(NotReady, match="build"):
            list(place_rows(warehouse, Entity.MERCHANT))
        for entity in PLACE_FEATURES:
            store_place_features(warehouse, entity, TABLE_OF[entity].arrow_schema.empty_table())
            assert list(place_rows(warehouse, entity)) == []
        store_known_from(warehouse, {})
        about = places_about(warehouse)
    assert {entity: about[entity]["as_of"] for entity in about} == {"merchant": None, "terminal": None}


def test_a_feature_declared_since_the_build_asks_for_one():
    columns = TABLE_OF[Entity.MERCHANT].arrow_schema
    (*_, newest) = PLACE_FEATURES[Entity.MERCHANT]
    with open_warehouse(Path(":memory:"), 1, "500MB") as warehouse:
        rows = columns.empty_table().drop_columns([newest.name])
        store_place_features(warehouse, Entity.MERCHANT, rows)
        with pytest.raises(NotReady, match=rf"was built before there was '{newest.name}'\. Run 'bank360 build'"):
            list(place_rows(warehouse, Entity.MERCHANT))
