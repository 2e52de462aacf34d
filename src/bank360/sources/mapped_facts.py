"""Rows of a flat file as facts of origin *supplied*, and how its cells are read; `mapped_flat` says by which mapping.

Pure, and no row depends on another: a file may be cut into batches anywhere. `mapped_supplied` reads cells by the same
functions, so a fact and a model's input never differ.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import day_starts
from bank360.bank.tables_customers import CUSTOMERS
from bank360.bank.vocabulary import FactOrigin, PartyType
from bank360.sources.cell_faults import CellFaults
from bank360.sources.mapped_cells import Cells, Values, coded, constant_values, empty_values, nothing_as_null, pc, text
from bank360.sources.mapped_flat import FlatMap
from bank360.sources.mapped_grammar import ColumnMap
from bank360.sources.mapped_numbers import NumberStyle, is_number, numbers
from bank360.sources.mapped_times import dates
from bank360.sources.personal_columns import may_be_personal
from bank360.sources.source import Converted


def flat_rows(flat: FlatMap, batch: pa.RecordBatch, first_line: int) -> Converted:
    """Return the facts of a batch, row by row and within a row in the file's column order, and the customers.

    A cell becomes text and, where it is one, a number; an empty cell is no fact.
    """
    assert flat.id is not None
    names = batch.schema.names
    cleaned = [nothing_as_null(batch.column(name), flat.written.nulls) for name in names]
    faults = CellFaults(batch)
    read = {
        name: Cells(values, flat.name, name, first_line, faults, is_personal(flat, name), flat.path)
        for name, values in zip(names, cleaned, strict=True)
    }
    batch = pa.RecordBatch.from_arrays(cleaned, names=names)
    ids = text(read[flat.id])
    read[flat.id].filled(pc.is_null(ids), "is empty, and it names the row", "Fill it in.")
    days, known = _times(flat, read, batch.num_rows)
    lines = pa.array(np.arange(first_line, first_line + batch.num_rows, dtype=np.int64))
    inputs = [name for name in batch.schema.names if name not in flat.not_facts()]
    values, found = [], []
    for name in inputs:
        cells = read[name]
        values.append(text(cells))
        stated = name in flat.numeric or name in flat.ranges
        found.append(numbers_of(flat, cells) if stated else _numbers_where(flat, cells))
    profile = profile_of(flat, read, batch.num_rows) if flat.subject == "customer" else {}
    repeat = np.repeat(np.arange(batch.num_rows), len(inputs))
    order = np.arange(batch.num_rows * len(inputs)).reshape(len(inputs), batch.num_rows).T.ravel()
    key = "customer_id" if flat.subject == "customer" else "application_id"
    facts = {
        key: ids.take(repeat),
        "fact": pa.array(np.tile(np.array(inputs, dtype=object), batch.num_rows), pa.string()),
        "value": _joined(values, pa.string()).take(order),
        "number": _joined(found, pa.float64()).take(order),
        "origin": pa.repeat(FactOrigin.SUPPLIED.value, len(repeat)),
        "known_time": known.take(repeat),
        "source_line": lines.take(repeat),
    }
    if flat.subject == "customer":
        facts["valid_from"] = days.take(repeat)
    rows = pa.RecordBatch.from_pydict(facts)
    rows = rows.filter(pc.is_valid(rows.column("value")))
    if flat.subject == "application":
        converted = Converted({"application_facts": rows})
    else:
        converted = Converted({"customers": _customers(profile, ids, known, lines), "customer_facts": rows})
    faults.refuse(converted)
    return converted


def days_of(found: ColumnMap, cells: Cells, zone: str) -> Values:
    """Return the local day of each row from a mapped date; a row without one refuses the load."""
    days = dates(cells, found.format, zone)
    if days.null_count:
        cells.filled(pc.is_null(text(cells)), "is empty, and the row needs its date", "Fill it in.")
    return days


def style_of(flat: FlatMap, name: str) -> NumberStyle:
    """Return how the numbers of a column are written."""
    style = flat.written.style
    return NumberStyle(style.decimal, style.thousands, name in flat.percent)


def numbers_of(flat: FlatMap, cells: Cells) -> Values:
    """Return a numeric column's doubles; one outside the range that the mapping states refuses the load."""
    found = numbers(cells, style_of(flat, cells.column))
    if cells.column in flat.ranges:
        low, high = flat.ranges[cells.column]
        beyond = pc.or_(pc.less(found, low), pc.greater(found, high))
        found = cells.held(found, beyond, f"lies outside {low:g} to {high:g}", "Correct it, or leave it empty.")
    return found


