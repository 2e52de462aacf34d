"""The step that writes the star schema, alerts and features to a folder of files, as known at one instant.

The features are customers' behaviour by month and over their lifetime, and those of every merchant and terminal.
Files are named as analysts know them (``FactTransactions.csv``); `bank/tables_star.py` says what is in each. Columns
that say who somebody is, or what may not decide about them, are left out unless their kind is asked for by name, and
account ids that say so have pseudonyms; the folder's ``export.json`` says which were, and how many. Neighbours:
`storage/star.py` makes rows, `exported_keys.py` pseudonyms, `storage/export_files.py` files.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from bank360.bank.calendar import instant, local_days, to_date
from bank360.bank.table import Column, Table, Tag
from bank360.bank.tables_star import (
    BRIDGE_ACCOUNT_HOLDER,
    DIM_ACCOUNT,
    DIM_CUSTOMER,
    DIM_DATE,
    DIM_MERCHANT,
    FACT_TRANSACTIONS,
    RISK_ALERTS,
)
from bank360.bank.vocabulary import ExportFormat, Reveal
from bank360.features.behaviour_tables import CUSTOMER_FEATURES, CUSTOMER_MONTHLY_FEATURES
from bank360.features.families.spending import CATEGORY_MAP
from bank360.features.place_tables import TABLE_OF
from bank360.features.spilling import Outside
from bank360.pipeline.build import packed_histories
from bank360.pipeline.described import one_machine
from bank360.pipeline.exported_keys import ACCOUNT, exported_keys
from bank360.pipeline.feature_tables import BEHAVIOUR, lifetime_rows, month_instants, monthly_rows
from bank360.pipeline.find_alerts import find_alerts
from bank360.pipeline.place_features import place_features
from bank360.pipeline.progress import Progress, silent
from bank360.storage.customer_features import customer_ids
from bank360.storage.export_files import exported_folder, write_manifest, write_table
from bank360.storage.holders import owners
from bank360.storage.ledger import naive_utc
from bank360.storage.star import Star
from bank360.storage.star_customers import dim_customer
from bank360.storage.warehouse import Warehouse

_HELD_BACK = {Tag.PII: Reveal.IDENTITY, Tag.PROTECTED: Reveal.PROTECTED}


@dataclass(frozen=True)
class ExportedTable:
    """One file of an export: the table, the file's name, its rows and what one is, and the columns held back."""

    table: str
    file: str
    rows: int
    a_row_is: str
    held_back: tuple[str, ...]


@dataclass(frozen=True)
class Exported:
    """What an export holds: as known before ``as_of`` (ISO 8601, UTC), and which kinds of columns it reveals.

    ``category_map`` is the version of what counts as essential and what not (`features/families/spending.py`).
    ``customers`` is how many there are; ``dim_customer`` has each version of them, of which one is current.
    ``renamed_accounts`` is how many accounts have a pseudonym in it, their own ids being personal numbers.
    """

    as_of: str
    category_map: str
    reveals: tuple[str, ...]
    renamed_accounts: int
    customers: int
    tables: tuple[ExportedTable, ...]


