"""A flat file, one row per customer or application, by a mapping: what may stand under ``mapping.flat``.

::

    flat:
      pattern: "applications.csv"
      subject: application            # or customer
      id: APP_ID                      # optional, as date is
      date: {column: APPLIED, format: "%d/%m/%Y"}
      label: {column: BAD, bad: [1], good: [0]}
      protected: [gender]             # never scored
      not_protected: [title_code]     # scored in spite of a name or values that speak of a protected attribute
      unscored: [age]                 # for the profile only
      exclude: [internal_note]
      reasons: {dti: Debt compared with income}   # what a decline says; or a code of `bank.reasons`

Without a word on them, all other columns are inputs of the model. Two roads lead from here: `mapped_supplied` makes the
arrays that train and score a model, straight from the file; and where rows have an id and a known time, `mapped_facts`
makes facts of origin *supplied* for the profile. The label and protected columns never become facts, so that no
feature can read them by accident.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bank360.bank.reasons import REASONS
from bank360.bank.table import Column
from bank360.bank.tables_customers import CUSTOMERS
from bank360.bank.tables_lending import BUREAU_REPORTS
from bank360.sources.mapped_cells import code_text
from bank360.sources.mapped_dialect import DIALECT_KEYS, WRONG_PATTERN, Written, named, written
from bank360.sources.mapped_grammar import ColumnMap, column_map
from bank360.sources.mapped_node import Node
from bank360.sources.mapped_protected import GROUP_REMEDY, protected_kind
from bank360.sources.source import SourceFile

Subject = Literal["customer", "application"]
_KEYS = (
    *DIALECT_KEYS, "subject", "id", "date", "undated", "known_time", "known_after", "history", "label", "numeric",
    "categorical", "percent", "ranges", "exclude", "unscored", "protected", "not_protected",
    "profile", "reasons",
)  # fmt: skip
_LISTS = ("numeric", "categorical", "percent", "exclude", "unscored")
_REASON_CODE = re.compile(r"[A-Z][0-9]{2,}")
_SHORTEST_REASON, _LONGEST_REASON = 3, 120
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
    """A validated flat mapping; ``date`` and ``known`` are None where rows have none; the delay follows the date.

    ``received_at`` is the instant from which rows are known that have neither; ``known`` is then its day.
    ``reasons`` has by column a code of `bank.reasons.REASONS`, or a text of the mapping's own.
    """

    path: str
    name: str
    subject: Subject
    written: Written
    zone: str
    id: str | None
    date: ColumnMap | None
    undated: Literal["refuse", "leave_out"]
    known: ColumnMap | None
    received_at: datetime | None
    delay_days: int
    history_kept: bool
    label: LabelMap | None
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    percent: tuple[str, ...]
    exclude: tuple[str, ...]
    unscored: tuple[str, ...]
    protected: tuple[str, ...]
    not_protected: tuple[str, ...]
    profile: Mapping[str, ColumnMap]
    ranges: Mapping[str, tuple[float, float]]
    reasons: Mapping[str, str]
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

    def stamps_of(self, inputs: Iterable[str]) -> tuple[str, ...]:
        """Return what a model that reads these columns is stamped with: age, and what the mapping overruled."""
        read = tuple(inputs)
        ages = [name for name in read if protected_kind(name) in ("age", "birth") and name not in self.not_protected]
        over = [name for name in read if name in self.not_protected]
        told = [f"age is scored: {', '.join(ages)}"] if ages else []
        return (*told, *([f"scored as not protected, by the mapping's word: {', '.join(over)}"] if over else ()))

    def not_inputs(self) -> frozenset[str]:
        """Return the columns that no model of the file may read."""
        return self.not_facts() | {*self.unscored}

    def not_facts(self) -> frozenset[str]:
        """Return the columns that become no facts: keys, times, outcome, protected and excluded ones."""
        given = {self.id, self.date and self.date.column, self.known and self.known.column}
        given |= {self.label.column} if self.label is not None else set()
        profile = {one.column for one in self.profile.values()}
        return frozenset(name for name in given | profile | {*self.exclude, *self.protected} if name)


def flat_mapping(
    name: str, node: Node, zone: str, received_on: date | None = None, received_at: datetime | None = None
) -> FlatMap:
    """Return the validated mapping of a flat file.

    Parameters
    ----------
    zone
        The bank's.
    received_on, received_at
        Local day and instant at which the file came, from which on its rows are known where the mapping states no other
        time; without an instant, from the end of the day.

    Raises
    ------
    SettingsError
        If a key is unknown, missing or holds something it may not; the message names the key.
    """
    keys = node.keys(_KEYS, ("pattern",))
    lists = {key: keys[key].texts() if key in keys else () for key in _LISTS}
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
        undated=keys["undated"].choice(("refuse", "leave_out")) if "undated" in keys else "refuse",  # type: ignore[arg-type]
        known=_known(keys, day, node, received_on),
        received_at=received_at if {"known_time", "date"}.isdisjoint(keys) else None,
        delay_days=_delay(keys.get("known_after"), "date" in keys),
        history_kept="history" not in keys or keys["history"].choice(("kept", "none")) == "kept",
        label=_label(keys["label"]) if "label" in keys else None,
        numeric=tuple(dict.fromkeys((*lists["numeric"], *lists["percent"]))),
        categorical=lists["categorical"],
        percent=lists["percent"],
        exclude=lists["exclude"],
        unscored=lists["unscored"],
        protected=protected,
        not_protected=keys["not_protected"].texts() if "not_protected" in keys else (),
        profile=profile,
        ranges=_ranges(keys["ranges"]) if "ranges" in keys else {},
        reasons={column: _reason(said) for column, said in keys["reasons"].entries().items()}
        if "reasons" in keys
        else {},
    )
    _no_contradiction(found, keys)
    named(found.written, (*found.not_inputs(), *found.numeric, *found.categorical, *found.not_protected), node)
    return found


def flat_source_file(flat: FlatMap, *, scoring: bool = False) -> SourceFile:
    """Return the declaration of the flat file; for ``scoring`` it need not have the label."""
    needed = [*_read_first(flat), *flat.protected, *flat.unscored, *flat.numeric, *flat.categorical]
    if not scoring:
        needed += flat.not_protected
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
        spelled={} if flat.id is None else {f"{flat.subject}_id": flat.id},
        reads_on=True,
        absent=WRONG_PATTERN,
    )


def is_reason(said: str) -> bool:
    """Return whether a text may tell a declined customer a reason: one line, neither a stub nor a paragraph.

    >>> is_reason("Job"), is_reason("Os"), is_reason("x" * 121)
    (True, False, False)
    """
    return _SHORTEST_REASON <= len(said) <= _LONGEST_REASON and said.isprintable()


def _read_first(flat: FlatMap) -> list[str]:
    maps = [flat.date, flat.known, *flat.profile.values()]
    named_columns = [one.column for one in maps if one is not None and one.column is not None]
    return ([flat.id] if flat.id is not None else []) + named_columns


def _known(keys: Mapping[str, Node], column: Column, node: Node, received_on: date | None) -> ColumnMap | None:
    if "known_time" in keys:
        return column_map(keys["known_time"], column)
    if "date" in keys or received_on is None:
        return None
    return ColumnMap(node.path, constant=received_on.isoformat())


def _ranges(node: Node) -> dict[str, tuple[float, float]]:
    found = {}
    for column, bounds in node.entries().items():
        value = bounds.value
        plain = isinstance(value, list | tuple) and len(value) == 2
        if not plain or any(isinstance(one, bool) or not isinstance(one, int | float) for one in value):
            bounds.fail("must be the least and the largest value, such as [0, 120]")
        if value[0] > value[1]:
            bounds.fail(f"the least value {value[0]} lies above the largest {value[1]}")
        found[column] = (float(value[0]), float(value[1]))
    return found


def _reason(node: Node) -> str:
    """Return a code of the bank's list of reasons, or a text of the mapping's own."""
    if isinstance(node.value, str) and _REASON_CODE.fullmatch(node.value):
        return node.choice([reason.code for reason in REASONS])
    said = " ".join(node.text().split())
    if not is_reason(said):
        node.fail(
            f"must be a code such as R01, or what a declined customer reads, {_SHORTEST_REASON} to {_LONGEST_REASON} "
            "characters long"
        )
    return said


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
    if found.undated == "leave_out" and found.date is None:
        keys["undated"].fail("needs 'date'")
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
            if protected_kind(name) == "group" and name not in found.not_protected:
                keys[key].fail(
                    f"'{name}' speaks of a protected attribute, which no model may score: "
                    f"{GROUP_REMEDY.format(name=name)}"
                )
    for name in found.not_protected:
        if name in not_inputs:
            keys["not_protected"].fail(
                f"'{name}' has another part in the mapping (id, date, label, protected, profile, exclude)"
            )
    both = sorted(set(found.numeric) & set(found.categorical))
    if both:
        keys["categorical"].fail(f"'{both[0]}' is numeric too")
    if found.label is not None and found.label.column in {found.id, *found.protected, *found.exclude}:
        keys["label"].fail(f"'{found.label.column}' has another part in the mapping too")
    if found.subject == "application" and found.profile:
        keys["profile"].fail("is for 'subject: customer'")
