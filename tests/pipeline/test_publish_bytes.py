"""Two publishes of one night write the same bytes into every table, however threads brought the events."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
from sqlalchemy import select

from bank360.features.families import ALL_FEATURES
from bank360.features.history import packed_stream
from bank360.features.income_events import income_events
from bank360.features.layout import layouts
from bank360.features.scan import INCOME, scan_plan
from bank360.pipeline.publish import publish
from bank360.storage.events import event_stream
from bank360.storage.published import Published
from bank360.storage.store.engine import open_store
from bank360.storage.version_place import place_of
from bank360.storage.version_schema import version_metadata


def in_another_order(night, seed):
    """Return the night's histories packed from its events in an order drawn by ``seed``."""
    own = night.bank.home.settings.bank
    histories, packed = night.bank.histories, layouts(ALL_FEATURES)
    streams = {}
    for scan in scan_plan(ALL_FEATURES):
        name = scan.stream.name
        batches = list(event_stream(night.warehouse, scan, own.zone, own.currency, own.country))
        if name == INCOME:
            batches = [income_events(batches, own.zone, own.country)]
        rows = pa.Table.from_batches(batches)
        order = np.random.default_rng(seed).permutation(rows.num_rows)
        shuffled = rows.take(order).combine_chunks().to_batches(max_chunksize=10_000)
        streams[name] = packed_stream(shuffled, packed[name], histories.n_customers, own.zone)
    return replace(histories, streams=streams)


def test_two_publishes_of_one_night_are_the_same_bytes_in_every_table(night, tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}") as store:
        place = place_of(store.address, tmp_path / "published")
        written = []
        with Published(store, place) as published:
            for seed in (1, 2):
                wanted = replace(night.to_publish(), histories=in_another_order(night, seed))
                publish(store, place, wanted)
                with published.current() as version, version.reading() as connection:
                    tables = {t.name: connection.execute(select(t)).all() for t in version_metadata.sorted_tables}
                written.append({name: list(map(tuple, rows)) for name, rows in tables.items()})
    first, second = written
    # No two records of this bank may be one person: pairs have rows in `tests/pipeline/test_forget.py`.
    assert {name for name in first if not first[name]} == {"pairs"}
    assert {name for name in first if first[name] != second[name]} == set()
