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
from bank360.bank.counted import counted
from bank360.sources.identifier_columns import names_a_party
from bank360.sources.mapped_cells import Cells, Values, is_number, normal_codes, nothing_as_null, pc, shown, text
from bank360.sources.mapped_facts import days_of, numbers_of, profile_of, style_of
from bank360.sources.mapped_flat import FlatMap, LabelMap
from bank360.sources.mapped_protected import GROUP_REMEDY, Protected, holds_protected, name_words, protected_kind
from bank360.sources.mapped_times import dates
from bank360.sources.mapped_useless import FEW_LEVELS, counts_time, odd_numbers, useless_numbers, useless_texts
from bank360.sources.personal_columns import personal_kind

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]

# Texts that are dates, or numbers written with marks that the mapping does not state.
_DATE_TEXT = r"^([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{4}|[0-9]{2}))([ T].*)?$"
_MARKED_NUMBER = r"^[+-]?[£$€¥]?\s*[0-9]{1,3}([.,' ]?[0-9]{3})*([.,][0-9]+)?\s*[%€]?$"
_SAID: Mapping[Protected, str] = {
    "group": GROUP_REMEDY,
    "birth": "list it under 'exclude' or 'profile', or write 'not_protected: [{name}]' if it is no day of birth",
    "age": "list it under 'numeric' to score it where your jurisdiction allows",
}
_HIDDEN = "list it under 'protected'"
_PERSONAL = "its name says who or where somebody is; list it under 'numeric' or 'categorical' if it does not"
_NUMBERED = (
    "its name says that it numbers people, accounts or contracts; list it under 'numeric' or 'categorical' if it does "
    "not"
)
_AREAS = ("city", "postcode")
_SOME = 1000  # cells, enough to see what a column holds
_DATES = "it holds dates; state it as 'date' or work out a number of days"

_LONGEST_NUMBER = 15  # digits
_CODES = "its numbers have leading zeros, as codes have: it is read as text. List it under 'numeric' if it measures"
_KEY = "its name says that it names something; list it under 'numeric' or 'categorical' if it says more"
_KEY_WORDS = frozenset({"id", "uuid", "guid"})
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
        held = (name for name, sure in self._protected_by_values().items() if sure)
        found = dict.fromkeys((*self.flat.protected, *groups, *held))
        return [name for name in found if name in self.raw.schema.names]

    def _protected_by_name(self) -> dict[str, Protected]:
        if not self.flat.others:
            return {}
        flat = self.flat
        assigned = {*flat.not_inputs(), *flat.numeric, *flat.categorical, *flat.not_protected}
        kinds = {name: protected_kind(name) for name in self.raw.schema.names if name not in assigned}
        return {name: kind for name, kind in kinds.items() if kind is not None}

    def _protected_by_values(self) -> dict[str, bool]:
        """Return the columns whose texts are sexes or marital states, and whether that is sure.

        One that the mapping lists as an input refuses the file, unless it says ``not_protected``.
        """
        flat = self.flat
        if not flat.others:
            return {}
        settled = {*flat.not_inputs(), *flat.not_protected, *self._protected_by_name()}
        found = {}
        for name in self.raw.schema.names:
            if name in settled or name in flat.numeric:
                continue
            cells = self.cells(name)
            if not (pa.types.is_string(cells.values.type) or pa.types.is_dictionary(cells.values.type)):
                continue
            values = pc.unique(text(cells).drop_null())
            holds = holds_protected(name, values.to_pylist()) if len(values) <= FEW_LEVELS else "no"
            if holds == "surely" and name in flat.categorical:
                first = pc.index(pc.is_valid(text(cells)), True).as_py()
                cells.refuse(
                    first,
                    f"{shown(text(cells)[first].as_py())} and the column's other values are sexes or marital states, "
                    "which no model may score",
                    f"In the mapping, {GROUP_REMEDY.format(name=name)}.",
                )
            if holds != "no":
                found[name] = holds == "surely"
        return found

    def inputs(self) -> tuple[dict[str, Floats], dict[str, Texts], list[str]]:
        """Return the numeric and the categorical inputs, and what was left out."""
        numeric: dict[str, Floats] = {}
        categorical: dict[str, Texts] = {}
        remarks: list[str] = []
        read: dict[str, tuple[Values, Values]] = {}
        flat, settled = self.flat, not self.flat.others
        stated = (*flat.numeric, *flat.categorical)
        names = stated if settled else [name for name in self.raw.schema.names if name not in flat.not_inputs()]
        by_name, by_values = self._protected_by_name(), self._protected_by_values()
        for name in names:
            if name in by_name:
                said = _SAID[by_name[name]].format(name=name)
                remarks.append(f"column '{name}' is taken for protected by its name and not scored: {said}")
                continue
            if name in by_values:
                said = GROUP_REMEDY.format(name=name)
                if by_values[name]:
                    remarks.append(f"column '{name}' is taken for protected by its values and not scored: {said}")
                    continue
                remarks.append(f"column '{name}' is scored, and its letters may mean a sex: if so, {_HIDDEN}")
            cells = self.cells(name)
            who = None if settled or name in stated else self._who(name, cells)
            if who is not None:
                remarks.append(f"column '{name}' is left out: {who}")
                continue
            kind = self._kind(cells) if name not in stated else "numbers" if name in flat.numeric else "texts"
            if kind == "codes":
                remarks.append(f"column '{name}': {_CODES}")
                kind = "texts"
            if kind == "numbers":
                values = numbers_of(flat, cells)
                read[name] = (self.raw.column(name), values)
                reason = None if settled else useless_numbers(values, stated=name in stated)
                if reason is None:
                    numeric[name] = np.asarray(pc.fill_null(values, float("nan")), dtype=np.float64)
            elif kind == "texts":
                found = text(cells)
                reason = None if settled else useless_texts(found, stated=name in stated)
                if reason is None:
                    categorical[name] = _objects(found)
            else:
                reason = kind
            if reason is not None:
                remarks.append(f"column '{name}' is left out: {reason}")
        return numeric, categorical, [*remarks, *odd_numbers(read)]

    def _who(self, name: str, cells: Cells) -> str | None:
        """Return why a column that nobody assigned a part says who somebody is, or of which account; None for neither.

        A postcode or city does not.
        """
        some = text(replace(cells, values=cells.values.drop_null().slice(0, _SOME))).drop_null().to_pylist()
        if names_a_party(name, some):
            return _NUMBERED
        kind = personal_kind(name, some)
        return None if kind is None or kind in _AREAS else _PERSONAL

    def _kind(self, cells: Cells) -> str:
        """Return "numbers", "texts", "codes" (texts of digits), or why a column that nobody named is none of them."""
        kind = cells.values.type
        if pa.types.is_temporal(kind):
            return _DATES
        if {*name_words(cells.column)[-1:]} & _KEY_WORDS:
            few = pc.count_distinct(cells.values, mode="only_valid").as_py() <= FEW_LEVELS
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
            return _DATES if counts_time(cells) else "numbers"
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


def _objects(values: Values) -> Texts:
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.object_)
