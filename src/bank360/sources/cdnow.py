"""Purchases of CDNOW's customers, January 1997 to June 1998 (Fader and Hardie, 2001), as a source.

A line holds the customer (in the sample also the number within it), the day, how many CDs, and dollars; blanks align
the columns, so that a line is read as one text. All customers first bought in the first quarter of 1997: their first
purchase is when the relationship began, and nothing says when it ended. A shop knows no accounts: each customer has
one, held as card spend, as a bank sees a shop. A day has no hour; a purchase is known when its day is over.

Lines have no key, and a customer may buy twice a day: the line names the purchase. Customers stand on several lines, so
ingest first looks up on which each stands first (`Source.lookup`).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import day_number, day_starts
from bank360.bank.vocabulary import (
    Category,
    Channel,
    EventPrecision,
    FactOrigin,
    PartyRole,
    PartyType,
    ProductFamily,
    ProductLine,
    RateType,
    Scheme,
)
from bank360.sources.mapped_cells import Cells, Values, empty_values, pc
from bank360.sources.mapped_numbers import amounts, whole_numbers
from bank360.sources.mapped_times import dates
from bank360.sources.source import Convert, Converted, CsvDialect, Lookup, RawColumn, Source, SourceFile

NAME, ZONE, CURRENCY, COUNTRY = "cdnow", "America/New_York", "USD", "US"
PRODUCT, MERCHANT = "SHOP", "CDNOW"
FIRST_DAY = date(1997, 1, 1)
_FILE, _LINE, _DAY = "purchases", "line", "%Y%m%d"
_PARTS = (
    r"^\s*(?P<customer>[0-9]{5})\s+(?:(?P<sample>[0-9]{4})\s+)?(?P<day>[0-9]{8})\s+(?P<cds>[0-9]{1,4})\s+"
    r"(?P<dollars>[0-9]{1,7}\.[0-9]{2})\s*$"
)

# Line of the file on which a customer stands first -> day of that customer's first purchase.
Firsts = Mapping[int, date]
NOT_LOOKED_UP: Firsts = MappingProxyType({})

# No line has this mark: each is one cell, in one column.
_DIALECT = CsvDialect(delimiter="|", quote="", header_rows=0)


def cdnow_source(firsts: Firsts = NOT_LOOKED_UP) -> Source:
    """Return the source.

    Parameters
    ----------
    firsts
        Which lines name a customer for the first time. Empty: none does, until ingest has looked them up.
    """
    fills = (
        "customers", "products", "accounts", "account_parties", "merchants", "transactions", "transaction_facts",
    )  # fmt: skip
    file = SourceFile(_FILE, "CDNOW*.txt", (RawColumn(_LINE, "any"),), fills, _DIALECT)
    return Source(NAME, (file,), {_FILE: partial(_purchases, firsts)}, lookup=Lookup(file, _looked_up))


def _looked_up(batches: Iterable[pa.RecordBatch]) -> Mapping[str, Convert]:
    line_of: dict[str, int] = {}
    first_of: dict[str, date] = {}
    line = 1
    for batch in batches:
        cells, parts = _parts(batch, line)
        customers = pc.struct_field(parts, "customer").to_pylist()
        for customer, day in zip(customers, _days(cells, parts).to_pylist(), strict=True):
            line_of.setdefault(customer, line)
            first_of[customer] = min(day, first_of.get(customer, day))
            line += 1
    return {_FILE: partial(_purchases, {line: first_of[customer] for customer, line in line_of.items()})}


def _parts(batch: pa.RecordBatch, first_line: int) -> tuple[Cells, Values]:
    """Return the lines and their parts; one that is not a purchase refuses the load."""
    cells = Cells(batch.column(_LINE), _FILE, _LINE, first_line)
    parts = pc.extract_regex(cells.values, _PARTS)
    cells.refuse_where(
        pc.is_null(parts),
        "is not a customer, perhaps a number in the sample, a day, a count and dollars",
        "Fetch the file again: it may be cut short.",
    )
    return cells, parts


def _days(cells: Cells, parts: Values) -> Values:
    return dates(Cells(pc.struct_field(parts, "day"), _FILE, _LINE, cells.first_line), _DAY)


def _purchases(firsts: Firsts, batch: pa.RecordBatch, first_line: int) -> Converted:
    count = batch.num_rows
    cells, parts = _parts(batch, first_line)
    customer, day = pc.struct_field(parts, "customer"), _days(cells, parts)
    numbers = np.arange(first_line, first_line + count, dtype=np.int64)
    lines = pa.array(numbers)
    known = _ends(day)
    dollars = amounts(
        Cells(pc.struct_field(parts, "dollars"), _FILE, _LINE, first_line), pa.repeat(pa.scalar(2, pa.int64()), count)
    )
    cds = whole_numbers(Cells(pc.struct_field(parts, "cds"), _FILE, _LINE, first_line))
    key = pc.binary_join_element_wise(f"{MERCHANT}-", pc.utf8_lpad(lines.cast(pa.string()), 6, "0"), "")
    at_midnight = day_starts(_numbers_of(day), ZONE)
    said: dict[str, Values] = {
        "transaction_id": key, "account_id": customer, "event_time": _instants(at_midnight),
        "event_precision": pa.repeat(EventPrecision.DAY.value, count), "booked_on": day, "amount": pc.negate(dollars),
        "currency": pa.repeat(CURRENCY, count), "channel": pa.repeat(Channel.ONLINE.value, count),
        "scheme": pa.repeat(Scheme.CARD.value, count), "category": pa.repeat(Category.SHOPPING.value, count),
        "merchant_id": pa.repeat(MERCHANT, count), "country": pa.repeat(COUNTRY, count),
    }  # fmt: skip
    unsaid = (
        "card_token", "terminal_id", "actor_customer_id", "original_currency", "counterparty_token", "mandate_id",
        "reverses_id", "raw_text",
    )  # fmt: skip
    said |= {name: empty_values(count, pa.string()) for name in unsaid}
    said |= {name: empty_values(count, pa.int64()) for name in ("original_amount", "balance_after")}
    facts: dict[str, Values] = {
        "transaction_id": key, "fact": pa.repeat("cds", count), "value": empty_values(count, pa.string()),
        "number": cds.cast(pa.float64()), "origin": pa.repeat(FactOrigin.SUPPLIED.value, count),
    }  # fmt: skip
    rows = _people(firsts, customer, numbers) | _shop(first_line, count)
    rows["transactions"] = _rows(said, known, lines)
    rows["transaction_facts"] = _rows(facts, known, lines)
    return Converted(rows)


def _people(
    firsts: Firsts, customer: Values, numbers: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> dict[str, pa.RecordBatch]:
    """Return the customers who stand first on these lines, each with an account."""
    at = [index for index, line in enumerate(numbers.tolist()) if line in firsts]
    count, taken = len(at), pa.array(at, pa.int64())
    who, lines = customer.take(taken), pa.array(numbers[at])
    day = pa.array([firsts[line] for line in numbers[at].tolist()], pa.date32())
    known = _instants(day_starts(_numbers_of(day), ZONE))  # who buys is known before what was bought
    person: dict[str, Values] = {
        "customer_id": who, "type": pa.repeat(PartyType.PERSON.value, count), "onboarded_on": day,
        **{name: empty_values(count, pa.string()) for name in ("sex", "marital_status", "region", "leave_reason")},
        **{name: empty_values(count, pa.date32()) for name in ("birth_date", "left_on", "deceased_on")},
    }  # fmt: skip
    account: dict[str, Values] = {
        "account_id": who, "product_id": pa.repeat(PRODUCT, count), "opened_on": day,
        "closed_on": empty_values(count, pa.date32()), "close_reason": empty_values(count, pa.string()),
        "currency": pa.repeat(CURRENCY, count), "branch": empty_values(count, pa.string()),
    }  # fmt: skip
    party: dict[str, Values] = {
        "account_id": who, "customer_id": who, "role": pa.repeat(PartyRole.OWNER.value, count), "valid_from": day,
        "valid_to": empty_values(count, pa.date32()), "liability_share": pa.repeat(1.0, count),
    }  # fmt: skip
    return {
        "customers": _rows(person, known, lines),
        "accounts": _rows(account, known, lines),
        "account_parties": _rows(party, known, lines),
    }


def _shop(first_line: int, count: int) -> dict[str, pa.RecordBatch]:
    """Return the shop and what it is held as, which the file's first line brings; no rows for later batches."""
    held = int(first_line == 1 and count > 0)
    known, lines = (
        _instants(day_starts([day_number(FIRST_DAY)] * held, ZONE)),
        pa.array([first_line] * held, pa.int64()),
    )
    day = pa.array([FIRST_DAY] * held, pa.date32())
    product: dict[str, Values] = {
        "product_id": pa.array([PRODUCT] * held, pa.string()), "valid_from": day,
        "family": pa.array([ProductFamily.LENDING.value] * held, pa.string()),
        "line": pa.array([ProductLine.CREDIT_CARD.value] * held, pa.string()),
        "name": pa.array(["Purchases at a shop, held as card spend"] * held, pa.string()),
        "secured": pa.array([False] * held, pa.bool_()), "revolving": pa.array([False] * held, pa.bool_()),
        "rate_type": pa.array([RateType.NONE.value] * held, pa.string()), "fee": pa.array([0] * held, pa.int64()),
        "transfer_rate": pa.array([0.0] * held, pa.float64()),
    }  # fmt: skip
    merchant: dict[str, Values] = {
        "merchant_id": pa.array([MERCHANT] * held, pa.string()), "valid_from": day,
        "mcc": pa.array([5735] * held, pa.int64()),  # record shops
        "name": pa.array([MERCHANT] * held, pa.string()), "country": pa.array([COUNTRY] * held, pa.string()),
        "category_version": empty_values(held, pa.string()),
    }  # fmt: skip
    return {"products": _rows(product, known, lines), "merchants": _rows(merchant, known, lines)}


def _rows(columns: Mapping[str, Values], known: Values, lines: Values) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({**columns, "known_time": known, "source_line": lines})


def _numbers_of(days: Values) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.asarray(days.cast(pa.int32())).astype(np.int64)


def _ends(days: Values) -> Values:
    return _instants(day_starts(_numbers_of(days) + 1, ZONE))


def _instants(micros: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Values:
    return pa.array(micros).cast(pa.timestamp("us"))
