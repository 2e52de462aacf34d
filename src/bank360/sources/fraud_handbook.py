"""The card payments of the fraud handbook (Le Borgne, Siblini, Lebichot and Bontempi, 2022) as a bank: a source.

*Reproducible Machine Learning for Credit Card Fraud Detection*, chapter 3, simulates payments of 5,000 customers at
10,000 terminals from April to September 2018, and plants three kinds of fraud. A Parquet file holds a row per payment.
Of each customer the bank knows one card on one account; a payment is known as it happens. ``TX_FRAUD`` says what came
out, which nobody knew at the time: it becomes a case that is opened and confirmed `REPORTED_AFTER` days after its
payment, as the book has it. ``TX_FRAUD_SCENARIO`` is how the fraud was planted and is not read. The simulator has
neither zone, currency nor country: its clock is read as UTC, its money as euros, its shops stand in Belgium.

A customer's own rows come with their first payment of the delivery, which ingest looks up first (`Source.lookup`).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.calendar import MICROS_PER_DAY, day_number, day_starts
from bank360.bank.vocabulary import FraudKind, FraudOutcome, PartyRole, PartyType
from bank360.sources.mapped_cells import Cells, Values, constant_values, empty_values, pc, text
from bank360.sources.mapped_grammar import FileMap, file_map, read_columns
from bank360.sources.mapped_node import Node
from bank360.sources.mapped_numbers import whole_numbers
from bank360.sources.mapped_rows import ledger_rows
from bank360.sources.source import Convert, Converted, Lookup, RawColumn, Source, SourceFile

NAME, ZONE, CURRENCY, COUNTRY = "fraud_handbook", "UTC", "EUR", "BE"
FIRST_DAY = date(2018, 4, 1)
REPORTED_AFTER = 7  # days from a fraud to its report: the book's delay
PART, PATTERN, PRODUCT = "transactions", "transactions*.parquet", "CARD_ACCOUNT"
Ints = npt.NDArray[np.int64]
FILLS = ("products", "customers", "accounts", "account_parties", "cards", "transactions", "fraud_cases")
_MAPPING: dict[str, Any] = {
    "pattern": PATTERN,
    "known_after": "0d",
    "sign": "debit_positive",
    "amounts": "major_rounded",  # the simulator rounds to cents in binary: 85.64999999999999
    "columns": {
        "transaction_id": "TRANSACTION_ID",
        "account_id": "CUSTOMER_ID",
        "terminal_id": "TERMINAL_ID",
        "event_time": "TX_DATETIME",
        "amount": "TX_AMOUNT",
        "channel": {"constant": "pos"},
        "scheme": {"constant": "card"},
        "country": {"constant": COUNTRY},
    },
}


def fraud_handbook_source(first: Ints | None = None) -> Source:
    """Return the source.

    Parameters
    ----------
    first
        Each customer's first payment, ascending. None: the rows of customers wait until ingest has looked them up.
    """
    mapped = file_map(PART, Node(f"{NAME}.{PART}", _MAPPING), ZONE, CURRENCY)
    columns = tuple(RawColumn(name, "any") for name in (*read_columns(mapped), "TX_FRAUD"))
    return Source(
        NAME,
        (SourceFile(PART, PATTERN, columns, FILLS, None),),
        _converting(mapped, np.empty(0, dtype=np.int64) if first is None else first),
        lookup=Lookup(SourceFile(PART, PATTERN, _KEYS, FILLS, None), partial(_looked_up, mapped)),
    )


_KEYS = (RawColumn("TRANSACTION_ID", "int64"), RawColumn("CUSTOMER_ID", "int64"))


def first_payments(batches: Iterable[pa.RecordBatch]) -> Ints:
    """Return the first payment of each customer, ascending, from the columns of the lookup's file."""
    found: dict[int, int] = {}
    for batch in batches:
        payment, customer = (np.asarray(batch.column(name)) for name in ("TRANSACTION_ID", "CUSTOMER_ID"))
        order = np.lexsort((payment, customer))
        customers, place = np.unique(customer[order], return_index=True)
        for one, number in zip(customers.tolist(), payment[order][place].tolist(), strict=True):
            found[one] = min(number, found.get(one, number))
    return np.array(sorted(found.values()), dtype=np.int64)


def _looked_up(mapped: FileMap, batches: Iterable[pa.RecordBatch]) -> Mapping[str, Convert]:
    return _converting(mapped, first_payments(batches))


def _converting(mapped: FileMap, first: Ints) -> Mapping[str, Convert]:
    return {PART: partial(_payments, mapped, first)}


