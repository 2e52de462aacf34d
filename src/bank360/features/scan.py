"""What the engine wants read: one scan per event stream, with only the columns its measures need.

A pure statement; `storage` turns it into SQL and streams Arrow batches with these columns, in any row order:

::

    customer         int32          dense index of whom the stream is of: the stable customer, or the merchant or
                                    terminal (`Entity`); rows of nobody known are left out
    event_time       timestamp[us]  UTC; for date-only events the local midnight that starts the day
    known_time       timestamp[us]  UTC; may be left out where rows are known as they happen
    superseded_time  timestamp[us]  UTC, null while the row stands; may be left out where nothing is ever corrected
    date_only        bool           only of streams whose `EventStream.date_only` is None
    then `EventScan.columns`, strings plain or dictionary-encoded

All versions of a corrected row are streamed: visibility at each as_of is decided by the engine.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bank360.bank.vocabulary import Category, FraudKind, FraudOutcome, Scheme
from bank360.features.feature import AnyFeature, Condition, Feature, Measure


class Entity(StrEnum):
    """Whose history an event enters, and so what its features describe."""

    CUSTOMER = "customer"
    MERCHANT = "merchant"
    TERMINAL = "terminal"

    @property
    def key(self) -> str:
        """Column of ``transactions`` that names a merchant or terminal; of customers storage knows more ways."""
        return f"{self.value}_id"


@dataclass(frozen=True)
class EventStream:
    """Where the events of a stream come from and when they happen.

    Parameters
    ----------
    name
        What a measure calls it: the table's name, or a stream derived from it.
    table
        Canonical table.
    time_column
        Column holding when it happened: an instant, or a date (then the event is the local day).
    date_only
        Whether its events carry dates only; None: each row says (``event_precision``).
    entity
        Whose its events are. Features of one entity are computed together, on histories of that entity.
    """

    name: str
    table: str
    time_column: str
    date_only: bool | None
    entity: Entity = Entity.CUSTOMER


STREAMS: tuple[EventStream, ...] = (
    EventStream("transactions", "transactions", "event_time", None),
    EventStream("income", "transactions", "event_time", None),
    EventStream("balances", "balances", "date", True),
    EventStream("credit_months", "credit_months", "month_end", True),
    EventStream("payments", "payments", "paid_on", True),
    EventStream("applications", "applications", "submitted_at", None),
    EventStream("interactions", "interactions", "at", False),
    EventStream("accounts", "accounts", "opened_on", True),
    EventStream("holdings", "accounts", "opened_on", True),
    EventStream("merchant_payments", "transactions", "event_time", None, Entity.MERCHANT),
    EventStream("merchant_frauds", "transactions", "event_time", None, Entity.MERCHANT),
    EventStream("terminal_payments", "transactions", "event_time", None, Entity.TERMINAL),
    EventStream("terminal_frauds", "transactions", "event_time", None, Entity.TERMINAL),
)

INCOME = "income"  # its events are made of the rows that are read: `income_events.py`
STREAM_BY_NAME: dict[str, EventStream] = {stream.name: stream for stream in STREAMS}

# Payments that turned out to be fraud. They happened when the payment did, so that they are a part of the payments of
# the same window, and became known when the case about them was closed as confirmed: before that nobody counts them.
FRAUD_STREAMS = frozenset({"merchant_frauds", "terminal_frauds"})
FRAUD_ROWS: tuple[Condition, ...] = (("kind", "in", (FraudKind.CARD,)), ("outcome", "in", (FraudOutcome.CONFIRMED,)))

# That a customer holds an open account, from the day on which both began. On the day after the account was closed or
# the holder's part in it ended it ceases to be visible, as a corrected row does when its correction is known: so what
# is visible at any as_of is what is held then, as known then, and a closing that comes to be known later changes
# nothing before. `storage/events.py` says how.
HOLDINGS = "holdings"

# Events of merchants and terminals are payments by card; at machines cash is taken by card too. A direct debit that a
# merchant collects, of which only the day is known, is none of them.
PLACE_ROWS: tuple[Condition, ...] = (("scheme", "in", (Scheme.CARD, Scheme.CASH)),)

# The credits in which `salary.py` looks for salaries: from a payer, and not what the bank knows to be something else.
# The label alone never makes a salary; benefits and pensions, which have payers and cycles too, are set apart by it.
SALARY_ROWS: tuple[Condition, ...] = (
    ("amount", ">", (0,)),
    ("counterparty_token", "not null", ()),
    ("category", "in", (Category.SALARY, Category.OTHER_INCOME, Category.OTHER_TRANSFER, Category.UNKNOWN)),
    ("scheme", "not in", (Scheme.CASH, Scheme.FEE, Scheme.INTEREST)),
    ("reverses_id", "is null", ()),
)
# What the ledger itself calls income: it came in, or went back as the reversal of what had.
EARNED = (Category.SALARY, Category.BENEFITS, Category.PENSION, Category.OTHER_INCOME)
EARNED_ROWS: tuple[Condition, ...] = (("purpose", "in", EARNED), ("outgoing", "in", (False,)))
# Rows that take back what came in: a salary that is taken back is none.
TAKEN_BACK_ROWS: tuple[Condition, ...] = (("amount", "<", (0,)), ("reverses_id", "not null", ()))

# The stream ``income`` is made of these, credits of both kinds, and of reversals: what takes credits back, and what
# takes such a reversal back, by which the credit came in after all.
_CREDIT_ROWS: tuple[Condition, ...] = (
    ("amount", ">", (0,)),
    ("category", "in", (*EARNED, Category.OTHER_TRANSFER, Category.UNKNOWN)),
    ("reverses_id", "is null", ()),
)
_REVERSAL_ROWS: tuple[Condition, ...] = (("reverses_id", "not null", ()),)
INCOME_COLUMNS = (
    "amount", "category", "counterparty_token", "currency", "home_currency", "outgoing", "purpose", "reverses_id",
    "scheme", "transaction_id",
)  # fmt: skip

# What an event of the stream ``income`` counts as; it may be several.
INCOME_KINDS: dict[str, str] = {
    "salary": "one of three credits of the same payer a cycle apart (`salary.py`), whatever the ledger calls it",
    "earned": "what the ledger calls income, signed; and a salary that it calls something else",
    "receipt": "a credit that is income, once, while reversals leave something of it",
}

# What storage derives for each event, because it takes another row or a setting of the bank to say it. Null where that
# row is not known: then no condition on it holds. The last three are of transactions only.
JOINED_COLUMNS: dict[str, str] = {
    "product_line": "product line of the event's account",
    "home_currency": "whether the account's money is in the bank's own currency (setting ``bank.currency``)",
    "abroad": "whether it took place outside the bank's country (setting ``bank.country``)",
    "purpose": "category; of what reverses or returns another transaction: the category of that one",
    "outgoing": "whether money leaves, or comes back as the reversal of what left; False: the mirror image",
}

# Computed by the engine from event_time; not columns of a table.
COMPUTED_COLUMNS = frozenset({"local_hour"})


@dataclass(frozen=True)
class EventScan:
    """One stream to read.

    Parameters
    ----------
    stream
        The stream; ``stream.table`` is the table to read.
    columns
        Columns wanted besides the standing ones, sorted: of the table, or of `JOINED_COLUMNS`.
    where
        Rows that fail one of these conditions are of no use; leaving them out in the scan is cheaper, not required.
    or_where
        Unless all of these hold for them; empty: for none.
    """

    stream: EventStream
    columns: tuple[str, ...]
    where: tuple[Condition, ...] = ()
    or_where: tuple[Condition, ...] = ()


def entity_of(feature: Feature) -> Entity:
    """Return what a feature describes."""
    return STREAM_BY_NAME[feature.measure.table].entity


def entity_of_all(features: Iterable[AnyFeature]) -> Entity:
    """Return what all of some features describe; attributes of a row alone are computed with the customer's.

    Raises
    ------
    ValueError
        If they describe several things: each has histories of its own (`by_entity.py` puts columns together).
    """
    found = {entity_of(feature) for feature in features if isinstance(feature, Feature)}
    if len(found) > 1:
        raise ValueError(f"features of {' and '.join(sorted(found))} at once: ask for those of each apart")
    return found.pop() if found else Entity.CUSTOMER


def measure_columns(measures: Iterable[Measure]) -> tuple[str, ...]:
    """Return the columns that the measures read or filter by, sorted, without computed ones."""
    names = {measure.column for measure in measures if measure.column is not None}
    names |= {column for measure in measures for column, _, _ in measure.where}
    return tuple(sorted(names - COMPUTED_COLUMNS))


def scan_plan(features: Iterable[AnyFeature]) -> tuple[EventScan, ...]:
    """Return the scans that ``features`` need, one per stream, in the order of `STREAMS`.

    Raises
    ------
    KeyError
        If a measure names a stream that is not in `STREAMS`.
    """
    measures: dict[str, list[Measure]] = {}
    for feature in features:
        if isinstance(feature, Feature):
            measures.setdefault(STREAM_BY_NAME[feature.measure.table].name, []).append(feature.measure)
    scans = []
    for stream in STREAMS:
        if stream.name not in measures:
            continue
        if stream.name == INCOME:
            scans.append(EventScan(stream, INCOME_COLUMNS, _CREDIT_ROWS, _REVERSAL_ROWS))
        else:
            rows = () if stream.entity is Entity.CUSTOMER else PLACE_ROWS
            scans.append(EventScan(stream, measure_columns(measures[stream.name]), rows))
    return tuple(scans)
