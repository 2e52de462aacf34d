"""Lists in a published version: customers searched and paged, alerts, pairs of records. All of the version held.

Of a bank that never delivered months of credit no row tells a debt, which would be 0 of everybody (`known.py`). A page
follows from where the page before it ended (``after``), never from a count: pages neither repeat nor skip.
"""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, union_all

from bank360.bank.personal_numbers import looked_for
from bank360.storage.known import LENDING
from bank360.storage.published import Version
from bank360.storage.version_schema import alerts, counted, customers, keys, numbers, pairs

_c = customers.c
LONGEST_PAGE = 500


@dataclass(frozen=True)
class FoundCustomer:
    """A customer in a list.

    Parameters
    ----------
    customer_id, name, region
        Stable id, masked name, region of residence; None: not known.
    probability, tier, thin_file
        Of default for the standard request, and the tier: `RiskTier.IN_DEFAULT` whatever the probability; None: not
        scored.
    exposure, days_past_due
        Owed on open credit in minor units, in full for each obligor, None: not known; most days past due, None without
        credit.
    in_default
        By what the bank knows of their credit, scored or not.
    at_stake, expected_loss
        What would be owed in a default, and the loss expected of it in 12 months, minor units; None: not known.
    alerts
        How many there are about them.
    place
        In the order of the list: those in default, then the highest probability first.
    """

    customer_id: str
    name: str | None
    region: str | None
    probability: float | None
    tier: str | None
    thin_file: bool | None
    exposure: int | None
    days_past_due: int | None
    in_default: bool
    at_stake: int | None
    expected_loss: int | None
    alerts: int
    place: int


@dataclass(frozen=True)
class CustomerFilter:
    """Which customers: all where nothing is said.

    Parameters
    ----------
    text
        A customer id, a key of a source, an account's number (`looked_for`: an IBAN with or without its blanks), or the
        beginning of a family name; empty: everybody.
    tier
        Only those of this tier.
    least_days_past_due
        Only those with open credit, at least so many days past due; 0 for everybody with open credit.
    whole_names
        A name is found only whole, for whom names are not to be told: growing beginnings would spell one out.
    counted_by
        Only whom this number of the holdings counts.
    tokens
        The token of a card finds its holder, too: for whom tokens may be told to.
    """

    text: str = ""
    tier: str | None = None
    least_days_past_due: int | None = None
    whole_names: bool = False
    counted_by: str | None = None
    tokens: bool = False


EVERYBODY = CustomerFilter()


@dataclass(frozen=True)
class CustomerPage:
    """Some of the customers that were asked for, and after which place the next page begins; None: this is the last."""

    rows: tuple[FoundCustomer, ...]
    next: int | None


@dataclass(frozen=True)
class PublishedAlert:
    """An alert: whom it is about, by which rule, how urgent, and the evidence in words."""

    place: int
    customer_id: str
    rule: str
    severity: str
    evidence: str


def found_customers(
    version: Version,
    wanted: CustomerFilter = EVERYBODY,
    *,
    after: int = -1,
    most: int = 50,
    by_id: bool = False,
    after_id: str | None = None,
) -> CustomerPage:
    """Return customers, the riskiest first.

    Parameters
    ----------
    after
        The place after which the page begins.
    most
        How many at most, up to `LONGEST_PAGE`.
    by_id
        The first by id instead, for whom risk is not to be told: neither by the order nor by which ones fit the page.
        ``after`` and the answer's ``next`` are places by risk still, and are not for them either.
    after_id
        With ``by_id``: the customer after whom the page begins.
    """
    begins = _c.place > after if after_id is None else _c.customer_id > after_id
    most = min(most, LONGEST_PAGE)
    columns = [_c[name] for name in FoundCustomer.__dataclass_fields__]
    order = _c.customer_id if by_id else _c.place
    chosen = select(*columns).where(*_where(wanted), begins).order_by(order).limit(most + 1)
    with version.reading() as connection:
        rows = connection.execute(chosen).all()
    page = tuple(FoundCustomer(*row) for row in rows[:most])
    if not version.meta.known.of(LENDING):
        without: dict[str, Any] = {"exposure": None, "days_past_due": None, "at_stake": None, "expected_loss": None}
        page = tuple(replace(one, **without) for one in page)
    return CustomerPage(page, page[-1].place if len(rows) > most else None)


