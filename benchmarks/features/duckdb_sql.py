"""DuckDB alone, as good as we could write it. No self-join: events are added up per customer and segment of time.

The edges of all windows cut the two years into 60 segments. Running totals go on from segment to segment, a table with
a row per customer after each, so that a window is the table at its end less the one at its start: joins on a dense
integer, no window function. The maximum is a group-by over a year's cells. Distinct merchants are the visits less those
that repeat one inside the window; `lag` over one sort of all (customer, merchant, segment) keys finds the repeats.

What it and other formulations cost (CPU seconds, 10 M rows, 2 threads, mostly one run each on a machine shared with
other work, and the others held the whole result, which is 600 MB of room that this one does not take). This one: 7.6 to
10.8. The same cells and repeats, and per month end one group-by of all cells with FILTERs: 15.5 to 17.1; running totals
and ASOF joins at the edges: 15.6 to 18.7 (right after this one at 10.8); window functions with RANGE frames over cells
and month ends: 22.3; a list of cells per customer, cut by list functions: 27.9; window functions over the full grid of
customers and segments: 28.1. Per month end and window a group-by of events with count(DISTINCT) (`duckdb_plain`): 38.9.
For the repeats, instead of 1.2 to 1.6: a list per (customer, merchant) 2.6, a semi-join on the pairs seen twice 2.3,
`lag` by partition 1.8.
"""

from pathlib import Path

import duckdb
import numpy as np

from benchmarks.features.columns import COLUMNS, SHARES
from benchmarks.features.data import MERCHANTS, NIGHT, WINDOWS
from benchmarks.features.segments import Cut, Keep, cut
from benchmarks.features.stages import Stages

SUMS = ("n", "s", "q", *SHARES)


def run(path: Path, n_customers: int, threads: int, stages: Stages, keep: Keep) -> None:
    """Hand the 31 columns of every customer to ``keep``, month end by month end."""
    cuts = cut()
    connection = duckdb.connect(config={"threads": threads, "preserve_insertion_order": False})
    connection.execute(cells_sql(cuts), [str(path)])
    stages.end("cells")
    connection.execute(repeats_sql(cuts), [str(path)])
    stages.end("repeats")
    zeros = ", ".join(f"0::{'BIGINT' if x in ('s', 'q') else 'INTEGER'} AS {x}" for x in SUMS)
    connection.execute(
        f"CREATE TABLE totals_0 AS SELECT c::INTEGER AS c, {zeros}, NULL::INTEGER AS last FROM range(?) customers(c)",
        [n_customers],
    )
    for number in range(cuts.high[-1]):
        added = ", ".join(f"before.{x} + coalesce(cell.{x}, 0) AS {x}" for x in SUMS)
        connection.execute(
            f"""
            CREATE TABLE totals_{number + 1} AS
            SELECT before.c, {added}, coalesce(cell.last, before.last) AS last
            FROM totals_{number} before LEFT JOIN (FROM cells WHERE seg = {number}) cell USING (c)
            """
        )
    stages.end("running totals")
    for r in range(len(cuts.ends)):
        table = connection.sql(month_end_sql(cuts, r)).to_arrow_table()
        columns = [table[name].to_numpy() for name in COLUMNS]
        keep(table["c"].to_numpy().astype(np.int64), r, columns)
    stages.end("month ends")
    connection.close()


def segment_sql(edges: list[int]) -> str:
    """Return SQL for the number of edges at or before ``day``: a balanced tree of comparisons, no join."""

    def tree(low: int, high: int) -> str:
        if low == high:
            return str(low)
        middle = (low + high) // 2
        return f"CASE WHEN day < {edges[middle]} THEN {tree(low, middle)} ELSE {tree(middle + 1, high)} END"

    return f"CAST({tree(0, len(edges))} AS UTINYINT)"


def cells_sql(cuts: Cut) -> str:
    """Return SQL for what each customer did in each segment; the parameter is the file."""
    return f"""
        CREATE TABLE cells AS
        SELECT customer_id AS c, {segment_sql(cuts.edges.tolist())} AS seg, count(*)::INTEGER AS n,
               -sum(amount)::BIGINT AS s, sum(amount * amount)::BIGINT AS q, -min(amount)::BIGINT AS mx,
               max(day) AS last, count_if(hour(ts) IN {NIGHT})::INTEGER AS night,
               count_if(channel = 'online')::INTEGER AS online, count_if(channel = 'atm')::INTEGER AS atm,
               count_if(country <> 'GB')::INTEGER AS abroad
        FROM (SELECT *, CAST(epoch_us(ts) // 86400000000 AS INTEGER) AS day FROM read_parquet(?))
        GROUP BY ALL
        """


def repeats_sql(cuts: Cut) -> str:
    """Return SQL for each visit that repeats one to the same merchant; the parameter is the file."""
    size = cuts.segments
    return f"""
        CREATE TABLE repeats AS
        SELECT (key // {size * MERCHANTS})::INTEGER AS c, key % {size} AS seg, before % {size} AS before
        FROM (
            SELECT key, lag(key) OVER (ORDER BY key) AS before
            FROM (
                SELECT (customer_id::BIGINT * {MERCHANTS} + merchant_id) * {size}
                       + {segment_sql(cuts.edges.tolist())} AS key
                FROM (SELECT *, CAST(epoch_us(ts) // 86400000000 AS INTEGER) AS day FROM read_parquet(?))
            )
        )
        WHERE before // {size} = key // {size}
        """


def month_end_sql(cuts: Cut, r: int) -> str:
    """Return SQL for the 31 columns of every customer at month end ``r``."""
    high, low = int(cuts.high[r]), {w: int(cuts.low[w][r]) for w in WINDOWS}
    earliest = min(low.values())
    select = []
    for w in WINDOWS:
        n, s, q, *counts = (f"(upto.{x} - from_{w}.{x})" for x in SUMS)
        there = f"nullif({n}, 0)"  # no mean of nothing
        select += [
            f"{s}::DOUBLE AS sum_{w}",
            f"{n}::DOUBLE AS count_{w}",
            f"{s}::DOUBLE / {there} AS mean_{w}",
            f"sqrt(({n}::HUGEINT * {q} - {s}::HUGEINT * {s})::DOUBLE) / {there} AS std_{w}",
            f"mx_{w}::DOUBLE AS max_{w}",
            *(f"{count}::DOUBLE / {there} AS {x}_{w}" for x, count in zip(SHARES, counts, strict=True)),
            f"({n} - coalesce(again_{w}, 0))::DOUBLE AS merchants_{w}",
        ]
    joins = " ".join(f"JOIN totals_{low[w]} from_{w} ON from_{w}.c = upto.c" for w in WINDOWS)
    largest = ", ".join(f"max(mx) FILTER (seg >= {low[w]}) AS mx_{w}" for w in WINDOWS)
    again = ", ".join(f"count_if(before >= {low[w]}) AS again_{w}" for w in WINDOWS)
    return f"""
        SELECT upto.c, {", ".join(select)}, ({cuts.ends[r]} - upto.last)::DOUBLE AS days_since_last
        FROM totals_{high} upto {joins}
        LEFT JOIN (SELECT c, {largest} FROM cells WHERE seg >= {earliest} AND seg < {high} GROUP BY c) cell
               ON cell.c = upto.c
        LEFT JOIN (SELECT c, {again} FROM repeats WHERE before >= {earliest} AND seg < {high} GROUP BY c) repeat
               ON repeat.c = upto.c
        """
