"""One run of one contender in a process of its own; prints one JSON line.

Counted: user and system CPU of the process, all threads, from the file to the last of the 31 x 24 x customers doubles.
Not counted, for anybody: imports, a first run on 50,000 rows (it loads compiled code from Numba's disk cache), and
the checksum.
"""

import json
import resource
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bank360.features.compute import FeaturePart
from benchmarks.features.columns import COLUMNS, checksum
from benchmarks.features.data import customers_of, month_ends, transactions
from benchmarks.features.stages import Stages

WARM_UP_ROWS = 50_000
Sums = npt.NDArray[np.float64]


def checksums(first_row: int, values: npt.NDArray[np.float64]) -> Sums:
    """Return the checksum of each column of consecutive rows, shape ``(31, 3)``; those of parts add up."""
    rows = np.arange(first_row, first_row + len(values))
    instants = len(month_ends())
    return np.array([checksum(rows // instants, rows % instants, values[:, i]) for i in range(len(COLUMNS))])


def run(name: str, path: Path, n_customers: int, threads: int, stages: Stages) -> Sums:
    """Run one contender and return its checksums; empty for the floor."""
    if name == "ours":
        from benchmarks.features import ours

        sums = np.zeros((len(COLUMNS), 3))

        def keep(part: FeaturePart) -> None:
            assert isinstance(part.rows, slice)
            sums[:] += checksums(part.rows.start, part.values)

        ours.run(path, n_customers, threads, stages, keep)
        return sums
    if name == "duckdb":
        from benchmarks.features import duckdb_sql

        values = duckdb_sql.run(path, n_customers, threads, stages)
    elif name == "pandas":
        from benchmarks.features import with_pandas

        values = with_pandas.run(path, n_customers, threads, stages)
    elif name == "polars":
        from benchmarks.features import with_polars

        values = with_polars.run(path, n_customers, threads, stages)
    else:
        from benchmarks.features import floor

        return floor.run(path, n_customers, threads, stages)
    return checksums(0, values)


def main() -> None:
    """Run what the command line says: contender, rows, threads."""
    name, rows, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if name == "stages":
        from benchmarks.features import ours

        ours.by_stage(transactions(WARM_UP_ROWS), customers_of(WARM_UP_ROWS), Stages())
        stages = Stages()
        ours.by_stage(transactions(rows), customers_of(rows), stages)
        print(json.dumps({"stages": stages.seconds}))
        return
    run(name, transactions(WARM_UP_ROWS), customers_of(WARM_UP_ROWS), threads, Stages())
    stages = Stages()
    sums = run(name, transactions(rows), customers_of(rows), threads, stages)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": stages.total, "peak_mb": peak, "stages": stages.seconds, "sums": sums.tolist()}))


if __name__ == "__main__":
    main()
