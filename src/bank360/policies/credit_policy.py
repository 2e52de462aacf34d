"""A credit policy as data: what `uk_personal_loan.yaml` and its like say, read from text by one pure function.

A policy is versioned apart from the models: the text's own version, and the SHA-256 of its bytes, stand in every
decision made by it. Unknown, missing and doubled keys are refused, so that a misspelt rule is never a rule left out.
Neighbours: `credit.py` applies it, `policy_text.py` reads the YAML strictly, `storage/policy_files.py` holds the bytes.
"""

import hashlib
from dataclasses import dataclass
from itertools import pairwise

from bank360.bank.errors import SettingsError
from bank360.bank.vocabulary import ProductLine
from bank360.policies.policy_text import Section, read_policy_text

_MOST_MONEY = 10**12
_MOST_TERM = 600


@dataclass(frozen=True)
class Eligibility:
    """Who may have the product at all.

    Parameters
    ----------
    regions
        Regions of residence in which the bank lends: the home market.
    least_amount, most_amount
        Closed range of amounts, minor units.
    least_term, most_term
        Closed range of terms, months.
    most_days_past_due
        Most days past due that credit with us may have at its latest month end; more is arrears.
    """

    regions: tuple[str, ...]
    least_amount: int
    most_amount: int
    least_term: int
    most_term: int
    most_days_past_due: int


@dataclass(frozen=True)
class Cut:
    """Edges on a probability, both closed from above: at an edge the stricter outcome begins."""

    review_from: float
    decline_from: float


@dataclass(frozen=True)
class Affordability:
    """How affordability is worked out; `affordability.py` states the formula.

    Parameters
    ----------
    stress
        Added to the dearest rate of the policy, 1/year.
    buffer, essential_floor
        What must be left over, and the least that living costs, minor units a month.
    debt_service
        Share of unsecured debt elsewhere that falls due a month.
    most_days_since_income, least_history_days
        When income seen on accounts with us counts as verified.
    declared_share
        Verified income below this share of what was declared verifies nothing.
    fallen_share
        The last 90 days' income below this share of the year's pace has fallen.
    """

    stress: float
    buffer: int
    essential_floor: int
    debt_service: float
    most_days_since_income: int
    least_history_days: int
    declared_share: float
    fallen_share: float


@dataclass(frozen=True)
class Price:
    """One band of probability, up to ``below`` (open): its rate (1/year), largest amount and longest term."""

    below: float
    rate: float
    most_amount: int
    most_term: int


@dataclass(frozen=True)
class CreditPolicy:
    """A credit policy.

    Parameters
    ----------
    name, version, owner
        What the text calls itself, and who answers for it.
    hash
        SHA-256 of the text in UTF-8, hex.
    market, currency, product_line
        Country (ISO 3166) and currency (ISO 4217) in which it lends, and the line of product.
    eligibility, fraud, affordability
        The rules of the first three gates.
    pd, thin_pd, thin_most_amount
        Cut-offs on the probability of default, those for applicants without history, and the most these may have.
    prices
        Bands in ascending order; together they price every probability that is not declined.
    amount_step, terms
        What alternatives are made of: multiples of an amount (minor units), and terms (months, ascending).
    """

    name: str
    version: str
    owner: str
    hash: str
    market: str
    currency: str
    product_line: ProductLine
    eligibility: Eligibility
    fraud: Cut
    affordability: Affordability
    pd: Cut
    thin_pd: Cut
    thin_most_amount: int
    prices: tuple[Price, ...]
    amount_step: int
    terms: tuple[int, ...]

    @property
    def dearest_rate(self) -> float:
        """The highest rate of any band, 1/year."""
        return max(price.rate for price in self.prices)

    def misfit(self, currency: str, country: str | None) -> str | None:
        """Return in what the policy is not this bank's, as a sentence; None where it is of its country and currency.

        Parameters
        ----------
        currency, country
            The bank's own. In another currency nothing is decided by the policy; of another country its regions and
            figures are. ``country`` is None while nobody knows it, and then nothing is said of it.
        """
        if self.currency == currency and country in (None, self.market):
            return None
        bank = f"'s currency is {currency}" if country is None else f" is in {country} with {currency}"
        of_whom = (
            f"The credit policy {self.name} {self.version} is for {self.market} in {self.currency}, and this bank{bank}"
        )
        if self.currency != currency:
            return f"{of_whom}: no request is decided by it."
        return f"{of_whom}: its regions, prices and costs of living are those of another country."


