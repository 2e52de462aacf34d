"""The Spark engine: events scanned, joined and sent to their customer by Spark, features computed on its workers.

What one machine holds here is the spine and its features, who held which account (a few columns an account), which
merchants and terminals there are, which payments are known to be fraud, and the tables' way out of the warehouse;
events never pass through it. A merchant's or terminal's rows go to its partition as a customer's do. Neighbours:
`customers_of_a_partition.py` is what the workers run, `storage.spark` how rows get there.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from bank360.features.compute import FeatureMatrix
from bank360.features.feature import AnyFeature, SpineColumn
from bank360.features.history import Noticed
from bank360.features.needs import all_needs
from bank360.features.scan import STREAM_BY_NAME, Entity, EventScan, entity_of_all, scan_plan
from bank360.features.spine import Snapshots, Spine
from bank360.pipeline.customers_of_a_partition import ROW, TOLD, Task, described_rows
from bank360.pipeline.described import Described, Engine, first_instant, which
from bank360.pipeline.place_histories import read_since
from bank360.storage.delivered import known_from
from bank360.storage.events import customer_count, event_sql, joined_rows
from bank360.storage.exchange import exchanged
from bank360.storage.spark import Statement, open_spark
from bank360.storage.warehouse import Warehouse

CUSTOMERS_PER_PARTITION = 2048  # some 2 million events, 0.3 GB of a worker's memory


@contextmanager
def on_spark(
    url: str, warehouse: Warehouse, zone: str, currency: str, country: str, folder: Path, memory: str, python: str
) -> Iterator[Engine]:
    """Open the engine for one step; `storage.spark.open_spark` says what the address may be and what it raises.

    Parameters
    ----------
    url, memory, python
        As `storage.spark.open_spark`.
    warehouse
        With canonical tables filled and identity run.
    zone, currency, country
        The bank's own.
    folder
        Where the tables lie meanwhile; all machines of the cluster see it under this path.
    """
    partitions = -(-customer_count(warehouse) // CUSTOMERS_PER_PARTITION)
    with open_spark(url, memory, python, partitions) as tables, exchanged(warehouse, folder) as written:
        tables.take(written)

        def describe(
            spine: Spine | Snapshots, features: Sequence[AnyFeature], places: pa.Table | None = None
        ) -> Described:
            entity = entity_of_all(features)
            if isinstance(spine, Spine):
                spine = spine.of(entity)
            own = None if entity is Entity.CUSTOMER else which(places, entity)
            first = None if own is None else first_instant(spine)
            known = known_from(warehouse, all_needs(features), currency, country)
            numeric = [f for f in features if not (isinstance(f, SpineColumn) and f.categorical)]
            plan = scan_plan(features)
            as_ofs = tuple(map(int, spine.as_ofs)) if isinstance(spine, Snapshots) else None
            task = Task(tuple(numeric), tuple(f.name for f in numeric), plan, zone, country, known, as_ofs)
            told = (zone, currency, country, own, first, features)
            statements = [_statement(warehouse, scan, *told) for scan in plan]
            said = tables.by_customer(_rows(spine, numeric), statements, partial(described_rows, task), task.answer)
            return _put_together(task, spine, features, said)

        yield Engine(describe, tables)


def _statement(
    warehouse: Warehouse, scan: EventScan, zone: str, currency: str, country: str, places: pa.Table | None,
    as_of: int | None, features: Sequence[AnyFeature],
) -> Statement:  # fmt: skip
    since = None if as_of is None else read_since(warehouse, scan, features, as_of, zone)
    sql, params = event_sql(scan, currency, country, since=since)
    return Statement(scan.stream.name, sql, params, joined_rows(warehouse, scan, zone, places))


def _rows(spine: Spine | Snapshots, features: Sequence[AnyFeature]) -> pa.Table:
    """Return what `described_rows` reads of a spine."""
    if isinstance(spine, Snapshots):
        return pa.table({"customer": pa.array(np.arange(spine.n_customers, dtype=np.int32))})
    read = {f.name for f in features if isinstance(f, SpineColumn)}
    columns = {name: pa.array(values) for name, values in spine.columns.items() if name in read}
    row = np.arange(len(spine), dtype=np.int64)
    return pa.table(
        {"customer": pa.array(spine.customer), ROW: pa.array(row), "as_of": pa.array(spine.as_of), **columns}
    )


def _put_together(task: Task, spine: Spine | Snapshots, features: Sequence[AnyFeature], said: pa.Table) -> Described:
    row = said[ROW].to_numpy()
    values = np.empty((len(task.names), len(spine)), dtype=np.float64)
    found = row >= 0
    if np.count_nonzero(found) != len(spine):
        raise RuntimeError(f"{np.count_nonzero(found)} rows came back of a spine of {len(spine)}")
    for place, name in enumerate(task.names):
        values[place, row[found]] = said[name].to_numpy()[found]
    events: dict[str, int] = {scan.stream.name: 0 for scan in task.scans}
    noticed = {name: Noticed() for name in events}
    for text in said[TOLD].drop_null().to_pylist():
        for name, (count, clipped, dated) in json.loads(str(text)).items():
            events[name] += count
            before = noticed[name]
            together = {
                column: before.clipped.get(column, 0) + clipped.get(column, 0)
                for column in sorted({*before.clipped, *clipped})
            }
            noticed[name] = Noticed(together, before.dated + dated)
    findings = tuple(one for name, said in noticed.items() for one in said.findings(STREAM_BY_NAME[name].table))
    categorical = {
        f.name: spine.columns[f.name]
        for f in features
        if isinstance(f, SpineColumn) and f.categorical and isinstance(spine, Spine)
    }
    return Described(FeatureMatrix(task.names, values.T, categorical), events, findings, task.known_from)
