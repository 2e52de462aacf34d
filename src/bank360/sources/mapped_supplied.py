"""The rows of a flat file as arrays for a model: inputs, outcome, day, by the mapping of `mapped_flat`.

Columns that the mapping does not name are inputs, and their kind is inferred strictly: numbers where every cell is
one, text where most are not; a column of numbers with a stray word refuses the file rather than become text in
silence. Digits are not always numbers: with leading zeros they are codes, and in a column called an id they name
something. What cannot help is left out and said: empty and constant columns, running row numbers, identifiers, dates
(also as 20240131 or seconds since 1970). A last row of totals refuses the file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.calendar import day_starts
from bank360.sources.mapped_cells import Cells, Values, is_number, normal_codes, nothing_as_null, pc, shown, text
from bank360.sources.mapped_facts import days_of, numbers_of, profile_of, style_of
from bank360.sources.mapped_flat import FlatMap, LabelMap
from bank360.sources.mapped_protected import Protected, name_words, protected_kind
from bank360.sources.mapped_times import dates

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]

# Texts that are dates, or numbers written with marks that the mapping does not state.
_DATE_TEXT = r"^([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{4}|[0-9]{2}))([ T].*)?$"
_MARKED_NUMBER = r"^[+-]?[£$€¥]?\s*[0-9]{1,3}([.,' ]?[0-9]{3})*([.,][0-9]+)?\s*[%€]?$"
_SAID: Mapping[Protected, str] = {
    "group": "list it under 'protected', or under 'numeric' or 'categorical' if it is not",
    "birth": "list it under 'exclude' or 'profile', or under 'numeric' or 'categorical' if it is not",
    "age": "list it under 'numeric' to score it where your jurisdiction allows",
}
_DATES = "it holds dates; state it as 'date' or work out a number of days"

# A text column with more levels than this, most of them seen once or twice, names rows rather than kinds of rows.
_FEW_LEVELS = 50
_LONGEST_NUMBER = 15  # digits
_CODES = "its numbers have leading zeros, as codes have: it is read as text. List it under 'numeric' if it measures"
_KEY = "its name says that it names something; list it under 'numeric' or 'categorical' if it says more"
_KEY_WORDS = frozenset({"id", "uuid", "guid"})
_CLOCK_WORDS = frozenset({
    "at", "time", "date", "datetime", "timestamp", "ts", "created", "updated", "epoch", "unix", "utc", "day", "datum",
    "fecha", "on",
})  # fmt: skip
_EPOCHS = tuple((946_684_800 * unit, 2_208_988_800 * unit) for unit in (1, 1_000, 1_000_000))  # 2000 to 2040
_TOTAL = re.compile(r"((grand|sub)[ -]?)?totale?s?\s*:?|sum|summe|gesamt\w*|somme|suma", re.IGNORECASE)
_LEAST_TO_TELL = 10  # rows


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
    reader = _Reader(flat, raw, lines)
    reader.refuse_totals()
    bad, kept = reader.outcomes(flat.label) if labelled and flat.label is not None else (None, None)
    ids = reader.ids()
    as_of, dated = reader.as_of()
    if not dated.all():
        kept = dated if kept is None else kept & dated
    reader.check_unscored()
    numeric, categorical, remarks = reader.inputs()
    protected = {name: reader.texts(name) for name in reader.protected()}
    found = Supplied(lines, ids, as_of, bad, numeric, categorical, protected, tuple(remarks))
    return found if kept is None or kept.all() else _only(found, kept)


def with_inputs(flat: FlatMap, numeric: tuple[str, ...], categorical: tuple[str, ...]) -> FlatMap:
    """Return the mapping with its inputs settled: these columns are needed and nothing else is an input."""
    return replace(flat, numeric=numeric, categorical=categorical, others=False)


def _only(found: Supplied, kept: npt.NDArray[np.bool_]) -> Supplied:
    remark = f"{int((~kept).sum())} rows without a known outcome or date are left out"
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


@dataclass(frozen=True)
class _Place(Cells):
    """Cells whose lines are known one by one."""

    lines: npt.NDArray[np.int64] | None = None

    def line(self, index: int) -> int:
        assert self.lines is not None
        return int(self.lines[index])


@dataclass(frozen=True)
class _Reader:
    flat: FlatMap
    raw: pa.RecordBatch
    lines: npt.NDArray[np.int64]

    def cells(self, name: str) -> Cells:
        values = nothing_as_null(self.raw.column(name), self.flat.written.nulls)
        return _Place(values, self.flat.name, name, 0, self.lines)

    def refuse_totals(self) -> None:
        """Refuse a file whose last row adds up the others: a text such as Total that stands nowhere above it."""
        last = self.raw.num_rows - 1
        for name in self.raw.schema.names if last > 0 else ():
            values = self.raw.column(name)
            if pa.types.is_string(values.type) and _TOTAL.fullmatch((values[last].as_py() or "").strip()):
                cells = self.cells(name)
                found = text(cells)
                if pc.sum(pc.equal(found, found[last])).as_py() == 1:
                    cells.refuse(last, f"{shown(found[last].as_py())} makes a row of totals", "Take the row out.")

    def texts(self, name: str) -> Texts:
        return _objects(text(self.cells(name)))

    def ids(self) -> Texts | None:
        if self.flat.id is None:
            return None
        cells = self.cells(self.flat.id)
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
            before = int(self.lines[np.flatnonzero(codes == codes[index])[0]])
            cells.refuse(
                index,
                f"{shown(found[index].as_py())} stands twice (first in row {before})",
                "Keep one row for each id, or state another column as 'id'.",
            )
        return _objects(found)

    def check_unscored(self) -> None:
        """Refuse the file for a bad cell in what is read for the profile only."""
        read = {name: self.cells(name) for name in self.raw.schema.names}
        profile_of(self.flat, read, self.raw.num_rows)
        for name in self.flat.unscored:
            if name in self.flat.ranges:
                numbers_of(self.flat, read[name])

    def as_of(self) -> tuple[npt.NDArray[np.int64] | None, npt.NDArray[np.bool_]]:
        """Return the instant of each row, None for an undated file, and which rows are not to be left out for it."""
        every = np.ones(self.raw.num_rows, dtype=np.bool_)
        if self.flat.date is None:
            return None, every
        assert self.flat.date.column is not None
        cells = self.cells(self.flat.date.column)
        if self.flat.undated == "refuse":
            return day_starts(
                np.asarray(days_of(self.flat.date, cells, self.flat.zone).cast(pa.int32())), self.flat.zone
            ), every
        days = dates(cells, self.flat.date.format, self.flat.zone)
        numbered = np.asarray(pc.fill_null(days.cast(pa.int32()), 0))
        return day_starts(numbered, self.flat.zone), np.asarray(pc.is_valid(days), dtype=np.bool_)

    def outcomes(self, label: LabelMap) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.bool_]]:
        """Return 1 for bad and 0 for good, and which rows have an outcome."""
        cells = self.cells(label.column)
        found = normal_codes(text(cells))
        bad, good = (pc.is_in(found, pa.array(list(codes), pa.string())) for codes in (label.bad, label.good))
        left = pc.is_in(found, pa.array(list(label.leave_out), pa.string()))
        empty = pc.is_null(found)
        if label.unlabelled == "refuse":
            index = pc.index(empty, True).as_py()
            if index >= 0:
                cells.refuse(
                    index, "is empty, so the row has no outcome", "Fill it in, or state 'unlabelled: leave_out'."
                )
        unknown = pc.invert(pc.or_(pc.or_(bad, good), pc.or_(left, empty)))
        stated = ", ".join(shown(code) for code in (*label.bad, *label.good)[:8])
        cells.refuse_where(unknown, f"is none of the label's values {stated}", "Add it to bad, good or leave_out.")
        bad_rows, good_rows = np.asarray(bad), np.asarray(good)
        for name, rows in (("bad", bad_rows), ("good", good_rows)):
            if not rows.any():
                cells.refuse(
                    0, f"begins a column without any {name} row", "State the label's values as the file has them."
                )
        return bad_rows.astype(np.int8), bad_rows | good_rows

    def protected(self) -> list[str]:
        """Return the protected columns that the rows have, named by the mapping or known by their name.

        Ages and days of birth known by their name only are no groups to compare, so not among them.
        """
        groups = (name for name, kind in self._protected_by_name().items() if kind == "group")
        return [name for name in (*self.flat.protected, *groups) if name in self.raw.schema.names]

    def _protected_by_name(self) -> dict[str, Protected]:
        if not self.flat.others:
            return {}
        assigned = {*self.flat.not_inputs(), *self.flat.numeric, *self.flat.categorical}
        kinds = {name: protected_kind(name) for name in self.raw.schema.names if name not in assigned}
        return {name: kind for name, kind in kinds.items() if kind is not None}

    def inputs(self) -> tuple[dict[str, Floats], dict[str, Texts], list[str]]:
        """Return the numeric and the categorical inputs, and what was left out."""
        numeric: dict[str, Floats] = {}
        categorical: dict[str, Texts] = {}
        remarks: list[str] = []
        flat, settled = self.flat, not self.flat.others
        stated = (*flat.numeric, *flat.categorical)
        names = stated if settled else [name for name in self.raw.schema.names if name not in flat.not_inputs()]
        by_name = self._protected_by_name()
        for name in names:
            if name in by_name:
                remarks.append(
                    f"column '{name}' is taken for protected by its name and not scored: {_SAID[by_name[name]]}"
                )
                continue
            cells = self.cells(name)
            kind = self._kind(cells) if name not in stated else "numbers" if name in flat.numeric else "texts"
            if kind == "codes":
                remarks.append(f"column '{name}': {_CODES}")
                kind = "texts"
            if kind == "numbers":
                values = numbers_of(flat, cells)
                reason = None if settled else _useless_numbers(values, stated=name in stated)
                if reason is None:
                    numeric[name] = np.asarray(pc.fill_null(values, float("nan")), dtype=np.float64)
            elif kind == "texts":
                found = text(cells)
                reason = None if settled else _useless_texts(found, stated=name in stated)
                if reason is None:
                    categorical[name] = _objects(found)
            else:
                reason = kind
            if reason is not None:
                remarks.append(f"column '{name}' is left out: {reason}")
        return numeric, categorical, remarks

    def _kind(self, cells: Cells) -> str:
        """Return "numbers", "texts", "codes" (texts of digits), or why a column that nobody named is none of them."""
        kind = cells.values.type
        if pa.types.is_temporal(kind):
            return _DATES
        if {*name_words(cells.column)[-1:]} & _KEY_WORDS:
            few = pc.count_distinct(cells.values, mode="only_valid").as_py() <= _FEW_LEVELS
            return "texts" if few else _KEY
        shaped = is_number(cells, style_of(self.flat, cells.column))
        count, present = pc.sum(shaped).as_py() or 0, pc.count(shaped).as_py()
        if present == 0 or count == present:
            if present and pa.types.is_string(kind):
                digits = pc.max(pc.utf8_length(pc.replace_substring_regex(text(cells), r"[^0-9].*$", ""))).as_py()
                if digits > _LONGEST_NUMBER:
                    return "its numbers are too long to measure anything"
                if pc.any(pc.match_substring_regex(text(cells), r"^0[0-9]+$")).as_py():
                    return "codes"
            return _DATES if _counts_time(cells) else "numbers"
        if 2 * count > present:
            cells.refuse_where(
                pc.invert(shaped),
                "is not a number, and most of the column's cells are",
                "Correct it, name it in csv.nulls, state decimal and thousands as the file has them, or list the "
                "column under 'categorical'.",
            )
        if pa.types.is_string(kind):
            found = text(cells)
            if pc.all(pc.match_substring_regex(found, _DATE_TEXT)).as_py():
                return _DATES
            marked = pc.match_substring_regex(found, _MARKED_NUMBER)
            if 2 * (pc.sum(marked).as_py() or 0) > present:
                cells.refuse_where(
                    marked,
                    "looks like a number, yet does not read as one",
                    "State decimal or thousands as the file has them, or list the column under 'percent' or "
                    "'categorical'.",
                )
        return "texts"


def is_clock_name(name: str) -> bool:
    """Return whether a column is named for a moment.

    >>> is_clock_name("created_at"), is_clock_name("amount")
    (True, False)
    """
    return bool({*name_words(name)} & _CLOCK_WORDS)


def _counts_time(cells: Cells) -> bool:
    """Return whether whole numbers are days such as 20240131, or, in a column named for a moment, an epoch's ticks."""
    whole = text(cells).drop_null()
    if len(whole) < _LEAST_TO_TELL:
        return False
    days = r"^(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$"
    if pc.all(pc.match_substring_regex(whole, days)).as_py():
        return True
    if not is_clock_name(cells.column) or not pc.all(pc.match_substring_regex(whole, r"^[0-9]{9,18}$")).as_py():
        return False
    extremes = pc.min_max(whole.cast(pa.int64())).as_py()
    return any(low <= extremes["min"] and extremes["max"] < high for low, high in _EPOCHS)


def _useless_numbers(values: Values, *, stated: bool) -> str | None:
    present = values.drop_null()
    if len(present) == 0:
        return "it is empty"
    if values.null_count == 0 and pc.equal(pc.min(values), pc.max(values)).as_py():
        return "it is constant"
    steps = np.diff(np.asarray(values.drop_null()))
    if not stated and values.null_count == 0 and len(values) >= 20 and bool(np.all(steps == 1)):
        return "it numbers the rows"
    return None


def _useless_texts(values: Values, *, stated: bool) -> str | None:
    levels, present = pc.count_distinct(values, mode="only_valid").as_py(), len(values) - values.null_count
    if present == 0:
        return "it is empty"
    if levels == 1 and values.null_count == 0:
        return "it is constant"
    if not stated and levels > _FEW_LEVELS and 2 * levels > present:
        return f"it has {levels} different texts in {present} rows, which name rows rather than kinds of rows"
    return None


def _objects(values: Values) -> Texts:
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.object_)
