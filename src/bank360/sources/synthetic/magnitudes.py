"""What the demonstration bank must look like: the magnitudes of `definitions.md` §6, with target and tolerance.

A range is taken as given; only a count asked of a smaller bank has its sampling error. Else the tolerance is 15 % of
the target or the 99 % sampling interval of the observation, whichever is wider. What has no target is printed only.
A bank smaller than the demonstration's is not judged by what it has too few events of (`rows_needed`): of some seventy
magnitudes one or another would fail by chance.
`storage/synth_reads.py` observes each by its name.
"""

import math
from dataclasses import dataclass

from bank360.sources.synthetic import parameters as p

TOLERANCE = 0.15
Z_99 = 2.5758
_MARGIN = 1.5  # an error seen on few and uneven people is itself too small by chance
_ALWAYS = 0.999  # a share from here to 1 is of what holds always, not of chance


@dataclass(frozen=True)
class Magnitude:
    """One quantity.

    Parameters
    ----------
    name
        Stable name; the observation has the same.
    quantity
        In words, with the unit.
    target
        What §6 says; None: printed only.
    low, high
        Closed range instead of a tolerance around the target.
    per_customers
        The range is for this many customers and scales with the bank (0: does not scale).
    """

    name: str
    quantity: str
    target: float | None
    low: float | None = None
    high: float | None = None
    per_customers: int = 0


@dataclass(frozen=True)
class Observed:
    """What a delivery shows: the value, how many rows it rests on, its standard error (0 where it is exact)."""

    value: float
    count: int
    error: float


def interval(magnitude: Magnitude, observed: Observed, customers: int) -> tuple[float, float] | None:
    """Return the closed interval in which the observation passes; None for what is printed only.

    >>> interval(Magnitude("m", "share", 0.10), Observed(0.11, 10_000, 0.001), 25_000)
    (0.085, 0.115)
    """
    error = _error(magnitude, observed)
    if magnitude.low is not None or magnitude.high is not None:
        scale = customers / magnitude.per_customers if magnitude.per_customers else 1.0
        low = float("-inf") if magnitude.low is None else magnitude.low * scale
        high = float("inf") if magnitude.high is None else magnitude.high * scale
        return (low if scale >= 1 else low - Z_99 * low**0.5), high
    if magnitude.target is None:
        return None
    width = max(TOLERANCE * abs(magnitude.target), Z_99 * error)
    return round(magnitude.target - width, 12), round(magnitude.target + width, 12)


def rows_needed(magnitude: Magnitude, observed: Observed, customers: int) -> int | None:
    """Return how many rows an observation of a smaller bank must rest on to be judged; None where it is judged.

    It is where one and a half of its 99 % sampling interval is no wider than the tolerance: the 15 %, or half of the
    range. A bank of demonstration size is judged by everything, and every bank by counts and by what holds always.

    >>> few = Observed(0.10, 400, 0.015)
    >>> rows_needed(Magnitude("m", "share", 0.10), few, 500), rows_needed(Magnitude("m", "share", 0.10), few, 25_000)
    (5972, None)
    """
    if customers >= p.CUSTOMERS or magnitude.per_customers:
        return None
    if magnitude.low is not None and magnitude.high is not None:
        tolerance = 0.0 if magnitude.low >= _ALWAYS else (magnitude.high - magnitude.low) / 2
    else:
        tolerance = TOLERANCE * abs(magnitude.target or 0.0)
    spread = _MARGIN * Z_99 * _error(magnitude, observed)
    if tolerance == 0 or spread <= tolerance:
        return None
    return math.ceil(observed.count * (spread / tolerance) ** 2)


def _error(magnitude: Magnitude, observed: Observed) -> float:
    if observed.value == 0 and magnitude.target and observed.count:
        # A rare event not seen at all has an error all the same: that of the target.
        return float((magnitude.target / observed.count) ** 0.5)
    return observed.error


