"""Our own method written by hand in Polars, as fast as we could; NumPy only holds what comes out.

It relies on the file being in order of time, which `ours` and `with_polars` do not: it would be wrong on any other.
Each of the 60 segments between the windows' edges is a slice of it. A slice's group-by on customers alone stays in the
cache; its results are scattered into running totals, a dense row per customer. A window is then one subtraction of two
frames. Distinct merchants are the visits less those that repeat one inside the window; one sort of all (customer,
merchant, segment) keys finds the repeats, 4 in 100 visits.

What it and other designs cost (CPU seconds, 10 M rows, 2 threads, mostly one run each on a machine shared with other
work, and the others held the whole result, which is 600 MB of room that this one does not take). This one: 2.8 to 3.8.
One group-by per (customer, segment), left join to the full grid, cumulative sums: 9.8 to 11.2; the same cells,
cumulative sums over cells and `join_asof` at the edges: 8.7 (right after this one at 2.9), with cells per day instead:
11.3. The plain formulations are in `with_polars`.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.features.columns import SHARES
from benchmarks.features.data import MERCHANTS, NIGHT, WINDOWS
from benchmarks.features.segments import Cut, Int64s, Keep, cut
from benchmarks.features.stages import Stages

COUNTS = ("n", *SHARES)


def run(path: Path, n_customers: int, threads: int, stages: Stages, keep: Keep) -> None:
    """Hand the 31 columns of every customer to ``keep``, month end by month end."""
    cuts = cut()
    events = (
        pl.scan_parquet(path)
        .select(
            pl.col("customer_id").alias("c"),
            pl.col("merchant_id").alias("m"),
            pl.col("ts").dt.epoch("d").cast(pl.Int32).alias("day"),
            (-pl.col("amount")).alias("s"),
            pl.col("ts").dt.hour().is_in(list(NIGHT)).alias("night"),
            (pl.col("channel") == "online").alias("online"),
            (pl.col("channel") == "atm").alias("atm"),
            (pl.col("country") != "GB").alias("abroad"),
        )
        .collect(engine="streaming")
    )
    stages.end("read")
    edges = events["day"].search_sorted(pl.Series(cuts.edges, dtype=pl.Int32)).to_list()
    lengths = [high - low for low, high in itertools.pairwise([0, *edges, len(events)])]
    again = repeats(events, lengths)
    repeated = [repeated_within(again, cuts.first_end(), cuts.end_after(w), n_customers, cuts) for w in WINDOWS]
    stages.end("repeats")
    history = list(running(events, lengths, n_customers))
    stages.end("segments")
    customers = np.arange(n_customers)
    for r, end in enumerate(cuts.ends.tolist()):
        columns = []
        for w, by_end in zip(WINDOWS, repeated, strict=True):
            columns += window(history[cuts.low[w][r] : cuts.high[r] + 1], by_end[r])
        columns.append((end - history[cuts.high[r]]["last"]).cast(pl.Float64))
        keep(customers, r, [column.to_numpy() for column in columns])
    stages.end("windows")


def running(events: pl.DataFrame, lengths: list[int], n_customers: int) -> Iterator[pl.DataFrame]:
    """Yield before the first and after each segment: totals and last day so far, the segment's largest amount."""
    zeros = {x: pl.zeros(n_customers, pl.Int32, eager=True) for x in COUNTS}
    zeros |= {x: pl.zeros(n_customers, pl.Int64, eager=True) for x in ("s", "q")}
    nothing = pl.Series([None], dtype=pl.Int32).new_from_index(0, n_customers)
    now = pl.DataFrame({**zeros, "largest": nothing.cast(pl.Int64), "last": nothing})
    yield now
    for start, length in zip(itertools.accumulate(lengths, initial=0), lengths, strict=False):
        added = (
            events.lazy()
            .slice(start, length)
            .group_by("c")
            .agg(
                pl.len().cast(pl.Int32).alias("n"),
                pl.col(*SHARES).sum().cast(pl.Int32),
                pl.col("s").sum(),
                (pl.col("s") * pl.col("s")).sum().alias("q"),
                pl.col("s").max().alias("largest"),
                pl.col("day").max().alias("last"),
            )
            .collect()
        )
        at = added["c"]
        totals = [now[x].clone().scatter(at, now[x].gather(at) + added[x]) for x in (*COUNTS, "s", "q")]
        largest = nothing.cast(pl.Int64).scatter(at, added["largest"]).alias("largest")
        now = pl.DataFrame([*totals, largest, now["last"].clone().scatter(at, added["last"])])
        yield now


