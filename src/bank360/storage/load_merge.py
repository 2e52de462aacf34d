"""Merges staged rows into a table as versions of keys: nothing new changes nothing, news closes what it corrects.

Most rows of most loads have a key that nobody has seen: they are added as they are, and a first load becomes the table
by renaming. The rest, the *busy* keys, are those stored already or standing several times in the load:

::

    stored versions of busy keys  ──┐
                                    ├─ in order of known time, per key  → the chain
    delivered rows of busy keys   ──┘

    1. A delivered row equal to a stored version (known time and values) is dropped: it was known. Of a source that says
       how things stand only the standing version counts: values of before that come again were changed back.
    2. A delivered row with the known time of a stored version, but other values, is a correction that the source did
       not date: it becomes known just after it was received, and after everything else known of the key.
    3. Along the chain a delivered row with the values of its predecessor is dropped: no news.
    4. Every version is superseded at the known time of its successor.

Step 4 also places rows that arrive late, with a known time before that of stored versions, in between. Stored rows
never change but for their ``superseded_time``.
"""

from dataclasses import dataclass, replace

from bank360.bank.counted import counted
from bank360.bank.finding import Finding
from bank360.bank.personal_numbers import masked_key
from bank360.bank.table import PROVENANCE, Table
from bank360.bank.vocabulary import Severity
from bank360.storage.landing import Delivery
from bank360.storage.ledger import naive_utc
from bank360.storage.warehouse import Warehouse, quoted

# What arrives by our own API comes again in the bank's files, under the same keys.
_ARRIVED = "'arrived_events', 'arrived_interactions'"


@dataclass(frozen=True)
class Merged:
    """Rows added, how many of them are new versions of a key that was known, and what was noticed.

    ``used_again`` is a key that files delivered before and again with other content (its first column); None: what came
    again had arrived by our own API.
    """

    accepted: int
    corrections: int
    findings: tuple[Finding, ...] = ()
    used_again: str | None = None


def merge(warehouse: Warehouse, table: Table, stage: str, delivery: Delivery, *, as_it_stands: bool = False) -> Merged:
    """Merge the rows of ``stage`` into ``table`` and drop the stage. Part of the load's transaction.

    Parameters
    ----------
    table
        Canonical table, there already.
    stage
        Table of the same columns, in which (key, known_time) is unique.
    delivery
        The load, whose time of receipt dates corrections that carry no new known time.
    as_it_stands
        Whether its source says how things stand when it is read (`Source.as_it_stands`).
    """
    names = _Names(table, stage)
    warehouse.execute(f"CREATE TEMP TABLE busy AS {names.busy_keys()}")
    busy = warehouse.number("SELECT count(*) FROM busy")
    result = _merge_busy(warehouse, table, names, delivery, as_it_stands) if busy else Merged(0, 0)
    warehouse.execute("DROP TABLE busy")
    added = warehouse.number(f"SELECT count(*) FROM {names.stage}")
    if warehouse.number(f"SELECT count(*) FROM (SELECT 1 FROM {names.table} LIMIT 1)") == 0:
        warehouse.execute(f"DROP TABLE {names.table}")
        warehouse.execute(f"ALTER TABLE {names.stage} RENAME TO {names.table}")
    else:
        warehouse.execute(f"INSERT INTO {names.table} SELECT * FROM {names.stage}")
        warehouse.execute(f"DROP TABLE {names.stage}")
    if busy:
        warehouse.execute(f"INSERT INTO {names.table} SELECT {names.columns} FROM kept WHERE stored_row IS NULL")
        warehouse.execute("DROP TABLE kept")
    return replace(result, accepted=result.accepted + added)


class _Names:
    """The table's names and column lists, quoted."""

    def __init__(self, table: Table, stage: str) -> None:
        self.table, self.stage = quoted(table.name), quoted(stage)
        provenance = {column.name for column in PROVENANCE}
        stored = [column.name for column in table.stored_columns]
        self.keys = [quoted(name) for name in table.key]
        self.values = [quoted(name) for name in stored if name not in table.key and name not in provenance]
        self.columns = ", ".join(quoted(name) for name in stored)
        self.key_list = ", ".join(self.keys)

    def busy_keys(self) -> str:
        return (
            f"SELECT DISTINCT {self.key_list} FROM {self.stage} SEMI JOIN {self.table} USING ({self.key_list})"
            f" UNION SELECT {self.key_list} FROM {self.stage} GROUP BY ALL HAVING count(*) > 1"
        )

    def same(self, left: str, right: str) -> str:
        """Return SQL for: the rows have one key, one known time and equal values, nulls being equal."""
        columns = (*self.keys, "known_time")
        equal = [f"{left}.{column} = {right}.{column}" for column in columns]
        equal += [f"{left}.{column} IS NOT DISTINCT FROM {right}.{column}" for column in self.values]
        return " AND ".join(equal)


