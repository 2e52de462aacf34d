"""One run of one contender in a process of its own; prints one JSON line.

Counted: user and system CPU of the process, all threads, from the file to the last of the 31 x 24 x customers doubles.
Everybody hands his result over in parts as he makes them (the libraries month end by month end, we some customers at a
time), so that nobody pays for 600 MB of room. Not counted, for anybody: imports, a first run on 50,000 rows (it loads
compiled code from Numba's disk cache), and the checksums. Those are of a second run: while a part is checked, the
threads that make the next ones share their caches with it, and that cost us 0.1 seconds of 0.9.
"""

import json
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from bank360.features.compute import FeaturePart
from benchmarks.features.columns import COLUMNS, checksum
from benchmarks.features.data import customers_of, month_ends, transactions
from benchmarks.features.memory import peak_mb
from benchmarks.features.segments import Doubles, Int64s
from benchmarks.features.stages import Stages

WARM_UP_ROWS = 50_000

# Name and module, in the order of the table. Modules are imported by name because each process must hold one library.
CONTENDERS = {
    "floor": "benchmarks.features.floor",
    "ours": "benchmarks.features.ours",
    "duckdb": "benchmarks.features.duckdb_sql",
    "polars": "benchmarks.features.with_polars",
    "pandas": "benchmarks.features.with_pandas",
    "polars_by_hand": "benchmarks.features.polars_by_hand",
    "pandas_by_hand": "benchmarks.features.pandas_by_hand",
    "polars_plain": "benchmarks.features.polars_plain",
    "duckdb_plain": "benchmarks.features.duckdb_plain",
}
UNCHECKED = ("floor", "ours")  # the floor has no columns; ours are what the others are compared with


def run(name: str, path: Path, n_customers: int, threads: int) -> Stages:
    """Run one contender, whose parts nobody reads, and return what it cost."""
    module, stages = import_module(CONTENDERS[name]), Stages()
    module.run(path, n_customers, threads, stages, lambda *_: None)
    return stages


def sums_of(name: str, path: Path, n_customers: int, threads: int) -> Doubles:
    """Run one contender and return the checksum of each column, shape ``(31, 3)``; zeros for the floor."""
    sums = np.zeros((len(COLUMNS), 3))
    instants = len(month_ends())

    def keep(customers: Int64s, instant: int, columns: Sequence[Doubles]) -> None:
        places = np.full(len(customers), instant)
        sums[:] += [checksum(customers, places, values) for values in columns]

    def keep_part(part: FeaturePart) -> None:
        assert isinstance(part.rows, slice)
        rows = np.arange(part.rows.start, part.rows.start + len(part.values))
        sums[:] += [checksum(rows // instants, rows % instants, values) for values in part.values.T]

    module = import_module(CONTENDERS[name])
    module.run(path, n_customers, threads, Stages(), keep_part if name == "ours" else keep)
    return sums


def main() -> None:
    """Run what the command line says: contender, rows, threads; ``stages``, ``little``, ``fresh`` are contenders too.

    ``stages`` with a fourth word measures one more feature; ``little`` has little memory.
    """
    name, rows, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if name == "fresh":  # the whole process is timed, from outside: no first run, no checksum
        run(sys.argv[4], transactions(rows), customers_of(rows), threads)
        return
    if name in ("stages", "little"):
        from benchmarks.features import ours

        def measured(rows: int) -> dict[str, Any]:
            path, stages = transactions(rows), Stages()
            if name == "stages":
                ours.by_stage(path, customers_of(rows), stages, len(sys.argv) > 4)
                return {"stages": stages.seconds}
            own_mb = ours.with_little_memory(path, customers_of(rows), threads, stages)
            return {"cpu": stages.total, "own_mb": own_mb}

        measured(WARM_UP_ROWS)
        print(json.dumps({**measured(rows), "peak_mb": peak_mb()}))
        return
    run(name, transactions(WARM_UP_ROWS), customers_of(WARM_UP_ROWS), threads)
    what = (name, transactions(rows), customers_of(rows), threads)
    stages = run(*what)
    peak = peak_mb()
    sums = sums_of(*what)
    print(json.dumps({"cpu": stages.total, "peak_mb": peak, "stages": stages.seconds, "sums": sums.tolist()}))


if __name__ == "__main__":
    main()
