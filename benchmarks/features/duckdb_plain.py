"""DuckDB as one writes it first: a group-by of the events with `count(DISTINCT)` per month end and window.

`duckdb_sql` has the best SQL that we could write.
"""

from pathlib import Path

import duckdb
import numpy as np

from benchmarks.features.columns import COLUMNS, SHARES
from benchmarks.features.data import NIGHT, WINDOWS, month_ends
from benchmarks.features.segments import Keep
from benchmarks.features.stages import Stages

EVENTS = f"""
CREATE TABLE events AS
SELECT customer_id AS c, merchant_id AS m, -amount AS s, CAST(epoch_us(ts) // 86400000000 AS INTEGER) AS day,
       hour(ts) IN {NIGHT} AS night, channel = 'online' AS online, channel = 'atm' AS atm, country <> 'GB' AS abroad
FROM read_parquet(?)
"""


def run(path: Path, n_customers: int, threads: int, stages: Stages, keep: Keep) -> None:
    """Hand the 31 columns of every customer to ``keep``, month end by month end."""
    connection = duckdb.connect(config={"threads": threads, "preserve_insertion_order": False})
    connection.execute(EVENTS, [str(path)])
    stages.end("read")
    for r, end in enumerate(month_ends().tolist()):
        table = connection.sql(month_end_sql(end), params=[n_customers]).to_arrow_table()
        keep(table["c"].to_numpy().astype(np.int64), r, [table[name].to_numpy() for name in COLUMNS])
    stages.end("month ends")
    connection.close()


def month_end_sql(end: int) -> str:
    """Return SQL for the 31 columns at day ``end``; the parameter is how many customers there are."""
    zeros = ", ".join(
        f"coalesce({x}_{w}, 0)::DOUBLE AS {x}_{w}" for w in WINDOWS for x in ("sum", "count", "merchants")
    )
    joins = " ".join(f"LEFT JOIN ({window_sql(end, w)}) USING (c)" for w in WINDOWS)
    return f"""
        SELECT * REPLACE ({zeros})
        FROM (SELECT range::INTEGER AS c FROM range(?))
        LEFT JOIN (SELECT c, ({end} - max(day))::DOUBLE AS days_since_last FROM events WHERE day < {end} GROUP BY c)
        USING (c) {joins}
        """


def window_sql(end: int, w: int) -> str:
    """Return SQL for a window's ten columns of the customers that have events in it."""
    shares = ", ".join(f"avg({x}::INTEGER) AS {x}_{w}" for x in SHARES)
    return f"""
        SELECT c, sum(s)::DOUBLE AS sum_{w}, count(*)::DOUBLE AS count_{w}, avg(s) AS mean_{w},
               stddev_pop(s) AS std_{w}, max(s)::DOUBLE AS max_{w}, {shares},
               count(DISTINCT m)::DOUBLE AS merchants_{w}
        FROM events WHERE day < {end} AND day >= {end - w} GROUP BY c
        """
