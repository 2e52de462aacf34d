"""The five gates of a request for credit, each a pure function from facts to a result with its numbers.

Every gate answers for itself, also after another has declined: the Loan desk shows them all, and who overrides one must
see the rest. `credit.py` calls them in order and makes the decision. A fact that is not known is never read as a good
or a bad one: it sends the request to review, with the reason that it is not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bank360.bank.vocabulary import CreditOutcome
from bank360.policies.affordability import Finances, budget, instalment, stressed_rate
from bank360.policies.codec import ADDED
from bank360.policies.credit_policy import CreditPolicy, Cut, Price

DECLINE, REVIEW, APPROVE = CreditOutcome.DECLINE, CreditOutcome.REVIEW, CreditOutcome.APPROVE
BY_A_PERSON, CHARGED_OFF = "P17", "P18"


@dataclass(frozen=True)
class Request:
    """What is asked for: amount in minor units of the policy's currency, term in months."""

    amount: int
    term_months: int

    def __post_init__(self) -> None:
        if self.amount <= 0 or self.term_months <= 0:
            raise ValueError("a request needs an amount and a term above zero")


@dataclass(frozen=True)
class Applicant:
    """What eligibility asks; None where it is not known. Holds no birth date: only whether of age.

    Parameters
    ----------
    adult
        18 or older on the day.
    region
        Region of residence.
    barred
        Whether the customer record is closed to applications: deceased.
    in_default
        Whether credit with us is in default: over 90 days past due, in that status, or written off, and still open.
    days_past_due
        Most of any credit with us at its latest month end; None without credit.
    charged_off_on
        Where what is in default is credit that was charged off as a loss, and no other: the last such day, ISO 8601.
    """

    adult: bool | None
    region: str | None
    barred: bool
    in_default: bool
    days_past_due: int | None
    charged_off_on: str | None = field(default=None, metadata=ADDED)


@dataclass(frozen=True)
class Scores:
    """Probabilities for this request, None where no model could say, and why the probability of default is what it is.

    Parameters
    ----------
    pd, fraud
        Of `application_pd` and `application_fraud`.
    pd_reasons
        Codes that passed their counterfactual, strongest first, at most four.
    thin_file
        Whether the applicant has no history with us.
    """

    pd: float | None
    fraud: float | None
    pd_reasons: tuple[str, ...]
    thin_file: bool

    def __post_init__(self) -> None:
        for value in (self.pd, self.fraud):
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"a probability of {value} is none; say None where a model gave no answer")


@dataclass(frozen=True)
class Number:
    """One number behind a gate: what it is, its value (None: not known), and its unit."""

    name: str
    value: int | float | str | bool | None
    unit: str


@dataclass(frozen=True)
class GateResult:
    """What one gate says: outcome, reason codes of that outcome (none on approve), and its numbers in reading order."""

    gate: str
    outcome: CreditOutcome
    reasons: tuple[str, ...]
    numbers: tuple[Number, ...]


def eligibility(policy: CreditPolicy, request: Request, applicant: Applicant) -> GateResult:
    """Return whether the applicant may have the product, in this amount and term, at all."""
    own, overdue, lost = policy.eligibility, applicant.days_past_due, applicant.charged_off_on
    declines = [
        ("P01", applicant.adult is False),
        ("P02", applicant.region is not None and applicant.region not in own.regions),
        ("P04", applicant.barred),
        ("P05", not own.least_amount <= request.amount <= own.most_amount),
        ("P06", not own.least_term <= request.term_months <= own.most_term),
        ("P07", applicant.in_default and lost is None),
        (CHARGED_OFF, applicant.in_default and lost is not None),
        ("P08", not applicant.in_default and overdue is not None and overdue > own.most_days_past_due),
    ]
    reviews = [("P03", applicant.adult is None or applicant.region is None)]
    numbers = (
        Number("of age", applicant.adult, ""),
        Number("region of residence", applicant.region, ""),
        Number("record closed to applications", applicant.barred, ""),
        Number("amount asked for", request.amount, "minor units"),
        Number("least amount", own.least_amount, "minor units"),
        Number("most amount", own.most_amount, "minor units"),
        Number("term asked for", request.term_months, "months"),
        Number("shortest term", own.least_term, "months"),
        Number("longest term", own.most_term, "months"),
        Number("credit with us in default", applicant.in_default, "")
        if lost is None
        else Number("credit with us charged off on", lost, ""),
        Number("most days past due with us", "no credit" if overdue is None else overdue, "days"),
        Number("days past due allowed", own.most_days_past_due, "days"),
    )
    return _result("eligibility", declines, reviews, numbers)


