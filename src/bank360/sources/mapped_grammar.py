"""What may stand under ``mapping.files`` of a source of kind 'mapped': read strictly into frozen values.

One entry per kind of file, named freely; an entry named like a canonical table fills that table::

    files:
      transactions:
        pattern: "ledger-*.csv"
        csv: {delimiter: ";", encoding: latin-1, nulls: ["", "NULL"]}
        decimal: ","
        sign: debit_positive
        known_after: 1d
        columns:
          transaction_id: TXN_ID
          event_time: {column: POSTED, format: "%d/%m/%Y"}
          channel: {column: CH, codes: {A: atm, P: pos}, other: unknown}
          country: {constant: GB}

Whatever is wrong raises SettingsError with the path of the key at fault. `mapped.py` turns it into a source.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from bank360.bank.table import Column, Table, Tag
from bank360.bank.tables import TABLE_BY_NAME
from bank360.sources.mapped_cells import code_text
from bank360.sources.mapped_dialect import DIALECT_KEYS, Written, named, written
from bank360.sources.mapped_node import Node
from bank360.sources.mapped_sign import Indicator, Sign, TwoColumns, sign_of
from bank360.sources.mapped_times import EPOCH_FORMATS

_FILE_KEYS = (
    *DIALECT_KEYS, "relation", "table", "zone", "currency", "amounts", "sign",
    "known_time", "known_after", "history", "optional", "columns",
)  # fmt: skip
_COLUMN_KEYS = ("column", "codes", "other", "missing", "format", "precision", "percent", "constant")
# When a row happened: from then a delay counts where the mapping names no other moment, and whether the file tells its
# time of day is the row's `event_precision`.
MOMENTS = {
    "customers": "onboarded_on", "customer_personal": "valid_from", "customer_facts": "valid_from",
    "products": "valid_from", "accounts": "opened_on", "account_terms": "valid_from",
    "account_parties": "valid_from", "cards": "issued_on", "merchants": "valid_from", "balances": "date",
    "credit_months": "month_end", "payments": "paid_on", "transactions": "event_time",
    "applications": "submitted_at", "bureau_reports": "pulled_at", "identifier_tokens": "valid_from",
    "fraud_cases": "opened_at", "interactions": "at",
}  # fmt: skip
NOT_DELIVERED = ("source_keys",)  # made by identity

Amounts = Literal["major", "minor", "major_rounded"]


@dataclass(frozen=True)
class ColumnMap:
    """How one canonical column is filled: from a column of the file, or by a constant.

    ``codes`` maps texts of the file to ours; ``other`` is ours for unlisted texts, ``missing`` ours for empty cells.
    """

    path: str
    column: str | None = None
    codes: Mapping[str, Any] | None = None
    other: Any = None
    missing: Any = None
    format: str | None = None
    day_only: bool = False
    percent: bool = False
    constant: Any = None


@dataclass(frozen=True)
class Delay:
    """Known a delay after a moment of the row: after the instant, or the end of the local day of a date."""

    of: str
    days: int
    micros: int


@dataclass(frozen=True)
class FileMap:
    """One mapped file, validated."""

    path: str
    name: str
    table: Table
    written: Written
    zone: str
    bank_zone: str
    currency: str | ColumnMap
    amounts: Amounts
    sign: Sign
    known: ColumnMap | Delay
    history_kept: bool
    optional: bool
    columns: Mapping[str, ColumnMap]
    country: str | None = None


def file_map(
    name: str,
    node: Node,
    zone: str,
    currency: str,
    received_on: date | None = None,
    received_at: datetime | None = None,
    country: str | None = None,
) -> FileMap:
    """Return the validated mapping of one file.

    Parameters
    ----------
    zone, currency
        The bank's.
    received_on, received_at
        Local day and instant at which the file came; with ``history: none`` its rows may be known from that instant on,
        or, where it is not told, from the end of the day.
    country
        The bank's, of payments of which the file does not say where they were; None: the mapping has to say it.
    """
    known = node.keys(_FILE_KEYS)
    keys = node.keys(_FILE_KEYS, ("columns",) if "relation" in known else ("pattern", "columns"))
    table = _table(name, node, keys.get("table"))
    how = written(keys)
    columns = {
        key: _column_map(entry, _canonical(keys["columns"], table, key))
        for key, entry in keys["columns"].entries().items()
    }
    has_money = any(Tag.MONEY in table.column(key).tags for key in columns) or table.name == "transactions"
    sign = sign_of(keys.get("sign"), table, columns, keys["columns"])
    currency_node = keys.get("currency")
    if currency_node is not None and not has_money and "currency" not in {c.name for c in table.columns}:
        currency_node.fail(f"table '{table.name}' of this file has no amounts mapped. Remove it.")
    result = FileMap(
        path=node.path,
        name=name,
        table=table,
        written=how,
        zone=keys["zone"].zone() if "zone" in keys else zone,
        bank_zone=zone,
        currency=_currency(currency_node, columns, currency),
        amounts=keys["amounts"].choice(("major", "minor", "major_rounded")) if "amounts" in keys else "major",  # type: ignore[arg-type]
        sign=sign,
        known=_known(node, keys, table, columns, received_at or received_on),
        history_kept="history" not in keys or keys["history"].choice(("kept", "none")) == "kept",
        optional="optional" in keys and keys["optional"].flag(),
        columns=columns,
        country=country,
    )
    _all_needed(result, keys["columns"])
    named(how, read_columns(result), keys["columns"])
    return result


def read_columns(mapped: FileMap) -> tuple[str, ...]:
    """Return the names of the file's columns that the mapping reads, each once."""
    maps = [*mapped.columns.values()]
    maps += [one for one in (mapped.currency, mapped.known) if isinstance(one, ColumnMap)]
    names = [one.column for one in maps if one.column is not None]
    if isinstance(mapped.sign, TwoColumns):
        names += [mapped.sign.debit, mapped.sign.credit]
    if isinstance(mapped.sign, Indicator):
        names.append(mapped.sign.column)
    return tuple(dict.fromkeys(names))