def _merge_busy(warehouse: Warehouse, table: Table, names: _Names, delivery: Delivery, as_it_stands: bool) -> Merged:
    """Take the busy rows out of the stage, close stored versions, and leave the chain with the new rows in ``kept``."""
    warehouse.execute(
        f"CREATE TEMP TABLE known AS SELECT *, rowid AS stored_row FROM {names.table}"
        f" SEMI JOIN busy USING ({names.key_list})"
    )
    warehouse.execute(
        f"CREATE TEMP TABLE incoming AS SELECT * FROM {names.stage} SEMI JOIN busy USING ({names.key_list})"
    )
    warehouse.execute(
        f"DELETE FROM {names.stage} WHERE EXISTS (SELECT 1 FROM busy WHERE "
        + " AND ".join(f"busy.{key} = {names.stage}.{key}" for key in names.keys)
        + ")"
    )
    returned = warehouse.number(
        f"SELECT count(*) FROM incoming i JOIN known k ON {names.same('i', 'k')} WHERE k.superseded_time IS NOT NULL"
    )
    no_news = "(SELECT * FROM known WHERE superseded_time IS NULL)" if as_it_stands else "known"
    warehouse.execute(
        f"CREATE TEMP TABLE news AS SELECT i.* FROM incoming i ANTI JOIN {no_news} k ON {names.same('i', 'k')}"
    )
    _date_undated(warehouse, names, delivery)
    _chain(warehouse, names)
    warehouse.execute(
        f"UPDATE {names.table} SET superseded_time = kept.superseded_time FROM kept"
        f" WHERE {names.table}.rowid = kept.stored_row"
        f" AND {names.table}.superseded_time IS DISTINCT FROM kept.superseded_time"
    )
    accepted, corrections = warehouse.row(
        "SELECT count(*), coalesce(sum(CAST(place > 1 AS BIGINT)), 0) FROM kept WHERE stored_row IS NULL"
    )
    (used_again,) = warehouse.row(
        f"SELECT min({names.keys[0]}) FROM kept SEMI JOIN (SELECT {names.key_list} FROM kept"
        f" WHERE stored_row IS NOT NULL AND source_system NOT IN ({_ARRIVED})) USING ({names.key_list})"
        f" WHERE stored_row IS NULL AND source_system NOT IN ({_ARRIVED})"
    )
    of_two = _of_two_sources(warehouse, table, names, delivery)
    for temporary in ("known", "incoming", "news", "dated", "chain"):
        warehouse.execute(f"DROP TABLE {temporary}")
    assert isinstance(accepted, int)
    findings = (*_findings(table, 0 if as_it_stands else returned), *of_two)
    return Merged(accepted, int(str(corrections)), findings, None if used_again is None else str(used_again))


def _date_undated(warehouse: Warehouse, names: _Names, delivery: Delivery) -> None:
    """Do step 2: what contradicts a stored version of the same known time becomes known when it was received."""
    same_time = " AND ".join(f"n.{column} = k.{column}" for column in (*names.keys, "known_time"))
    keys = names.key_list
    warehouse.execute(
        f"CREATE TEMP TABLE dated AS WITH last AS (SELECT {keys}, max(known_time) AS last_known FROM"
        f" (SELECT {keys}, known_time FROM known UNION ALL SELECT {keys}, known_time FROM news) GROUP BY ALL),"
        f" marked AS (SELECT n.*, EXISTS (SELECT 1 FROM known k WHERE {same_time}) AS undated FROM news n)"
        f" SELECT * REPLACE (CASE WHEN undated THEN greatest(CAST(? AS TIMESTAMP), last_known) + to_microseconds("
        f"row_number() OVER (PARTITION BY {keys}, undated ORDER BY known_time)) ELSE known_time END AS known_time)"
        f" FROM marked JOIN last USING ({keys})",
        [naive_utc(delivery.received_at).isoformat(sep=" ")],
    )


def _chain(warehouse: Warehouse, names: _Names) -> None:
    """Do steps 3 and 4: order the versions of each key, drop those without news, and date each one's end."""
    values = f"struct_pack({', '.join(f'{value} := {value}' for value in names.values)})" if names.values else "1"
    ordered = f"(PARTITION BY {names.key_list} ORDER BY known_time)"
    warehouse.execute(
        f"CREATE TEMP TABLE chain AS SELECT *, row_number() OVER {ordered} = 1"
        f" OR {values} IS DISTINCT FROM lag({values}) OVER {ordered} AS is_news"
        f" FROM (SELECT {names.columns}, stored_row FROM known SEMI JOIN dated USING ({names.key_list})"
        f" UNION ALL SELECT {names.columns}, CAST(NULL AS BIGINT) FROM dated)"
    )
    warehouse.execute(
        f"CREATE TEMP TABLE kept AS SELECT * EXCLUDE (is_news) REPLACE (lead(known_time) OVER {ordered} AS"
        f" superseded_time), row_number() OVER {ordered} AS place FROM chain WHERE is_news OR stored_row IS NOT NULL"
    )


def _of_two_sources(
    warehouse: Warehouse, table: Table, names: _Names, delivery: Delivery
) -> tuple[Finding, ...]:  # fmt: skip
    """Return the finding that new versions are of keys that another source delivered; nothing where none is."""
    key = quoted(table.key[0])
    rows, example, other = warehouse.row(
        f"WITH others AS (SELECT {names.key_list}, min(source_system) AS other FROM kept WHERE stored_row IS NOT NULL"
        f" AND source_system NOT IN (?, {_ARRIVED}) GROUP BY ALL)"
        f" SELECT count(*), min({key}), arg_min(other, {key}) FROM kept JOIN others USING ({names.key_list})"
        f" WHERE stored_row IS NULL AND source_system NOT IN ({_ARRIVED})",
        [delivery.source],
    )
    if not rows:
        return ()
    count = int(str(rows))
    message = (
        f"{counted(count, 'row')} of '{table.name}' {'has' if count == 1 else 'have'} a key that source '{other}'"
        f" delivered too, such as {table.key[0]} '{masked_key(str(example))}', with other content: both are kept as"
        " versions of one row. If the systems number theirs alike, give the keys of one a prefix of its own and deliver"
        " them anew."
    )
    return (Finding(table.name, table.key[0], "two_sources", Severity.WARNING, count, str(example), message),)


def _findings(table: Table, returned: int) -> tuple[Finding, ...]:
    if not returned:
        return ()
    message = (
        f"{returned} rows repeat a version that was corrected since; the correction stands. To take it back, deliver"
        " the row with a later known time"
    )
    return (Finding(table.name, None, "repeats_a_corrected_row", Severity.WARNING, returned, None, message),)
