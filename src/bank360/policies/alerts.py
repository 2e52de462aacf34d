"""Alerts: five named rules over what is known of one customer, each with its evidence. Declared here, all of them.

An alert says that somebody should look, and why; it proves nothing and decides nothing. A rule reads feature values and
recent rows that its caller gathered as known at one instant, and answers with its evidence in words, or None. What is
not known (NaN, no rows) raises no alert. Thresholds stand beside their rule, with the reason for them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from bank360.bank.counted import counted
from bank360.bank.money import in_major
from bank360.bank.vocabulary import AlertSeverity, Category, FraudKind, Scheme, TokenKind
from bank360.features.needs import Need


@dataclass(frozen=True)
class Debit:
    """A direct debit presented on a customer's account: day, amount (minor units, not negative), whether returned."""

    day: date
    amount: int
    returned: bool


@dataclass(frozen=True)
class LimitMonth:
    """A month end of all the customer's accounts with a limit together: drawn and limit, minor units."""

    month_end: date
    drawn: int
    limit: int


@dataclass(frozen=True)
class FraudLink:
    """A confirmed application fraud in which the customer's device was used: the case, and the day it was confirmed."""

    case_id: str
    confirmed_on: date


@dataclass(frozen=True)
class YoungLoan:
    """An instalment loan since its opening: due and paid (minor units), days past due at its latest month end."""

    account_id: str
    opened_on: date
    due: int
    paid: int
    days_past_due: int


@dataclass(frozen=True)
class Facts:
    """What the rules read of one customer, all as known at one instant.

    Parameters
    ----------
    day
        The bank's local day of the instant.
    currency
        Of all amounts.
    features
        Feature values by name, NaN where there is none; every name that a rule reads.
    debits, limit_months, fraud_links, young_loans
        Recent rows, in ascending order of their day.
    """

    day: date
    currency: str
    features: Mapping[str, float]
    debits: tuple[Debit, ...] = ()
    limit_months: tuple[LimitMonth, ...] = ()
    fraud_links: tuple[FraudLink, ...] = ()
    young_loans: tuple[YoungLoan, ...] = ()


@dataclass(frozen=True)
class AlertRule:
    """One rule.

    Parameters
    ----------
    name, meaning, owner
        The rule, what it says in one sentence, and which desk looks at it ("risk" or "fraud").
    severity
        How soon somebody must look.
    reads
        Names of the features it reads.
    evidence
        Returns what it saw in words, None where there is nothing to see.
    looks_at
        What must have been delivered, besides what its features need, for it to see anything.
    """

    name: str
    meaning: str
    owner: str
    severity: AlertSeverity
    reads: tuple[str, ...]
    evidence: Callable[[Facts], str | None]
    looks_at: tuple[Need, ...] = ()


@dataclass(frozen=True)
class Alert:
    """A rule that found something: its name, severity and evidence."""

    rule: str
    severity: AlertSeverity
    evidence: str


DAYS_OF_DEBITS = 60  # two monthly cycles: an older return has been cured or has become arrears
_LEAST_RETURNED = 2  # one is a mishap


def _returned_in_a_row(facts: Facts) -> str | None:
    lately = [one for one in facts.debits if (facts.day - one.day).days <= DAYS_OF_DEBITS]
    row: list[Debit] = []
    for one in reversed(lately):
        if not one.returned:
            break
        row.append(one)
    if len(row) < _LEAST_RETURNED:
        return None
    money = in_major(sum(one.amount for one in row), facts.currency)
    days = f"{row[-1].day} to {row[0].day}"
    return f"the last {len(row)} direct debits were returned unpaid, {days}, {facts.currency} {money}"


DAYS_OF_LIMITS = 125  # the latest month end and the three before it
_HIGH_USE, _RISE = 0.9, 0.4  # nearly all of the limit, where lately not much more than half was used