def column_map(node: Node, column: Column) -> ColumnMap:
    """Return how a canonical column is filled, validated against its type and codes."""
    return _column_map(node, column)


def _table(name: str, node: Node, chosen: Node | None) -> Table:
    place = Node(node.path, name) if chosen is None else chosen
    tables = [table for table in TABLE_BY_NAME if table not in NOT_DELIVERED]
    if chosen is None and name not in tables:
        node.fail(f"state 'table:', for '{name}' is not a table. Tables: {', '.join(tables)}.")
    return TABLE_BY_NAME[place.choice(tables)]


def _canonical(columns: Node, table: Table, key: str) -> Column:
    names = [column.name for column in table.columns]
    Node(columns.path, {key: None}).keys(names)
    return table.column(key)


def _column_map(node: Node, column: Column) -> ColumnMap:
    if not isinstance(node.value, Mapping):
        return _checked_codes(node, ColumnMap(node.path, column=node.text().strip()), column)
    keys = node.keys(_COLUMN_KEYS)
    if ("column" in keys) == ("constant" in keys):
        node.fail("state either 'column' or 'constant'")
    if "constant" in keys:
        if len(keys) > 1:
            node.fail("a constant takes no other key")
        return ColumnMap(node.path, constant=_ours(keys["constant"], column))
    codes: dict[str, Any] | None = None
    if "codes" in keys:
        if not isinstance(keys["codes"].value, Mapping) or not keys["codes"].value:
            keys["codes"].fail("must hold the file's codes and ours, such as {M: male}")
        if column.type not in ("string", "bool", "int64") or Tag.MONEY in column.tags:
            keys["codes"].fail(f"'{column.name}' is no code but a measured value. Remove it.")
        codes = {}
        for theirs, ours in keys["codes"].value.items():
            place = Node(f"{keys['codes'].path}.{theirs}", ours)
            if theirs is None or theirs == "":
                place.fail("an empty cell is no code; state 'missing' for it")
            value = _ours(place, column)
            for spelling in code_text(theirs):
                if codes.setdefault(spelling, value) != value:
                    place.fail(f"'{spelling}' stands for {codes[spelling]!r} already")
    for key in ("format", "precision"):
        if key in keys and column.type not in ("date", "timestamp"):
            keys[key].fail(f"'{column.name}' is no date or time. Remove it.")
    if "percent" in keys and column.type != "float64":
        keys["percent"].fail(f"'{column.name}' is no rate or share. Remove it.")
    if "other" in keys and codes is None:
        keys["other"].fail("needs 'codes'")
    result = ColumnMap(
        node.path,
        column=keys["column"].text().strip(),
        codes=codes,
        other=_ours(keys["other"], column) if "other" in keys else None,
        missing=_ours(keys["missing"], column) if "missing" in keys else None,
        format=_format(keys["format"]) if "format" in keys else None,
        day_only="precision" in keys and keys["precision"].choice(("day", "second")) == "day",
        percent="percent" in keys and keys["percent"].flag(),
    )
    return _checked_codes(node, result, column)


def _checked_codes(node: Node, found: ColumnMap, column: Column) -> ColumnMap:
    if column.codes is not None and found.codes is None:
        # Without codes the file must use ours; anything else is refused cell by cell.
        own = {code.value: code.value for code in column.codes}
        return ColumnMap(node.path, found.column, own, None, found.missing)
    return found