MAGNITUDES: tuple[Magnitude, ...] = (
    Magnitude("relationship_main", "main-bank customers, share of customer-months", 0.30),
    Magnitude("relationship_secondary", "secondary customers, share", 0.30),
    Magnitude("relationship_single", "single-product customers, share", 0.30),
    Magnitude("relationship_dormant", "dormant customers, share", 0.10),
    Magnitude("transactions_main", "transactions of a main customer a month", 30.0),
    Magnitude("transactions_secondary", "transactions of a secondary customer a month", 3.0),
    Magnitude("transactions_single", "transactions of a single-product customer a month", 1.0),
    # The last movements of those who close, and repayments that run out: fewer than one a year.
    Magnitude("transactions_dormant", "transactions of a dormant customer a month", 0.0, low=0.0, high=0.1),
    Magnitude("mix_card", "main current accounts: card, share of transactions", 0.65),
    Magnitude("mix_remote", "card payments made remotely, share", 0.30),
    Magnitude("mix_direct_debit", "direct debit, share", 0.13),
    Magnitude("mix_transfer", "transfer and standing order, share", 0.17),
    Magnitude("mix_cash", "cash, share", 0.04),
    Magnitude("mix_fee", "fees, share", 0.01),
    Magnitude("refunds", "refunds per card payment", 0.025),
    Magnitude("reversals", "reversals per card payment", 0.007),
    Magnitude("returned", "returned direct debits, share", 0.01),
    Magnitude("returned_stressed", "returned direct debits in the stressed decile, share", 0.12),
    Magnitude("salary_monthly", "main customers paid monthly, share", 0.55),
    Magnitude("salary_weekly", "main customers paid weekly, share", 0.12),
    Magnitude("salary_pension", "main customers with a pension every fourth week, share", 0.25),
    Magnitude("salary_irregular", "main customers paid irregularly, share", 0.08),
    Magnitude("salary_days", "monthly salaries paid on their day or the working day before, share", 1.0, 0.999, 1.0),
    Magnitude("december", "discretionary card payments in December against an ordinary month", p.DECEMBER, 1.15, 1.21),
    Magnitude("january", "discretionary card payments in January against an ordinary month", p.JANUARY, 0.87, 0.93),
    Magnitude("summer_abroad", "share of payments abroad in July and August against other months", p.SUMMER_ABROAD),
    Magnitude("held_current", "customers with a current account, share", 0.85),
    Magnitude("held_savings", "with savings, share", 0.50),
    Magnitude("held_card", "with a credit card, share", 0.35),
    Magnitude("held_overdraft", "with an overdraft limit, share", 0.50),
    Magnitude("used_overdraft", "with an overdraft used within a year, share", 0.20),
    Magnitude("held_mortgage", "with a mortgage, share", 0.14),
    Magnitude("held_insurance", "with insurance, share", 0.14),
    Magnitude("held_investment", "with investments, share", 0.10),
    Magnitude("held_loan", "with a personal loan, share", 0.10),
    Magnitude("joint", "joint current accounts, share", 0.18),
    Magnitude("duplicates", "persons who stand twice in the customer master, share", 0.03),
    Magnitude("applications", "applications a year per customer", 0.18),
    Magnitude("new_to_bank", "applications by people new to the bank, share", 1 / 3),
    Magnitude("approved", "applications approved, share of decided", 0.60),
    Magnitude("random_accept", "applications accepted at random, share of decided", 0.03),
    Magnitude("override", "decisions overridden, share of decided", 0.05),
    Magnitude("default_booked", "default within 12 months of opening, booked unsecured", 0.05),
    Magnitude("default_rejected", "default within 12 months, had the rejected been booked (truth)", None, 0.12, 0.15),
    Magnitude("default_behavioural", "default within the next 12 months, accounts 3 months on book", 0.015),
    Magnitude("default_mortgage", "default within the next 12 months, mortgages", 0.003),
    Magnitude("test_bads", "defaults among loans applied for in the test year (months 37-48)", None, 120, None,
              p.CUSTOMERS),
    Magnitude("stress_odds", "odds of falling into default, stress period against the rest", p.STRESS_ODDS),
    Magnitude("roll", "30 days past due that go on to 90, share", None, 0.25, 0.35),
    Magnitude("cure", "30 days past due that are current again within three months, share", 0.40),
    Magnitude("application_fraud", "true fraud, share of applications", 0.012),
    Magnitude("fraud_fast", "of application fraud caught, within 60 days, share", 0.50),
    Magnitude("fraud_slow", "of application fraud caught, within 240 days, share", 1.0, 0.999, 1.0),
    Magnitude("fraud_uncaught", "application fraud never caught, share", 0.15),
    Magnitude("fraud_mislabelled", "closed application cases with the wrong outcome, share", 0.02),
    Magnitude("card_fraud", "true fraud, share of card payments", 0.0003),
    Magnitude("card_fraud_delay", "median delay of a card fraud report, days", 9.0),
    Magnitude("card_fraud_delay_95", "95th percentile of the delay, days", 60.0),
    Magnitude("churn", "customers who leave in a year, share", 0.04),
    Magnitude("silent", "main and secondary customers who fall silent in a year, share", 0.07),
    Magnitude("new_products", "products opened by existing customers, per customer-month", 0.012),
    Magnitude("held_out", "offers held out at random, share", 0.10),
    Magnitude("uplift", "uplift of an offer, share of those offered", None, 0.0, 0.02),
    Magnitude("uplift_negative", "offers that do harm (truth), share", None, 0.02, 0.30),
    Magnitude("reconciled", "movements whose balance is the one before plus the amount, share", 1.0, 1.0, 1.0),
    Magnitude("unarranged", "current accounts below their limit at a month's end, share", None, 0.0, 0.02),
    Magnitude("oracle_application_pd", "oracle AUC, application_pd on booked", None),
    Magnitude("oracle_application_pd_test", "oracle AUC, application_pd on booked, test year", None),
    Magnitude("oracle_application_fraud", "oracle AUC, application_fraud", None),
    Magnitude("oracle_behaviour_pd", "oracle AUC, behaviour_pd", None),
)  # fmt: skip
