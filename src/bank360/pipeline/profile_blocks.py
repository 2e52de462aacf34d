"""The three blocks of a profile, arranged from rows. Pure: rows in, values with unit, source and as-of time out.

A value is what one column or feature says; a listing is a small table (accounts, movements, applications). What a
headline is, a face shows first; the rest is there for whoever asks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from bank360.bank.calendar import instant, local_days, to_date
from bank360.bank.table import Column, Tag
from bank360.bank.tables_customers import CUSTOMER_PERSONAL, CUSTOMERS
from bank360.bank.vocabulary import EventPrecision, FactOrigin
from bank360.features.families import FAMILIES
from bank360.pipeline.masking import masked

Row = dict[str, Any]
NoData = Mapping[str, tuple[str, ...]]  # by feature, what it needs and was never delivered
Cell = str | int | float | bool | date | datetime | None

_BEHAVIOURAL = ("rfm", "digital", "cash", "cross_border", "relationship", "velocity")
_TRANSACTIONAL = ("income", "spending", "balances", "repayment")
_FACT_UNITS = {"income": "minor units a month"}
_HEADLINES = frozenset(
    {
        "given_name", "family_name", "birth_date", "age", "city", "postcode", "sex", "marital_status", "region",
        "onboarded_on", "left_on", "deceased_on", "income", "employment",
        "transactions_90d", "active_days_90d", "days_since_transaction", "digital_days_90d", "online_share_90d",
        "night_share_90d", "cash_90d", "abroad_365d", "countries_365d", "days_since_first_account", "product_lines",
        "income_90d", "salary_mean_365d", "spend_90d", "spend_to_income_90d", "essential_share_90d",
        "gambling_share_90d", "balance_mean_90d", "balance_min_180d", "overdrawn_months_365d", "savings_mean_90d",
        "returned_debits_365d", "past_due_max_365d", "limit_use_90d",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Value:
    """One thing known.

    Parameters
    ----------
    name, label
        Column or feature, and its meaning in plain words.
    value, unit
        What it is; money in minor units of the profile's currency; None: known to have no value.
    source
        The table and the system or step that it comes from.
    as_of
        When it became known, or the instant it describes (UTC).
    masked
        Whether the value shown hides a direct identifier.
    headline
        Whether it belongs to the few that are shown first.
    no_data
        Of what the value needs, what was never delivered, in words: then there is no value, which is not 0. Empty
        where all was.
    """

    name: str
    label: str
    value: Cell
    unit: str | None
    source: str
    as_of: datetime | None
    masked: bool = False
    headline: bool = False
    no_data: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listing:
    """A small table: ``columns`` names each cell of each row; money in minor units of the row's currency."""

    name: str
    label: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    source: str
    as_of: datetime | None


@dataclass(frozen=True)
class Block:
    """One of the three blocks."""

    name: str
    label: str
    values: tuple[Value, ...]
    listings: tuple[Listing, ...]


def demographic(
    masters: Sequence[Row], personal: Sequence[Row], facts: Sequence[Row], day: date, as_of: datetime, reveal: bool
) -> Block:
    """Return who the customer is.

    Parameters
    ----------
    masters, personal, facts
        Rows of all the customer's records, the latest last: of several that say something the last one counts.
    day, as_of
        The local day on which the age is taken, and the instant (aware) that it describes.
    reveal
        Whether direct identifiers are shown as they are.
    """
    values = [*_columns(CUSTOMER_PERSONAL.columns, personal, "customer_personal", reveal)]
    said = {value.name for value in values}
    values += [v for v in _columns(CUSTOMERS.columns, _as_one(masters), "customers", reveal) if v.name not in said]
    born = next((row["birth_date"] for row in reversed([*masters, *personal]) if row["birth_date"] is not None), None)
    if born is not None:
        basis = next(value for value in values if value.name == "birth_date")
        age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
        values.append(Value("age", "age", age, "years", basis.source, as_of, headline=True))
    latest = {row["fact"]: row for row in facts}
    for fact, row in sorted(latest.items()):
        value = row["value"] if row["value"] is not None else row["number"]
        source = f"customer_facts ({row['origin']}, {row['key_source']})"
        label = f"{fact.replace('_', ' ')} ({row['origin']})"
        # What a flat file supplies beside is in units that only its owner knows.
        unit = None if row["origin"] == FactOrigin.SUPPLIED else _FACT_UNITS.get(fact)
        values.append(Value(fact, label, value, unit, source, utc(row["known_time"]), headline=fact in _HEADLINES))
    records = Listing(
        "records",
        "records of this customer",
        ("source", "source_key", "given_name", "family_name", "birth_date", "valid_from"),
        tuple(
            (
                row["key_source"],
                row["customer_id"],
                *(row[n] if reveal else masked(n, row[n]) for n in ("given_name", "family_name", "birth_date")),
                row["valid_from"],
            )
            for row in personal
        ),
        "customer_personal",
        _latest(personal),
    )
    return Block("demographic", "Who they are", tuple(values), (records,) if personal else ())