def count_customers(version: Version, wanted: CustomerFilter = EVERYBODY) -> int:
    """Return how many customers `found_customers` finds on all its pages together."""
    with version.reading() as connection:
        return connection.execute(select(func.count()).select_from(customers).where(*_where(wanted))).scalar_one()


@dataclass(frozen=True)
class OwedByCustomers:
    """What customers owe, added up over them: joint debt stands in it in full for each obligor; minor units.

    Parameters
    ----------
    exposure
        On open credit; None where none was ever delivered.
    expected_loss
        Of it, in 12 months; who is not scored and owes what is not in default is left out. None where no credit was
        ever delivered, and in a version of a bank that scores nobody.
    """

    exposure: int | None
    expected_loss: int | None


def owed_by_customers(version: Version, wanted: CustomerFilter = EVERYBODY) -> OwedByCustomers:
    """Return what all whom `found_customers` finds owe together."""
    sums = (func.coalesce(func.sum(_c.exposure), 0), func.coalesce(func.sum(_c.expected_loss), 0))
    with version.reading() as connection:
        exposure, loss = connection.execute(select(*sums).where(*_where(wanted))).one()
    lends = version.meta.known.of(LENDING)
    return OwedByCustomers(int(exposure) if lends else None, int(loss) if lends and version.unscored is None else None)


def _where(wanted: CustomerFilter) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if wanted.least_days_past_due is not None:
        chosen.append(_c.days_past_due >= wanted.least_days_past_due)
    if wanted.tier is not None:
        chosen.append(_c.tier == wanted.tier)
    if wanted.counted_by is not None:
        of_figure = select(counted.c.customer_id).where(counted.c.figure == wanted.counted_by)
        chosen.append(_c.customer_id.in_(of_figure))
    if wanted.text:
        own = wanted.text.casefold()
        begins = and_(_c.family_key >= own, _c.family_key < own + chr(0x10FFFF))
        named = _c.family_key == own if wanted.whole_names else begins
        told = {wanted.text, looked_for(wanted.text)}
        numbered = select(numbers.c.customer_id).where(numbers.c.number.in_(told))
        found = union_all(
            select(keys.c.customer_id).where(keys.c.source_key.in_(told)),
            numbered if wanted.tokens else numbered.where(numbers.c.token.is_(False)),
        )
        chosen.append(or_(_c.customer_id == wanted.text, _c.customer_id.in_(found), named))
    return chosen


def published_alerts(
    version: Version, customer_id: str | None = None, after: int = -1, most: int = 100
) -> tuple[PublishedAlert, ...]:
    """Return alerts, the most urgent first.

    Parameters
    ----------
    customer_id
        Only those about this customer.
    after, most
        As for `found_customers`.
    """
    wanted = [alerts.c.place > after]
    if customer_id is not None:
        wanted.append(alerts.c.customer_id == customer_id)
    query = select(*(alerts.c[name] for name in PublishedAlert.__dataclass_fields__)).where(*wanted)
    with version.reading() as connection:
        rows = connection.execute(query.order_by(alerts.c.place).limit(min(most, LONGEST_PAGE))).all()
    return tuple(PublishedAlert(*row) for row in rows)


def published_pair_rows(version: Version) -> tuple[dict[str, Any], ...]:
    """Return the rows of records that may be one person, the surest first (`pipeline/possible_pairs.py`)."""
    with version.reading() as connection:
        return tuple(dict(row) for row in connection.execute(select(pairs).order_by(pairs.c.place)).mappings())