def credit_policy(text: str, name: str = "the policy") -> CreditPolicy:
    """Return the policy that a text states.

    Parameters
    ----------
    text
        YAML, as in the shipped ``uk_personal_loan.yaml``.
    name
        What errors call it: the file's name.

    Raises
    ------
    SettingsError
        If the text is no YAML, or a key is missing, unknown, doubled, of another type or out of range, or edges and
        bands are not in order.
    """
    top = read_policy_text(text, name)
    line = top.text("product_line")
    if line not in {one.value for one in ProductLine}:
        raise SettingsError(f"{name}: product_line '{line}' is none of {', '.join(ProductLine)}. Mend it there.")
    thin = top.section("thin_file")
    alternatives = top.section("alternatives")
    policy = CreditPolicy(
        name=top.text("policy"),
        version=top.text("version"),
        owner=top.text("owner"),
        hash=policy_hash(text),
        market=top.text("market"),
        currency=top.text("currency"),
        product_line=ProductLine(line),
        eligibility=_eligibility(top.section("eligibility")),
        fraud=_cut(top.section("fraud"), "refer_from"),
        affordability=_affordability(top.section("affordability")),
        pd=_cut(top.section("pd"), "review_from"),
        thin_most_amount=thin.integer("most_amount", 1, _MOST_MONEY),
        thin_pd=_cut(thin, "review_from"),
        prices=tuple(_price(section) for section in top.sections("prices")),
        amount_step=alternatives.integer("amount_step", 1, _MOST_MONEY),
        terms=alternatives.integers("terms", 1, _MOST_TERM),
    )
    alternatives.end()
    top.end()
    _in_order(policy, name)
    return policy


def policy_hash(text: str) -> str:
    """Return the SHA-256 of a policy's text in UTF-8, as hex: what a decision records of it."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _eligibility(section: Section) -> Eligibility:
    rules = Eligibility(
        section.texts("regions"),
        section.integer("least_amount", 1, _MOST_MONEY),
        section.integer("most_amount", 1, _MOST_MONEY),
        section.integer("least_term", 1, _MOST_TERM),
        section.integer("most_term", 1, _MOST_TERM),
        section.integer("most_days_past_due", 0, 90),
    )
    section.end()
    return rules


def _affordability(section: Section) -> Affordability:
    rules = Affordability(
        section.fraction("stress"),
        section.integer("buffer", 0, _MOST_MONEY),
        section.integer("essential_floor", 0, _MOST_MONEY),
        section.fraction("debt_service"),
        section.integer("most_days_since_income", 1, 365),
        section.integer("least_history_days", 90, 3650),
        section.fraction("declared_share"),
        section.fraction("fallen_share"),
    )
    section.end()
    return rules


def _cut(section: Section, first: str) -> Cut:
    cut = Cut(section.fraction(first), section.fraction("decline_from"))
    section.end()
    return cut


def _price(section: Section) -> Price:
    price = Price(
        section.fraction("below"),
        section.fraction("rate"),
        section.integer("most_amount", 1, _MOST_MONEY),
        section.integer("most_term", 1, _MOST_TERM),
    )
    section.end()
    return price


def _in_order(policy: CreditPolicy, name: str) -> None:
    """Refuse edges that are not in order: each is a rule that could never apply, or a request without a price."""
    own = policy.eligibility
    declines = max(policy.pd.decline_from, policy.thin_pd.decline_from)
    edges = [price.below for price in policy.prices]
    faults = [
        ("eligibility: least_amount lies above most_amount", own.least_amount > own.most_amount),
        ("eligibility: least_term lies above most_term", own.least_term > own.most_term),
        *(
            (f"{place}: the lower edge must lie below decline_from", cut.review_from >= cut.decline_from)
            for place, cut in (("fraud", policy.fraud), ("pd", policy.pd), ("thin_file", policy.thin_pd))
        ),
        ("prices: 'below' must rise from band to band", any(a >= b for a, b in pairwise(edges))),
        (f"prices: the last band must reach decline_from ({declines})", edges[-1] < declines),
        ("alternatives: terms must rise", list(policy.terms) != sorted(set(policy.terms))),
    ]
    found = [what for what, wrong in faults if wrong]
    if found:
        raise SettingsError(f"{name}: {'; '.join(found)}. Mend it there.")
