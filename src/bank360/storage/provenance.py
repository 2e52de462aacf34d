"""Adds to canonical rows where they came from: source, load, file, line. Costs next to nothing: one word per batch."""

from typing import Any

import numpy as np
import pyarrow as pa

from bank360.bank.table import Table
from bank360.storage.landing import Delivery, LandedFile

HASH_DIGITS = 16  # of the file's SHA-256 that a row carries; the ledger has all 64


def with_provenance(table: Table, rows: pa.RecordBatch, delivery: Delivery, file: LandedFile) -> pa.RecordBatch:
    """Return the rows with every stored column, in stored order.

    Parameters
    ----------
    table
        Their canonical table.
    rows
        The table's columns, ``known_time`` and ``source_line``; coded ones may be dictionary-encoded. Others are left
        out.
    delivery, file
        The load, and the file that the rows came from.
    """
    constants = {
        "source_system": delivery.source,
        "batch_id": delivery.batch_id,
        "source_file_hash": file.sha256[:HASH_DIGITS],
    }
    names = table.arrow_schema.names
    arrays: list[Any] = []
    for name in names:
        if name in constants:
            indices = np.zeros(len(rows), dtype=np.int8)
            arrays.append(pa.DictionaryArray.from_arrays(indices, pa.array([constants[name]])))
        elif name == "superseded_time":
            arrays.append(pa.nulls(len(rows), pa.timestamp("us")))
        else:
            arrays.append(rows.column(name))
    return pa.RecordBatch.from_arrays(arrays, names=names)
