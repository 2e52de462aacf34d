"""The rows of a flat file as arrays for a model: inputs, outcome, day, by the mapping of `mapped_flat`.

Ids, days and outcomes are read here, and refuse the file where one cannot be; a last row of totals refuses it too.
Neighbour: `mapped_inputs`, which says which columns are inputs.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.calendar import day_starts
from bank360.bank.counted import counted
from bank360.bank.fault import HIDDEN_VALUE, shown_values
from bank360.sources.mapped_cells import normal_codes, pc, shown, text
from bank360.sources.mapped_facts import days_of, numbers_of, profile_of
from bank360.sources.mapped_flat import FlatMap, LabelMap
from bank360.sources.mapped_inputs import FlatColumns, Floats, Texts, objects
from bank360.sources.mapped_times import dates

_TOTAL = re.compile(r"((grand|sub)[ -]?)?totale?s?\s*:?|sum|summe|gesamt\w*|somme|suma", re.IGNORECASE)


@dataclass(frozen=True)
class Supplied:
    """A flat file's rows, each array of shape ``(n_rows,)``.

    Parameters
    ----------
    lines
        Line of each row in the file.
    ids
        The row's id, None where the file has none.
    as_of
        Instant (UTC microseconds) of the local midnight that starts the row's day; None for an undated file.
    bad
        1 for bad, 0 for good; None where the outcome was not asked for.
    numeric
        Doubles by column; NaN for a missing value.
    categorical, protected
        Texts by column; None for a missing value. Protected ones are for the fairness report only.
    remarks
        What was left out, and why.
    """

    lines: npt.NDArray[np.int64]
    ids: Texts | None
    as_of: npt.NDArray[np.int64] | None
    bad: npt.NDArray[np.int8] | None
    numeric: Mapping[str, Floats]
    categorical: Mapping[str, Texts]
    protected: Mapping[str, Texts]
    remarks: tuple[str, ...]


def supplied(flat: FlatMap, raw: pa.RecordBatch, lines: npt.NDArray[np.int64], *, labelled: bool = True) -> Supplied:
    """Return the rows of the whole file as arrays.

    Parameters
    ----------
    raw
        All rows, columns as storage read them (type "any").
    lines
        Line of each row.
    labelled
        Whether the outcome is read; a file to be scored need not have one.

    Raises
    ------
    DataRefused
        For a bad cell, an id that stands twice, a label of another value, or a file without rows of both outcomes.
    """
    columns = FlatColumns(flat, raw, lines)
    _refuse_totals(columns)
    bad, kept = _outcomes(columns, flat.label) if labelled and flat.label is not None else (None, None)
    ids = _ids(columns)
    as_of, dated = _as_of(columns)
    if not dated.all():
        kept = dated if kept is None else kept & dated
    _check_unscored(columns)
    numeric, categorical, remarks = columns.inputs()
    protected = {name: columns.texts(name) for name in columns.protected()}
    found = Supplied(lines, ids, as_of, bad, numeric, categorical, protected, tuple(remarks))
    return found if kept is None or kept.all() else _only(found, kept)


def with_inputs(flat: FlatMap, numeric: tuple[str, ...], categorical: tuple[str, ...]) -> FlatMap:
    """Return the mapping with its inputs settled: these columns are needed and nothing else is an input."""
    return replace(flat, numeric=numeric, categorical=categorical, others=False)


def _only(found: Supplied, kept: npt.NDArray[np.bool_]) -> Supplied:
    count = int((~kept).sum())
    remark = f"{counted(count, 'row')} without a known outcome or date {'is' if count == 1 else 'are'} left out"
    return Supplied(
        lines=found.lines[kept],
        ids=None if found.ids is None else found.ids[kept],
        as_of=None if found.as_of is None else found.as_of[kept],
        bad=None if found.bad is None else found.bad[kept],
        numeric={name: values[kept] for name, values in found.numeric.items()},
        categorical={name: values[kept] for name, values in found.categorical.items()},
        protected={name: values[kept] for name, values in found.protected.items()},
        remarks=(*found.remarks, remark),
    )


def _refuse_totals(columns: FlatColumns) -> None:
    """Refuse a file whose last row adds up the others: a text such as Total that stands nowhere above it."""
    last = columns.raw.num_rows - 1
    for name in columns.raw.schema.names if last > 0 else ():
        values = columns.raw.column(name)
        if pa.types.is_string(values.type) and _TOTAL.fullmatch((values[last].as_py() or "").strip()):
            cells = columns.cells(name)
            found = text(cells)
            if pc.sum(pc.equal(found, found[last])).as_py() == 1:
                cells.refuse(last, f"{shown(found[last].as_py())} makes a row of totals", "Take the row out.")


def _ids(columns: FlatColumns) -> Texts | None:
    if columns.flat.id is None:
        return None
    cells = columns.cells(columns.flat.id)
    found = text(cells)
    empty = pc.index(pc.is_null(found), True).as_py()
    if empty >= 0:
        cells.refuse(empty, "is empty, and it names the row", "Fill it in, or state no 'id'.")
    coded = found.dictionary_encode()
    codes = np.asarray(coded.indices)
    _, first = np.unique(codes, return_index=True)
    again = np.setdiff1d(np.arange(len(codes)), first)
    if len(again):
        index = int(again[0])
        before = int(columns.lines[np.flatnonzero(codes == codes[index])[0]])
        value = HIDDEN_VALUE if cells.hidden else f"'{shown_values([found[index].as_py()])[0]}'"
        cells.refuse(
            index,
            f"{value} stands twice (first in row {before})",
            "Keep one row for each id, or state another column as 'id'.",
        )
    return objects(found)


def _check_unscored(columns: FlatColumns) -> None:
    """Refuse the file for a bad cell in what is read for the profile only."""
    read = {name: columns.cells(name) for name in columns.raw.schema.names}
    profile_of(columns.flat, read, columns.raw.num_rows)
    for name in columns.flat.unscored:
        if name in columns.flat.ranges:
            numbers_of(columns.flat, read[name])


def _as_of(columns: FlatColumns) -> tuple[npt.NDArray[np.int64] | None, npt.NDArray[np.bool_]]:
    """Return the instant of each row, None for an undated file, and which rows are not to be left out for it."""
    every = np.ones(columns.raw.num_rows, dtype=np.bool_)
    if columns.flat.date is None:
        return None, every
    assert columns.flat.date.column is not None
    cells = columns.cells(columns.flat.date.column)
    if columns.flat.undated == "refuse":
        return day_starts(
            np.asarray(days_of(columns.flat.date, cells, columns.flat.zone).cast(pa.int32())), columns.flat.zone
        ), every
    days = dates(cells, columns.flat.date.format, columns.flat.zone)
    numbered = np.asarray(pc.fill_null(days.cast(pa.int32()), 0))
    return day_starts(numbered, columns.flat.zone), np.asarray(pc.is_valid(days), dtype=np.bool_)


def _outcomes(columns: FlatColumns, label: LabelMap) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.bool_]]:
    """Return 1 for bad and 0 for good, and which rows have an outcome."""
    cells = columns.cells(label.column)
    found = normal_codes(text(cells))
    bad, good = (pc.is_in(found, pa.array(list(codes), pa.string())) for codes in (label.bad, label.good))
    left = pc.is_in(found, pa.array(list(label.leave_out), pa.string()))
    empty = pc.is_null(found)
    if label.unlabelled == "refuse":
        index = pc.index(empty, True).as_py()
        if index >= 0:
            cells.refuse(index, "is empty, so the row has no outcome", "Fill it in, or state 'unlabelled: leave_out'.")
    unknown = pc.invert(pc.or_(pc.or_(bad, good), pc.or_(left, empty)))
    stated = ", ".join(shown(code) for code in (*label.bad, *label.good)[:8])
    cells.refuse_where(unknown, f"is none of the label's values {stated}", "Add it to bad, good or leave_out.")
    bad_rows, good_rows = np.asarray(bad), np.asarray(good)
    for name, rows in (("bad", bad_rows), ("good", good_rows)):
        if not rows.any():
            cells.refuse(0, f"begins a column without any {name} row", "State the label's values as the file has them.")
    return bad_rows.astype(np.int8), bad_rows | good_rows
