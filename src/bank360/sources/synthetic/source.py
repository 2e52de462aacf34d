"""The synthetic bank as a source: canonical Parquet files, one per table, taken over as they are.

A delivery is a folder with one folder per table; any table may be missing from it (the wave of later knowledge holds
only what changed). `delivery` says what the waves are. Deliveries that an earlier version of bank360 drew lack columns
that tables have got since (`_SINCE`): they are read as before, and so is a landing zone that has them.
"""

from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bank360.bank.tables import TABLES
from bank360.bank.vocabulary import EventPrecision
from bank360.sources.source import Converted, RawColumn, Source, SourceFile

NAME = "synthetic"
# Identity makes source keys; this bank says nothing of a transaction that its table has no column for.
DELIVERED = tuple(table for table in TABLES if table.name not in ("source_keys", "transaction_facts"))


# What rows without a column say by it, by table and column: this bank has always known when somebody applied.
_SINCE = {("applications", "event_precision"): EventPrecision.SECOND.value}


def _taken_over(table: str, batch: pa.RecordBatch, first_line: int) -> Converted:
    for (of, column), value in _SINCE.items():
        if of == table:
            place = batch.schema.get_field_index(column)
            values: Any = batch.column(place)
            if values.null_count == len(values):  # a null among values is a fault of the file, for its contract to name
                batch = batch.set_column(place, column, pc.fill_null(values, value))
    lines = pa.array(np.arange(first_line, first_line + batch.num_rows, dtype=np.int64))
    return Converted({table: batch.append_column("source_line", lines)})


SOURCE = Source(
    NAME,
    tuple(
        SourceFile(
            table.name,
            f"{table.name}/{table.name}-*.parquet",
            (
                *(
                    RawColumn(column.name, column.type, required=(table.name, column.name) not in _SINCE)
                    for column in table.columns
                ),
                RawColumn("known_time", "timestamp"),
            ),
            (table.name,),
            dialect=None,
            optional=True,
        )
        for table in DELIVERED
    ),
    {table.name: partial(_taken_over, table.name) for table in DELIVERED},
)
