"""Keys that stand twice in one load: only the whole load shows them.

Asked of the rows that a load has staged, or, of a delivery that is refused for its cells, of the keys that read all the
same (`refused_keys`). Neighbours: `dangling`, `told_rows`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bank360.bank.counted import counted
from bank360.bank.fault import Fault
from bank360.bank.table import Table
from bank360.bank.tables import TABLE_BY_NAME
from bank360.bank.tables_accounts import ACCOUNTS, HOLDER_COLUMNS
from bank360.storage.landing import Delivery
from bank360.storage.told_rows import LOOKED, Spelling, ToldRows, first_lines
from bank360.storage.warehouse import Warehouse, quoted

_MANY = 10  # rows whose key stands in an earlier one: no slip any more
# What such a file usually has a row for, and where that belongs.
_SMALLER = {
    "accounts": f"If it has a row for each holder of an account, map it to 'account_parties' ({HOLDER_COLUMNS}), and"
    " map to 'accounts' a file with one row for each account. ",
    "customers": "If it has a row for each account, address or change of a customer, deliver one row for each customer"
    " as of the day of the delivery. ",
    "transactions": "If the column numbers statements or days, map one that has a value of its own for each booking. ",
}


def doubled_keys(
    warehouse: Warehouse, stages: Mapping[str, str], delivery: Delivery, versioned: bool, spelling: Spelling
) -> tuple[Fault, ...]:
    """Return by table and file the rows of a load whose key stands in an earlier row.

    A row that fills two tables and is doubled in both is one fault, told of the first.

    Parameters
    ----------
    stages
        By table, where its rows are staged.
    """
    found = {
        name: keys_twice(warehouse, TABLE_BY_NAME[name], stage, delivery, versioned, spelling)
        for name, stage in stages.items()
    }
    if {"accounts", "account_parties"} <= found.keys():
        files = {file.name for file in delivery.files if (file.part, "account_parties") in spelling}
        found["accounts"] = _of_holders(found["accounts"], found["account_parties"], files)
    first = {_which(fault): fault for faults in reversed(found.values()) for fault in faults}
    return tuple(fault for faults in found.values() for fault in faults if first[_which(fault)] is fault)


def _of_holders(accounts: Sequence[Fault], parties: Sequence[Fault], files: Collection[str]) -> tuple[Fault, ...]:
    """Return the faults of 'accounts', with another remedy where the rows of their file are of holders.

    Such a file fills both tables, and rows that repeat an account name other holders: to remove one would lose them.

    Parameters
    ----------
    parties
        Faults of 'account_parties'.
    files
        Names of the files that fill it.
    """
    both = {_which(fault) for fault in parties}
    return tuple(
        replace(fault, remedy=_many_twice(ACCOUNTS)) if fault.file in files and _which(fault) not in both else fault
        for fault in accounts
    )


def _which(fault: Fault) -> tuple[str, tuple[int, ...], int]:
    """Return what tells the rows of a fault from others, whatever table they fill."""
    return fault.file, fault.rows, fault.count


def keys_twice(
    warehouse: Warehouse, table: Table, stage: str, delivery: Delivery, versioned: bool, spelling: Spelling
) -> tuple[Fault, ...]:
    """Return by file the rows of one table whose key stands in an earlier row; a key of which a part is empty is none.

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
        f"SELECT source_file_hash, count(DISTINCT source_line) AS rows, count(DISTINCT value) AS different,"
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
        what = f"stands twice in one load, as the key of table '{table.name}'{known_by}"
        remedy = "Remove one of the two rows; a correction of a row belongs in a later delivery."
        if found["rows"] >= _MANY:
            of = warehouse.number(
                f"SELECT count(DISTINCT source_line) FROM {quoted(stage)} WHERE source_file_hash = ?",
                [found["source_file_hash"]],
            )
            what = (
                f"is one of {counted(found['different'], 'key')} of table '{table.name}'{known_by} that stand in"
                f" several rows of one load: {found['rows']:,} of {counted(of, 'row')} repeat one"
            )
            remedy = _many_twice(table)
        faults.append(
            Fault(
                file.name,
                in_file,
                what,
                remedy,
                first_lines(found["first"]),
                found["rows"],
                told.shown(table, [table.column(name) for name in table.key], found["keys"]),
            )
        )
    return tuple(faults)


def _many_twice(table: Table) -> str:
    """Return what to do about keys so many of which repeat that nobody doubled a row by mistake."""
    smaller = _SMALLER.get(table.name, "")
    return (
        f"A row of '{table.name}' is {table.row}: the file may have several rows for each. {smaller}"
        "If its rows are there twice by mistake, deliver it again without the second ones."
    )
