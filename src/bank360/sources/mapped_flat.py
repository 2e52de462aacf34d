"""A flat file, one row per customer or application, by a mapping: what may stand under ``mapping.flat``, and its facts.

::

    flat:
      pattern: "applications.csv"
      subject: application            # or customer
      id: APP_ID                      # optional, as date is
      date: {column: APPLIED, format: "%d/%m/%Y"}
      label: {column: BAD, bad: [1], good: [0]}
      protected: [gender]             # never scored
      exclude: [internal_note]

Without a word on them, all other columns are inputs of the model. Two roads lead from here: `mapped_supplied` makes the
arrays that train and score a model, straight from the file; and where rows have an id and a known time, `flat_rows`
makes facts of origin *supplied* for the profile. The label and protected columns never become facts, so that no
feature can read them by accident.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import day_starts
from bank360.bank.tables_customers import CUSTOMERS
from bank360.bank.tables_lending import BUREAU_REPORTS
from bank360.bank.vocabulary import FactOrigin, PartyType
from bank360.sources.mapped_cells import (
    Cells,
    NumberStyle,
    Values,
    code_text,
    coded,
    constant_values,
    empty_values,
    is_number,
    numbers,
    pc,
    text,
)
from bank360.sources.mapped_dialect import DIALECT_KEYS, Written, named, written
from bank360.sources.mapped_grammar import ColumnMap, column_map
from bank360.sources.mapped_node import Node
from bank360.sources.mapped_times import dates
from bank360.sources.source import Converted, SourceFile

Subject = Literal["customer", "application"]
_KEYS = (
    *DIALECT_KEYS, "subject", "id", "date", "known_time", "known_after", "history", "label", "numeric", "categorical",
    "percent", "exclude", "protected", "profile",
)  # fmt: skip
_PROFILE = ("birth_date", "sex", "marital_status", "region", "onboarded_on")
# Flat files come out of statistics packages, each with its own word for nothing.
FLAT_NULLS = ("", "NA", "N/A", "NaN", "nan", "NULL", "null", "?", ".")


@dataclass(frozen=True)
class LabelMap:
    """Column of the outcome, its texts that mean bad and good, and whether rows without one are left out."""

    column: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    leave_out: tuple[str, ...]
    unlabelled: Literal["refuse", "leave_out"]


@dataclass(frozen=True)
class FlatMap:
    """A validated flat mapping; ``date`` and ``known`` are None where rows have none; the delay follows the date."""

    path: str
    name: str
    subject: Subject
    written: Written
    zone: str
    id: str | None
    date: ColumnMap | None
    known: ColumnMap | None
    delay_days: int
    history_kept: bool
    label: LabelMap | None
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    percent: tuple[str, ...]
    exclude: tuple[str, ...]
    protected: tuple[str, ...]
    profile: Mapping[str, ColumnMap]
    others: bool = True

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that every metric computed from the file is stamped with."""
        found = [] if self.date is not None else ["not out of time"]
        return tuple(found if self.history_kept else [*found, "no point-in-time before the load date"])

    @property
    def has_facts(self) -> bool:
        """Whether rows can become facts: they have an id and a time from which they were known."""
        return self.id is not None and (self.date is not None or self.known is not None)

    def not_inputs(self) -> frozenset[str]:
        """Return the columns that no model of the file may read."""
        given = {self.id, self.date and self.date.column, self.known and self.known.column}
        given |= {self.label.column} if self.label is not None else set()
        profile = {one.column for one in self.profile.values()}
        return frozenset(name for name in given | profile | {*self.exclude, *self.protected} if name)


