"""The one queue after each night: what the night found becomes cases, and what it no longer finds is withdrawn.

A case stays the same while the same thing is found again; its figures follow. One that somebody closed is not opened
again on the same ground: an alert with the same evidence, or the same tier. One that is no longer found is withdrawn by
the queue itself while nobody has taken it; once somebody has, it is theirs to close. Neighbours: `case_acts.py`, what
people do.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bank360.bank.vocabulary import AlertSeverity, CaseKind, CaseOutcome, CaseState, RiskTier
from bank360.storage.cases import Case, FoundCase, open_cases, set_figures, standing_of, withdraw
from bank360.storage.store.engine import Store

NIGHTLY = (CaseKind.ALERT, CaseKind.TIER)  # applications come with their decisions
_SEVERITY = {
    RiskTier.IN_DEFAULT: AlertSeverity.HIGH, RiskTier.HIGH: AlertSeverity.HIGH, RiskTier.MEDIUM: AlertSeverity.MEDIUM,
}  # fmt: skip
_TIER = "tier"
_Key = tuple[CaseKind, str | None, str]  # kind, customer, source


@dataclass(frozen=True)
class QueueChange:
    """How many cases a night opened, found again, and withdrew."""

    opened: int
    found_again: int
    withdrawn: int


@dataclass(frozen=True)
class Owed:
    """What a customer's default would cost, as `policies.expected_loss` has it; minor units.

    Parameters
    ----------
    at_stake
        Owed on open credit, and what a card would be drawn further before a default; None where it is not known.
    expected_loss
        None where it is not known.
    """

    at_stake: int | None
    expected_loss: int | None


def refresh_queue(store: Store, found: Iterable[FoundCase], at_us: int, fresh: str) -> QueueChange:
    """Bring the queue's alerts and tiers up to what was found, in one transaction.

    Parameters
    ----------
    found
        Everything that the night found, of the kinds `NIGHTLY`; a customer once for each kind and source.
    at_us
        Now, microseconds UTC.
    fresh
        A random id from the face, which the ids of new cases are made of.
    """
    wanted: dict[_Key, FoundCase] = {(one.kind, one.customer_id, one.source): one for one in found}
    again = withdrawn = 0
    with store.writing() as connection:
        known: dict[_Key, Case] = {}
        for kind in NIGHTLY:
            known |= {(kind, case.customer_id, case.source): case for case in standing_of(connection, kind)}
        new = []
        for key, one in wanted.items():
            case = known.get(key)
            if case is None or _is_news(case, one):
                new.append(one)
            elif case.state is CaseState.OPEN:
                # Somebody may close it meanwhile: then it was not found again, and what it was closed on stands.
                again += _figures(case) == _figures(one) or set_figures(connection, case.case_id, one)
        open_cases(connection, new, at_us, fresh)
        for key, case in known.items():
            if key not in wanted and case.state is CaseState.OPEN and case.owner_id is None:
                withdrawn += withdraw(connection, case.case_id, at_us)
    return QueueChange(len(new), again, withdrawn)


def tier_case(customer_id: str, tier: RiskTier, owed: Owed) -> FoundCase | None:
    """Return the case of a customer's tier; None for the tier Low, and of who is in default and owes nothing any more.

    What was charged off and closed waits for nobody; what a model says of a new request does.
    """
    severity = _SEVERITY.get(tier)
    if severity is None or (tier is RiskTier.IN_DEFAULT and not owed.at_stake):
        return None
    ground = "in default" if tier is RiskTier.IN_DEFAULT else f"risk tier {tier}"
    return FoundCase(CaseKind.TIER, _TIER, customer_id, ground, severity, owed.at_stake, owed.expected_loss)


def alert_case(customer_id: str, rule: str, severity: AlertSeverity, evidence: str, owed: Owed) -> FoundCase:
    """Return the case of an alert."""
    return FoundCase(CaseKind.ALERT, rule, customer_id, evidence, severity, owed.at_stake, owed.expected_loss)


def _is_news(case: Case, found: FoundCase) -> bool:
    """Return whether what was found says more than what the case was closed on."""
    if case.state is CaseState.OPEN:
        return False
    return case.outcome is CaseOutcome.WITHDRAWN or case.ground != found.ground


def _figures(one: Case | FoundCase) -> tuple[object, ...]:
    return one.ground, one.severity, one.money_at_stake, one.expected_loss
