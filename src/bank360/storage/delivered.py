"""What was ever delivered, and since when: for each need of a feature the first row that meets it became known when.

Stored in ``data_known_from`` by every build, so that a profile can say why a value is not there without looking again:
a need that no row met is stored without an instant. One that is not stored was never looked at, as those of a feature
declared since are; it is never taken for unmet, but looked up.
Rows corrected since count: what a feature needs was delivered all the same. Neighbour: `features/needs.py`, whose
`Need` this answers.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import pyarrow as pa

from bank360.features.needs import Need
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import Param, Warehouse, quoted

TABLE = "data_known_from"


def known_from(warehouse: Warehouse, wanted: Iterable[Need], currency: str, country: str) -> dict[Need, int]:
    """Return by need when the first row that meets it became known (microseconds UTC); needs that none meets lack.

    One pass over each table: its rows are grouped by what the needs ask of them.

    Parameters
    ----------
    currency, country
        The bank's own.
    """
    prepare(warehouse)
    by_table: defaultdict[str, dict[Need, None]] = defaultdict(dict)
    for need in wanted:
        by_table[need.table][need] = None
    own = {"currency": currency, "country": country}
    found: dict[Need, int] = {}
    for table, asked in by_table.items():
        keys: dict[str, Param] = {}
        for need in asked:
            if need.column is not None:
                keys |= dict([_key(need, own)])
        columns = "".join(f"{key} AS k{number}, " for number, key in enumerate(keys))
        rows = warehouse.query(
            f"SELECT {columns}epoch_us(min(known_time)) AS known FROM {quoted(table)} GROUP BY ALL",
            [value for value in keys.values() if value is not None],
        ).to_pylist()
        place = {key: f"k{number}" for number, key in enumerate(keys)}
        for need in asked:
            times = [row["known"] for row in rows if row["known"] is not None and _meets(row, need, place, own)]
            if times:
                found[need] = min(times)
    return found


def store_known_from(warehouse: Warehouse, found: Mapping[Need, int], looked_at: Iterable[Need] = ()) -> None:
    """Replace what is stored of what was delivered: ``found`` as of `known_from`, of these needs and the found ones."""
    needs = list(dict.fromkeys((*looked_at, *found)))
    warehouse.replace_table(
        TABLE,
        pa.table(
            {
                "need": pa.array([_name(need) for need in needs], pa.string()),
                "known_from": pa.array([found.get(need) for need in needs], pa.int64()),
            }
        ),
    )


def stored_known_from(warehouse: Warehouse, wanted: Iterable[Need]) -> dict[Need, int]:
    """Return what the last build stored of some needs, as `known_from` does.

    Only of features that this build computed does a need that is not returned mean that no row meets it.

    Raises
    ------
    NotReady
        If nothing is stored yet.
    """
    stored = _stored(warehouse)
    times = ((need, stored.get(_name(need))) for need in wanted)
    return {need: at for need, at in times if at is not None}


def all_known_from(warehouse: Warehouse, wanted: Iterable[Need], currency: str, country: str) -> dict[Need, int]:
    """Return the same of needs whether or not the last build looked at them: of those it did not, as the rows stand.

    Parameters
    ----------
    currency, country
        The bank's own.

    Raises
    ------
    NotReady
        If nothing is stored yet.
    """
    stored = _stored(warehouse)
    needs = tuple(wanted)
    unseen = [need for need in needs if _name(need) not in stored]
    return stored_known_from(warehouse, needs) | known_from(warehouse, unseen, currency, country)


def _stored(warehouse: Warehouse) -> dict[str, int | None]:
    warehouse.require(TABLE, "build")
    rows = warehouse.query(f"SELECT need, known_from FROM {TABLE}").to_pylist()
    return {str(row["need"]): None if row["known_from"] is None else int(row["known_from"]) for row in rows}


def _key(need: Need, own: Mapping[str, str]) -> tuple[str, Param]:
    """Return what rows are grouped by to tell whether they meet a need, and the value bound in it."""
    assert need.column is not None
    column = quoted(need.column)
    if need.against:
        return f"{column} = ?", own[need.column]
    return (column if need.values else f"{column} IS NOT NULL"), None


def _meets(row: Mapping[str, object], need: Need, place: Mapping[str, str], own: Mapping[str, str]) -> bool:
    if need.column is None:
        return True
    cell = row[place[_key(need, own)[0]]]
    if need.against:
        return cell is (need.against == "same")
    return cell in need.values if need.values else cell is True


def _name(need: Need) -> str:
    return f"{need.table}.{need.column or ''}{need.against}({','.join(map(str, need.values))})"