def flat_mapping(name: str, node: Node, zone: str) -> FlatMap:
    """Return the validated mapping of a flat file; ``zone`` is the bank's.

    Raises
    ------
    SettingsError
        If a key is unknown, missing or holds something it may not; the message names the key.
    """
    keys = node.keys(_KEYS, ("pattern",))
    lists = {key: keys[key].texts() if key in keys else () for key in ("numeric", "categorical", "percent", "exclude")}
    protected = keys["protected"].texts() if "protected" in keys else ()
    day = BUREAU_REPORTS.column("pulled_at")
    profile: dict[str, ColumnMap] = {}
    if "profile" in keys:
        profile = {
            key: column_map(entry, CUSTOMERS.column(key)) for key, entry in keys["profile"].keys(_PROFILE).items()
        }
    found = FlatMap(
        path=node.path,
        name=name,
        subject=keys["subject"].choice(("customer", "application")) if "subject" in keys else "customer",  # type: ignore[arg-type]
        written=written(keys, FLAT_NULLS),
        zone=zone,
        id=keys["id"].text().strip() if "id" in keys else None,
        date=column_map(keys["date"], day) if "date" in keys else None,
        known=column_map(keys["known_time"], day) if "known_time" in keys else None,
        delay_days=_delay(keys.get("known_after"), "date" in keys),
        history_kept="history" not in keys or keys["history"].choice(("kept", "none")) == "kept",
        label=_label(keys["label"]) if "label" in keys else None,
        numeric=tuple(dict.fromkeys((*lists["numeric"], *lists["percent"]))),
        categorical=lists["categorical"],
        percent=lists["percent"],
        exclude=lists["exclude"],
        protected=protected,
        profile=profile,
    )
    _no_contradiction(found, keys)
    named(found.written, (*found.not_inputs(), *found.numeric, *found.categorical), node)
    return found


def flat_source_file(flat: FlatMap, *, scoring: bool = False) -> SourceFile:
    """Return the declaration of the flat file; for ``scoring`` it need not have the label."""
    needed = [*_read_first(flat), *flat.protected, *flat.numeric, *flat.categorical]
    if flat.label is not None and not scoring:
        needed.append(flat.label.column)
    table = "customer_facts" if flat.subject == "customer" else "application_facts"
    return SourceFile(
        name=flat.name,
        pattern=flat.written.pattern,
        columns=flat.written.raw_columns(needed),
        fills=("customers", table) if flat.subject == "customer" else (table,),
        dialect=flat.written.dialect,
        others="any" if flat.others else "ignore",
    )


def flat_rows(flat: FlatMap, batch: pa.RecordBatch, first_line: int) -> Converted:
    """Return the facts of a batch, row by row and within a row in the file's column order, and the customers.

    A cell becomes text and, where it is one, a number; an empty cell is no fact.
    """
    assert flat.id is not None
    place = Cells(batch.column(flat.id), flat.name, flat.id, first_line)
    ids = text(place)
    index = pc.index(pc.is_null(ids), True).as_py()
    if index >= 0:
        place.refuse(index, "is empty, and it names the row", "Fill it in.")
    days, known = _times(flat, batch, first_line)
    lines = pa.array(np.arange(first_line, first_line + batch.num_rows, dtype=np.int64))
    inputs = [name for name in batch.schema.names if name not in flat.not_inputs()]
    values, found = [], []
    for name in inputs:
        cells = Cells(batch.column(name), flat.name, name, first_line)
        style = style_of(flat, name)
        values.append(text(cells))
        found.append(numbers(cells, style) if name in flat.numeric else _numbers_where(cells, style, flat.categorical))
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
        return Converted({"application_facts": rows})
    return Converted({"customers": _customers(flat, batch, first_line, ids, known, lines), "customer_facts": rows})


def days_of(found: ColumnMap, cells: Cells) -> Values:
    """Return the local day of each row from a mapped date; a row without one refuses the load."""
    days = dates(cells, found.format)
    index = pc.index(pc.is_null(days), True).as_py()
    if index >= 0:
        cells.refuse(index, "is empty, and the row needs its date", "Fill it in.")
    return days


def style_of(flat: FlatMap, name: str) -> NumberStyle:
    """Return how the numbers of a column are written."""
    style = flat.written.style
    return NumberStyle(style.decimal, style.thousands, name in flat.percent)


def _times(flat: FlatMap, batch: pa.RecordBatch, first_line: int) -> tuple[Values, Values]:
    """Return the local day of each row's facts, and the instant at which they were known."""

    def days(found: ColumnMap) -> Values:
        if found.column is not None:
            return days_of(found, Cells(batch.column(found.column), flat.name, found.column, first_line))
        return constant_values(date.fromisoformat(str(found.constant)), batch.num_rows, pa.date32())

    moment = flat.date if flat.date is not None else flat.known
    assert moment is not None
    valid_from = days(moment)
    known = days(flat.known) if flat.known is not None else valid_from
    delay = flat.delay_days if flat.known is None else 0
    counted = np.asarray(known.cast(pa.int32())).astype(np.int64) + 1 + delay
    return valid_from, pa.array(day_starts(counted, flat.zone)).cast(pa.timestamp("us"))


