"""The file of 660 credit card customers: a flat file whose mapping is fixed here, keyed by its running number Sl_No.

``Customer Key`` does not name a row: five keys stand on two rows each, whose limits and visits differ, and nothing in
the file says which row is the later one. So each row is a customer of its own, the key is a fact of it, and repeated
keys become a finding: nothing is dropped and nobody merged. Numbers may bear thousands separators and the header
blanks, as in the variant of the file. It has no dates: its rows are known from the day on which it came.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import partial
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from bank360.bank.counted import counted
from bank360.bank.finding import Finding
from bank360.bank.vocabulary import Severity
from bank360.sources.mapped_cells import Cells, pc, text
from bank360.sources.mapped_facts import flat_rows
from bank360.sources.mapped_flat import FlatMap, flat_mapping, flat_source_file
from bank360.sources.mapped_node import Node
from bank360.sources.mapped_numbers import whole_numbers
from bank360.sources.mapped_supplied import with_inputs
from bank360.sources.source import Convert, Converted, Lookup, Source

NAME = "credit_card_customers_csv"
ROW, KEY = "Sl_No", "Customer Key"
PUBLISHED_ROWS = 660

MAPPING: dict[str, Any] = {
    "pattern": "*.csv",
    "subject": "customer",
    "id": ROW,
    "thousands": ",",
    "numeric": [
        "Avg_Credit_Limit",
        "Total_Credit_Cards",
        "Total_visits_bank",
        "Total_visits_online",
        "Total_calls_made",
    ],
    "categorical": [KEY],
    "ranges": {
        "Avg_Credit_Limit": [0, 1e9],
        "Total_Credit_Cards": [0, 1000],
        "Total_visits_bank": [0, 100_000],
        "Total_visits_online": [0, 100_000],
        "Total_calls_made": [0, 100_000],
    },
}

# Keys that stand on several rows -> on how many.
Repeated = Mapping[str, int]
NONE_REPEATED: Repeated = MappingProxyType({})


def credit_card_customers_source(
    zone: str, received_on: date, received_at: datetime | None = None, repeated: Repeated = NONE_REPEATED
) -> Source:
    """Return the source: customers by running number, and every other column as a fact of origin supplied.

    Parameters
    ----------
    received_on, received_at
        Local day and instant at which the file came, from which on its rows are known.
    repeated
        Customer keys of several rows. Ingest looks them up.
    """
    flat = customers_map(zone, received_on, received_at)
    file = flat_source_file(flat)
    convert: Mapping[str, Convert] = {NAME: partial(_rows, flat, repeated, None)}
    return Source(NAME, (file,), convert, flat.notes, lookup=Lookup(file, partial(_looked_up, flat)))


def customers_map(zone: str, received_on: date | None = None, received_at: datetime | None = None) -> FlatMap:
    """Return the mapping; ``received_on`` is the local day on which the file came, None where nothing is loaded."""
    flat = flat_mapping(NAME, Node(NAME, MAPPING), zone, received_on, received_at)
    return with_inputs(flat, flat.numeric, flat.categorical)


def _looked_up(flat: FlatMap, batches: Iterable[pa.RecordBatch]) -> Mapping[str, Convert]:
    keys: Counter[str] = Counter()
    rows = 0
    for batch in batches:
        rows += batch.num_rows
        keys.update(key for key in text(Cells(batch.column(KEY), NAME, KEY, 1)).to_pylist() if key is not None)
    repeated = {key: count for key, count in keys.items() if count > 1}
    return {NAME: partial(_rows, flat, repeated, rows)}


def _rows(flat: FlatMap, repeated: Repeated, rows: int | None, batch: pa.RecordBatch, first_line: int) -> Converted:
    """Return customers and facts; ``rows`` counts the whole file, None where nobody has counted."""
    numbers = Cells(batch.column(ROW), flat.name, ROW, first_line)
    whole_numbers(numbers)  # a line of totals is no customer
    keys = Cells(batch.column(KEY), flat.name, KEY, first_line)
    theirs = text(keys)
    index = pc.index(pc.is_null(theirs), True).as_py()
    if index >= 0:
        keys.refuse(index, "is empty", "Fill it in.")
    found: list[Finding] = []
    shared = pc.is_in(theirs, pa.array(list(repeated), pa.string()))
    if (count := pc.sum(shared).as_py() or 0) > 0:
        first = text(numbers).filter(shared)[0].as_py()
        message = (
            f"{counted(len(repeated), 'customer key')} on several rows each: every row is a customer of its own, for "
            "the file does not say which is the later. Correct the keys if they are meant to differ."
        )
        found.append(Finding("customers", "customer_id", "repeated_key", Severity.WARNING, count, first, message))
    if rows is not None and rows != PUBLISHED_ROWS and first_line == _first_line(flat):
        message = f"the file has {counted(rows, 'row')}, the published one {PUBLISHED_ROWS}: a part, or cut short?"
        found.append(Finding("customers", None, "not_the_published_rows", Severity.WARNING, 1, None, message))
    return Converted(flat_rows(flat, batch, first_line).rows, tuple(found))


def _first_line(flat: FlatMap) -> int:
    dialect = flat.written.dialect
    return 1 if dialect is None else dialect.header_rows + 1
