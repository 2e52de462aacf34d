"""What an engine is to the steps: it describes the rows of a spine, and answers statements over the bank's tables.

Neighbours: `engines.py` registers engines and opens one, `on_spark.py` is one; one machine's is here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa

from bank360.bank.finding import Finding
from bank360.features.compute import FeatureMatrix, compute
from bank360.features.feature import AnyFeature
from bank360.features.history import Histories
from bank360.features.latest import latest
from bank360.features.layers import LayeredStream
from bank360.features.needs import Need
from bank360.features.scan import Entity, entity_of_all
from bank360.features.spine import Snapshots, Spine
from bank360.pipeline.place_histories import place_histories
from bank360.storage.tables import Tables
from bank360.storage.warehouse import Warehouse


@dataclass(frozen=True)
class Described:
    """Features of a spine's rows, and what was read for them.

    Parameters
    ----------
    matrix
        The features.
    events
        By stream, how many events were read.
    findings
        What was noticed on the way.
    known_from
        Since when what the features need was delivered.
    """

    matrix: FeatureMatrix
    events: Mapping[str, int]
    findings: tuple[Finding, ...]
    known_from: Mapping[Need, int]


class Describe(Protocol):
    """From a spine and features of one kind of thing to their values, from everything that the bank knows."""

    def __call__(
        self, spine: Spine | Snapshots, features: Sequence[AnyFeature], places: pa.Table | None = None
    ) -> Described:
        """Return the features of the rows.

        Parameters
        ----------
        spine
            The rows; snapshots are of every customer, or of every one of ``places``.
        features
            All of customers, of merchants or of terminals.
        places
            Of merchants and terminals: which there are, from `storage.places.place_index`.
        """


@dataclass(frozen=True)
class Engine:
    """An engine, open for a step.

    Parameters
    ----------
    describe
        What describes rows.
    tables
        The bank's tables.
    """

    describe: Describe
    tables: Tables


def one_machine(
    warehouse: Warehouse, zone: str, currency: str, country: str, histories: Callable[[], Histories], threads: int
) -> Engine:
    """Return the engine of one machine, which computes on packed histories of everybody.

    Those of merchants and terminals are packed when they are asked for, and let go.

    Parameters
    ----------
    warehouse
        With canonical tables filled.
    zone, currency, country
        The bank's own.
    histories
        Gives them, the same ones at every call; packed with what may be asked for, and looked up since when that is.
    threads
        Threads over partitions of customers.
    """

    def describe(spine: Spine | Snapshots, features: Sequence[AnyFeature], places: pa.Table | None = None) -> Described:
        entity = entity_of_all(features)
        if isinstance(spine, Spine):
            spine = spine.of(entity)
        if entity is Entity.CUSTOMER:
            packed = histories()
        else:
            own, first = which(places, entity), first_instant(spine)
            packed = place_histories(warehouse, own, zone, currency, country, features, threads, first)
        if packed.known_from is None:
            raise ValueError("histories without 'known_from' cannot be built from: pack them with packed_histories()")
        events = {name: stream.events for name, stream in packed.streams.items()}
        matrix = _values(packed, spine, features, threads)
        return Described(matrix, events, packed.findings, packed.known_from)

    return Engine(describe, warehouse)


def which(places: pa.Table | None, entity: Entity) -> pa.Table:
    """Return the places that are asked for; ValueError if nobody says which."""
    if places is None:
        raise ValueError(f"features of {entity}s are asked for, and not of which. Give them in 'places'.")
    return places


def first_instant(spine: Spine | Snapshots) -> int | None:
    """Return the first instant that a spine describes (microseconds UTC); None if there is none."""
    as_of = spine.as_ofs if isinstance(spine, Snapshots) else spine.as_of
    return int(as_of.min()) if len(as_of) else None


def _values(
    histories: Histories, spine: Spine | Snapshots, features: Sequence[AnyFeature], threads: int
) -> FeatureMatrix:
    """Return the values of a spine; of kept histories at one instant by what is recent enough to be seen from there."""
    kept = all(isinstance(stream, LayeredStream) for stream in histories.streams.values())
    if kept and isinstance(spine, Snapshots) and len(spine.as_ofs) == 1:
        everybody = np.arange(spine.n_customers, dtype=np.int32)
        return latest(histories, everybody, int(spine.as_ofs[0]), features, threads=threads)
    return compute(histories, spine, features, threads=threads)
