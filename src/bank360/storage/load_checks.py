"""Checks that only a whole load can answer: a key twice, references to rows that do not exist.

Asked of the rows that a load has staged, or, of a delivery that is refused for its cells, of the keys that read all the
same (`refused_keys`). Faults name the file's own column where the source tells how it spells ours, and repeat no cell
of one whose name, or that of the column to which it refers, says that it may be personal.
"""

from collections.abc import Mapping

from bank360.bank.counted import counted
from bank360.bank.errors import DataRefused
from bank360.bank.fault import EXAMPLES, HIDDEN_VALUE, VALUES, Fault, shown_values
from bank360.bank.finding import Finding
from bank360.bank.personal_numbers import masked_key
from bank360.bank.table import Column, Table, Tag
from bank360.bank.tables import TABLE_BY_NAME
from bank360.bank.vocabulary import Severity
from bank360.sources.personal_columns import may_be_personal
from bank360.storage.landing import Delivery, LandedFile
from bank360.storage.provenance import HASH_DIGITS
from bank360.storage.warehouse import Param, Warehouse, quoted

# By part and table: the file's columns that fill ours (`sources.source.Source.spelling`).
Spelling = Mapping[tuple[str, str], Mapping[str, str]]

_LOOKED = 3 * VALUES  # rows whose values are told, and whose lines: of a row that fills several each once
_PERSONAL = frozenset({Tag.PII, Tag.PROTECTED, Tag.RESTRICTED, Tag.TOKEN})


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
    order = _file_order(delivery)
    whole = " AND ".join(f"{quoted(column)} IS NOT NULL" for column in columns)
    text = " || ' / ' || ".join(f"{quoted(column)}::VARCHAR" for column in table.key)
    again = warehouse.query(
        f"SELECT source_file_hash, count(DISTINCT source_line) AS rows,"
        f" arg_min(source_line, source_line, {_LOOKED}) AS first, arg_min(value, source_line, {_LOOKED}) AS keys"
        f" FROM (SELECT source_file_hash, source_line, {order} AS nth, {text} AS value,"
        f" row_number() OVER (PARTITION BY {keys} ORDER BY {order}, source_line) AS occurrence"
        f" FROM {quoted(stage)} WHERE {whole}) WHERE occurrence > 1 GROUP BY nth, source_file_hash ORDER BY nth"
    ).to_pylist()
    faults = []
    for found in again:
        file = _file(delivery, found["source_file_hash"], table, spelling)
        spelled = [_spelled(spelling, file, table, column) for column in table.key]
        own = ", ".join(f"'{name}'" for name in spelled if name is not None)
        in_file = next((name for name in spelled if name is not None), None)
        known_by = f" (its columns are {own})" if len(table.key) > 1 and own else ""
        faults.append(
            Fault(
                file.name,
                in_file,
                f"stands twice in one load, as the key of table '{table.name}'{known_by}",
                "Remove one of the two rows; a correction of a row belongs in a later delivery.",
                _first(found["first"]),
                found["rows"],
                _shown(table, [table.column(name) for name in table.key], spelling, found["keys"]),
            )
        )
    return tuple(faults)


def dangling_references(
    warehouse: Warehouse, table: Table, delivery: Delivery, filled: frozenset[str], spelling: Spelling
) -> tuple[Finding, ...]:
    """Return findings about references of this load's rows to rows that do not exist.

    Parameters
    ----------
    table
        Canonical table, already merged.
    filled
        Tables that the source fills. A reference into a table that it does not fill and that is empty cannot be
        checked: a finding says so, whatever the table's contract, but for a table that stands alone.

    Raises
    ------
    DataRefused
        If the table's contract refuses dangling references and there are some; it tells all of them.
    """
    findings: list[Finding] = []
    faults: list[Fault] = []
    for column in table.columns:
        target = _target(column)
        if target is None:
            continue
        rows = f"(SELECT * FROM {quoted(table.name)} WHERE batch_id = ?)"
        missing, known = _missing(column, rows), _known(target)
        count = warehouse.number(f"SELECT count(*) FROM ({missing} EXCEPT {known})", [delivery.batch_id])
        if count == 0 or (not _supplied(warehouse, target[0], filled) and table.alone):
            continue
        if not _supplied(warehouse, target[0], filled):
            message = f"{counted(count, 'value')} of table '{target[0]}', which no source has filled: not checked"
            findings.append(
                Finding(table.name, column.name, "reference_not_checked", Severity.WARNING, count, None, message)
            )
        elif table.on_dangling == "refuse":
            faults += _faults(warehouse, table, column, rows, target[0], known, delivery, spelling, [delivery.batch_id])
        else:
            findings.append(_finding(warehouse, table, column, rows, target[0], known, delivery, spelling, count))
    if faults:
        raise DataRefused.of(faults)
    return tuple(findings)


