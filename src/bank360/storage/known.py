"""What a bank had delivered by one instant: the one answer to whether a 0 is nothing, or nobody knows.

A published version keeps a `Known` with its meta (`published.py`); pages, lists, the API and the terminal ask it before
they tell a number or say "none". What is asked about is stated here once, as needs: rows, columns or codes that some
row of the bank must have brought (`features/needs.py`), whoever's. Neighbours: `delivered.py` looks; the needs of the
alert rules are with the rules (`pipeline/find_alerts.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bank360.bank.errors import NotReady
from bank360.features.families import ALL_FEATURES
from bank360.features.needs import HOLDINGS_END, Need, Needs, all_needs, needs, said
from bank360.features.packing import NEVER
from bank360.storage.delivered import known_from
from bank360.storage.warehouse import Warehouse

_BY_NAME = {feature.name: feature for feature in ALL_FEATURES}

LENDING: Needs = ((Need("credit_months"),),)
ACCOUNTS: Needs = ((Need("accounts"),), (Need("account_parties"),))
CONTACTS: Needs = ((Need("interactions"),),)
APPLICATIONS: Needs = ((Need("applications"),), (Need("application_parties", "customer_id"),))
LIMITS: Needs = ((Need("account_terms", "credit_limit"),),)
PRODUCT_LINES: Needs = (*ACCOUNTS, (Need("products"),))
SALARIES: Needs = (*ACCOUNTS, *needs(_BY_NAME["salaries_90d"], _BY_NAME))
LEAVERS: Needs = (*ACCOUNTS, HOLDINGS_END)
BALANCES: Needs = ((Need("balances"),),)
# What stated amounts are held to: without either nothing is compared.
BALANCES_HELD: Needs = (*BALANCES, (Need("transactions"),))
REPAYMENTS_HELD: Needs = (*LENDING, (Need("payments"),))

# The parts of a customer's 360, by what they are called where it is told that one is not known.
PARTS: Mapping[str, Needs] = {
    "accounts": ACCOUNTS,
    "product_lines": PRODUCT_LINES,
    "movements": ((Need("transactions"),), (Need("account_parties"),)),
    "lending": LENDING,
    "limits": LIMITS,
    "applications": APPLICATIONS,
    "contacts": CONTACTS,
    "complaints": (*CONTACTS, (Need("interactions", "topic"),)),
}
# All that is asked about beside the rules: what a night looks at.
TOLD: tuple[Needs, ...] = (
    *PARTS.values(), SALARIES, LEAVERS, BALANCES, BALANCES_HELD, REPAYMENTS_HELD,
    *(needs(feature, _BY_NAME) for feature in ALL_FEATURES),
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What was never delivered of all that was asked about.

    Parameters
    ----------
    asked
        In words (`as_words`), each need that was looked for.
    unmet
        Those of them that no row known by then meets.
    """

    asked: frozenset[str]
    unmet: frozenset[str]

    def lacks(self, wanted: Needs) -> tuple[str, ...]:
        """Return what was never delivered of some needs, in words; empty where all of it was.

        >>> Known(as_words([CONTACTS, LENDING]), as_words([CONTACTS])).lacks(CONTACTS)
        ("rows in 'interactions'",)

        Raises
        ------
        NotReady
            If one of them was not looked for: whether it was delivered nobody knows.
        """
        words = [said(any_of) for any_of in wanted]
        for one in words:
            if one not in self.asked:
                raise NotReady(f"Whether the bank delivered {one} was not looked for yet. Run 'bank360 publish'.")
        return tuple(one for one in words if one in self.unmet)

    def of(self, wanted: Needs) -> bool:
        """Return whether all of some needs was delivered: else what rests on them is not known, and not 0."""
        return not self.lacks(wanted)


def as_words(asked: Iterable[Needs]) -> frozenset[str]:
    """Return needs as a `Known` has them.

    >>> sorted(as_words([ACCOUNTS]))
    ["rows in 'account_parties'", "rows in 'accounts'"]
    """
    return frozenset(said(any_of) for wanted in asked for any_of in wanted)


def known_at(
    warehouse: Warehouse,
    asked: Iterable[Needs],
    as_of: int,
    currency: str,
    country: str,
    of_features: Mapping[Need, int] | None = None,
) -> Known:
    """Return what is known at an instant (microseconds UTC).

    Parameters
    ----------
    asked
        All that anybody will ask about: of anything else the answer raises.
    currency, country
        The bank's own.
    of_features
        When the needs of all features were first met, where that was looked at already (`delivered.known_from`).
    """
    every = dict.fromkeys(any_of for wanted in asked for any_of in wanted)
    looked_at = set() if of_features is None else set(all_needs(ALL_FEATURES))
    others = [need for any_of in every for need in any_of if need not in looked_at]
    found = {**(of_features or {}), **known_from(warehouse, others, currency, country)}
    unmet = (any_of for any_of in every if all(found.get(need, NEVER) >= as_of for need in any_of))
    return Known(as_words([tuple(every)]), as_words([tuple(unmet)]))


@lru_cache(maxsize=8)
def features_without(known: Known) -> Mapping[str, tuple[str, ...]]:
    """Return the features that nobody has a value of, each with what was never delivered for it."""
    lacking = {name: known.lacks(needs(feature, _BY_NAME)) for name, feature in _BY_NAME.items()}
    return {name: unmet for name, unmet in lacking.items() if unmet}


def parts_without(known: Known) -> dict[str, tuple[str, ...]]:
    """Return the parts of a 360 (`PARTS`) that nothing can be told of, each with what was never delivered for it."""
    lacking = {name: known.lacks(wanted) for name, wanted in PARTS.items()}
    return {name: unmet for name, unmet in lacking.items() if unmet}


def not_delivered(lacking: Iterable[str]) -> str:
    """Return what was never delivered as the end of a sentence.

    >>> not_delivered(["rows in 'balances'", "transactions.scheme: direct_debit"])
    "the bank delivered no rows in 'balances' and no transactions.scheme: direct_debit"
    """
    return f"the bank delivered {' and '.join(f'no {words}' for words in lacking)}"
