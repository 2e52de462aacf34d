"""The floor: a bare scan of the same file with one group-by, in DuckDB."""

from pathlib import Path

import duckdb

from benchmarks.features.stages import Stages

SQL = """
SELECT customer_id, count(*), sum(amount), max(merchant_id), max(ts),
       count(*) FILTER (channel = 'atm'), count(*) FILTER (country <> 'GB')
FROM read_parquet(?) GROUP BY 1
"""


def run(path: Path, n_customers: int, threads: int, stages: Stages, keep: object) -> None:
    """Run the query; its result is not one of ours, so there is nothing to keep."""
    connection = duckdb.connect(config={"threads": threads, "preserve_insertion_order": False})
    connection.sql(SQL, params=[str(path)]).to_arrow_table()
    stages.end("query")
    connection.close()
