"""Polars as one writes it first: a filter, a group-by and `n_unique` per month end and window, of events as they lie.

`with_polars` has the same query after a sort by customer, the fastest formulation found.
"""

from pathlib import Path

from benchmarks.features.segments import Keep
from benchmarks.features.stages import Stages
from benchmarks.features.with_polars import hand_over, scan


def run(path: Path, n_customers: int, threads: int, stages: Stages, keep: Keep) -> None:
    """Hand the 31 columns of every customer to ``keep``, month end by month end."""
    events = scan(path).collect(engine="streaming")
    stages.end("read")
    hand_over(events, n_customers, keep)
    stages.end("month ends")
