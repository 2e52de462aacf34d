"""What a month leaves over: verified net income less essential spend, commitments and the stressed instalment.

All amounts are minor units a month, whole: income is rounded down, costs and instalments up, so that rounding never
lends. What is not known is None and never 0. Each term, as the policy's `Affordability` parametrises it:

*verified net income*
    What evidence in hand says (pay slips), or else what came in on accounts with us: a year's income over 12; with
    less than a year of accounts, the last 90 days' over 3. It counts only if accounts are old enough, income came in
    lately and some of it is salary, pension or benefit; and not if it is far below what was declared, because then
    most of it goes somewhere that we do not see. Where it has fallen against the year's pace, the 90 days count.
*essential spend and commitments*
    There are two complete views of a month, and the larger total counts. As observed: essentials bought in 90 days
    over 3, at least the policy's floor; and what fell due on credit with us at the latest month end. As declared: the
    floor; and housing cost and other outgoings. Adding terms of both would count the rent twice. A share of
    unsecured debt elsewhere, as the bureau reports it, is added to what is observed, for we do not see its payments.
*stressed instalment*
    The annuity instalment at the policy's dearest rate plus its stress. It does not depend on the probability of
    default, because affordability declines whatever that is.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from bank360.policies.credit_policy import Affordability, CreditPolicy

_DAYS_A_YEAR, _DAYS_A_QUARTER = 365, 90
_MONTHS_A_YEAR, _MONTHS_A_QUARTER = 12, 3


@dataclass(frozen=True)
class Finances:
    """What is known of an applicant's money; minor units, None where it is not known.

    Parameters
    ----------
    evidenced_income
        Net income a month by evidence in hand.
    income_90d, income_365d, essential_90d
        Seen on accounts with us in that many days before the request.
    regular_90d
        Salary, pension and benefits among the income of 90 days.
    days_since_income, history_days
        Days since income came in, and since the first account was opened.
    declared_income, declared_housing, declared_outgoings
        A month, as declared in an application.
    credit_due
        Due a month on credit with us, at the latest month end; a joint debt in full. 0 without credit with us.
    external_debt
        Unsecured debt elsewhere, as the bureau reports it.
    """

    evidenced_income: int | None
    income_90d: int | None
    income_365d: int | None
    essential_90d: int | None
    regular_90d: int | None
    days_since_income: int | None
    history_days: int | None
    declared_income: int | None
    declared_housing: int | None
    declared_outgoings: int | None
    credit_due: int | None
    external_debt: int | None

    def __post_init__(self) -> None:
        if any(value is not None and value < 0 for value in (self.evidenced_income, self.credit_due)):
            raise ValueError("an income by evidence, or what is due on credit, is negative")


@dataclass(frozen=True)
class Budget:
    """A month before the instalment, minor units.

    Parameters
    ----------
    income
        Verified net income; None where nothing verifies it.
    fallen
        Whether income has fallen against the year's pace.
    essential, commitments
        Of the view that counts.
    debt_known
        Whether it is known what is owed, with us and by the bureau elsewhere; commitments hold none of what is not.
    view
        Which of the two views of the month counts.
    """

    income: int | None
    fallen: bool
    essential: int
    commitments: int
    debt_known: bool
    view: Literal["as observed", "as declared"]

    def left(self, instalment: int) -> int | None:
        """Return what is left over after an instalment, None where income is not verified."""
        return None if self.income is None else self.income - self.essential - self.commitments - instalment


def budget(finances: Finances, rules: Affordability) -> Budget:
    """Return the month of an applicant; the module says how each term is found."""
    income, fallen = _verified_income(finances, rules)
    spent = max(finances.essential_90d or 0, 0)
    essential = max(-(-spent // _MONTHS_A_QUARTER), rules.essential_floor)
    service = math.ceil((finances.external_debt or 0) * _exact(rules.debt_service))
    observed = (essential, (finances.credit_due or 0) + service)
    declared = (rules.essential_floor, (finances.declared_housing or 0) + (finances.declared_outgoings or 0))
    seen = sum(observed) >= sum(declared)
    own, due = observed if seen else declared
    known = finances.external_debt is not None and finances.credit_due is not None
    return Budget(income, fallen, own, due, known, "as observed" if seen else "as declared")


def _verified_income(finances: Finances, rules: Affordability) -> tuple[int | None, bool]:
    if finances.evidenced_income is not None:
        return finances.evidenced_income, False
    year, quarter, known = finances.income_365d, finances.income_90d, finances.history_days
    since = finances.days_since_income
    if year is None or quarter is None or known is None or since is None:
        return None, False
    recent = since <= rules.most_days_since_income and (finances.regular_90d or 0) > 0
    if known < rules.least_history_days or not recent:
        return None, False
    of_quarter = quarter // _MONTHS_A_QUARTER
    fallen = False
    income = of_quarter
    if known >= _DAYS_A_YEAR:
        pace = Fraction(quarter * _DAYS_A_YEAR, _DAYS_A_QUARTER)
        fallen = pace < year * _exact(rules.fallen_share)
        income = of_quarter if fallen else year // _MONTHS_A_YEAR
    declared = finances.declared_income
    if income <= 0 or (declared is not None and income < declared * _exact(rules.declared_share)):
        return None, fallen
    return income, fallen


def instalment(amount: int, term_months: int, rate: float) -> int:
    """Return the annuity instalment a month, in minor units, rounded up to the next whole one.

    ``amount × i / (1 - (1 + i) ** -term)`` with ``i = rate / 12``, in exact fractions of the rate as it is written
    in decimals: no double decides a penny. Rounded up, a plan of equal instalments never ends short; the last one is
    the smaller.

    Parameters
    ----------
    amount
        Minor units.
    rate
        Nominal, 1/year, above 0.

    >>> instalment(1_000_000, 36, 0.12)
    33215
    """
    return math.ceil(amount * _annuity(term_months, rate))


def stressed_rate(policy: CreditPolicy) -> float:
    """Return the rate that affordability is tested at: the policy's dearest and its stress, added as decimals."""
    return float(_exact(policy.dearest_rate) + _exact(policy.affordability.stress))


def largest_amount(room: int, term_months: int, rate: float) -> int:
    """Return the largest amount, in minor units, whose `instalment` is at most ``room`` a month; 0 without room.

    >>> largest_amount(33215, 36, 0.12), instalment(1_000_021, 36, 0.12)
    (1000020, 33216)
    """
    return max(math.floor(room / _annuity(term_months, rate)), 0)


def _annuity(term_months: int, rate: float) -> Fraction:
    monthly = _exact(rate) / _MONTHS_A_YEAR
    return monthly / (1 - (1 + monthly) ** -term_months)


def _exact(value: float) -> Fraction:
    """Return a number as it is written in decimals: 0.1 is a tenth, not its nearest double."""
    return Fraction(repr(value))
