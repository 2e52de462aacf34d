"""Which columns of a flat file are inputs of a model, and as what; which are left out, and why.

Columns that the mapping does not name are inputs, and their kind is inferred strictly: numbers where every cell is
one, text where most are not; a column of numbers with a stray word refuses the file rather than become text in
silence. Digits are not always numbers: with leading zeros they are codes, and in a column called an id they name
something. What cannot help is left out and said: empty and constant columns, running row numbers, identifiers, dates
(also as 20240131 or seconds since 1970). Used by `mapped_supplied`, which reads the rows themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.fault import HIDDEN_VALUE
from bank360.sources.identifier_columns import names_a_party
from bank360.sources.mapped_cells import Cells, Values, nothing_as_null, pc, text
from bank360.sources.mapped_facts import is_personal, numbers_of, style_of
from bank360.sources.mapped_flat import FlatMap
from bank360.sources.mapped_numbers import are_codes, is_number
from bank360.sources.mapped_protected import GROUP_REMEDY, Protected, holds_protected, name_words, protected_kind
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


@dataclass(frozen=True)
class _Place(Cells):
    """Cells whose lines are known one by one."""

    lines: npt.NDArray[np.int64] | None = None

    def line(self, index: int) -> int:
        assert self.lines is not None
        return int(self.lines[index])


@dataclass(frozen=True)
class FlatColumns:
    """The columns of a whole flat file, by its mapping.

    Parameters
    ----------
    flat
        The mapping.
    raw
        All rows, columns as storage read them (type "any").
    lines
        Line of each row in the file, shape ``(n_rows,)``.
    """

    flat: FlatMap
    raw: pa.RecordBatch
    lines: npt.NDArray[np.int64]

    def cells(self, name: str) -> Cells:
        """Return a column's cells; what the mapping calls nothing is null."""
        values = nothing_as_null(self.raw.column(name), self.flat.written.nulls)
        return _Place(values, self.flat.name, name, 0, personal=is_personal(self.flat, name), lines=self.lines)

    def texts(self, name: str) -> Texts:
        """Return a column as texts; None for an empty cell."""
        return objects(text(self.cells(name)))

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
                    f"{HIDDEN_VALUE} and the column's others are sexes or marital states, which no model may score",
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
                    categorical[name] = objects(found)
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
                if are_codes(cells):
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


def objects(values: Values) -> Texts:
    """Return texts as Python holds them; None for null."""
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.object_)
