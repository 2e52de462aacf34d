"""A small source of delimited and Parquet files with canonical columns, and a bank's folders to load it into."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from bank360.bank.table import Table
from bank360.bank.tables import TABLE_BY_NAME
from bank360.pipeline.ingest import IngestReport, ingest
from bank360.sources.source import Convert, Converted, CsvDialect, RawColumn, Source, SourceFile
from bank360.storage.ledger import content_hashes
from bank360.storage.warehouse import Warehouse, open_warehouse

WANTED = {
    "customers": ("customer_id", "type", "region"),
    "products": ("product_id", "valid_from", "family", "line", "name", "secured", "revolving", "rate_type", "fee",
                 "transfer_rate"),
    "accounts": ("account_id", "product_id", "opened_on", "currency"),
    "transactions": ("transaction_id", "account_id", "event_time", "event_precision", "booked_on", "amount",
                     "currency", "channel", "scheme", "category", "merchant_id", "country"),
}  # fmt: skip

PRODUCTS = (
    "product_id,valid_from,family,line,name,secured,revolving,rate_type,fee,transfer_rate,known_time\n"
    "P1,2020-01-01,deposits,current_account,Current,false,true,none,0,0.01,2020-01-01T00:00:00\n"
)
CUSTOMERS = "customer_id,type,region,known_time\nC1,person,North,2020-01-01T00:00:00\nC2,person,,2020-01-01T00:00:00\n"
ACCOUNTS = (
    "account_id,product_id,opened_on,currency,known_time\n"
    "A1,P1,2020-01-02,GBP,2020-01-02T09:00:00\nA2,P1,2020-01-03,GBP,2020-01-03T09:00:00\n"
)
HEADER = (
    "transaction_id,account_id,event_time,event_precision,booked_on,amount,currency,channel,scheme,category,merchant_id,"
    "country,known_time\n"
)


def transaction(number: int, **changes: str) -> str:
    """Return one line of transactions.csv: T<number>, spent 10.00 on groceries; ``changes`` by column."""
    cells = dict(
        zip(
            HEADER.strip().split(","),
            (
                f"T{number},A1,2020-02-01T10:00:00,second,2020-02-01,-1000,GBP,pos,card,groceries,,GB,"
                "2020-02-01T10:00:05"
            ).split(","),
            strict=True,
        )
    )
    return ",".join((cells | changes).values()) + "\n"


def _converter(table: Table) -> Convert:
    def convert(batch: pa.RecordBatch, first_row: int) -> Converted:
        arrays, names = [], []
        for column in (*table.columns, table.column("known_time")):
            there = column.name in batch.schema.names
            arrays.append(batch.column(column.name) if there else pa.nulls(len(batch), column.arrow_type))
            names.append(column.name)
        arrays.append(pa.array(np.arange(first_row, first_row + len(batch))))
        return Converted({table.name: pa.RecordBatch.from_arrays(arrays, names=[*names, "source_line"])})

    return convert


def tiny_source(dialect: CsvDialect | None = None, suffix: str = "csv", *, versioned: bool = False) -> Source:
    """Return the source; with ``suffix`` "parquet" its transactions are Parquet files."""
    files = []
    for name, columns in WANTED.items():
        table = TABLE_BY_NAME[name]
        raw = tuple(RawColumn(column, table.column(column).type) for column in (*columns, "known_time"))
        if name == "transactions":
            written = None if suffix == "parquet" else (dialect or CsvDialect())
            files.append(SourceFile(name, f"transactions*.{suffix}", raw, (name,), written, optional=True))
        else:
            files.append(SourceFile(name, f"{name}*.csv", raw, (name,), optional=True))
    convert = {file.name: _converter(TABLE_BY_NAME[file.name]) for file in files}
    return Source("tiny", tuple(files), convert, versioned=versioned)


@dataclass
class Bank:
    """A bank's home folder with its warehouse open, and a day that passes with every delivery."""

    home: Path
    warehouse: Warehouse
    source: Source
    day: int = 0

    def deliver(self, files: dict[str, str | bytes], source: Source | None = None) -> IngestReport:
        """Put files into a new folder and load it."""
        self.day += 1
        folder = self.home / "raw" / f"{self.day:03d}"
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return self.load(folder, source)

    def load(self, folder: Path, source: Source | None = None) -> IngestReport:
        """Load a folder, received on the present day at noon."""
        at = datetime(2020, 6, self.day or 1, 12, tzinfo=UTC)
        return ingest(source or self.source, folder, self.landing, self.warehouse, at)

    @property
    def landing(self) -> Path:
        """Folder of the landing zone."""
        return self.home / "landing"

    def hashes(self) -> dict[str, str]:
        """Hash of every table."""
        return content_hashes(self.warehouse)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Rows of a query as tuples."""
        return [tuple(row.values()) for row in self.warehouse.query(sql).to_pylist()]

    def with_source(self, **changes: object) -> Source:
        """The source, changed."""
        return replace(self.source, **changes)


@pytest.fixture
def empty_bank(tmp_path: Path) -> Iterator[Bank]:
    """A bank into which nothing was loaded."""
    with open_warehouse(tmp_path / "warehouse.duckdb", threads=1, memory_limit="500MB") as warehouse:
        yield Bank(tmp_path, warehouse, tiny_source())


@pytest.fixture
def bank(empty_bank: Bank) -> Bank:
    """A bank with two customers, one product and two accounts."""
    empty_bank.deliver({"customers.csv": CUSTOMERS, "products.csv": PRODUCTS, "accounts.csv": ACCOUNTS})
    return empty_bank


@pytest.fixture
def line():
    """Make lines of transactions.csv."""
    return transaction


@pytest.fixture
def header() -> str:
    """Header line of transactions.csv."""
    return HEADER


@pytest.fixture
def source():
    """Make variants of the source."""
    return tiny_source