def profile_of(flat: FlatMap, cells: Mapping[str, Cells], rows: int) -> dict[str, Values]:
    """Return the columns of the customer record that the mapping fills, by canonical name.

    Parameters
    ----------
    cells
        By name, the file's columns that the profile reads.
    """
    columns: dict[str, Values] = {}
    for name, found in flat.profile.items():
        if found.column is None:
            place = Cells(pa.repeat(str(found.constant), rows), flat.name, name, 1)
        else:
            place = replace(cells[found.column], key=found.path)
        if found.codes is not None:
            columns[name] = coded(place, found.codes, found.other, pa.string())
        else:
            dated = CUSTOMERS.column(name).type == "date"
            columns[name] = dates(place, found.format, flat.zone) if dated else text(place)
        if found.missing is not None:
            columns[name] = pc.fill_null(columns[name], found.missing)
    return columns


def _times(flat: FlatMap, cells: Mapping[str, Cells], rows: int) -> tuple[Values, Values]:
    """Return the local day of each row's facts, and the instant at which they were known."""

    def days(found: ColumnMap) -> Values:
        if found.column is not None:
            return days_of(found, replace(cells[found.column], key=found.path), flat.zone)
        return constant_values(date.fromisoformat(str(found.constant)), rows, pa.date32())

    moment = flat.date if flat.date is not None else flat.known
    assert moment is not None
    valid_from = days(moment)
    if flat.received_at is not None:
        at = flat.received_at.astimezone(UTC).replace(tzinfo=None)
        return valid_from, constant_values(at, rows, pa.timestamp("us"))
    known = days(flat.known) if flat.known is not None else valid_from
    delay = flat.delay_days if flat.known is None else 0
    counted = np.asarray(pc.fill_null(known.cast(pa.int32()), 0)).astype(np.int64) + 1 + delay
    return valid_from, pa.array(day_starts(counted, flat.zone)).cast(pa.timestamp("us"))


def _customers(profile: Mapping[str, Values], ids: Values, known: Values, lines: Values) -> pa.RecordBatch:
    columns: dict[str, Values] = {
        column.name: empty_values(len(ids), column.arrow_type) for column in CUSTOMERS.columns
    }
    columns |= {"customer_id": ids, "type": pa.repeat(PartyType.PERSON.value, len(ids))}
    return pa.RecordBatch.from_pydict({**columns, **profile} | {"known_time": known, "source_line": lines})


def is_personal(flat: FlatMap, name: str) -> bool:
    """Return whether no message may repeat what stands in a column, as its name or its part in the mapping tells."""
    profile = {one.column for one in flat.profile.values()}
    return name in profile or name in flat.protected or may_be_personal(name)


def _numbers_where(flat: FlatMap, cells: Cells) -> Values:
    if cells.column in flat.categorical:
        return pa.nulls(len(cells.values), pa.float64())
    style = style_of(flat, cells.column)
    shaped = pc.fill_null(is_number(cells, style), False)
    held = pc.if_else(shaped, cells.values, pa.scalar(None, cells.values.type))
    return numbers(replace(cells, values=held), style)


def _joined(arrays: list[Values], kind: pa.DataType) -> Values:
    return pa.concat_arrays(arrays) if arrays else pa.array([], kind)
