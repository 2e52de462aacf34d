"""The credit decision: five gates in order, one outcome, one to four reasons, and what could be had instead.

The order is eligibility, identity and fraud, affordability, probability of default, amount and term
(``docs/decisions/0016``). The outcome is the strictest of the gates. Its reasons are those of the gates with that
outcome, in gate order and each once, at most four: so the first gate's come first, and every decline and review has at
least one. An approval has none, unless its price is not the best: then it says why the terms are worse.
"""

from dataclasses import dataclass

from bank360.bank.vocabulary import CreditOutcome
from bank360.policies.affordability import Finances, budget, instalment, largest_amount, stressed_rate
from bank360.policies.credit_policy import CreditPolicy
from bank360.policies.gates import (
    APPROVE,
    DECLINE,
    Applicant,
    GateResult,
    Request,
    Scores,
    affordability,
    amount_and_term,
    eligibility,
    identity_and_fraud,
    most_amount,
    price_band,
    probability_of_default,
)

MOST_REASONS = 4
_STRICTNESS = tuple(CreditOutcome)  # the mildest first
_MENDABLE = frozenset({"P05", "P06", "P11", "P15", "P16"})  # what another amount or term can mend


@dataclass(frozen=True)
class Alternative:
    """Another amount or term that passes affordability and the limits; the score is to be asked again for it.

    Parameters
    ----------
    amount, term_months
        Minor units, months.
    instalment
        A month, at the price band of the request as it was, minor units.
    """

    amount: int
    term_months: int
    instalment: int


@dataclass(frozen=True)
class CreditDecision:
    """A decision: outcome, reason codes (strongest gate first), every gate's result in order, and alternatives."""

    outcome: CreditOutcome
    reasons: tuple[str, ...]
    gates: tuple[GateResult, ...]
    alternatives: tuple[Alternative, ...]


def decide(
    policy: CreditPolicy, request: Request, applicant: Applicant, finances: Finances, scores: Scores
) -> CreditDecision:
    """Return the decision that a policy makes of a request.

    Equal arguments give equal decisions, always: nothing else is read.
    """
    gates = (
        eligibility(policy, request, applicant),
        identity_and_fraud(policy, scores),
        affordability(policy, request, finances),
        probability_of_default(policy, scores),
        amount_and_term(policy, request, scores),
    )
    outcome = max((gate.outcome for gate in gates), key=_STRICTNESS.index)
    stated = [code for gate in gates if gate.outcome is outcome for code in gate.reasons]
    if outcome is APPROVE and price_band(policy, scores) is not policy.prices[0]:
        stated = list(scores.pd_reasons)
    reasons = tuple(dict.fromkeys(stated))[:MOST_REASONS]
    return CreditDecision(outcome, reasons, gates, _alternatives(policy, request, finances, scores, gates))


def _alternatives(
    policy: CreditPolicy, request: Request, finances: Finances, scores: Scores, gates: tuple[GateResult, ...]
) -> tuple[Alternative, ...]:
    """Return the largest lower amount at a term as near as can be, and the shortest longer term for the whole amount.

    None where something else than amount and term declines, or where income or price are not known.
    """
    against = {code for gate in gates if gate.outcome is DECLINE for code in gate.reasons}
    band = price_band(policy, scores)
    month = budget(finances, policy.affordability)
    room = month.left(policy.affordability.buffer)
    if not against or against - _MENDABLE or band is None or room is None:
        return ()
    own = policy.eligibility
    rate = stressed_rate(policy)
    most = min(own.most_amount, most_amount(policy, band, scores))
    longest = min(own.most_term, band.most_term)
    found = []
    term = min(max(request.term_months, own.least_term), longest)
    amount = min(largest_amount(room, term, rate), most, request.amount)
    if amount < request.amount:
        amount -= amount % policy.amount_step
    if amount >= own.least_amount and (amount, term) != (request.amount, request.term_months):
        found.append(Alternative(amount, term, instalment(amount, term, band.rate)))
    if own.least_amount <= request.amount <= most:
        longer = [t for t in policy.terms if max(request.term_months, own.least_term - 1) < t <= longest]
        enough = next((t for t in longer if instalment(request.amount, t, rate) <= room), None)
        if enough is not None:
            found.append(Alternative(request.amount, enough, instalment(request.amount, enough, band.rate)))
    return tuple(dict.fromkeys(found))
