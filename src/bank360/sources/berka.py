"""The PKDD'99 financial data set (Berka and Sochorova, 1999): a Czech bank's accounts, 1993 to 1998, as a source.

Dates are YYMMDD and nothing has a time of day, so every event has precision 'day' and is known when its local day is
over. A birth number holds the sex: women's months have 50 added. ``trans_union.csv`` is a part of the original ledger,
97,005 of 1,056,320 transactions, complete only for what precedes each of the 682 loans. How a loan stood at the end of
1998 becomes a fact that was known only then. Statistics of districts and standing orders are not read: the first were
counted in 1995 and 1996 whatever the event's date, the second carry no date at all.

Cards and applicants are named by a disposition (a client's right on an account): those rows need the dispositions of
``disp.asc``, which ingest reads first (`Source.lookup`).
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import MICROS_PER_DAY, day_number, day_starts
from bank360.bank.vocabulary import Channel, EventPrecision, FactOrigin, Outcome, PartyType, Sex
from bank360.sources.mapped_cells import Cells, Values, coded, pc, text
from bank360.sources.mapped_grammar import FileMap, file_map, read_columns
from bank360.sources.mapped_node import Node
from bank360.sources.mapped_numbers import amounts, whole_numbers
from bank360.sources.mapped_rows import ledger_rows
from bank360.sources.mapped_times import dates
from bank360.sources.source import Convert, Converted, CsvDialect, Lookup, RawColumn, Source, SourceFile

NAME, ZONE, CURRENCY = "berka", "Europe/Prague", "CZK"
FIRST_DAY, STATUS_DAY = date(1993, 1, 1), date(1998, 12, 31)
CURRENT_ACCOUNT, LOAN = "CURRENT", "LOAN"
BAD_STATUS = ("B", "D")  # finished and not paid; running and in debt

# disposition -> (client, account)
Dispositions = Mapping[str, tuple[str, str]]
NO_DISPOSITIONS: Dispositions = MappingProxyType({})
_DIALECT = CsvDialect(delimiter=";")
_CSV: dict[str, Any] = {"csv": {"delimiter": ";"}}
_DAY = "%y%m%d"

_MAPPINGS: dict[str, dict[str, Any]] = {
    "account_parties": {
        **_CSV,
        "pattern": "disp.asc",
        "known_time": {"constant": "1992-12-31"},
        "columns": {
            "account_id": "account_id",
            "customer_id": "client_id",
            "role": {"column": "type", "codes": {"OWNER": "owner", "DISPONENT": "authorised"}},
            "valid_from": {"constant": FIRST_DAY.isoformat()},
            "liability_share": {"constant": 1.0},
        },
    },
    "accounts": {
        **_CSV,
        "pattern": "account.asc",
        "known_after": "0d",
        "columns": {
            "account_id": "account_id",
            "product_id": {"constant": CURRENT_ACCOUNT},
            "opened_on": {"column": "date", "format": _DAY},
            "branch": "district_id",
        },
    },
    "transactions": {
        **_CSV,
        "pattern": "trans_union.csv",
        "known_after": "0d",
        "sign": {"indicator": "type", "debit": ["VYDAJ", "VYBER"], "credit": ["PRIJEM"]},
        "columns": {
            "transaction_id": "trans_id",
            "account_id": "account_id",
            "event_time": {"column": "date", "format": _DAY},
            "amount": "amount",
            "balance_after": "balance",
            "channel": {
                "column": "operation",
                "codes": {
                    "VKLAD": "branch",
                    "VYBER": "branch",
                    "VYBER KARTOU": "atm",
                    "PREVOD Z UCTU": "unknown",
                    "PREVOD NA UCET": "unknown",
                },
                "missing": "system",
            },
            "scheme": {
                "column": "operation",
                "codes": {
                    "VKLAD": "cash",
                    "VYBER": "cash",
                    "VYBER KARTOU": "card",
                    "PREVOD Z UCTU": "transfer",
                    "PREVOD NA UCET": "transfer",
                },
                "missing": "interest",
            },
            "category": {
                "column": "k_symbol",
                "codes": {
                    "SIPO": "utilities",
                    "SLUZBY": "fee",
                    "UROK": "interest",
                    "SANKC. UROK": "interest",
                    "DUCHOD": "pension",
                    "POJISTNE": "insurance_premium",
                    "UVER": "loan_repayment",
                },
                "missing": "unknown",
            },
            "country": {"constant": "CZ"},
        },
    },
}


def _mapped(table: str) -> FileMap:
    return file_map(table, Node(f"{NAME}.{table}", _MAPPINGS[table]), ZONE, CURRENCY)


def berka_source(dispositions: Dispositions = NO_DISPOSITIONS) -> Source:
    """Return the source.

    Parameters
    ----------
    dispositions
        By disposition, the client and the account. Empty: cards and loans are refused until ingest has looked them up.
    """
    files: list[SourceFile] = []
    convert: dict[str, Convert] = {}

    def add(name: str, pattern: str, columns: tuple[str, ...], fills: tuple[str, ...], function: Convert) -> None:
        raw = tuple(RawColumn(column, "any") for column in columns)
        files.append(SourceFile(name, pattern, raw, fills, _DIALECT))
        convert[name] = function

    add("clients", "client.asc", ("client_id", "birth_number", "district_id"), ("customers",), _clients)
    for table, function in (("accounts", _accounts), ("account_parties", _parties), ("transactions", _transactions)):
        mapped = _mapped(table)
        columns = read_columns(mapped) + (("bank", "account") if table == "transactions" else ())
        fills = ("products", table) if table == "accounts" else (table,)
        add(table, mapped.written.pattern, columns, fills, partial(function, mapped))
    loan_columns = ("loan_id", "account_id", "date", "amount", "duration", "payments", "status")
    loan_fills = (
        "products", "accounts", "account_terms", "applications", "application_facts", "application_parties",
    )  # fmt: skip
    needing = _needing(dispositions)
    add("loans", "loan.asc", loan_columns, loan_fills, needing["loans"])
    add("cards", "card.asc", ("card_id", "disp_id", "issued"), ("cards",), needing["cards"])
    return Source(NAME, tuple(files), convert, lookup=Lookup(dispositions_file(), _looked_up))


def _needing(dispositions: Dispositions) -> dict[str, Convert]:
    """Return the convert functions of the files that name clients by their dispositions."""
    return {"loans": partial(_loans, _owners(dispositions)), "cards": partial(_cards, dispositions)}


def _looked_up(batches: Iterable[pa.RecordBatch]) -> Mapping[str, Convert]:
    found: dict[str, tuple[str, str]] = {}
    for batch in batches:
        found |= dispositions_of(batch)
    return _needing(found)


def dispositions_file() -> SourceFile:
    """Return the declaration of the file that `dispositions_of` reads."""
    columns = tuple(RawColumn(name, "string") for name in ("disp_id", "client_id", "account_id", "type"))
    return SourceFile("account_parties", "disp.asc", columns, ("account_parties",), _DIALECT)


def dispositions_of(batch: pa.RecordBatch) -> dict[str, tuple[str, str]]:
    """Return the client and account of each disposition in a batch; owners come first."""
    rows = sorted(batch.to_pylist(), key=lambda row: row["type"] != "OWNER")
    return {row["disp_id"]: (row["client_id"], row["account_id"]) for row in rows}


def _owners(dispositions: Dispositions) -> dict[str, str]:
    owners: dict[str, str] = {}
    for client, account in dispositions.values():
        owners.setdefault(account, client)  # owners come first
    return owners


def _clients(batch: pa.RecordBatch, first_line: int) -> Converted:
    cells = Cells(batch.column("birth_number"), "clients", "birth_number", first_line, personal=True)
    digits = text(cells)
    cells.refuse_where(
        pc.invert(pc.match_substring_regex(digits, "^[0-9]{6}$")), "is not a birth number", "Correct it."
    )
    numbers = whole_numbers(cells)
    month = pc.divide(pc.subtract(numbers, pc.multiply(pc.divide(numbers, 10_000), 10_000)), 100)
    woman = pc.greater(month, 50)
    plain = pc.utf8_lpad(pc.subtract(numbers, pc.if_else(woman, 5_000, 0)).cast(pa.string()), 6, "0")
    # Everybody was born before 1993: YY is 19YY, where strptime would take 00 to 68 for 20YY.
    whole = pc.binary_join_element_wise("19", plain, "")
    born = dates(Cells(whole, "clients", "birth_number", first_line, personal=True), "%Y%m%d")
    rows = batch.num_rows
    nothing: dict[str, Values] = {
        "marital_status": pa.nulls(rows, pa.string()),
        "onboarded_on": pa.nulls(rows, pa.date32()),
        "left_on": pa.nulls(rows, pa.date32()),
        "leave_reason": pa.nulls(rows, pa.string()),
        "deceased_on": pa.nulls(rows, pa.date32()),
    }
    return Converted(
        {
            "customers": _rows(
                first_line,
                _constant_time(rows, FIRST_DAY),
                customer_id=_key(batch, "clients", "client_id", first_line),
                type=pa.repeat(PartyType.PERSON.value, rows),
                birth_date=born,
                sex=pc.if_else(woman, Sex.FEMALE.value, Sex.MALE.value),
                region=_key(batch, "clients", "district_id", first_line),
                **nothing,
            )
        }
    )


def _accounts(mapped: FileMap, batch: pa.RecordBatch, first_line: int) -> Converted:
    rows = dict(ledger_rows(mapped, batch, first_line).rows)
    rows["products"] = _product(batch, first_line, CURRENT_ACCOUNT, "deposits", "current_account", "Current account")
    return Converted(rows)


def _parties(mapped: FileMap, batch: pa.RecordBatch, first_line: int) -> Converted:
    rows = ledger_rows(mapped, batch, first_line).rows["account_parties"]
    share = pc.if_else(pc.equal(rows.column("role"), "owner"), 1.0, 0.0)
    return Converted({"account_parties": _replaced(rows, liability_share=share)})


def _transactions(mapped: FileMap, batch: pa.RecordBatch, first_line: int) -> Converted:
    """Return ledger rows; where the symbol says nothing the operation says what the movement was for."""
    rows = ledger_rows(mapped, batch, first_line).rows["transactions"]
    category, scheme = rows.column("category"), rows.column("scheme")
    unknown = pc.equal(category, "unknown")
    cash = pc.is_in(scheme, pa.array(["cash", "card"]))  # the bank's cards draw cash
    category_of = pc.if_else(pc.and_(unknown, cash), "cash", category)
    transfer = pc.and_(unknown, pc.equal(scheme, "transfer"))
    category_of = pc.if_else(transfer, "other_transfer", category_of)
    scheme_of = pc.if_else(pc.equal(category, "fee"), "fee", scheme)
    scheme_of = pc.if_else(pc.equal(category, "interest"), "interest", scheme_of)
    scheme_of = pc.if_else(pc.equal(category, "utilities"), "standing_order", scheme_of)
    bank = text(Cells(batch.column("bank"), mapped.name, "bank", first_line))
    account = text(Cells(batch.column("account"), mapped.name, "account", first_line))
    other = _tokens(pc.binary_join_element_wise(bank, account, ":"))
    return Converted(
        {"transactions": _replaced(rows, category=category_of, scheme=scheme_of, counterparty_token=other)}
    )


def _loans(owners: Mapping[str, str], batch: pa.RecordBatch, first_line: int) -> Converted:
    def cells(name: str) -> Cells:
        return Cells(batch.column(name), "loans", name, first_line)

    count = batch.num_rows
    loan, account = (_key(batch, "loans", name, first_line) for name in ("loan_id", "account_id"))
    day = dates(cells("date"), _DAY)
    days = np.asarray(day.cast(pa.int32())).astype(np.int64)
    # The file gives the day only. Midday stands for it: all that was known by the end of the day before is known.
    submitted = pa.array(day_starts(days, ZONE) + MICROS_PER_DAY // 2).cast(pa.timestamp("us"))
    known = _end_of(days)
    exponents = pa.repeat(pa.scalar(2, pa.int64()), count)
    requested, instalment = amounts(cells("amount"), exponents), amounts(cells("payments"), exponents)
    term = whole_numbers(cells("duration"))
    own_account = pc.binary_join_element_wise("L", loan, "")
    status = coded(cells("status"), {letter: letter for letter in "ABCD"}, None, pa.string())
    text_null, date_null = pa.nulls(count, pa.string()), pa.nulls(count, pa.date32())
    rows: dict[str, pa.RecordBatch] = {
        "products": _product(batch, first_line, LOAN, "lending", "personal_loan", "Loan"),
        "accounts": _rows(
            first_line, known, account_id=own_account, product_id=pa.repeat(LOAN, count), opened_on=day,
            closed_on=date_null, close_reason=text_null, currency=pa.repeat(CURRENCY, count), branch=text_null,
        ),
        "account_terms": _rows(
            first_line, known, account_id=own_account, valid_from=day, credit_limit=pa.nulls(count, pa.int64()),
            rate=pa.nulls(count, pa.float64()), term_months=term, instalment=instalment,
            due_day=pa.nulls(count, pa.int64()),
        ),
        "applications": _rows(
            first_line, known, application_id=loan, product_id=pa.repeat(LOAN, count),
            channel=pa.repeat(Channel.UNKNOWN.value, count), requested_amount=requested, term_months=term,
            purpose=text_null, submitted_at=submitted, event_precision=pa.repeat(EventPrecision.DAY.value, count),
            outcome=pa.repeat(Outcome.APPROVED.value, count), decided_at=submitted, decision_source=text_null,
            override_reason=text_null, offered_amount=requested, offered_rate=pa.nulls(count, pa.float64()),
            taken_up=pa.repeat(True, count), account_id=own_account,
        ),
        "application_facts": _rows(
            first_line, _constant_time(count, STATUS_DAY, after=1), application_id=loan,
            fact=pa.repeat("status_at_the_end_of_1998", count), value=status, number=pa.nulls(count, pa.float64()),
            origin=pa.repeat(FactOrigin.VERIFIED.value, count),
        ),
    }  # fmt: skip
    applicant = pa.array([owners.get(one) for one in account.to_pylist()], pa.string())
    cells("account_id").refuse_where(pc.is_null(applicant), "has no owner in disp.asc", "Deliver its disposition.")
    income = pa.nulls(count, pa.int64())
    rows["application_parties"] = _rows(
        first_line, known, application_id=loan, seq=pa.repeat(pa.scalar(1, pa.int64()), count),
        customer_id=applicant, declared_income=income, housing_cost=income, outgoings=income,
        employment=text_null, employed_months=income,
    )  # fmt: skip
    return Converted(rows)


def _cards(dispositions: Dispositions, batch: pa.RecordBatch, first_line: int) -> Converted:
    disposition = Cells(batch.column("disp_id"), "cards", "disp_id", first_line)
    found = [dispositions.get(one) for one in text(disposition).to_pylist()]
    unknown = pa.array([one is None for one in found], pa.bool_())
    disposition.refuse_where(unknown, "is not in disp.asc", "Deliver the disposition.")
    pairs = [one for one in found if one is not None]
    token = _tokens(pc.binary_join_element_wise("card", _key(batch, "cards", "card_id", first_line), ":"))
    issued = dates(Cells(batch.column("issued"), "cards", "issued", first_line), f"{_DAY} %H:%M:%S")
    return Converted(
        {
            "cards": _rows(
                first_line,
                _end_of(np.asarray(issued.cast(pa.int32())).astype(np.int64)),
                card_token=token,
                account_id=pa.array([account for _, account in pairs], pa.string()),
                customer_id=pa.array([client for client, _ in pairs], pa.string()),
                issued_on=issued,
                blocked_on=pa.nulls(batch.num_rows, pa.date32()),
                reason=pa.nulls(batch.num_rows, pa.string()),
            )
        }
    )


def _key(batch: pa.RecordBatch, file: str, column: str, first_line: int) -> Values:
    cells = Cells(batch.column(column), file, column, first_line)
    found = text(cells)
    index = pc.index(pc.is_null(found), True).as_py()
    if index >= 0:
        cells.refuse(index, "is empty", "Fill it in.")
    return found


def _product(batch: pa.RecordBatch, first_line: int, product: str, family: str, line: str, name: str) -> pa.RecordBatch:
    """Return the file's product, which its first row brings; no rows for later batches."""
    first = first_line == _DIALECT.header_rows + 1 and batch.num_rows > 0
    rows = _rows(
        first_line, _constant_time(1, FIRST_DAY), product_id=pa.array([product]), valid_from=pa.array([FIRST_DAY]),
        family=pa.array([family]), line=pa.array([line]), name=pa.array([name]), secured=pa.array([False]),
        revolving=pa.array([False]), rate_type=pa.array(["fixed" if product == LOAN else "variable"]),
        fee=pa.array([0]), transfer_rate=pa.array([0.0]),
    )  # fmt: skip
    return rows if first else rows.slice(0, 0)


def _rows(first_line: int, known: Values, **columns: Values) -> pa.RecordBatch:
    lines = pa.array(np.arange(first_line, first_line + len(known), dtype=np.int64))
    return pa.RecordBatch.from_pydict(columns | {"known_time": known, "source_line": lines})


def _replaced(rows: pa.RecordBatch, **columns: Values) -> pa.RecordBatch:
    held = dict(zip(rows.schema.names, rows.columns, strict=True))
    return pa.RecordBatch.from_pydict(held | columns)


def _end_of(days: Any) -> Values:
    return pa.array(day_starts(days + 1, ZONE)).cast(pa.timestamp("us"))


def _constant_time(count: int, day: date, after: int = 0) -> Values:
    at = day_starts([day_number(day) + after], ZONE)
    return pa.array(np.repeat(at, count)).cast(pa.timestamp("us"))


def _tokens(texts: Values) -> Values:
    """Return tokens of texts: hashes without a key, for the data set is public and anonymous."""
    encoded = texts.dictionary_encode()
    hashed = [hashlib.blake2b(one.encode(), digest_size=8).hexdigest() for one in encoded.dictionary.to_pylist()]
    return pa.array(hashed, pa.string()).take(encoded.indices)
