"""The monthly and the lifetime table: every customer's behaviour at each month, and at the instant described.

A month is described at the local midnight some days after its end (`DAYS_TO_KNOW`), when what happened in it is known
but for what is late; a row never changes afterwards, whatever comes to be known. Customers have a row from the first
month at whose instant anything was known of them. Rows come partition by partition of customers: memory does not grow
with the bank. Neighbours: `features/families/behaviour.py` declares, `export.py` writes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.calendar import day_starts, local_days, month_starts, months
from bank360.bank.table import Table
from bank360.features.behaviour_tables import CUSTOMER_FEATURES, CUSTOMER_MONTHLY_FEATURES
from bank360.features.compute import compute_in_parts
from bank360.features.families.behaviour import LIFETIMES, MONTHLY
from bank360.features.feature import AnyFeature
from bank360.features.history import Histories
from bank360.features.spine import Snapshots

# Card payments are known days after they happen (4.3 at most in the synthetic bank); what is later is in no month.
DAYS_TO_KNOW = 5

Int64s = npt.NDArray[np.int64]
BEHAVIOUR: tuple[AnyFeature, ...] = (*MONTHLY, *LIFETIMES)


def month_instants(first: int, as_of: int, zone: str) -> tuple[Int64s, Int64s]:
    """Return the first local day of each month from that of ``first`` on, and the instant at which it is described.

    Parameters
    ----------
    first, as_of
        Instants in microseconds (UTC): when the first event happened, and the last instant that may be described.
    zone
        The bank's zone.
    """
    begun, ended = (int(months(local_days([at], zone))[0]) for at in (first, as_of))
    numbers = np.arange(begun, ended + 1, dtype=np.int64)
    starts = month_starts(numbers).astype(np.int64)
    instants = day_starts(month_starts(numbers + 1).astype(np.int64) + DAYS_TO_KNOW, zone)
    described = instants <= as_of
    return starts[described], instants[described]


def monthly_rows(
    histories: Histories, starts: Int64s, instants: Int64s, ids: Sequence[str], versions: pa.Table, threads: int
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of ``customer_monthly_features``.

    Parameters
    ----------
    histories
        Packed with what `BEHAVIOUR` reads.
    starts, instants
        From `month_instants`.
    ids
        Customers in the order of their dense index, which is that of their ids.
    versions
        ``customer_key``, ``customer_id`` and ``valid_from`` of ``dim_customer``, by customer and ``valid_from``.
    threads
        Threads over partitions of customers.
    """
    place = {"month": pa.array(starts.astype(np.int32)).cast(pa.date32())}
    return _rows(histories, CUSTOMER_MONTHLY_FEATURES, MONTHLY, instants, place, ids, versions, threads)


def lifetime_rows(
    histories: Histories, as_of: int, ids: Sequence[str], versions: pa.Table, threads: int
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of ``customer_features`` at one instant (microseconds UTC); parameters as for `monthly_rows`."""
    return _rows(histories, CUSTOMER_FEATURES, LIFETIMES, np.array([as_of]), {}, ids, versions, threads)


def _rows(
    histories: Histories, table: Table, features: Sequence[AnyFeature], instants: Int64s,
    by_instant: Mapping[str, "pa.Array[Any]"], ids: Sequence[str], versions: pa.Table, threads: int,
) -> Iterator[pa.RecordBatch]:  # fmt: skip
    if not len(instants):
        return
    schema = table.arrow_schema
    known = _Known(ids, versions, instants)
    as_of = pa.array(instants).cast(pa.timestamp("us"))
    keys, names = (versions[name].combine_chunks() for name in ("customer_key", "customer_id"))
    for part in compute_in_parts(histories, Snapshots(histories.n_customers, instants), features, threads=threads):
        assert isinstance(part.rows, slice)
        rows = np.arange(part.rows.start, part.rows.stop)
        customer, at = rows // len(instants), rows % len(instants)
        version = known.version(customer, at)
        there = version >= 0
        which, when = version[there], at[there]
        columns: dict[str, pa.Array[Any]] = {
            "customer_key": keys.take(which),
            "customer_id": names.take(which),
            "as_of": as_of.take(when),
            **{name: values.take(when) for name, values in by_instant.items()},
        }
        for number, name in enumerate(part.names):
            values = np.ascontiguousarray(part.values[there, number])
            columns[name] = pa.array(values, mask=np.isnan(values))
        yield pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


class _Known:
    """Which version of each customer was known at each instant."""

    def __init__(self, ids: Sequence[str], versions: pa.Table, instants: Int64s) -> None:
        place = {one: number for number, one in enumerate(ids)}
        customer = np.array([place[str(one)] for one in versions["customer_id"].to_pylist()], dtype=np.int64)
        begun = np.asarray(versions["valid_from"].cast(pa.int64()).to_numpy(), dtype=np.int64)
        times = np.unique(np.concatenate([begun, instants]))
        self._many = len(times)
        self._begun = customer * self._many + np.searchsorted(times, begun)  # ascending: by customer, then in time
        self._first = np.searchsorted(customer, np.arange(len(ids)))
        self._instants = np.searchsorted(times, instants)

    def version(self, customer: Int64s, at: Int64s) -> Int64s:
        """Return the position of the last version that began before each instant; -1 where there was none."""
        before = np.searchsorted(self._begun, customer * self._many + self._instants[at])
        return np.where(before > self._first[customer], before - 1, -1)