def _customers(
    flat: FlatMap, batch: pa.RecordBatch, first_line: int, ids: Values, known: Values, lines: Values
) -> pa.RecordBatch:
    columns: dict[str, Values] = {
        column.name: empty_values(batch.num_rows, column.arrow_type) for column in CUSTOMERS.columns
    }
    columns |= {"customer_id": ids, "type": pa.repeat(PartyType.PERSON.value, batch.num_rows)}
    for name, found in flat.profile.items():
        if found.column is None:
            cells = Cells(pa.repeat(str(found.constant), batch.num_rows), flat.name, name, first_line)
        else:
            cells = Cells(batch.column(found.column), flat.name, found.column, first_line)
        if found.codes is not None:
            columns[name] = coded(cells, found.codes, found.other, pa.string())
        else:
            columns[name] = dates(cells, found.format) if CUSTOMERS.column(name).type == "date" else text(cells)
        if found.missing is not None:
            columns[name] = pc.fill_null(columns[name], found.missing)
    return pa.RecordBatch.from_pydict(columns | {"known_time": known, "source_line": lines})


def _numbers_where(cells: Cells, style: NumberStyle, texts: tuple[str, ...]) -> Values:
    if cells.column in texts:
        return pa.nulls(len(cells.values), pa.float64())
    shaped = pc.fill_null(is_number(cells, style), False)
    held = pc.if_else(shaped, cells.values, pa.scalar(None, cells.values.type))
    return numbers(Cells(held, cells.file, cells.column, cells.first_line), style)


def _joined(arrays: list[Values], kind: pa.DataType) -> Values:
    return pa.concat_arrays(arrays) if arrays else pa.array([], kind)


def _read_first(flat: FlatMap) -> list[str]:
    maps = [flat.date, flat.known, *flat.profile.values()]
    named_columns = [one.column for one in maps if one is not None and one.column is not None]
    return ([flat.id] if flat.id is not None else []) + named_columns


def _label(node: Node) -> LabelMap:
    keys = node.keys(("column", "bad", "good", "leave_out", "unlabelled"), ("column", "bad", "good"))
    codes = {
        key: tuple(text for value in _listed(keys[key]) for text in code_text(value)) if key in keys else ()
        for key in ("bad", "good", "leave_out")
    }
    for one, other in (("bad", "good"), ("bad", "leave_out"), ("good", "leave_out")):
        both = sorted(set(codes[one]) & set(codes[other]))
        if both:
            node.fail(f"'{both[0]}' is both {one} and {other}")
    unlabelled = keys["unlabelled"].choice(("refuse", "leave_out")) if "unlabelled" in keys else "refuse"
    return LabelMap(keys["column"].text().strip(), codes["bad"], codes["good"], codes["leave_out"], unlabelled)  # type: ignore[arg-type]


def _listed(node: Node) -> list[object]:
    values = node.value if isinstance(node.value, list | tuple) else [node.value]
    if not values or any(value is None or isinstance(value, list | dict) for value in values):
        node.fail("must list the label's values, such as [1]")
    return list(values)


def _delay(node: Node | None, dated: bool) -> int:
    if node is None:
        return 0
    if not dated:
        node.fail("counts from 'date', which is not stated. State it, or 'known_time'.")
    value = node.text()
    if not value.endswith("d") or not value[:-1].isdigit() or len(value) > 5:
        node.fail(f"'{value}' is not a number of days such as 0d or 30d")
    return int(value[:-1])


def _no_contradiction(found: FlatMap, keys: Mapping[str, Node]) -> None:
    if found.date is not None and found.date.column is None:
        keys["date"].fail("must name a column; one constant day for the whole file is 'known_time'")
    if found.known is not None and found.known.constant is not None:
        try:
            date.fromisoformat(str(found.known.constant))
        except ValueError:
            keys["known_time"].fail(f"'{found.known.constant}' is not a date like 2024-01-31")
    not_inputs = found.not_inputs()
    for key in ("numeric", "categorical", "percent"):
        for name in getattr(found, key):
            if name in not_inputs:
                keys[key].fail(
                    f"'{name}' has another part in the mapping (id, date, label, protected, profile, exclude)"
                )
    both = sorted(set(found.numeric) & set(found.categorical))
    if both:
        keys["categorical"].fail(f"'{both[0]}' is numeric too")
    if found.label is not None and found.label.column in {found.id, *found.protected, *found.exclude}:
        keys["label"].fail(f"'{found.label.column}' has another part in the mapping too")
    if found.subject == "application" and found.profile:
        keys["profile"].fail("is for 'subject: customer'")
