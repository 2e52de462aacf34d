"""What must have been delivered before a feature means anything: until then it has no value, never 0.

A count of nothing is 0 where the bank delivers what is counted. Where a table was never delivered, a column never
mapped, or a code never given, the same 0 would say of everybody what nobody knows. So a feature *has data* at an
``as_of`` if each of its needs was met by some row of the bank, of whichever customer, known before ``as_of``; before
that it is NaN in training, in the night run, for one customer and on the screen alike (`compute.py`).

Needs follow from the declaration: the table of the events, the table that says whose they are, the columns that are
read, and for a condition on codes one of these codes (a code that no row carries is not told apart from one that the
mapping never gives). A derived feature needs what its inputs need. Neighbour: `storage/delivered.py` looks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from bank360.bank.tables import TABLE_BY_NAME
from bank360.bank.vocabulary import EventPrecision
from bank360.features.feature import AnyFeature, Condition, Derived, Feature
from bank360.features.packing import NEVER
from bank360.features.scan import (
    EARNED,
    FRAUD_ROWS,
    FRAUD_STREAMS,
    HOLDINGS,
    PLACE_ROWS,
    SALARY_ROWS,
    STREAM_BY_NAME,
    Entity,
)


@dataclass(frozen=True)
class Need:
    """One thing that some row of the bank must say.

    Parameters
    ----------
    table
        The table that must hold such a row.
    column
        The column that must have a value in it; None: any row will do.
    values
        One of these must be the value; empty: any.
    against
        The value is held against the bank's own, which is a setting: it must be the same, or another one.
    """

    table: str
    column: str | None = None
    values: tuple[str | int | bool, ...] = ()
    against: Literal["", "same", "other"] = ""


Needs = tuple[tuple[Need, ...], ...]  # all of them; of those in one tuple any one

_HOLDERS = (Need("account_parties"),)
# Who holds what no more is known where some account or some party of one was ever told to have ended.
HOLDINGS_END = (Need("accounts", "closed_on"), Need("account_parties", "valid_to"))
# Whose an event is; see `storage/events.py`.
_WHOSE: dict[str, Needs] = {
    "transactions": ((Need("transactions", "actor_customer_id"), *_HOLDERS),),
    "balances": (_HOLDERS,),
    "credit_months": (_HOLDERS,),
    "payments": (_HOLDERS,),
    "accounts": (_HOLDERS,),
    "applications": ((Need("application_parties", "customer_id"),),),
    "interactions": (),
}


def needs(feature: AnyFeature, catalogue: Mapping[str, AnyFeature]) -> Needs:
    """Return what must have been delivered for a feature, each once; of a spine column nothing.

    Parameters
    ----------
    catalogue
        Features by name, among them the inputs of derived ones.
    """
    if isinstance(feature, Derived):
        return tuple(dict.fromkeys(one for name in feature.inputs for one in needs(catalogue[name], catalogue)))
    return _of_feature(feature) if isinstance(feature, Feature) else ()


def all_needs(features: Iterable[AnyFeature]) -> tuple[Need, ...]:
    """Return every need of some features and of what they are derived from, each once."""
    by_name = {feature.name: feature for feature in features}
    found = (need for one in by_name.values() for any_of in needs(one, by_name) for need in any_of)
    return tuple(dict.fromkeys(found))


def data_from(features: Iterable[AnyFeature], known_from: Mapping[Need, int]) -> dict[str, int]:
    """Return by feature the last instant (microseconds UTC) at which it has no data yet; ``NEVER`` where it has none.

    Parameters
    ----------
    features
        With the inputs of derived ones among them.
    known_from
        When the first row that meets a need became known; needs that none meets are left out.
    """
    by_name = {feature.name: feature for feature in features}

    def met(any_of: tuple[Need, ...]) -> int:
        return min(known_from.get(need, NEVER) for need in any_of)

    first = -NEVER
    return {name: max((met(one) for one in needs(f, by_name)), default=first) for name, f in by_name.items()}


def without_data(features: Iterable[AnyFeature], known_from: Mapping[Need, int], as_of: int) -> dict[str, Needs]:
    """Return by feature that has no data at an instant the needs that no row known before it meets."""
    by_name = {feature.name: feature for feature in features}
    missing = {
        name: tuple(
            any_of for any_of in needs(feature, by_name) if all(known_from.get(need, NEVER) >= as_of for need in any_of)
        )
        for name, feature in by_name.items()
    }
    return {name: unmet for name, unmet in missing.items() if unmet}


def said(any_of: tuple[Need, ...]) -> str:
    """Return a need in words.

    >>> said((Need("transactions", "category", ("cash",)),))
    'transactions.category: cash'
    """
    return " or ".join(_said(need) for need in any_of)


def _said(need: Need) -> str:
    if need.column is None:
        return f"rows in '{need.table}'"
    place = f"{need.table}.{need.column}"
    if need.against:
        return f"{place}: {'the' if need.against == 'same' else 'other than the'} bank's own"
    values = ", ".join(("yes" if v else "no") if isinstance(v, bool) else str(v) for v in need.values)
    return f"{place}: {values}" if values else place


def _of_feature(feature: Feature) -> Needs:
    measure = feature.measure
    stream = STREAM_BY_NAME[measure.table]
    of_customers = stream.entity is Entity.CUSTOMER
    whose: Needs = _WHOSE[stream.table] if of_customers else ((Need(stream.table, stream.entity.key),),)
    found: list[tuple[Need, ...]] = [(Need(stream.table),), *whose]
    if not of_customers:
        found += [one for condition in PLACE_ROWS for one in _of_condition(stream.table, condition)]
    if stream.name in FRAUD_STREAMS:
        found += [one for condition in FRAUD_ROWS for one in _of_condition("fraud_cases", condition)]
    if stream.name == HOLDINGS:
        found.append(HOLDINGS_END)
    if measure.column is not None:
        found += _of_column(stream.table, measure.column)
    for condition in measure.where:
        found += _of_condition(stream.table, condition)
    if feature.needs_time_of_day and stream.date_only is None:
        found += [(Need(stream.table, "event_precision", (EventPrecision.SECOND,)),)]
    return tuple(dict.fromkeys(found))


def _of_condition(table: str, condition: Condition) -> list[tuple[Need, ...]]:
    column, comparison, values = condition
    if comparison == "is null":  # holds of what was never delivered
        return []
    match column:
        case "local_hour":
            return [(Need(table, "event_precision", (EventPrecision.SECOND,)),)]
        case "home_currency":
            own = any(one.name == "currency" for one in TABLE_BY_NAME[table].columns)
            return [(Need(table if own else "accounts", "currency", against="same"),)]
        case "abroad":
            return [(Need(table, "country", against="other"),)]
        case "purpose":
            return _of_condition(table, ("category", comparison, values))
        case "salary":
            return [one for row in SALARY_ROWS for one in _of_condition(table, row)]
        case "earned" | "receipt":  # salaries are found where the ledger names none
            return [(Need(table, "category", EARNED), Need(table, "counterparty_token"))]
        case "product_line":
            return [(Need("accounts"),), (Need("products", "line", values),)]
    return (
        [(Need(table, column, values),)] if comparison == "in" and column != "outgoing" else _of_column(table, column)
    )


def _of_column(table: str, column: str) -> list[tuple[Need, ...]]:
    if column == "product_line":
        return [(Need("accounts"),), (Need("products"),)]
    if column == "outgoing":  # read off the amount, which no row lacks
        return []
    if column == "country":  # every mapping fills it, with the bank's own where the file says nothing
        return [(Need(table, column, against="other"),)]
    return [(Need(table, column),)] if TABLE_BY_NAME[table].column(column).nullable else []