def behavioural(
    features: Row | None,
    no_data: NoData,
    interactions: Sequence[Row],
    complaints: Sequence[Row],
    days: int,
    zone: str,
) -> Block:
    """Return how the customer behaves: activity, channels, cash, abroad, relationship, and contacts with the bank.

    A contact about a complaint comes first, with its day: it suppresses offers.
    """
    values = [
        Value(
            "complained_on", f"last contact about a complaint, of {row['contacts']} in {days} days",
            _local_day(row["last_at"], zone), None, "interactions", utc(row["known_time"]), headline=True,
        )
        for row in complaints
    ]  # fmt: skip
    contacts = Listing(
        "contacts",
        f"contacts in {days} days",
        ("kind", "channel", "contacts", "last_at"),
        tuple((row["kind"], row["channel"], row["contacts"], utc(row["last_at"])) for row in interactions),
        "interactions",
        _latest(interactions),
    )
    listings = (contacts,) if interactions else ()
    return Block("behavioural", "How they behave", (*values, *_features(features, no_data, _BEHAVIOURAL)), listings)


def transactional(
    features: Row | None,
    no_data: NoData,
    accounts: Sequence[Row],
    arrears: Sequence[Row],
    spending: Sequence[Row],
    movements: Sequence[Row],
    applications: Sequence[Row],
    days: int,
    as_of: datetime,
    zone: str,
) -> Block:
    """Return what is held and what moves: accounts with balances, income, spending, repayment, applications.

    Movements and applications whose time of day is not known show the local day in ``zone``.
    """

    def listing(name: str, label: str, columns: tuple[str, ...], rows: Sequence[Row], source: str) -> Listing:
        # What was published by an older bank360 lacks the columns that came since.
        cells = tuple(tuple(_cell(row.get(column)) for column in columns) for row in rows)
        return Listing(name, label, columns, cells, source, as_of)

    def dated(rows: Sequence[Row], column: str) -> list[Row]:
        return [
            row | {column: _local_day(row[column], zone)} if row.get("event_precision") == EventPrecision.DAY else row
            for row in rows
        ]

    listings = (
        listing("accounts", "accounts, what went wrong first", (
            "account_id", "product", "line", "role", "share", "opened_on", "closed_on", "left_on", "charged_off_on",
            "currency",
            "balance", "balance_on", "owed", "credit_limit", "days_past_due", "days_past_due_on",
        ), sorted(accounts, key=_attention), "accounts, account_parties, balances, account_terms, credit_months"),
        listing("arrears", "month ends of 24 months, newest first", (
            "account_id", "month_end", "days_past_due", "balance", "credit_limit", "amount_due", "status",
        ), arrears, "credit_months"),
        listing("categories", f"movements in {days} days by category", (
            "category", "times_in", "money_in", "times_out", "money_out", "currency", "last_at",
        ), spending, "transactions"),
        listing("movements", "latest movements, newest first", (
            "event_time", "amount", "currency", "category", "channel", "country", "account_id",
        ), dated(movements, "event_time"), "transactions"),
        listing("applications", "applications, newest first", (
            "application_id", "product_id", "submitted_at", "requested_amount", "term_months", "purpose", "outcome",
            "decision_source", "taken_up",
        ), dated(applications, "submitted_at"), "applications"),
    )  # fmt: skip
    return Block(
        "transactional",
        "What they hold and what moves",
        _features(features, no_data, _TRANSACTIONAL),
        tuple(part for part in listings if part.rows),
    )


