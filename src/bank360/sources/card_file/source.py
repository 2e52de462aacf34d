"""A card file as a source: each line a payment of the bank that is built around it, its customers with the first batch.

The bank is drawn (`people`, `behaviour`, `payments`) and the file's own columns are kept exactly. Ingest first counts
the file (`Source.lookup`): the published one has 284,807 rows and 492 frauds, and another count refuses it unless a
part is meant. Days, customers, merchants, channels and countries are invented, which every metric is told.
"""

from collections.abc import Iterable, Mapping
from functools import partial

import pyarrow as pa

from bank360.bank.counted import counted
from bank360.bank.finding import Finding
from bank360.bank.vocabulary import Severity
from bank360.sources.card_file.layout import (
    FILE,
    PUBLISHED_FRAUDS,
    PUBLISHED_ROWS,
    card_rows,
    classes,
    declared,
    refuse_unless_published,
)
from bank360.sources.card_file.payments import payment_rows
from bank360.sources.card_file.people import customer_count, people, standing_rows
from bank360.sources.mapped_cells import pc
from bank360.sources.source import Convert, Converted, Lookup, Source

NAME = "creditcard_csv"
NOTES = ("customers, days, merchants, channels and countries are drawn around the card file, not recorded",)
_FILLS = (
    "customers", "customer_personal", "products", "accounts", "account_terms", "account_parties", "cards", "merchants",
    "transactions", "transaction_facts", "fraud_cases",
)  # fmt: skip
_FIRST_LINE = 2


def card_file_source(zone: str, currency: str, *, part: bool, rows: int = PUBLISHED_ROWS) -> Source:
    """Return the source.

    Parameters
    ----------
    zone, currency
        The bank's; amounts are taken for that currency's.
    part
        Whether a file of another count than the published one is meant.
    rows
        How many the file has, from which the number of customers follows. Ingest counts them.
    """
    convert: Mapping[str, Convert] = {FILE: partial(_payments, zone, currency, customer_count(rows), ())}
    lookup = Lookup(declared("*.csv", ("transactions",), ("Class",)), partial(_looked_up, zone, currency, part))
    return Source(NAME, (declared("*.csv", _FILLS),), convert, NOTES, lookup=lookup)


def _looked_up(zone: str, currency: str, part: bool, batches: Iterable[pa.RecordBatch]) -> Mapping[str, Convert]:
    rows = frauds = 0
    for batch in batches:
        frauds += pc.sum(classes(batch, rows + _FIRST_LINE)).as_py() or 0
        rows += batch.num_rows
    if not part:
        refuse_unless_published(rows, frauds)
    told = () if (rows, frauds) == (PUBLISHED_ROWS, PUBLISHED_FRAUDS) else (_of_part(rows, frauds),)
    return {FILE: partial(_payments, zone, currency, customer_count(rows), told)}


def _of_part(rows: int, frauds: int) -> Finding:
    message = (
        f"a part of the card file: {counted(rows, 'row')}, {counted(frauds, 'fraud')} ({frauds / max(rows, 1):.2%}), "
        f"where the published one has {PUBLISHED_ROWS:,} and {PUBLISHED_FRAUDS} "
        f"({PUBLISHED_FRAUDS / PUBLISHED_ROWS:.3%}): rates and metrics are not those of card payments"
    )
    return Finding("transactions", None, "part_of_the_file", Severity.WARNING, max(rows, 1), None, message)


def _payments(
    zone: str, currency: str, customers: int, told: tuple[Finding, ...], batch: pa.RecordBatch, first_line: int
) -> Converted:
    first = first_line == _FIRST_LINE and batch.num_rows > 0
    rows = standing_rows(customers if first else 0, zone, currency, first_line)
    rows |= payment_rows(card_rows(batch, first_line), people(customers), zone, currency, first_line)
    return Converted(rows, told if first else ())
