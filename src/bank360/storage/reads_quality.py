"""Counts about tables for the quality rules: one pass over each table, one join per reference."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bank360.bank.countries import COUNTRIES
from bank360.bank.table import Column, Table
from bank360.bank.tables import TABLES
from bank360.bank.vocabulary import Category, PartyType
from bank360.models.application_columns import EMPLOYED_OR_RETIRED, without_age
from bank360.quality.profile import AgeByCode, ColumnProfile, ControlTotal, Dangling, TableProfile, Uncategorised
from bank360.quality.rules import EVENT_COLUMNS, LATE_DAYS, OLD_AGE, WRONG_SIGNS
from bank360.storage.ledger import AMOUNTS, prepare
from bank360.storage.warehouse import Warehouse, quoted

_COUNTS = ("batch_id", "table", "delivered", "accepted", "unchanged", "found")


def table_profile(warehouse: Warehouse, table: Table) -> TableProfile:
    """Return the counts about one table; about rows that stand, superseded ones are only counted."""
    prepare(warehouse)
    counts = {"rows": "count(*)"}
    for column in table.columns:
        name = quoted(column.name)
        counts[f"nulls {column.name}"] = f"count(*) - count({name})"
        counts[f"same {column.name}"] = f"coalesce(min({name}) = max({name}), false)"
    counts |= _event_counts(table)
    if table.name == "transactions":
        for what, category, leaves in WRONG_SIGNS:
            wrong = f"amount {'<' if leaves else '>'} 0"
            counts[f"wrong {what}"] = f"count(*) FILTER (category = '{category}' AND {wrong})"
            counts[f"of {what}"] = f"count(*) FILTER (category = '{category}')"
    if table.name == "customers":
        counts["persons"] = f"count(*) FILTER (type = '{PartyType.PERSON}')"
        counts["ageless"] = f"count(*) FILTER (type = '{PartyType.PERSON}' AND birth_date IS NULL)"
    selected = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in counts.items())
    found = warehouse.query(f"SELECT {selected} FROM {quoted(table.name)} WHERE superseded_time IS NULL").to_pylist()[0]
    rows = found["rows"]
    if rows == 0:
        return TableProfile(0)
    dangling, unchecked = _references(warehouse, table)
    return TableProfile(
        rows=rows,
        superseded=warehouse.number(f"SELECT count(superseded_time) FROM {quoted(table.name)}"),
        columns={
            column.name: ColumnProfile(found[f"nulls {column.name}"], found[f"same {column.name}"])
            for column in table.columns
        },
        early=found.get("early", 0),
        late=found.get("late", 0),
        date_only=found.get("date_only", 0),
        against_sign={
            what: (found[f"wrong {what}"], found[f"of {what}"])
            for what, _, _ in WRONG_SIGNS
            if table.name == "transactions"
        },
        no_country=_no_country(warehouse, table),
        uncategorised=_uncategorised(warehouse) if table.name == "transactions" else None,
        without_age=(found.get("ageless", 0), found.get("persons", 0)),
        employments=_employments(warehouse) if table.name == "application_parties" else (),
        dangling=dangling,
        unchecked=unchecked,
        unread=_unread_reports(warehouse) if table.name == "bureau_reports" else (0, None),
    )


def control_totals(warehouse: Warehouse) -> tuple[ControlTotal, ...]:
    """Return, for every load and table, the ledger's counts and sums, and those of the rows that the table holds."""
    prepare(warehouse)
    money = {name: f"coalesce(sum({quoted(column)}), 0)" for name, column in AMOUNTS.items()}
    found = " UNION ALL ".join(
        f"SELECT batch_id, '{table.name}' AS table_name, count(*) AS found,"
        f" CAST({money.get(table.name, 'NULL')} AS HUGEINT) AS amount FROM {quoted(table.name)} GROUP BY 1"
        for table in TABLES
    )
    rows = warehouse.query(
        "SELECT l.batch_id, l.table_name AS table, l.delivered, l.accepted, unchanged, coalesce(found, 0) AS found,"
        " a.delivered AS delivered_amount, a.accepted AS accepted_amount,"
        " CAST(coalesce(f.amount, 0) AS DECIMAL(38, 0)) AS found_amount"
        f" FROM load_tables l LEFT JOIN ({found}) f ON f.batch_id = l.batch_id AND f.table_name = l.table_name"
        " LEFT JOIN load_amounts a ON a.batch_id = l.batch_id AND a.table_name = l.table_name ORDER BY 1, 2"
    ).to_pylist()
    return tuple(ControlTotal(**{name: row[name] for name in _COUNTS}, amounts=_sums(row)) for row in rows)


def _sums(row: Mapping[str, Any]) -> tuple[int, int, int] | None:
    """Return a load's sums of money; None where the ledger has none."""
    if row["delivered_amount"] is None:
        return None
    return int(row["delivered_amount"]), int(row["accepted_amount"]), int(row["found_amount"])