def staged_dangling(
    warehouse: Warehouse,
    stages: Mapping[str, str],
    delivery: Delivery,
    filled: frozenset[str],
    spelling: Spelling,
    hidden: frozenset[str] = frozenset(),
) -> tuple[Fault, ...]:
    """Return the references of staged rows that lead nowhere and may not; nothing of the load is merged.

    Parameters
    ----------
    stages
        By table, where its rows are staged.
    filled
        Tables that the source fills.
    hidden
        Tables of which not all rows of the delivery could be read: nobody knows what leads there.
    """
    faults: list[Fault] = []
    for name, stage in stages.items():
        table = TABLE_BY_NAME[name]
        for column in table.columns if table.on_dangling == "refuse" else ():
            target = _target(column)
            if target is None or target[0] in hidden:
                continue
            if target[0] not in stages and not _supplied(warehouse, target[0], filled):
                continue
            known = _known(target)
            if target[0] in stages:
                known = f"({known} UNION ALL SELECT {quoted(target[1])} FROM {quoted(stages[target[0]])})"
            faults += _faults(warehouse, table, column, quoted(stage), target[0], known, delivery, spelling, [])
    return tuple(faults)


def referring_columns(target: str) -> tuple[tuple[Table, Column], ...]:
    """Return the columns of all tables that refer to ``target``."""
    return tuple(
        (table, column)
        for table in TABLE_BY_NAME.values()
        for column in table.columns
        if (named := _target(column)) is not None and named[0] == target
    )


def _target(column: Column) -> tuple[str, str] | None:
    """Return table and column to which a column refers."""
    if column.references is None:
        return None
    table, name = column.references.split(".")
    return table, name


def _known(target: tuple[str, str]) -> str:
    return f"SELECT {quoted(target[1])} FROM {quoted(target[0])}"


def _missing(column: Column, rows: str) -> str:
    # The distinct values first: 15 million lines name some ten thousand accounts.
    name = quoted(column.name)
    return f"SELECT DISTINCT {name} AS value FROM {rows} WHERE {name} IS NOT NULL"


def _supplied(warehouse: Warehouse, target: str, filled: frozenset[str]) -> bool:
    return target in filled or bool(warehouse.number(f"SELECT count(*) FROM (SELECT 1 FROM {quoted(target)} LIMIT 1)"))


def _faults(
    warehouse: Warehouse,
    table: Table,
    column: Column,
    rows: str,
    target: str,
    known: str,
    delivery: Delivery,
    spelling: Spelling,
    bound: list[Param],
) -> list[Fault]:
    """Return by file the rows whose reference leads nowhere."""
    name, order = quoted(column.name), _file_order(delivery)
    found = warehouse.query(
        f"SELECT source_file_hash, count(DISTINCT source_line) AS rows,"
        f" arg_min(source_line, source_line, {_LOOKED}) AS first, arg_min({name}, source_line, {_LOOKED}) AS keys"
        f" FROM {rows} WHERE {name} IN (SELECT value FROM ({_missing(column, rows)} EXCEPT {known}))"
        f" GROUP BY {order}, source_file_hash ORDER BY {order}",
        [*bound, *bound],
    ).to_pylist()
    faults = []
    for one in found:
        file = _file(delivery, one["source_file_hash"], table, spelling)
        faults.append(
            Fault(
                file.name,
                _spelled(spelling, file, table, column.name),
                f"is not in table '{target}'",
                f"Deliver the missing rows of '{target}' in the same load or before it.",
                _first(one["first"]),
                one["rows"],
                _shown(table, [column], spelling, one["keys"]),
            )
        )
    return faults


