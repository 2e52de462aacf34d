"""The columns of somebody's file, or the bank's features of its customers, read for `learning.exploration`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from bank360.bank.errors import DataRefused
from bank360.features.families import ALL_FEATURES
from bank360.learning.exploration import Exploration, Floats, explored
from bank360.sources.file_look import HEAD_BYTES, Look, PassedOver, look_at
from bank360.sources.mapped_cells import Cells, NumberStyle, Values, is_number, nothing_as_null, numbers, pc, text
from bank360.sources.mapped_flat import FLAT_NULLS
from bank360.sources.source import CsvDialect, SourceFile
from bank360.storage.customer_features import all_values
from bank360.storage.file_head import file_head
from bank360.storage.files import open_file
from bank360.storage.warehouse import Warehouse


def explore_file(path: Path) -> Exploration:
    """Return what a CSV or Parquet file looks like, in any of the common ways to write one.

    A column is of numbers where every cell is one, with thousands separators perhaps; else it is of texts.

    Raises
    ------
    DataRefused
        If it is not there, is no table, or has no rows.
    """
    look = look_at(file_head(path, HEAD_BYTES))
    if isinstance(look, PassedOver):
        problem, _, remedy = look.why.partition(". ")
        raise DataRefused(path.name, problem, remedy or "Name another file.")
    dialect = CsvDialect(look.delimiter, '"', look.encoding, look.header_rows) if look.format == "csv" else None
    opened = open_file(
        path, path.name, SourceFile(path.name, path.name, (), ("customer_facts",), dialect, others="any")
    )
    batches = [batch for batch, _ in opened.batches()]
    if not sum(batch.num_rows for batch in batches):
        raise DataRefused(path.name, "the file has no rows", "Name another file.")
    table = pa.Table.from_batches(batches).combine_chunks()
    measured: dict[str, Floats] = {}
    said: dict[str, Sequence[str | None]] = {}
    names = look.header if look.format == "csv" and len(look.header) == table.num_columns else table.column_names
    for name, column in zip(names, table.columns, strict=True):
        cells = Cells(nothing_as_null(column.combine_chunks(), FLAT_NULLS), path.name, name, 1)
        found = _numbers(cells, look)
        if found is not None:
            measured[name] = found
        else:
            said[name] = text(cells).to_pylist()
    return explored(table.num_rows, measured, said)


def explore_features(warehouse: Warehouse) -> Exploration:
    """Return what the bank's customers look like by their features as last built, each named with its unit.

    Raises
    ------
    NotReady
        If no features are built.
    """
    rows, values = all_values(warehouse)
    units = {feature.name: feature.unit for feature in ALL_FEATURES}
    return explored(rows, {f"{name} ({units[name]})": found for name, found in values.items()}, {})


def _numbers(cells: Cells, look: Look) -> Floats | None:
    """Return a column as doubles, NaN where a cell is empty; None where some cell is no number, or all are empty."""
    kind = cells.values.type
    if pa.types.is_boolean(kind) or pa.types.is_temporal(kind) or cells.values.null_count == len(cells.values):
        return None
    for style in (NumberStyle(look.decimal), NumberStyle(look.decimal, "," if look.decimal == "." else ".")):
        if pc.all(pc.fill_null(is_number(cells, style), True)).as_py():
            try:
                found: Values = numbers(cells, style)
            except DataRefused:  # more digits than a quantity has: they name something, as a text does
                return None
            return np.asarray(pc.fill_null(found, float("nan")), dtype=np.float64)
    return None