def identity_and_fraud(policy: CreditPolicy, scores: Scores) -> GateResult:
    """Return whether the application is what it says it is, by the probability that it is fraudulent."""
    found = _side(scores.fraud, policy.fraud)
    numbers = (
        Number("probability of application fraud", scores.fraud, "probability"),
        Number("refer from", policy.fraud.review_from, "probability"),
        Number("decline from", policy.fraud.decline_from, "probability"),
    )
    return _result("identity and fraud", [("P09", found is DECLINE)], [("P10", found is REVIEW)], numbers)


def affordability(policy: CreditPolicy, request: Request, finances: Finances) -> GateResult:
    """Return whether the month carries the stressed instalment; a failure declines whatever the probability."""
    rules = policy.affordability
    month = budget(finances, rules)
    rate = stressed_rate(policy)
    stressed = instalment(request.amount, request.term_months, rate)
    left = month.left(stressed)
    short = left is not None and left < rules.buffer
    reviews = [("P12", month.income is None), ("P13", month.fallen), ("P14", not month.debt_known)]
    numbers = (
        Number("verified net income", month.income, "minor units a month"),
        Number("essential spend", month.essential, "minor units a month"),
        Number("commitments", month.commitments, "minor units a month"),
        Number("stressed rate", rate, "1/year"),
        Number("stressed instalment", stressed, "minor units a month"),
        Number("left over", left, "minor units a month"),
        Number("buffer", rules.buffer, "minor units a month"),
        Number("costs and commitments", month.view, ""),
        Number("all debt known", month.debt_known, ""),
    )
    return _result("affordability", [("P11", short)], reviews, numbers)


def probability_of_default(policy: CreditPolicy, scores: Scores) -> GateResult:
    """Return what the probability of default says; a decline that the model cannot give a reason for is a review."""
    cut = policy.thin_pd if scores.thin_file else policy.pd
    found = _side(scores.pd, cut)
    numbers = (
        Number("probability of default", scores.pd, "probability"),
        Number("review from", cut.review_from, "probability"),
        Number("decline from", cut.decline_from, "probability"),
        Number("without history with us", scores.thin_file, ""),
    )
    if found is DECLINE and not scores.pd_reasons:
        found = REVIEW
    reasons = () if found is APPROVE else scores.pd_reasons if scores.pd is not None else ()
    return GateResult("probability of default", found, reasons or (() if found is APPROVE else (BY_A_PERSON,)), numbers)


def amount_and_term(policy: CreditPolicy, request: Request, scores: Scores) -> GateResult:
    """Return whether the price band of the applicant reaches to this amount and term, and at what price."""
    band = price_band(policy, scores)
    if band is None:
        unpriced = (Number("rate", None, "1/year"),)
        return _result("amount and term", [], [(BY_A_PERSON, True)], unpriced)
    most = most_amount(policy, band, scores)
    due = instalment(request.amount, request.term_months, band.rate)
    numbers = (
        Number("rate", band.rate, "1/year"),
        Number("instalment", due, "minor units a month"),
        Number("to be repaid at most", due * request.term_months, "minor units"),
        Number("most amount at this rate", most, "minor units"),
        Number("longest term at this rate", band.most_term, "months"),
    )
    declines = [("P15", request.amount > most), ("P16", request.term_months > band.most_term)]
    return _result("amount and term", declines, [], numbers)


def price_band(policy: CreditPolicy, scores: Scores) -> Price | None:
    """Return the band that prices a probability of default, None where there is no probability or no band for it."""
    if scores.pd is None:
        return None
    return next((band for band in policy.prices if scores.pd < band.below), None)


def most_amount(policy: CreditPolicy, band: Price, scores: Scores) -> int:
    """Return the largest amount of a band, less for a thin file; minor units."""
    return min(band.most_amount, policy.thin_most_amount) if scores.thin_file else band.most_amount


def _side(probability: float | None, cut: Cut) -> CreditOutcome:
    if probability is None:
        return REVIEW
    if probability >= cut.decline_from:
        return DECLINE
    return REVIEW if probability >= cut.review_from else APPROVE


def _result(
    gate: str, declines: Sequence[tuple[str, bool]], reviews: Sequence[tuple[str, bool]], numbers: tuple[Number, ...]
) -> GateResult:
    for outcome, rules in ((DECLINE, declines), (REVIEW, reviews)):
        failed = tuple(code for code, fails in rules if fails)
        if failed:
            return GateResult(gate, outcome, failed, numbers)
    return GateResult(gate, APPROVE, (), numbers)