def _finding(
    warehouse: Warehouse,
    table: Table,
    column: Column,
    rows: str,
    target: str,
    known: str,
    delivery: Delivery,
    spelling: Spelling,
    count: int,
) -> Finding:
    name = quoted(column.name)
    first = warehouse.query(
        f"SELECT source_file_hash, source_line, {name} AS value, count(*) OVER () AS rows,"
        f" {_file_order(delivery)} AS nth FROM {rows}"
        f" WHERE {name} IN (SELECT value FROM ({_missing(column, rows)} EXCEPT {known}))"
        " ORDER BY nth, source_line LIMIT 1",
        [delivery.batch_id, delivery.batch_id],
    ).to_pylist()[0]
    if _hidden(table, column, spelling):
        value, example = HIDDEN_VALUE, f"row {first['source_line']}"
    else:
        example = masked_key(first["value"])  # the row is named, and has it whole
        value = f"'{example}'"
    file = _file(delivery, first["source_file_hash"], table, spelling)
    message = (
        f"file '{file.name}': {value} is not in table '{target}' ({counted(count, 'value')} in"
        f" {counted(first['rows'], 'row')}); first in row {first['source_line']}"
    )
    return Finding(table.name, column.name, "dangling_reference", Severity.WARNING, first["rows"], example, message)


def _first(lines: list[int]) -> tuple[int, ...]:
    return tuple(sorted({*lines}))[:EXAMPLES]


def _hidden(table: Table, column: Column, spelling: Spelling) -> bool:
    """Return whether no message may repeat a column's cells: by what it is, and by what the bank's files call it.

    A reference holds what its target holds, whatever it is called itself: it is hidden where either is. What no file of
    the source fills is known by our name.
    """
    if _PERSONAL & {*column.tags}:
        return True
    target = _target(column)
    same = [(table.name, column.name), *([] if target is None else [target])]
    return any(may_be_personal(name) for one in same for name in _names(spelling, *one))


def _names(spelling: Spelling, table: str, column: str) -> set[str]:
    """Return what the files that fill a table call a column of it."""
    own = {names[column] for (_, filled), names in spelling.items() if filled == table and column in names}
    return own or {column}


def _shown(table: Table, columns: list[Column], spelling: Spelling, keys: list[str]) -> tuple[str, ...]:
    """Return keys as a fault tells them; of one of several columns each part as it is told by itself."""
    if any(_hidden(table, column, spelling) for column in columns):
        return (HIDDEN_VALUE,)
    if len(columns) == 1:
        return shown_values(keys)
    different = dict.fromkeys(keys)
    return tuple(" / ".join(shown_values([part])[0] for part in key.split(" / ")) for key in different)[: VALUES + 1]


def _file_order(delivery: Delivery) -> str:
    """Return SQL for the position of a row's file in the delivery; hashes are hexadecimal digits of our own making."""
    cases = " ".join(f"WHEN '{file.sha256[:HASH_DIGITS]}' THEN {n}" for n, file in enumerate(delivery.files))
    return f"CASE source_file_hash {cases} END"


def _file(delivery: Delivery, short_hash: str, table: Table, spelling: Spelling) -> LandedFile:
    """Return the file of that hash, as it was read to fill the table: one that fills two was received as two."""
    held = [file for file in delivery.files if file.sha256.startswith(short_hash)]
    return next((file for file in held if (file.part, table.name) in spelling), held[0])


def _spelled(spelling: Spelling, file: LandedFile, table: Table, column: str) -> str | None:
    """Return the file's column that fills ours; None where it is told and no column of the file does."""
    own = spelling.get((file.part, table.name), {})
    return own.get(column) if own else column