def _no_country(warehouse: Warehouse, table: Table) -> tuple[int, str | None]:
    if not any(column.name == "country" for column in table.columns):
        return 0, None
    rows = warehouse.query(
        f"SELECT country, count(*) AS rows FROM {quoted(table.name)}"
        " WHERE superseded_time IS NULL AND country IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    ).to_pylist()
    none = [row for row in rows if row["country"] not in COUNTRIES]
    return (sum(row["rows"] for row in none), str(none[0]["country"])) if none else (0, None)


def _unread_reports(warehouse: Warehouse) -> tuple[int, str | None]:
    rows, example = warehouse.row(
        "SELECT count(*), min(subject) FROM bureau_reports WHERE superseded_time IS NULL"
        " AND subject NOT IN (SELECT application_id FROM applications)"
    )
    return int(str(rows)), None if example is None else str(example)


def _uncategorised(warehouse: Warehouse) -> Uncategorised | None:
    # A reversal has the purpose of what it gives back, whatever its own category.
    unknown = f"category = '{Category.UNKNOWN}'"
    rows = warehouse.query(
        f"SELECT currency, count(*) FILTER ({unknown}) AS rows, count(*) AS of,"
        f" CAST(coalesce(-sum(amount) FILTER ({unknown}), 0) AS BIGINT) AS amount,"
        " CAST(-sum(amount) AS BIGINT) AS amount_of FROM transactions"
        " WHERE superseded_time IS NULL AND amount < 0 AND reverses_id IS NULL GROUP BY 1 ORDER BY of DESC, 1 LIMIT 1"
    ).to_pylist()
    return Uncategorised(**rows[0]) if rows else None


def _employments(warehouse: Warehouse) -> tuple[AgeByCode, ...]:
    rows = warehouse.query(
        "SELECT p.employment AS code, count(*) AS rows,"
        f" count(*) FILTER (c.birth_date + INTERVAL {OLD_AGE} YEAR <= a.submitted_at) AS aged"
        " FROM application_parties p JOIN applications a USING (application_id)"
        " JOIN customers c ON c.customer_id = p.customer_id"
        " WHERE p.superseded_time IS NULL AND a.superseded_time IS NULL AND c.superseded_time IS NULL"
        " AND p.employment IS NOT NULL AND c.birth_date IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).to_pylist()
    everybody, aged = sum(row["rows"] for row in rows), sum(row["aged"] for row in rows)
    as_told = without_age(np.array([row["code"] for row in rows], dtype=np.object_))
    return tuple(
        AgeByCode(row["code"], row["rows"], row["aged"], everybody - row["rows"], aged - row["aged"])
        for row, told in zip(rows, as_told, strict=True)
        if told != EMPLOYED_OR_RETIRED
    )


def _event_counts(table: Table) -> dict[str, str]:
    name = EVENT_COLUMNS.get(table.name)
    if name is None:
        return {}
    column = table.column(name)
    happened = quoted(name)
    if column.type == "date":
        # Known on the day itself, or late in the day before by UTC's clock, is not early.
        early = f"CAST(known_time AS DATE) < {happened} - 1"
        late = f"CAST(known_time AS DATE) > {happened} + {LATE_DAYS}"
    else:
        early = f"known_time < {happened}"
        late = f"known_time > {happened} + INTERVAL {LATE_DAYS} DAY"
    counts = {"early": f"count(*) FILTER ({early})", "late": f"count(*) FILTER ({late})"}
    if any(one.name == "event_precision" for one in table.columns):
        counts["date_only"] = "count(*) FILTER (event_precision = 'day')"
    return counts


def _references(warehouse: Warehouse, table: Table) -> tuple[dict[str, Dangling], tuple[str, ...]]:
    dangling, unchecked = {}, []
    for column in table.columns:
        if column.target is None:
            continue
        target, key = column.target
        if warehouse.number(f"SELECT count(*) FROM (SELECT 1 FROM {quoted(target)} LIMIT 1)") == 0:
            if not table.alone and _has_values(warehouse, table, column):
                unchecked.append(column.name)
            continue
        name = quoted(column.name)
        rows = warehouse.query(
            f"SELECT CAST(sum(n) AS BIGINT) AS rows, count(*) AS values, min(value) AS example FROM"
            f" (SELECT {name} AS value, count(*) AS n FROM {quoted(table.name)}"
            f" WHERE {name} IS NOT NULL AND superseded_time IS NULL GROUP BY 1)"
            f" WHERE value NOT IN (SELECT {quoted(key)} FROM {quoted(target)})"
        ).to_pylist()[0]
        if rows["values"]:
            dangling[column.name] = Dangling(rows["rows"], rows["values"], rows["example"])
    return dangling, tuple(unchecked)


def _has_values(warehouse: Warehouse, table: Table, column: Column) -> bool:
    return warehouse.number(f"SELECT count({quoted(column.name)}) FROM {quoted(table.name)}") > 0