def _attention(row: Row) -> tuple[Any, ...]:
    """Return where an account stands among a customer's, the least first.

    Charged off, the last first; in arrears, the most days first; over the limit; then what else is open, the largest
    amount first; and what is closed or was left, the last first.
    """
    ended = [day for day in (row["closed_on"], row.get("left_on")) if day is not None]
    lost, late = row.get("charged_off_on"), row["days_past_due"] or 0
    drawn = row["owed"] if row["owed"] is not None else -(row["balance"] or 0)
    # Money owed on an account without a limit is an overdraft that nobody agreed to, where it is not a loan.
    limit = row["credit_limit"] if row["credit_limit"] is not None or row["owed"] is not None else 0
    last = (row["opened_on"], row["account_id"])
    if lost is not None:
        return (0, -lost.toordinal(), *last)
    if ended:
        return (4, -min(ended).toordinal(), *last)
    if late > 0:
        return (1, -late, *last)
    return (2 if limit is not None and drawn > limit else 3, -abs(drawn), *last)


def utc(at: datetime) -> datetime:
    """Return a stored instant (naive UTC) as an aware one."""
    return at.replace(tzinfo=UTC)


def _local_day(at: datetime, zone: str) -> date:
    return to_date(int(local_days([instant(utc(at))], zone)[0]))


def _as_one(masters: Sequence[Row]) -> list[Row]:
    """Return the records of the masters as of one person: here since the first began, gone once the last has ended."""
    if not masters:
        return []
    began = min((row["onboarded_on"] for row in masters if row["onboarded_on"] is not None), default=None)
    here = any(row["left_on"] is None for row in masters)
    gone: Row = {"left_on": None, "leave_reason": None} if here else {}
    rows = [row | {"onboarded_on": None} | gone for row in masters]
    first = next((at for at, row in enumerate(masters) if row["onboarded_on"] == began), 0)
    rows[first]["onboarded_on"] = began
    return rows if here else sorted(rows, key=lambda row: row["left_on"])


def _columns(columns: Iterable[Column], rows: Sequence[Row], table: str, reveal: bool) -> list[Value]:
    """Return the last value that any row has for each column that says something about a person."""
    values = []
    for column in columns:
        if Tag.KEY in column.tags or column.name in ("valid_from", "source", "type"):
            continue
        row = next((row for row in reversed(rows) if row[column.name] is not None), None)
        if row is None:
            continue
        hide = Tag.PII in column.tags and not reveal
        value = row[column.name]
        values.append(
            Value(
                column.name,
                column.meaning,
                masked(column.name, value) if hide else value,
                column.unit,
                f"{table} ({row['key_source']})",
                utc(row["known_time"]),
                hide,
                column.name in _HEADLINES,
            )
        )
    return values


def _features(row: Row | None, no_data: NoData, families: tuple[str, ...]) -> tuple[Value, ...]:
    """Return the features that have a value, and those that nobody has one of."""
    if row is None:
        return ()
    at = utc(row["as_of"])
    return tuple(
        Value(
            feature.name,
            feature.meaning,
            row[feature.name],
            feature.unit,
            f"customer_features ({family})",
            at,
            headline=feature.name in _HEADLINES,
            no_data=no_data.get(feature.name, ()),
        )
        for family in families
        for feature in FAMILIES[family]
        if row.get(feature.name) is not None or feature.name in no_data
    )


def _cell(value: Any) -> Cell:
    return utc(value) if isinstance(value, datetime) else value


def _latest(rows: Sequence[Row]) -> datetime | None:
    known = [row["known_time"] for row in rows if row.get("known_time") is not None]
    return utc(max(known)) if known else None
