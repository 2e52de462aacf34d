"""The columns of the bank's tables that a feature's value depends on: whoever changes one sees here what may move.

Two lists of each feature. *Read* is what is measured, what conditions ask, and what another row is asked for, the
columns of that join among them. *Found by* are the columns by which its events find the customer, merchant or terminal
they count for. Both name columns as they are stored; the crosswalk (``source_keys``) is one of the tables, though
identity fills it. Beside both every table that is named tells when a row was known (`STANDING`), of each feature alike.

Invariant: a column in neither list moves no value (`tests/suites/test_every_column_read.py`). `storage/events.py` has
the statements that read them, `storage/holders.py` who held an account; `wording.py` says the rest of a feature.
"""

from collections.abc import Iterator, Mapping

from bank360.bank.tables import TABLE_BY_NAME
from bank360.features.feature import AnyFeature, Derived, Feature, SpineColumn
from bank360.features.scan import (
    COMPUTED_COLUMNS,
    FRAUD_ROWS,
    FRAUD_STREAMS,
    HOLDINGS,
    INCOME,
    INCOME_COLUMNS,
    INCOME_KINDS,
    PLACE_ROWS,
    STREAM_BY_NAME,
    Entity,
    EventStream,
)

STANDING = ("known_time", "superseded_time")  # of every table that a feature names: which of its rows count at an as_of

_OF_PEOPLE = ("source_keys.source_key", "source_keys.customer_id", "source_keys.valid_to")
_OF_HOLDERS = tuple(
    f"account_parties.{name}" for name in ("account_id", "customer_id", "role", "valid_from", "valid_to")
)
# By table of the events, whose own columns come first.
_WHOSE: dict[str, tuple[str, ...]] = {
    "transactions": ("transactions.actor_customer_id", "transactions.account_id", *_OF_HOLDERS),
    "balances": ("balances.account_id", *_OF_HOLDERS),
    "credit_months": ("credit_months.account_id", *_OF_HOLDERS),
    "payments": ("payments.account_id", *_OF_HOLDERS),
    "accounts": ("accounts.account_id", *_OF_HOLDERS),
    "applications": (
        "applications.application_id", "application_parties.application_id", "application_parties.customer_id",
    ),
    "interactions": ("interactions.customer_id",),
}  # fmt: skip
_JOINED_FROM: dict[str, tuple[str, ...]] = {  # those of an account are joined by the account_id of the events
    "product_line": (
        "accounts.account_id", "accounts.product_id", "products.product_id", "products.line", "products.valid_from",
    ),
    "abroad": ("transactions.country",),
    "purpose": ("transactions.category", "transactions.reverses_id", "transactions.transaction_id"),
    "outgoing": ("transactions.amount", "transactions.reverses_id", "transactions.transaction_id"),
}  # fmt: skip
_IN_SHARES = frozenset({"booked", "available"})  # of balances: each holder has a share of them


def made_of(feature: AnyFeature, catalogue: Mapping[str, AnyFeature]) -> Iterator[Feature | SpineColumn]:
    """Yield what a derived feature comes down to, in the order of its inputs; of any other itself.

    Parameters
    ----------
    catalogue
        Features by name, among them the inputs of derived ones.
    """
    if isinstance(feature, Derived):
        for name in feature.inputs:
            yield from made_of(catalogue[name], catalogue)
    else:
        yield feature


def columns_read(feature: AnyFeature, catalogue: Mapping[str, AnyFeature]) -> tuple[str, ...]:
    """Return the columns that a value is made of, ``table.column``, sorted, each once; ``catalogue`` as above."""
    return tuple(sorted({column for one in made_of(feature, catalogue) for column in _read(one)}))


def columns_found_by(feature: AnyFeature, catalogue: Mapping[str, AnyFeature]) -> tuple[str, ...]:
    """Return the columns by which the events find whom they are of, sorted, each once; ``catalogue`` as above."""
    streams = {STREAM_BY_NAME[one.measure.table] for one in made_of(feature, catalogue) if isinstance(one, Feature)}
    return tuple(sorted({column for stream in streams for column in found_by(stream)}))


def found_by(stream: EventStream) -> tuple[str, ...]:
    """Return the columns by which a stream's events find whom they are of, the events' own first."""
    if stream.entity is Entity.CUSTOMER:
        return _WHOSE[stream.table] + _OF_PEOPLE
    return (f"{stream.table}.{stream.entity.key}",)


def _read(feature: Feature | SpineColumn) -> Iterator[str]:
    if isinstance(feature, SpineColumn):
        yield from feature.columns
        return
    measure, stream = feature.measure, STREAM_BY_NAME[feature.measure.table]
    names = {column for column, _, _ in measure.where} | ({measure.column} - {None})
    if stream.name == INCOME:
        names = names - set(INCOME_KINDS) | set(INCOME_COLUMNS)
    if stream.name == HOLDINGS:
        yield "accounts.closed_on"
    if stream.entity is not Entity.CUSTOMER:
        names |= {column for column, _, _ in PLACE_ROWS}
    if stream.name in FRAUD_STREAMS:
        yield from ("transactions.transaction_id", "fraud_cases.subject", "fraud_cases.closed_at")
        yield from (f"fraud_cases.{column}" for column, _, _ in FRAUD_ROWS)
    if feature.needs_time_of_day and stream.date_only is None:
        yield f"{stream.table}.event_precision"
    yield f"{stream.table}.{stream.time_column}"
    for name in names - COMPUTED_COLUMNS:
        yield from _of_column(stream, str(name))


def _of_column(stream: EventStream, name: str) -> Iterator[str]:
    table = stream.table
    if table == "balances" and name in _IN_SHARES:
        yield "account_parties.liability_share"
    if name == "home_currency":
        own = any(column.name == "currency" for column in TABLE_BY_NAME[table].columns)
        yield from (
            (f"{table}.currency",) if own else (f"{table}.account_id", "accounts.account_id", "accounts.currency")
        )
        return
    if name == "product_line":
        yield f"{table}.account_id"
    yield from _JOINED_FROM.get(name, (f"{table}.{name}",))
