"""Our own method written by hand in pandas, as fast as we could; NumPy only holds what comes out.

It relies on the file being in order of time, which `ours` and `with_pandas` do not: it would be wrong on any other.
Each of the 60 segments between the windows' edges is a slice of it. A slice is grouped by customers as a categorical:
no hashing, and a dense row per customer comes out. Totals run on from segment to segment, and a window is one
subtraction of two frames. Distinct merchants are the visits less those that repeat one inside the window; one sort of
all (customer, merchant, segment) keys finds the repeats, 4 in 100 visits.

What it and other designs cost (CPU seconds, 10 M rows, 2 threads, mostly one run each on a machine shared with other
work, and the others held the whole result, which is 600 MB of room that this one does not take). This one: 5.6 to 8.9,
by load; a first form of it 4.0 on an idle machine and 7.1 on a busy one. One group-by per (customer, segment),
reindexed to the full grid, cumulative sums: 15.5, idle; the same cells, cumulative sums over cells and `merge_asof` at
the edges: 10.7 to 17.4 (right after this one at 8.9), with cells per day instead: 20.1, on a busy machine. The
plain formulations are in `with_pandas`.
"""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.features.columns import SHARES
from benchmarks.features.data import DAY, MERCHANTS, NIGHT, WINDOWS
from benchmarks.features.segments import Cut, Keep, cut
from benchmarks.features.stages import Stages

HOUR = DAY // 24
NONE = -1  # amounts paid are positive; integers have no missing value, and are much faster than doubles that have


def run(path: Path, n_customers: int, threads: int, stages: Stages, keep: Keep) -> None:
    """Hand the 31 columns of every customer to ``keep``, month end by month end."""
    cuts = cut()
    events = pd.read_parquet(path, engine="pyarrow", read_dictionary=["channel", "country"])
    stages.end("read")
    edges = events["ts"].searchsorted(pd.to_datetime(pd.Series(cuts.edges), unit="D")).tolist()
    bounds = [0, *edges, len(events)]
    totals, largest, last = running(events, bounds, n_customers)
    stages.end("segments")
    again = repeats(events, bounds)
    repeated = [repeated_within(again, cuts, w, n_customers) for w in WINDOWS]
    stages.end("repeats")
    customers = np.arange(n_customers)
    for r, end in enumerate(cuts.ends):
        high = cuts.high[r]
        columns = []
        for w, by_end in zip(WINDOWS, repeated, strict=True):
            low = cuts.low[w][r]
            part = totals[high] - totals[low]
            n, s = part["n"], part["s"]
            there = n.where(n > 0)  # no mean of nothing
            columns += [s, n, s / there, (n * part["q"] - s * s) ** 0.5 / there]
            columns.append(largest.iloc[:, low:high].max(axis=1).where(n > 0))
            columns += [part[x] / there for x in SHARES]
            columns.append(n - by_end[r])
        columns.append(end - last[high - 1])
        keep(customers, r, [column.to_numpy(dtype=float) for column in columns])
    stages.end("windows")


def running(
    events: pd.DataFrame, bounds: list[int], n_customers: int
) -> tuple[list[pd.DataFrame], pd.DataFrame, list[pd.Series]]:
    """Return totals before the first and after each segment, the largest amount in each, the last day after each."""
    every = pd.RangeIndex(n_customers)
    customer = pd.Series(pd.Categorical.from_codes(events["customer_id"], categories=every))
    totals = [pd.DataFrame(0, index=every, columns=["n", "s", "q", *SHARES])]
    largest, last = {}, [pd.Series(np.nan, index=every)]
    for number, (start, stop) in enumerate(itertools.pairwise(bounds)):
        part = events.iloc[start:stop]
        micros, amount = part["ts"].astype("int64"), -part["amount"]
        measures = pd.DataFrame(
            {
                "n": 1,
                "s": amount,
                "q": amount * amount,
                "night": (micros % DAY // HOUR).isin(NIGHT).astype("int64"),
                "online": (part["channel"] == "online").astype("int64"),
                "atm": (part["channel"] == "atm").astype("int64"),
                "abroad": (part["country"] != "GB").astype("int64"),
            }
        )
        who = customer.iloc[start:stop]
        groups = measures.groupby(who, observed=False)
        totals.append(totals[-1] + groups.sum().set_axis(every))
        largest[number] = groups["s"].max().fillna(NONE).astype("int64").set_axis(every)
        day = (micros.groupby(who, observed=False).max().set_axis(every) // DAY).astype("float64")
        last.append(day.where(day.notna(), last[-1]))
    return totals, pd.DataFrame(largest), last[1:]


def repeats(events: pd.DataFrame, bounds: list[int]) -> pd.DataFrame:
    """Return each visit that repeats one to the same merchant: customer, segment, segment of the visit before."""
    size = len(bounds) - 1
    lengths = [high - low for low, high in itertools.pairwise(bounds)]
    segment = pd.Series(range(size)).repeat(lengths).set_axis(events.index)
    key = (events["customer_id"].astype("int64") * MERCHANTS + events["merchant_id"]) * size + segment
    key = key.sort_values(ignore_index=True)
    before = key.shift(1, fill_value=-size)
    close = key - before < size  # cheap, leaves few for the division
    key, before = key[close], before[close]
    again = key // size == before // size
    key, before = key[again], before[again]
    return pd.DataFrame({"c": key // (MERCHANTS * size), "segment": key % size, "before": before % size})


def repeated_within(again: pd.DataFrame, cuts: Cut, window: int, n_customers: int) -> list[pd.Series]:
    """Return per month end how many visits of each customer repeat one that lies in the window too.

    A repeat counts from the first month end after it until the window no longer reaches back to the visit before.
    """
    start = again["segment"].map(pd.Series(cuts.first_end()))
    stop = again["before"].map(pd.Series(cuts.end_after(window)))
    counts = start < stop
    customer, start, stop = again.loc[counts, "c"], start[counts], stop[counts]
    added = (start * n_customers + customer).value_counts(sort=False)
    taken = (stop * n_customers + customer).value_counts(sort=False)
    places = pd.RangeIndex(len(cuts.ends) * n_customers)
    change = added.sub(taken, fill_value=0).reindex(places, fill_value=0)
    now = pd.Series(0, index=pd.RangeIndex(n_customers))
    result = []
    for r in range(len(cuts.ends)):
        now = now + change.iloc[r * n_customers : (r + 1) * n_customers].set_axis(now.index)
        result.append(now)
    return result