def _sudden_limit_use(facts: Facts) -> str | None:
    months = [m for m in facts.limit_months if m.limit > 0 and (facts.day - m.month_end).days <= DAYS_OF_LIMITS]
    if len(months) < 2:
        return None
    *before, last = months
    use, least = last.drawn / last.limit, min(m.drawn / m.limit for m in before)
    if use < _HIGH_USE or use - least < _RISE:
        return None
    lowest = f"{least:.0%} at the lowest of the {counted(len(before), 'month end')} before"
    return f"{use:.0%} of limits used on {last.month_end}, {lowest}"


DAYS_OF_FRAUD = 365


def _shared_device(facts: Facts) -> str | None:
    links = [one for one in facts.fraud_links if (facts.day - one.confirmed_on).days <= DAYS_OF_FRAUD]
    if not links:
        return None
    more = f" and {len(links) - 1} more" if len(links) > 1 else ""
    return f"device shared with the confirmed application fraud {links[-1].case_id} of {links[-1].confirmed_on}{more}"


# A monthly salary that is late by two weeks; after four months it is no longer news. Half a year of it was a habit.
_STOPPED_AFTER, _NO_NEWS_AFTER, _HABIT = 45, 120, 180


def _salary_stopped(facts: Facts) -> str | None:
    since, first = facts.features["days_since_salary"], facts.features["days_since_first_salary"]
    if not (_STOPPED_AFTER <= since <= _NO_NEWS_AFTER and first - since >= _HABIT):
        return None
    latest = facts.features["salary_last"]
    money = in_major(latest, facts.currency)
    return f"no salary for {since:.0f} days, after {first - since:.0f} days of it; the latest {facts.currency} {money}"


DAYS_OF_YOUNG_LOANS = 180
_PAST_DUE = 30  # the first instalment is a month late, not a day


def _first_payment_default(facts: Facts) -> str | None:
    for loan in facts.young_loans:
        young = (facts.day - loan.opened_on).days <= DAYS_OF_YOUNG_LOANS
        if young and loan.due > 0 and loan.paid == 0 and loan.days_past_due >= _PAST_DUE:
            money = in_major(loan.due, facts.currency)
            return (
                f"loan {loan.account_id} of {loan.opened_on}: nothing paid of {facts.currency} {money} due,"
                f" {counted(loan.days_past_due, 'day')} past due"
            )
    return None


RULES: tuple[AlertRule, ...] = (
    AlertRule("shared_device_with_confirmed_fraud", "The customer's device was used in somebody else's confirmed "
              "application fraud.", "fraud", AlertSeverity.HIGH, (), _shared_device,
              (Need("identifier_tokens", "kind", (TokenKind.DEVICE,)),
               Need("fraud_cases", "kind", (FraudKind.APPLICATION,)))),
    AlertRule("first_payment_default", "Nothing was ever paid on a young loan; an alert of fraud, and no proof.",
              "fraud", AlertSeverity.HIGH, (), _first_payment_default, (Need("credit_months"),)),
    AlertRule("returned_direct_debits_in_a_row", "The latest direct debits all came back unpaid.", "risk",
              AlertSeverity.HIGH, (), _returned_in_a_row,
              (Need("transactions", "scheme", (Scheme.DIRECT_DEBIT,)),
               Need("transactions", "category", (Category.RETURNED_PAYMENT,)))),
    AlertRule("salary_stopped", "A salary that came in for half a year or longer is overdue.", "risk",
              AlertSeverity.MEDIUM, ("days_since_salary", "days_since_first_salary", "salary_last"), _salary_stopped),
    AlertRule("sudden_limit_use", "Limits are nearly used up and were not three months before.", "risk",
              AlertSeverity.MEDIUM, (), _sudden_limit_use, (Need("credit_months", "credit_limit"),)),
)  # fmt: skip


def alerts(facts: Facts) -> tuple[Alert, ...]:
    """Return the alerts that a customer's facts raise, the most urgent first, then in the order of `RULES`."""
    found = [(rule, rule.evidence(facts)) for rule in RULES]
    raised = [Alert(rule.name, rule.severity, seen) for rule, seen in found if seen is not None]
    return tuple(sorted(raised, key=lambda alert: tuple(AlertSeverity).index(alert.severity)))
