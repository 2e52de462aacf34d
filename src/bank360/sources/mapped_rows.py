"""One batch of a mapped ledger file becomes canonical rows: every column read, signed, dated and checked.

Called by `mapped` for each file; pure, and no row depends on another, so batches may be cut anywhere.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import MICROS_PER_DAY, day_starts, local_days
from bank360.bank.errors import DataRefused, SettingsError
from bank360.bank.money import exponent
from bank360.bank.table import Column, Tag
from bank360.sources.cell_faults import CellFaults
from bank360.sources.mapped_cells import (
    Cells,
    Values,
    booleans,
    coded,
    constant_values,
    empty_values,
    normal_codes,
    pc,
    text,
    without_nulls,
)
from bank360.sources.mapped_grammar import LOCAL, MOMENTS, ColumnMap, FileMap, read_columns
from bank360.sources.mapped_numbers import NumberStyle, amounts, numbers, whole_numbers
from bank360.sources.mapped_remedies import CODE_LINE, MISSING_LINE
from bank360.sources.mapped_sign import SIGNED, Indicator, TwoColumns, sign_of_its_own, unknown_direction
from bank360.sources.mapped_times import Moments, dates, moments
from bank360.sources.source import Converted, Unlisted

_CONSTANT = "constant of "
_PERSONAL = frozenset({Tag.PII, Tag.PROTECTED, Tag.RESTRICTED, Tag.TOKEN})
_CURRENCY = Column("currency", "string", "ISO 4217 code", (Tag.PLAIN,))
_KNOWN_TIME = Column("known_time", "timestamp", "when the bank could first have used the row", (Tag.PROVENANCE,))


def ledger_rows(mapped: FileMap, batch: pa.RecordBatch, first_line: int) -> Converted:
    """Return the canonical rows of a batch, one for each raw row and in their order.

    Raises
    ------
    RowsRefused
        For all cells that do not read, are missing where they are needed, or lie out of range.
    """
    reader = _Reader(mapped, batch, first_line)
    columns: dict[str, Values] = {}
    for column in mapped.table.columns:
        columns[column.name] = reader.column(column)
    known = reader.known(columns)
    for column in mapped.table.columns:
        reader.check(column, columns[column.name])
    columns["known_time"] = known
    columns["source_line"] = pa.array(np.arange(first_line, first_line + batch.num_rows, dtype=np.int64))
    rows = {mapped.table.name: pa.RecordBatch.from_pydict(columns)}
    converted = Converted(rows, unlisted=tuple(reader.unlisted.values()))
    reader.faults.refuse(converted)
    return converted


def check_constants(mapped: FileMap) -> None:
    """Raise SettingsError where a constant, or a value for missing cells, does not read as its column's type."""
    names = read_columns(mapped)
    nothing = pa.RecordBatch.from_arrays([pa.nulls(1, pa.string()) for _ in names], names=list(names))
    reader = _Reader(mapped, nothing, 1)
    found = [(mapped.table.column(name), one) for name, one in mapped.columns.items()]
    if isinstance(mapped.known, ColumnMap):
        found.append((_KNOWN_TIME, mapped.known))
    for column, one in found:
        try:
            reader.defaults(column, one)
            reader.faults.refuse()
        except DataRefused as error:
            raise SettingsError(f"{one.path}: {error.problem}. {error.remedy}") from error


