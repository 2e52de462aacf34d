"""What arrived by the API, as sources: canonical rows drained from the store into the landing zone.

Transactions and interactions each have a source of their own, so that a delivery is of one table. They were held to the
table's codes and to the bank's accounts and customers when they arrived (`pipeline/take_events.py`,
`pipeline/take_interactions.py`), and are taken over as they are. The same rows in a later delivery change nothing, so a
drain that was killed can be done again.
"""

from functools import partial

import numpy as np
import pyarrow as pa

from bank360.bank.table import Table
from bank360.bank.tables import TABLE_BY_NAME
from bank360.sources.source import Converted, RawColumn, Source, SourceFile

NAME, INTERACTIONS = "arrived_events", "arrived_interactions"


def _taken_over(table: str, batch: pa.RecordBatch, first_line: int) -> Converted:
    lines = pa.array(np.arange(first_line, first_line + batch.num_rows, dtype=np.int64))
    return Converted({table: batch.append_column("source_line", lines)})


def _source(name: str, table: Table) -> Source:
    columns = (*(RawColumn(column.name, column.type) for column in table.columns), RawColumn("known_time", "timestamp"))
    file = SourceFile(table.name, f"{table.name}/{table.name}-*.parquet", columns, (table.name,), dialect=None)
    return Source(name, (file,), {table.name: partial(_taken_over, table.name)})


ARRIVED_EVENTS = _source(NAME, TABLE_BY_NAME["transactions"])
ARRIVED_INTERACTIONS = _source(INTERACTIONS, TABLE_BY_NAME["interactions"])
