"""``sql/schema.sql``: the canonical tables and the star schema as a script for DuckDB and PostgreSQL, generated.

The primary key of a canonical table is its key and ``known_time``, so that corrected rows keep their versions. There a
reference is a comment and no constraint: the key it points to is unique only together with ``known_time``; each load
checks references instead. In the star schema keys are keys, and references are held by the database.
``make schema`` writes the file; a test compares it with the text made here.
"""

from collections.abc import Iterator

from bank360.bank.table import Column, Table
from bank360.bank.tables import TABLES
from bank360.bank.tables_star import STAR
from bank360.features.behaviour_tables import BEHAVIOUR_TABLES
from bank360.features.place_tables import PLACE_TABLES
from bank360.storage.warehouse import quoted

# The portable names: PostgreSQL knows no DOUBLE, DuckDB reads DOUBLE PRECISION.
_TYPES: dict[str, str] = {
    "string": "TEXT",
    "int64": "BIGINT",
    "float64": "DOUBLE PRECISION",
    "bool": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}

_HEAD = """\
-- The canonical tables of bank360, then what `bank360 export` writes: the star schema, and the tables of features.
-- Generated from src/bank360/bank/tables.py, tables_star.py, features/behaviour_tables.py and place_tables.py by
-- `make schema`.
-- Instants are UTC without a zone; dates are the bank's local days; money is minor units of the row's currency.
-- A correction is a new row: at a moment T a row is visible if known_time < T and not superseded_time < T.
-- customer_features is the exported table, of a customer's lifetime. In a warehouse the table of this name is what
-- `bank360 build` made last: other columns, those of docs/reference/features.md by customer.
"""


def schema_sql() -> str:
    """Return the script that makes every canonical table and the star schema, in loading order."""
    return "\n".join((_HEAD, *(_table_sql(table) for table in (*TABLES, *STAR, *BEHAVIOUR_TABLES, *PLACE_TABLES))))


def _table_sql(table: Table) -> str:
    name = quoted(table.name)
    parts = [_column_sql(column) for column in table.stored_columns]
    keys = ", ".join(quoted(column) for column in (*table.key, *(("known_time",) if table.stored else ())))
    parts += [f"    PRIMARY KEY ({keys})", *(() if table.stored else _references(table)), *_checks(table)]
    lines = [f"CREATE TABLE {name} (", ",\n".join(parts), ");", f"COMMENT ON TABLE {name} IS {_text(table.row)};"]
    lines += [
        f"COMMENT ON COLUMN {name}.{quoted(column.name)} IS {_text(_comment(column))};"
        for column in table.stored_columns
    ]
    return "\n".join(lines) + "\n"


def _column_sql(column: Column) -> str:
    return f"    {quoted(column.name)} {_TYPES[column.type]}{'' if column.nullable else ' NOT NULL'}"


def _references(table: Table) -> Iterator[str]:
    for column in table.columns:
        if column.target is not None:
            target, key = column.target
            yield f"    FOREIGN KEY ({quoted(column.name)}) REFERENCES {quoted(target)} ({quoted(key)})"


def _checks(table: Table) -> Iterator[str]:
    for column in table.columns:
        name = quoted(column.name)
        if column.codes is not None:
            yield f"    CHECK ({name} IN ({', '.join(_text(code.value) for code in column.codes)}))"
        for comparison, edge in ((">=", column.low), ("<=", column.high)):
            if edge is not None:
                yield f"    CHECK ({name} {comparison} {edge:.15g})"


def _comment(column: Column) -> str:
    parts = [column.meaning]
    if column.unit:
        parts.append(f"unit: {column.unit}")
    if column.references:
        parts.append(f"refers to {column.references}")
    parts.append(f"tags: {', '.join(sorted(tag.value for tag in column.tags))}")
    return "; ".join(parts)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


if __name__ == "__main__":
    print(schema_sql(), end="")  # noqa: T201 (the command whose output is the file)