class _Reader:
    """Reads the canonical columns of one batch; holds what several of them need (moments, currency)."""

    def __init__(self, mapped: FileMap, batch: pa.RecordBatch, first_line: int) -> None:
        self.mapped, self.batch, self.first_line = mapped, batch, first_line
        self.rows = batch.num_rows
        self.faults = CellFaults(batch)
        self._personal = _personal_columns(mapped)
        self.unlisted: dict[str, Unlisted] = {}
        self._moments: dict[str, Moments] = {}

    def column(self, column: Column) -> Values:
        """Return one canonical column of the batch."""
        name, mapped = column.name, self.mapped
        if name == "amount" and isinstance(mapped.sign, TwoColumns):
            return self._of_two_columns(mapped.sign, column)
        if name in mapped.columns:
            found = self._mapped(column, mapped.columns[name])
            return self._signed(name, found) if name in SIGNED.get(mapped.table.name, ()) else found
        if name == "event_precision":
            is_day = pc.is_valid(self._moment(MOMENTS[self.mapped.table.name]).days)
            return pc.if_else(is_day, "day", "second")
        if name == "booked_on":
            return self._days_of("event_time")
        if name == "currency":
            return self._currency()
        if name == LOCAL and not column.nullable:
            return pa.repeat(mapped.country, self.rows)
        if not column.nullable and column.codes is not None:
            return pa.repeat("unknown", self.rows)
        return empty_values(self.rows, column.arrow_type)

    def known(self, columns: Mapping[str, Values]) -> Values:
        """Return when the bank could first have used each row, as ``timestamp[us]`` UTC."""
        known, table = self.mapped.known, self.mapped.table
        if isinstance(known, ColumnMap):
            found = self._moments_of(known, _KNOWN_TIME)
            place = self._place(known)
            # A date only: known when the day is over.
            ends = self._after_days(found.days, 1)
            result = pc.coalesce(ends, found.instants)
        else:
            place = self._place(self.mapped.columns[known.of])
            if table.column(known.of).type == "timestamp":
                moment = self._moment(known.of)
            else:
                moment = Moments(pa.nulls(self.rows, pa.timestamp("us")), columns[known.of])
            instants = pc.add(moment.instants.cast(pa.int64()), known.days * MICROS_PER_DAY).cast(pa.timestamp("us"))
            result = pc.coalesce(self._after_days(moment.days, 1 + known.days), instants)
            result = pc.add(result.cast(pa.int64()), known.micros).cast(pa.timestamp("us"))
        if result.null_count:
            place.filled(_blank(place), "is empty, so nobody can say when the row was known", "Fill it in.")
        return result

    def check(self, column: Column, values: Values) -> None:
        """Refuse the load where a row lacks what it must have, or a number lies outside its range."""
        found = self.mapped.columns.get(column.name)
        if found is None and column.name == "currency" and isinstance(self.mapped.currency, ColumnMap):
            found = self.mapped.currency
        if found is None:
            return
        place = self._place(found)
        if not column.nullable and values.null_count:
            # What is null for another reason than an empty cell is told as that.
            what = f"is empty, and '{column.name}' is needed"
            names = Tag.KEY in column.tags  # what names a row has no default
            remedy = "Fill it in." if names else "Fill it in, or state 'missing'."
            place.filled(_blank(place), what, remedy, "" if names else MISSING_LINE)
        for bound, beyond in ((column.low, pc.less), (column.high, pc.greater)):
            if bound is not None:
                what = f"lies outside the range of '{column.name}'"
                values = place.held(values, beyond(values, bound), what, "Correct it.")

    def defaults(self, column: Column, found: ColumnMap) -> None:
        """Read the column's constant and its value for missing cells, to find one that does not read."""
        if column.type == "timestamp":
            self._moments_of(found, column)
            return
        for value in (found.constant, found.missing):
            if value is not None:
                self._constant(column, value, found)

    def _place(self, found: ColumnMap) -> Cells:
        if found.column is None:
            return Cells(pa.repeat(str(found.constant), self.rows), self.mapped.name, _CONSTANT + found.path, 1)
        return self._raw(found.column, found.path)

    def _raw(self, name: str, key: str = "") -> Cells:
        values = without_nulls(self.batch.column(name), self.mapped.written.nulls)
        personal = name in self._personal
        return Cells(values, self.mapped.name, name, self.first_line, self.faults, personal, key)

    def _mapped(self, column: Column, found: ColumnMap) -> Values:
        if column.type == "timestamp":
            return self._moment(column.name).instants
        if found.column is None:
            return self._constant(column, found.constant, found)
        cells = self._raw(found.column, found.path)
        if found.codes is not None:
            values = coded(cells, found.codes, found.other, column.arrow_type)
            passed = None if found.other is None else _unlisted(cells, found.codes)
            if passed is not None:
                names = (self.mapped.table.name, column.name, found.column, found.path, str(found.other))
                self.unlisted[column.name] = Unlisted(*names, *passed)
        else:
            values = self._parsed(column, cells, found, self.mapped.written.style)
        if found.missing is not None:
            values = pc.coalesce(values, self._constant(column, found.missing, found))
        return values

    def _parsed(self, column: Column, cells: Cells, found: ColumnMap, style: NumberStyle) -> Values:
        if column.type == "string":
            return text(cells)
        if column.type == "bool":
            return booleans(cells)
        if column.type == "date":
            return dates(cells, found.format, self.mapped.bank_zone)
        if column.type == "float64":
            return numbers(cells, NumberStyle(style.decimal, style.thousands, found.percent))
        if Tag.MONEY in column.tags:
            return self._money(column, cells, style)
        return whole_numbers(cells, style)

    def _constant(self, column: Column, value: Any, found: ColumnMap) -> Values:
        if isinstance(value, bool | int):
            return constant_values(value, self.rows, column.arrow_type)
        # A number of the settings is no cell of the file, so the file's marks say nothing of it; a text is like a cell.
        is_number = isinstance(value, Decimal)
        style = NumberStyle() if is_number else self.mapped.written.style
        told = format(value, "f") if is_number else str(value)
        cells = Cells(pa.repeat(told, self.rows), self.mapped.name, _CONSTANT + found.path, 1)
        return self._parsed(column, cells, ColumnMap(found.path, constant=value), style)

    def _money(self, column: Column, cells: Cells, style: NumberStyle) -> Values:
        if self.mapped.amounts == "minor":
            return whole_numbers(cells, style)
        original = self.mapped.columns.get("original_currency") if column.name == "original_amount" else None
        currencies = self._currency() if original is None else self._mapped(_CURRENCY, original)
        excess = "round" if self.mapped.amounts == "major_rounded" else "refuse"
        stated = self.mapped.currency if original is None else original
        if isinstance(stated, ColumnMap) and stated.column is not None and (original or not self._needs_currency()):
            missing = pc.and_(pc.is_null(currencies), pc.is_valid(cells.values))
            cells.filled(missing, "has no currency", "Fill it in.", besides=(stated.column,))
        return amounts(cells, _exponents(currencies), style, excess)  # type: ignore[arg-type]

    def _needs_currency(self) -> bool:
        """Return whether every row of the table has a currency: one that is missing is then told of its own column."""
        return any(column.name == "currency" and not column.nullable for column in self.mapped.table.columns)

    def _currency(self) -> Values:
        found = self.mapped.currency
        if isinstance(found, str):
            return pa.repeat(found, self.rows)
        values = self._mapped(_CURRENCY, found)
        bad = pc.invert(pc.match_substring_regex(values, "^[A-Z]{3}$"))
        remedy = "Correct it, or state codes for it."
        return self._place(found).held(values, bad, "is not an ISO 4217 code such as GBP", remedy, CODE_LINE)

    def _signed(self, name: str, values: Values) -> Values:
        sign = self.mapped.sign
        if sign == "debit_positive":
            return pc.negate(values)
        if name == "original_amount" and not isinstance(sign, str):
            booked = self.column(self.mapped.table.column("amount"))
            return pc.multiply(pc.abs(values), pc.if_else(pc.less(booked, 0), -1, 1))
        if isinstance(sign, Indicator):
            place = self._place(self.mapped.columns[name])
            what = "has a sign although another column says debit or credit"
            values = place.held(values, pc.less(values, 0), what, sign_of_its_own(self.mapped.path))
            codes = dict.fromkeys(sign.debit, -1) | dict.fromkeys(sign.credit, 1)
            cells = self._raw(sign.column)
            directions = coded(cells, codes, None, pa.int64(), unknown_direction(sign, self.mapped.path))
            if directions.null_count:
                cells.filled(_blank(cells), "does not say debit or credit", "Fill it in.")
            return pc.multiply(values, directions)
        return values

    def _of_two_columns(self, sign: TwoColumns, column: Column) -> Values:
        path = self.mapped.path
        debit, credit = self._raw(sign.debit, path), self._raw(sign.credit, path)
        style = self.mapped.written.style
        out, into = self._money(column, debit, style), self._money(column, credit, style)
        what, remedy = "is negative in a column of its own direction", "Correct it."
        out = debit.held(out, pc.less(out, 0), what, remedy)
        into = credit.held(into, pc.less(into, 0), what, remedy)
        if pc.any(pc.and_(pc.is_null(out), pc.is_null(into))).as_py():
            neither = pc.and_(_blank(debit), _blank(credit))
            what, remedy = f"and column '{sign.credit}' are both empty", "Fill one in."
            debit.filled(neither, what, remedy, besides=(sign.credit,))
        out, into = pc.fill_null(out, 0), pc.fill_null(into, 0)
        both = pc.and_(pc.greater(out, 0), pc.greater(into, 0))
        out = debit.held(out, both, f"stands beside an amount in '{sign.credit}'", "Keep one of the two.")
        return pc.subtract(into, out)

    def _moment(self, name: str) -> Moments:
        if name not in self._moments:
            column = self.mapped.table.column(name)
            self._moments[name] = self._moments_of(self.mapped.columns[name], column)
        return self._moments[name]

    def _moments_of(self, found: ColumnMap, column: Column) -> Moments:
        place = self._place(found)
        pattern = found.format if found.constant is None else None
        read = moments(place, self.mapped.zone, self.mapped.bank_zone, pattern, day_only=found.day_only)
        if found.missing is None:
            return read
        filled = Cells(pa.repeat(str(found.missing), self.rows), place.file, _CONSTANT + found.path, 1)
        default = moments(filled, self.mapped.zone, self.mapped.bank_zone)
        empty = pc.is_null(read.instants)
        return Moments(pc.coalesce(read.instants, default.instants), pc.if_else(empty, default.days, read.days))

    def _days_of(self, name: str) -> Values:
        moment = self._moment(name)
        present = np.asarray(pc.is_valid(moment.instants))
        micros = np.asarray(pc.fill_null(moment.instants.cast(pa.int64()), 0))
        days = pa.array(local_days(micros, self.mapped.bank_zone), mask=~present).cast(pa.date32())
        return pc.coalesce(moment.days, days)

    def _after_days(self, days: Values, count: int) -> Values:
        present = np.asarray(pc.is_valid(days))
        numbers_of = np.asarray(pc.fill_null(days.cast(pa.int32()), 0)).astype(np.int64) + count
        return pa.array(day_starts(numbers_of, self.mapped.bank_zone), mask=~present).cast(pa.timestamp("us"))


