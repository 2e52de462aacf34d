"""DuckDB alone, as good as we could write it. No self-join: events are added up per customer and segment of time.

The edges of all windows cut the two years into some 60 segments. Every sum is a running total over a customer's
segments, read at a window's two edges; the maximum is a window function over segments; a visit to a merchant counts as
distinct exactly for the month ends in one contiguous range, so that each visit adds +1 and -1 and a running sum does
the rest.
"""

from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from benchmarks.features.columns import COLUMNS
from benchmarks.features.data import NIGHT, WINDOWS, month_ends
from benchmarks.features.stages import Stages

SUMS = ("n", "s", "q", "night", "online", "atm", "abroad")


def segment_sql(edges: list[int]) -> str:
    """Return SQL for the number of edges at or before ``day``: a balanced tree of comparisons, no join."""

    def tree(low: int, high: int) -> str:
        if low == high:
            return str(low)
        middle = (low + high) // 2
        return f"CASE WHEN day < {edges[middle]} THEN {tree(low, middle)} ELSE {tree(middle + 1, high)} END"

    return tree(0, len(edges))


def run(path: Path, n_customers: int, threads: int, stages: Stages) -> npt.NDArray[np.float64]:
    """Return the 31 columns, shape ``(n_customers * 24, 31)``, by customer and month end."""
    connection = duckdb.connect(config={"threads": threads, "preserve_insertion_order": False})
    ends = month_ends()
    first, last = 19_358, int(ends[-1])  # 2023-01-01
    edges = sorted({int(e) - w for e in ends for w in (0, *WINDOWS) if int(e) - w > first} | {last})
    # Where a day's segment starts; segment k holds the days from edges[k - 1] to edges[k] - 1.
    number = {edge: k + 1 for k, edge in enumerate(edges)}
    rows = [
        (r, int(e), *(x for w in WINDOWS for x in (number.get(int(e) - w, 0), number[int(e)])))
        for r, e in enumerate(ends)
    ]
    names = [f"{side}_{w}" for w in WINDOWS for side in ("low", "high")]
    connection.execute(f"CREATE TABLE ends (r INTEGER, day INTEGER, {', '.join(f'{n} INTEGER' for n in names)})")
    connection.executemany(f"INSERT INTO ends VALUES ({', '.join('?' * (2 + len(names)))})", rows)
    night = ", ".join(map(str, NIGHT))
    connection.execute(
        f"""
        CREATE TABLE events AS
        SELECT customer_id AS c, merchant_id AS m, CAST({segment_sql(edges)} AS UTINYINT) AS seg, day, amount AS a,
               hour(ts) IN ({night}) AS night, channel = 'online' AS online, channel = 'atm' AS atm,
               country <> 'GB' AS abroad
        FROM (SELECT *, CAST(epoch_us(ts) // 86400000000 AS INTEGER) AS day FROM read_parquet(?))
        """,
        [str(path)],
    )
    connection.execute(
        """
        CREATE TABLE segments AS
        SELECT c, seg, count(*) AS n, -sum(a)::BIGINT AS s, sum(a * a)::BIGINT AS q, max(-a) AS mx, max(day) AS last,
               count_if(night) AS night, count_if(online) AS online, count_if(atm) AS atm, count_if(abroad) AS abroad
        FROM events GROUP BY c, seg
        """
    )
    # Running totals where each segment ends, on the full grid of customers and segments.
    running = ", ".join(f"CAST(sum(coalesce({x}, 0)) OVER before AS BIGINT) AS {x}" for x in SUMS)
    connection.execute(
        f"""
        CREATE TABLE totals AS
        SELECT c, seg + 1 AS upto, {running}, max(last) OVER before AS last
        FROM (SELECT c, seg FROM range({n_customers}) x(c), range({len(edges) + 1}) y(seg)) LEFT JOIN segments
             USING (c, seg)
        WINDOW before AS (PARTITION BY c ORDER BY seg ROWS UNBOUNDED PRECEDING)
        """
    )
    connection.execute(
        """
        CREATE TABLE counted AS
        SELECT c, seg, before, count(*) AS n
        FROM (SELECT c, seg, coalesce(lag(seg) OVER (PARTITION BY c, m ORDER BY seg), -1) AS before FROM events)
        WHERE before < seg GROUP BY ALL
        """
    )
    for w in WINDOWS:
        # A visit at segment s with the one before at p counts where p < low <= s < high: month ends start to stop - 1.
        connection.execute(
            f"""
            CREATE TABLE distinct_{w} AS
            WITH spans AS (
                SELECT seg, before, min(r) AS start, max(r) + 1 AS stop
                FROM (SELECT DISTINCT seg, before FROM counted) JOIN ends
                  ON before < low_{w} AND low_{w} <= seg AND seg < high_{w}
                GROUP BY ALL
            ),
            changes AS (
                SELECT c, unnest([start, stop]) AS r, unnest([n, -n]) AS n FROM counted JOIN spans USING (seg, before)
            ),
            added AS (SELECT c, r, sum(n)::BIGINT AS n FROM changes GROUP BY ALL)
            SELECT c, r, sum(coalesce(n, 0)) OVER (PARTITION BY c ORDER BY r) AS n
            FROM (SELECT c, r FROM range({n_customers}) x(c), ends) LEFT JOIN added USING (c, r)
            """
        )
    select, joins = [], ["JOIN totals h ON h.c = x.c AND h.upto = e.high_30"]
    for w in WINDOWS:
        count = f"(h.n - coalesce(l{w}.n, 0))"
        total = f"(h.s - coalesce(l{w}.s, 0))"
        spread = f"({count}::HUGEINT * (h.q - coalesce(l{w}.q, 0)) - {total}::HUGEINT * {total})"
        largest = (
            f"SELECT c, r, max(mx) AS mx FROM segments JOIN ends ON seg >= low_{w} AND seg < high_{w} GROUP BY 1, 2"
        )
        select += [
            f"{total}::DOUBLE AS sum_{w}", f"{count}::DOUBLE AS count_{w}",
            f"CASE WHEN {count} > 0 THEN {total}::DOUBLE / {count} END AS mean_{w}",
            f"CASE WHEN {count} > 0 THEN sqrt({spread}::DOUBLE) / {count} END AS std_{w}",
            f"m{w}.mx::DOUBLE AS max_{w}",
            *(
                f"CASE WHEN {count} > 0 THEN (h.{x} - coalesce(l{w}.{x}, 0))::DOUBLE / {count} END AS {x}_{w}"
                for x in ("night", "online", "atm", "abroad")
            ),
            f"d{w}.n::DOUBLE AS merchants_{w}",
        ]  # fmt: skip
        joins += [
            f"LEFT JOIN totals l{w} ON l{w}.c = x.c AND l{w}.upto = e.low_{w}",
            f"LEFT JOIN ({largest}) m{w} ON m{w}.c = x.c AND m{w}.r = e.r",
            f"JOIN distinct_{w} d{w} ON d{w}.c = x.c AND d{w}.r = e.r",
        ]
    select.append("(e.day - h.last)::DOUBLE AS days_since_last")
    table = connection.sql(
        f"SELECT x.c, e.r, {', '.join(select)} FROM range({n_customers}) x(c) CROSS JOIN ends e {' '.join(joins)}"
    ).to_arrow_table()
    stages.end("query")
    order = table["c"].to_numpy().astype(np.int64) * len(ends) + table["r"].to_numpy()
    values = np.empty((len(table), len(COLUMNS)))
    for position, name in enumerate(COLUMNS):
        values[order, position] = table[name].to_numpy()
    return values