def window(history: list[pl.DataFrame], repeated: pl.Series) -> list[pl.Series]:
    """Return a window's ten columns from the totals before its first segment, up to those after its last."""
    before, after = history[0], history[-1]
    n, s, q = pl.col("n").cast(pl.Int64), pl.col("s"), pl.col("q")
    there = pl.when(n > 0).then(n)  # no mean of nothing
    largest = [frame["largest"].alias(str(number)) for number, frame in enumerate(history[1:])]
    part = pl.DataFrame([after[x] - before[x] for x in (*COUNTS, "s", "q")])
    part = part.with_columns(pl.DataFrame(largest).max_horizontal().alias("largest"), repeated.alias("repeated"))
    return part.select(
        s.cast(pl.Float64).alias("sum"),
        n.cast(pl.Float64),
        (s / there).alias("mean"),
        ((n * q - s * s).cast(pl.Float64).sqrt() / there).alias("std"),
        pl.col("largest").cast(pl.Float64),
        *(pl.col(x) / there for x in SHARES),
        (n - pl.col("repeated")).cast(pl.Float64).alias("merchants"),
    ).get_columns()


def repeats(events: pl.DataFrame, lengths: list[int]) -> pl.DataFrame:
    """Return each visit that repeats one to the same merchant: customer, segment, segment of the visit before."""
    size = len(lengths)
    segment = pl.concat([pl.repeat(k, length, dtype=pl.Int64, eager=True) for k, length in enumerate(lengths)])
    key, before = pl.col("key"), pl.col("before")
    return (
        events.lazy()
        .select(((pl.col("c").cast(pl.Int64) * MERCHANTS + pl.col("m")) * size + segment).alias("key"))
        .sort("key")
        .with_columns(key.shift(1).alias("before"))
        .filter(key - before < size)  # cheap, leaves few for the division
        .filter(key // size == before // size)
        .select((key // (size * MERCHANTS)).alias("c"), (key % size).alias("segment"), (before % size).alias("before"))
        .collect()
    )


def repeated_within(
    again: pl.DataFrame, first_end: Int64s, end_after: Int64s, n_customers: int, cuts: Cut
) -> list[pl.Series]:
    """Return per month end how many visits of each customer repeat one that lies in the window too.

    A repeat counts from the first month end after it until the window no longer reaches back to the visit before.
    """
    start = pl.lit(pl.Series(first_end)).gather(pl.col("segment"))
    stop = pl.lit(pl.Series(end_after)).gather(pl.col("before"))
    spans = again.lazy().select("c", start.alias("start"), stop.alias("stop")).filter(pl.col("start") < pl.col("stop"))
    one = pl.lit(1, pl.Int32)
    changes = pl.concat(
        [
            spans.select("c", pl.col("start").alias("r"), one.alias("n")),
            spans.select("c", pl.col("stop").alias("r"), (-one).alias("n")),
        ]
    )
    by_end = changes.group_by("r", "c").agg(pl.col("n").sum()).collect().partition_by("r", as_dict=True)
    now = pl.zeros(n_customers, pl.Int32, eager=True)
    result = []
    for r in range(len(cuts.ends)):
        if (change := by_end.get((r,))) is not None:
            now = now.clone().scatter(change["c"], now.gather(change["c"]) + change["n"])
        result.append(now)
    return result