def _unlisted(cells: Cells, codes: Mapping[str, Any]) -> tuple[dict[str, int], int] | None:
    """Return rows by each code that ``codes`` does not list, and the line of the first; None where all are listed.

    Where no message may repeat a cell all stand under an empty text.
    """
    theirs = normal_codes(text(cells))
    unknown = pc.and_(pc.is_valid(theirs), pc.invert(pc.is_in(theirs, pa.array(list(codes), pa.string()))))
    first = pc.index(unknown, True).as_py()
    if first < 0:
        return None
    if cells.hidden:
        return {"": pc.sum(unknown).as_py()}, cells.line(first)
    counted = pc.value_counts(theirs.filter(unknown)).to_pylist()
    return {one["values"]: one["counts"] for one in counted}, cells.line(first)


def _blank(cells: Cells) -> Values:
    """Return which cells hold nothing; a cell that holds what does not read holds something."""
    return pc.is_null(text(cells))


def _personal_columns(mapped: FileMap) -> frozenset[str]:
    """Return the file's columns that fill a column about who somebody is: no message repeats what stands in them."""
    return frozenset(
        found.column
        for name, found in mapped.columns.items()
        if found.column is not None and _PERSONAL & set(mapped.table.column(name).tags)
    )


def _exponents(currencies: Values) -> Values:
    coded_currencies = currencies.dictionary_encode()
    by_code = pa.array([exponent(code) for code in coded_currencies.dictionary.to_pylist()], pa.int64())
    return by_code.take(coded_currencies.indices)