def _payments(mapped: FileMap, first: Ints, batch: pa.RecordBatch, first_line: int) -> Converted:
    payments = ledger_rows(mapped, batch, first_line).rows[PART]
    flag = Cells(batch.column("TX_FRAUD"), mapped.name, "TX_FRAUD", first_line)
    fraud = whole_numbers(flag)
    flag.refuse_where(
        pc.fill_null(pc.invert(pc.is_in(fraud, pa.array([0, 1]))), True), "is neither 0 nor 1", "Correct it."
    )
    holder = text(Cells(batch.column("CUSTOMER_ID"), mapped.name, "CUSTOMER_ID", first_line))
    card = pc.binary_join_element_wise("card", holder, "-")
    payments = payments.set_column(payments.schema.get_field_index("card_token"), "card_token", card)
    number = np.asarray(whole_numbers(Cells(batch.column("TRANSACTION_ID"), mapped.name, "TRANSACTION_ID", first_line)))
    starts = pa.array(np.isin(number, first))
    of_file = pa.array(number == first[0]) if first.size else pa.array(np.zeros(number.size, dtype=np.bool_))
    customers = _customer_rows(holder.filter(starts), payments.column("source_line").filter(starts))
    product = _product(payments.column("source_line").filter(of_file))
    return Converted(
        {**customers, "products": product, PART: payments, "fraud_cases": _cases(payments.filter(pc.equal(fraud, 1)))}
    )


def _cases(frauds: pa.RecordBatch) -> pa.RecordBatch:
    """Return a case per fraud: opened and confirmed when it was reported, and not known before."""
    rows, payment = frauds.num_rows, frauds.column("transaction_id")
    reported = pc.add(frauds.column("event_time").cast(pa.int64()), REPORTED_AFTER * MICROS_PER_DAY)
    at = reported.cast(pa.timestamp("us"))
    return _rows(
        frauds.column("source_line"), at, case_id=pc.binary_join_element_wise("F", payment, "-"), subject=payment,
        kind=_same(FraudKind.CARD.value, rows), opened_at=at, closed_at=at,
        outcome=_same(FraudOutcome.CONFIRMED.value, rows), loss=pc.negate(frauds.column("amount")),
        recovered=empty_values(rows, pa.int64()),
    )  # fmt: skip


def _customer_rows(holder: Values, lines: Values) -> dict[str, pa.RecordBatch]:
    """Return the customer, account, role and card of each holder; known since the simulation began."""
    rows = len(holder)
    start, none, no_day = _start(rows), empty_values(rows, pa.string()), empty_values(rows, pa.date32())
    day = constant_values(FIRST_DAY, rows, pa.date32())
    card = pc.binary_join_element_wise("card", holder, "-")
    return {
        "customers": _rows(
            lines, start, customer_id=holder, type=_same(PartyType.PERSON.value, rows), birth_date=no_day, sex=none,
            marital_status=none, region=none, onboarded_on=day, left_on=no_day, leave_reason=none, deceased_on=no_day,
        ),
        "accounts": _rows(
            lines, start, account_id=holder, product_id=_same(PRODUCT, rows), opened_on=day, closed_on=no_day,
            close_reason=none, currency=_same(CURRENCY, rows), branch=none,
        ),
        "account_parties": _rows(
            lines, start, account_id=holder, customer_id=holder, role=_same(PartyRole.OWNER.value, rows),
            valid_from=day, valid_to=no_day, liability_share=constant_values(1.0, rows, pa.float64()),
        ),
        "cards": _rows(
            lines, start, card_token=card, account_id=holder, customer_id=holder, issued_on=day, blocked_on=no_day,
            reason=none,
        ),
    }  # fmt: skip


def _product(lines: Values) -> pa.RecordBatch:
    rows = len(lines)
    return _rows(
        lines, _start(rows), product_id=_same(PRODUCT, rows), valid_from=constant_values(FIRST_DAY, rows, pa.date32()),
        family=_same("deposits", rows), line=_same("current_account", rows), name=_same("Card account", rows),
        secured=constant_values(False, rows, pa.bool_()), revolving=constant_values(False, rows, pa.bool_()),
        rate_type=_same("none", rows), fee=constant_values(0, rows, pa.int64()),
        transfer_rate=constant_values(0.0, rows, pa.float64()),
    )  # fmt: skip


def _rows(lines: Values, known: Values, **columns: Values) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(columns | {"known_time": known, "source_line": lines})


def _same(value: str, rows: int) -> Values:
    return constant_values(value, rows, pa.string())


def _start(rows: int) -> Values:
    at = int(day_starts([day_number(FIRST_DAY)], ZONE)[0])
    return constant_values(at, rows, pa.int64()).cast(pa.timestamp("us"))
