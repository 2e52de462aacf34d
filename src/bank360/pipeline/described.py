"""What an engine is to the steps: it describes the rows of a spine, and answers statements over the bank's tables.

Neighbours: `engines.py` registers engines and opens one, `on_spark.py` is one; one machine's is here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bank360.bank.finding import Finding
from bank360.features.compute import FeatureMatrix, compute
from bank360.features.feature import AnyFeature
from bank360.features.history import Histories
from bank360.features.latest import latest
from bank360.features.layers import LayeredStream
from bank360.features.needs import Need
from bank360.features.spine import Snapshots, Spine
from bank360.storage.tables import Tables


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


@dataclass(frozen=True)
class Engine:
    """An engine, open for a step.

    Parameters
    ----------
    describe
        From a spine and features to their values, from everything that the bank knows.
    tables
        The bank's tables.
    """

    describe: Callable[[Spine | Snapshots, Sequence[AnyFeature]], Described]
    tables: Tables


def one_machine(tables: Tables, histories: Callable[[], Histories], threads: int) -> Engine:
    """Return the engine of one machine, which computes on packed histories of everybody.

    Parameters
    ----------
    tables
        The warehouse.
    histories
        Gives them, the same ones at every call; packed with what may be asked for, and looked up since when that is.
    threads
        Threads over partitions of customers.
    """

    def describe(spine: Spine | Snapshots, features: Sequence[AnyFeature]) -> Described:
        packed = histories()
        if packed.known_from is None:
            raise ValueError("histories without 'known_from' cannot be built from: pack them with packed_histories()")
        events = {name: stream.events for name, stream in packed.streams.items()}
        matrix = _values(packed, spine, features, threads)
        return Described(matrix, events, packed.findings, packed.known_from)

    return Engine(describe, tables)


def _values(
    histories: Histories, spine: Spine | Snapshots, features: Sequence[AnyFeature], threads: int
) -> FeatureMatrix:
    """Return the values of a spine; of kept histories at one instant by what is recent enough to be seen from there."""
    kept = all(isinstance(stream, LayeredStream) for stream in histories.streams.values())
    if kept and isinstance(spine, Snapshots) and len(spine.as_ofs) == 1:
        everybody = np.arange(spine.n_customers, dtype=np.int32)
        return latest(histories, everybody, int(spine.as_ofs[0]), features, threads=threads)
    return compute(histories, spine, features, threads=threads)