def _ours(node: Node, column: Column) -> Any:
    """Return one of our values for ``column``, as Python holds it (dates stay text and are parsed like cells).

    A number that YAML read for a measured column is a Decimal: it has a point whatever mark the file's numbers have.
    """
    if column.codes is not None:
        return node.choice([code.value for code in column.codes])
    if column.type == "bool":
        return node.flag()
    if column.type == "int64" and Tag.MONEY not in column.tags:
        return node.count(-(2**53), 2**53)
    if node.value is None:
        node.fail("must not be empty")
    measured = column.type == "float64" or Tag.MONEY in column.tags
    if measured and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return Decimal(str(node.value))
    return node.text() if isinstance(node.value, bool) else str(node.value)  # text() refuses: a country NO, unquoted


def _format(node: Node) -> str:
    pattern = node.text()
    if pattern not in EPOCH_FORMATS and not re.search(r"%[YyxcsGDFu]", pattern):
        node.fail(
            f"'{pattern}' reads no year: write a strptime pattern such as %d/%m/%Y, or {', '.join(EPOCH_FORMATS)}"
        )
    return pattern


def _currency(node: Node | None, columns: Mapping[str, ColumnMap], bank: str) -> str | ColumnMap:
    if "currency" in columns:
        if node is not None:
            node.fail("'currency' is mapped among the columns too. Keep one of the two.")
        return columns["currency"]
    if node is None:
        return bank
    if isinstance(node.value, Mapping):
        keys = node.keys(("column", "codes"), ("column",))
        return _column_map(Node(node.path, {key: entry.value for key, entry in keys.items()}),
                           TABLE_BY_NAME["accounts"].column("currency"))  # fmt: skip
    code = node.text()
    if not re.fullmatch("[A-Z]{3}", code):
        node.fail(f"'{code}' is not an ISO 4217 code such as GBP; a column is written {{column: {code}}}")
    return code


def _known(
    node: Node,
    keys: Mapping[str, Node],
    table: Table,
    columns: Mapping[str, ColumnMap],
    received: date | datetime | None,
) -> ColumnMap | Delay:
    unstated = "known_time" not in keys and "known_after" not in keys
    if unstated and received is not None and "history" in keys and keys["history"].value == "none":
        return ColumnMap(node.path, constant=received.isoformat())
    if ("known_time" in keys) == ("known_after" in keys):
        node.fail(
            "state either 'known_time' (a column that says when the bank could first use the row, or a constant date) "
            "or 'known_after' (such as 1d: one day after the row's own date); with 'history: none' neither is needed, "
            "and rows are known from the moment they came"
        )
    if "known_time" in keys:
        return _column_map(keys["known_time"], TABLE_BY_NAME["bureau_reports"].column("pulled_at"))
    after = keys["known_after"]
    moment, delay = MOMENTS.get(table.name), after
    if isinstance(after.value, Mapping):
        inner = after.keys(("delay", "of"), ("delay", "of"))
        dated = [column.name for column in table.columns if column.type in ("date", "timestamp")]
        moment, delay = inner["of"].choice(dated), inner["delay"]
    if moment is None or moment not in columns:
        after.fail(
            f"counts from '{moment}', which is not mapped. Map it, or name another date: {{delay: 1d, of: …}}"
            if moment
            else f"table '{table.name}' has no date of its own. State 'known_time'."
        )
    found = re.fullmatch(r"([0-9]{1,4})(d|h)", delay.text())
    if found is None:
        delay.fail(f"'{delay.value}' is not a delay such as 0d, 1d or 12h")
    number = int(found.group(1))
    return Delay(moment, number, 0) if found.group(2) == "d" else Delay(moment, 0, number * 3_600_000_000)


# Columns that a mapping may leave out although a row must have them, and what fills them.
FILLED = {
    "event_precision": "from the event's own time",
    "booked_on": "local day of event_time",
    "currency": "the file's currency",
}
LOCAL = "country"  # filled with the bank's own, where that is told


def _all_needed(found: FileMap, place: Node) -> None:
    missing = []
    for column in found.table.columns:
        unknown_fits = column.codes is not None and "unknown" in {code.value for code in column.codes}
        two = column.name == "amount" and isinstance(found.sign, TwoColumns)
        if column.name in found.columns or column.nullable or column.name in FILLED or unknown_fits or two:
            continue
        if column.name == LOCAL and found.country is not None:
            continue
        missing.append(column.name)
    if missing:
        place.fail(
            f"table '{found.table.name}' needs {', '.join(missing)}. Map each to a column of the file. A constant, "
            f"such as {missing[0]}: {{constant: …}}, says the same of every row: give one only where it is so. What "
            f"the file does not say is no data, and never 0: if it lacks one, take '{found.name}' out."
        )
