"""Transactions that arrived by the API, as a source: canonical rows drained from the store into the landing zone.

They were held to the table's codes and to the bank's accounts when they arrived (`pipeline/take_events.py`), and are
taken over as they are. The same rows in a later delivery change nothing, so a drain that was killed can be done again.
"""

import numpy as np
import pyarrow as pa

from bank360.bank.tables import TABLE_BY_NAME
from bank360.sources.source import Converted, RawColumn, Source, SourceFile

NAME = "arrived_events"
_TABLE = TABLE_BY_NAME["transactions"]


def _taken_over(batch: pa.RecordBatch, first_line: int) -> Converted:
    lines = pa.array(np.arange(first_line, first_line + batch.num_rows, dtype=np.int64))
    return Converted({_TABLE.name: batch.append_column("source_line", lines)})


ARRIVED_EVENTS = Source(
    NAME,
    (
        SourceFile(
            _TABLE.name,
            "transactions/transactions-*.parquet",
            (
                *(RawColumn(column.name, column.type) for column in _TABLE.columns),
                RawColumn("known_time", "timestamp"),
            ),
            (_TABLE.name,),
            dialect=None,
        ),
    ),
    {_TABLE.name: _taken_over},
)