def export(
    warehouse: Warehouse,
    folder: Path,
    kind: ExportFormat,
    as_of: datetime,
    zone: str,
    currency: str,
    country: str,
    secret: str,
    reveal: frozenset[Reveal] = frozenset(),
    replace: bool = False,
    threads: int = 2,
    progress: Progress = silent,
    outside: Outside | None = None,
) -> Exported:
    """Write the whole export to ``folder``, or leave everything as it is; return what was written.

    Parameters
    ----------
    warehouse
        With identity run and features built; it is only read.
    as_of
        The instant (aware): nothing that came to be known at or after it is in any file.
    zone, currency, country
        The bank's own: days are local ones, alerts and features are about money of this currency.
    secret
        Random, of this export alone: what the pseudonyms of accounts follow from.
    reveal
        Which columns come too that are left out otherwise; a birth date is both of a kind, and needs both. With
        identity, accounts keep their own ids.
    replace
        Whether an earlier export in ``folder`` may be replaced.
    threads
        Threads of the engine.
    outside
        As for `build.packed_histories`.

    Raises
    ------
    NotReady
        If ``folder`` holds something that may not be replaced, or a step has not run yet.
    """
    day = to_date(int(local_days([instant(as_of)], zone)[0]))
    shown = {table.name: shown_columns(table, reveal) for table in (DIM_CUSTOMER, FACT_TRANSACTIONS)}
    warehouse.require("customer_index", "build")
    customers = dim_customer(warehouse, as_of, _names(shown[DIM_CUSTOMER.name]))
    star = Star(warehouse, as_of, day, zone, customers, owners(warehouse, zone))
    accounts = star.accounts()
    keys = exported_keys(map(str, accounts[ACCOUNT].to_pylist()), Reveal.IDENTITY in reveal, secret)

    def by_account(table: pa.Table) -> list[pa.RecordBatch]:
        # Put in order anew: the order of what a pseudonym stands for would tell of it.
        renamed = pa.Table.from_batches(keys.renamed(table.to_batches()), table.schema)
        return renamed.sort_by(ACCOUNT).to_batches() if len(keys.personal) else renamed.to_batches()

    def rows() -> Iterator[tuple[Table, Iterable[pa.RecordBatch]]]:
        yield DIM_DATE, star.dates().to_batches()
        yield DIM_CUSTOMER, customers.to_batches()
        yield DIM_ACCOUNT, by_account(accounts)
        yield BRIDGE_ACCOUNT_HOLDER, by_account(star.account_holders())
        yield DIM_MERCHANT, star.merchants().to_batches()
        yield FACT_TRANSACTIONS, keys.renamed(star.facts(_names(shown[FACT_TRANSACTIONS.name])))
        yield RISK_ALERTS, _alerts(warehouse, as_of, zone, currency, customers).to_batches()
        histories = packed_histories(warehouse, zone, currency, country, BEHAVIOUR, threads, progress, outside=outside)
        ids, at, first = customer_ids(warehouse), instant(as_of), star.first_event()
        engine = one_machine(warehouse, zone, currency, country, lambda: histories, threads)
        for entity, table in TABLE_OF.items():
            yield table, place_features(warehouse, engine.describe, entity, at)[0].to_batches()
        yield CUSTOMER_FEATURES, lifetime_rows(histories, at, ids, customers, threads)
        months = month_instants(at if first is None else first, at, zone)
        yield CUSTOMER_MONTHLY_FEATURES, monthly_rows(histories, *months, ids, customers, threads)

    with exported_folder(folder, replace) as spare:
        done = []
        for table, batches in rows():
            progress(f"exporting {table.name.replace('_', ' ')}", 0, 0)
            columns = shown_columns(table, reveal)
            schema = pa.schema([pa.field(c.name, c.arrow_type, c.nullable) for c in columns])
            name = file_name(table)
            held_back = tuple(c.name for c in table.columns if c not in columns)
            count = write_table(spare, name, kind, schema, batches)
            done.append(ExportedTable(table.name, f"{name}.{kind}", count, table.row, held_back))
        at, shows = naive_utc(as_of).isoformat() + "Z", tuple(sorted(reveal))
        people = len(customers["customer_id"].unique())
        exported = Exported(at, CATEGORY_MAP, shows, len(keys.personal), people, tuple(done))
        write_manifest(spare, asdict(exported))
    progress("exporting", 1, 1)
    return exported


def shown_columns(table: Table, reveal: frozenset[Reveal]) -> tuple[Column, ...]:
    """Return the columns of a table that an export has: those with no tag that is held back and not revealed."""
    return tuple(c for c in table.columns if {_HELD_BACK[tag] for tag in c.tags if tag in _HELD_BACK} <= reveal)


def file_name(table: Table) -> str:
    """Return the name of a table's file, without its ending.

    >>> file_name(FACT_TRANSACTIONS)
    'FactTransactions'
    """
    return "".join(word.capitalize() for word in table.name.split("_"))


def _names(columns: Iterable[Column]) -> frozenset[str]:
    return frozenset(column.name for column in columns)


def _alerts(warehouse: Warehouse, as_of: datetime, zone: str, currency: str, customers: pa.Table) -> pa.Table:
    current = {row["customer_id"]: row["customer_key"] for row in customers.to_pylist() if row["is_current"]}
    rows = [
        {
            "customer_key": current[alert.customer_id],
            "customer_id": alert.customer_id,
            "rule": alert.rule,
            "found_at": naive_utc(as_of),
            "severity": alert.severity.value,
            "evidence": alert.evidence,
        }
        for alert in find_alerts(warehouse, as_of, zone, currency)
    ]
    return pa.Table.from_pylist(rows, schema=RISK_ALERTS.arrow_schema)
