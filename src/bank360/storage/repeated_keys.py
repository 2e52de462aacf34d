"""Keys that stand twice in one load: only the whole load shows them.

Asked of the rows that a load has staged, or, of a delivery that is refused for its cells, of the keys that read all the
same (`refused_keys`). Neighbours: `dangling`, `told_rows`.
"""

from bank360.bank.fault import Fault
from bank360.bank.table import Table
from bank360.storage.landing import Delivery
from bank360.storage.told_rows import LOOKED, Spelling, ToldRows, first_lines
from bank360.storage.warehouse import Warehouse, quoted


def keys_twice(
    warehouse: Warehouse, table: Table, stage: str, delivery: Delivery, versioned: bool, spelling: Spelling
) -> tuple[Fault, ...]:
    """Return by file the rows of a load whose key stands in an earlier row; a key of which a part is empty is none.

    For a versioned source a key is one with its known time. Distinct hashes prove distinct keys, and cost a tenth of
    grouping by the keys; only where two hashes agree are the keys themselves compared.
    """
    columns = (*table.key, "known_time") if versioned else table.key
    keys = ", ".join(quoted(column) for column in columns)
    rows, hashes = warehouse.row(f"SELECT count(*), count(DISTINCT hash({keys})) FROM {quoted(stage)}")
    if rows == hashes:
        return ()
    told = ToldRows(delivery, spelling)
    order = told.file_order
    whole = " AND ".join(f"{quoted(column)} IS NOT NULL" for column in columns)
    text = " || ' / ' || ".join(f"{quoted(column)}::VARCHAR" for column in table.key)
    again = warehouse.query(
        f"SELECT source_file_hash, count(DISTINCT source_line) AS rows,"
        f" arg_min(source_line, source_line, {LOOKED}) AS first, arg_min(value, source_line, {LOOKED}) AS keys"
        f" FROM (SELECT source_file_hash, source_line, {order} AS nth, {text} AS value,"
        f" row_number() OVER (PARTITION BY {keys} ORDER BY {order}, source_line) AS occurrence"
        f" FROM {quoted(stage)} WHERE {whole}) WHERE occurrence > 1 GROUP BY nth, source_file_hash ORDER BY nth"
    ).to_pylist()
    faults = []
    for found in again:
        file = told.file(found["source_file_hash"], table)
        spelled = [told.spelled(file, table, column) for column in table.key]
        own = ", ".join(f"'{name}'" for name in spelled if name is not None)
        in_file = next((name for name in spelled if name is not None), None)
        known_by = f" (its columns are {own})" if len(table.key) > 1 and own else ""
        faults.append(
            Fault(
                file.name,
                in_file,
                f"stands twice in one load, as the key of table '{table.name}'{known_by}",
                "Remove one of the two rows; a correction of a row belongs in a later delivery.",
                first_lines(found["first"]),
                found["rows"],
                told.shown(table, [table.column(name) for name in table.key], found["keys"]),
            )
        )
    return tuple(faults)
