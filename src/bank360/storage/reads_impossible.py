"""Counts the rows that say what cannot be (`quality.impossible`), with file and line of the first; one pass each."""

from datetime import date, datetime

from bank360.bank.currencies import CURRENCIES
from bank360.bank.fault import EXAMPLES, shown_values
from bank360.bank.tables import TABLE_BY_NAME
from bank360.quality.impossible import IMPOSSIBLE, Impossible, Seen
from bank360.storage.ledger import naive_utc, prepare
from bank360.storage.provenance import HASH_DIGITS
from bank360.storage.warehouse import Param, Warehouse, quoted

_VALUES = 5


def impossible_rows(warehouse: Warehouse, now: datetime, today: date) -> tuple[Seen, ...]:
    """Return what cannot be true among the rows that stand, by rule in its order.

    Parameters
    ----------
    now, today
        The instant that counts as now, and its local day: times are compared with the one, days with the other.
    """
    prepare(warehouse)
    found = []
    for about in IMPOSSIBLE:
        condition, bound = _broken(about, now, today)
        rows = f"FROM {_rows(about)} WHERE t.superseded_time IS NULL AND {condition}"
        count = warehouse.number(f"SELECT count(*) {rows}", bound)
        if count:
            found.append(_seen(warehouse, about, rows, bound, count))
    return tuple(found)


def _rows(about: Impossible) -> str:
    table = f"{quoted(about.table)} t"
    if about.against != "account":
        return table
    reason = about.but_closed_for
    left_out = "" if reason is None else f" AND close_reason IS DISTINCT FROM '{reason.value}'"
    return (
        f"{table} JOIN (SELECT account_id, {quoted(about.other)} AS edge FROM accounts"
        f" WHERE superseded_time IS NULL{left_out}) a ON a.account_id = t.account_id"
    )


def _broken(about: Impossible, now: datetime, today: date) -> tuple[str, list[Param]]:
    column = f"t.{quoted(about.column)}"
    if about.against == "row":
        return f"{column} {about.stands} t.{quoted(about.other)}", []
    if about.against == "account":
        return f"{column} {about.stands} a.edge", []
    if about.against == "currencies":
        known = ", ".join(f"'{code}'" for code in sorted(CURRENCIES))
        return f"{column} NOT IN ({known})", []
    if about.against == "month":
        return f"{column} <> last_day({column})", []
    if TABLE_BY_NAME[about.table].column(about.column).type == "date":
        return f"{column} > CAST(? AS DATE)", [today.isoformat()]
    return f"{column} > CAST(? AS TIMESTAMP)", [naive_utc(now).isoformat(sep=" ")]


def _seen(warehouse: Warehouse, about: Impossible, rows: str, bound: list[Param], count: int) -> Seen:
    key = f"t.{quoted(TABLE_BY_NAME[about.table].key[0])}"
    first = warehouse.query(
        f"SELECT {key} AS key, l.file, t.source_line AS line {_with_file(rows)}"
        f" ORDER BY l.number, l.file, t.source_line LIMIT {EXAMPLES}",
        bound,
    ).to_pylist()
    values: tuple[str, ...] = ()
    if about.column in ("currency", "original_currency"):
        told = warehouse.query(
            f"SELECT t.{quoted(about.column)} AS value {rows} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {_VALUES}"
        )
        values = shown_values(told["value"].to_pylist())
    places = tuple((str(one["file"]), int(one["line"])) for one in first if one["file"] is not None)
    return Seen(about, count, None if not first else str(first[0]["key"]), places, values)


def _with_file(rows: str) -> str:
    """Return the rows with the file that brought each, as it was delivered."""
    where, _, condition = rows.partition(" WHERE t.")
    files = f"(SELECT batch_id, file_hash[1:{HASH_DIGITS}] AS hash, min(number) AS number, min(file) AS file FROM loads"
    return (
        f"{where} LEFT JOIN {files} GROUP BY ALL) l"
        f" ON l.batch_id = t.batch_id AND l.hash = t.source_file_hash WHERE t.{condition}"
    )
