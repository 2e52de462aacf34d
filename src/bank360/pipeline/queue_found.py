"""What the published version gives the queue: every alert, and every customer in default, Medium or High."""

from bank360.bank.vocabulary import AlertSeverity, RiskTier
from bank360.pipeline.queue import Owed, alert_case, tier_case
from bank360.storage.cases import FoundCase
from bank360.storage.published import Version
from bank360.storage.published_lists import (
    LONGEST_PAGE,
    FoundCustomer,
    PublishedAlert,
    found_customers,
    published_alerts,
)


def found_in(version: Version) -> tuple[FoundCase, ...]:
    """Return every case that the version gives ground for; money is what the customer's default would cost.

    Shapes: one of kind "tier" per customer of a tier above Low (of those in default, per one who owes), one of kind
    "alert" per customer and rule. Who is in default is a fact and no band of a model's probability: it is found of whom
    nobody scores too, and of a bank without a model.
    """
    everybody = {row.customer_id: row for row in _customers(version)}
    found = []
    for row in everybody.values():
        tier = RiskTier.IN_DEFAULT if row.in_default else row.tier and RiskTier(row.tier)
        if tier:
            case = tier_case(row.customer_id, tier, _owed(row))
            found += [] if case is None else [case]
    alerts: dict[tuple[str, str], FoundCase] = {}
    for alert in _alerts(version):
        owed, severity = _owed(everybody[alert.customer_id]), AlertSeverity(alert.severity)
        case = alert_case(alert.customer_id, alert.rule, severity, alert.evidence, owed)
        alerts.setdefault((alert.customer_id, alert.rule), case)
    return (*found, *alerts.values())


def _owed(row: FoundCustomer) -> Owed:
    return Owed(row.at_stake, row.expected_loss)


def _customers(version: Version) -> list[FoundCustomer]:
    found: list[FoundCustomer] = []
    after = -1
    while True:
        page = found_customers(version, after=after, most=LONGEST_PAGE)
        found += page.rows
        if page.next is None:
            return found
        after = page.next


def _alerts(version: Version) -> list[PublishedAlert]:
    found: list[PublishedAlert] = []
    while True:
        some = published_alerts(version, after=found[-1].place if found else -1, most=LONGEST_PAGE)
        found += some
        if len(some) < LONGEST_PAGE:
            return found
