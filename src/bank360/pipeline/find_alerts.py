"""Find the alerts of every customer, or one: latest features and recent rows through the five rules. Read only.

Evidence is read by whoever may see a case, and names no account by a personal number.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bank360.bank.calendar import instant, local_days, to_date
from bank360.bank.personal_numbers import masked_key
from bank360.bank.vocabulary import AlertSeverity
from bank360.features.families import ALL_FEATURES
from bank360.features.needs import Needs, needs
from bank360.policies.alerts import (
    DAYS_OF_DEBITS,
    DAYS_OF_FRAUD,
    DAYS_OF_LIMITS,
    DAYS_OF_YOUNG_LOANS,
    RULES,
    AlertRule,
    Debit,
    Facts,
    FraudLink,
    LimitMonth,
    YoungLoan,
    alerts,
)
from bank360.storage.customer_features import feature_values
from bank360.storage.known import Known, known_at
from bank360.storage.reads_alerts import AlertRows
from bank360.storage.reads_profile import resolved_id
from bank360.storage.warehouse import Warehouse


def _needed(rule: AlertRule) -> Needs:
    """Return all that a rule needs, each once; of those in one tuple any one."""
    catalogue = {feature.name: feature for feature in ALL_FEATURES}
    of_features = (any_of for name in rule.reads for any_of in needs(catalogue[name], catalogue))
    return tuple(dict.fromkeys((*((need,) for need in rule.looks_at), *of_features)))


RULE_NEEDS: Mapping[str, Needs] = {rule.name: _needed(rule) for rule in RULES}
_READ = tuple(dict.fromkeys(name for rule in RULES for name in rule.reads))


@dataclass(frozen=True)
class CustomerAlert:
    """One alert and whose it is."""

    customer_id: str
    rule: str
    severity: AlertSeverity
    evidence: str


def find_alerts(
    warehouse: Warehouse, as_of: datetime, zone: str, currency: str, customer: str | None = None
) -> tuple[CustomerAlert, ...]:
    """Return all alerts, the most urgent first, then by customer.

    Parameters
    ----------
    as_of
        The instant (aware): what came to be known later is not seen.
    customer
        A stable customer id or a source key; None: everybody.

    Raises
    ------
    NotFound
        If nobody has this id or key.
    NotReady
        If no features are built.
    """
    stable = None if customer is None else resolved_id(warehouse, customer)
    day = to_date(int(local_days([instant(as_of)], zone)[0]))
    rows = AlertRows(warehouse, as_of, day, currency, stable)
    debits = _by_customer(rows.debits(DAYS_OF_DEBITS))
    months = _by_customer(rows.limit_months(DAYS_OF_LIMITS))
    links = _by_customer(rows.fraud_links(DAYS_OF_FRAUD))
    loans = _by_customer(rows.young_loans(DAYS_OF_YOUNG_LOANS))
    found = []
    for one, values in feature_values(warehouse, _READ, stable):
        facts = Facts(
            day,
            currency,
            values,
            tuple(Debit(r["day"], r["amount"], r["returned"]) for r in debits[one]),
            tuple(LimitMonth(r["month_end"], r["drawn"], r["total_limit"]) for r in months[one]),
            tuple(FraudLink(r["case_id"], r["confirmed_on"]) for r in links[one]),
            tuple(
                YoungLoan(masked_key(r["account_id"]), r["opened_on"], r["due"], r["paid"], r["days_past_due"])
                for r in loans[one]
            ),
        )
        found += [CustomerAlert(one, alert.rule, alert.severity, alert.evidence) for alert in alerts(facts)]
    order = tuple(AlertSeverity)
    return tuple(sorted(found, key=lambda alert: (order.index(alert.severity), alert.customer_id)))


def blind_rules(known: Known) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the rules that had no data to look at, each with what was never delivered, in words."""
    lacking = ((name, known.lacks(wanted)) for name, wanted in RULE_NEEDS.items())
    return tuple((name, unmet) for name, unmet in lacking if unmet)


def any_rule_sees(known: Known) -> bool:
    """Return whether some rule had data to look at: else that nobody has an alert says nothing."""
    return len(blind_rules(known)) < len(RULES)


def rules_known(warehouse: Warehouse, as_of: datetime, currency: str, country: str) -> Known:
    """Return what is known at an instant (aware) of all that the rules look at; for `blind_rules`.

    Parameters
    ----------
    currency, country
        The bank's own.
    """
    return known_at(warehouse, RULE_NEEDS.values(), instant(as_of), currency, country)


def _by_customer(table: Any) -> defaultdict[str, list[dict[str, Any]]]:
    answer: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in table.to_pylist():
        answer[row["customer_id"]].append(row)
    return answer
