"""The customers, accounts, cards and merchants of the bank around a card file: who they are, and their rows.

All of it follows from the number of customers and the seed; the first batch of a file brings it. Every customer lived
in the country and was with the bank before its year began. Account and sort-code numbers have the British form
(8 digits; NN-NN-NN) with a sort code that no bank has; names are invented, addresses those of nobody.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import day_number, day_starts
from bank360.bank.vocabulary import MaritalStatus, PartyRole, PartyType, ProductFamily, ProductLine, RateType, Sex
from bank360.sources.card_file import behaviour
from bank360.sources.card_file.draws import SEED, picked, uniforms
from bank360.sources.card_file.layout import Bools, Floats, Ints
from bank360.sources.mapped_cells import Values, empty_values
from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.draws import stream
from bank360.sources.synthetic.names import draw_identities, family_name, family_numbers
from bank360.sources.synthetic.tokens import numbered, tokens

# (days from which rows are known, columns) -> rows with known time and line.
Made = Callable[[Ints, dict[str, Values]], pa.RecordBatch]

# The year over which the file's two days are spread: it ends with the month in which they were recorded.
FIRST_DAY, DAYS = date(2012, 10, 1), 365
PAYMENTS_EACH = 50  # of a customer in the year
COUNTRY, PRODUCT, SYSTEM = "GB", "CURRENT", "core"
AT_HOME, ABROAD_EACH = 40, 6  # merchants of a purpose: in the country, and in each other country
_JOINT = 0.305  # of every second customer, into the account of the one before: 18 % of accounts are joint
_FIRST_ACCOUNT = 31_000_000
_BIRTHS = (17, 90)  # years before the bank's year

COUNTRIES = (COUNTRY, *(code for code, _, _ in p.FOREIGN))
MERCHANTS_EACH = AT_HOME + ABROAD_EACH * len(p.FOREIGN)


@dataclass(frozen=True)
class People:
    """The customers, by number from 0.

    Parameters
    ----------
    kind
        Index in `behaviour.KINDS`.
    account
        Number of the account that each pays from; a joint holder's is that of the customer before.
    joint
        Who is the second holder of an account.
    members, edges
        By kind: its customers, and the running sum of how active each is.
    """

    kind: Ints
    account: Ints
    joint: Bools
    members: tuple[Ints, ...]
    edges: tuple[Floats, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.kind)

    def payers(self, kind: Ints, draws: Floats) -> Ints:
        """Return the customer of each payment, drawn among those of its kind by how active they are."""
        found = np.empty(len(kind), dtype=np.int64)
        for number, (members, edges) in enumerate(zip(self.members, self.edges, strict=True)):
            here = kind == number
            place = np.searchsorted(edges, draws[here] * edges[-1], side="right")
            found[here] = members[np.minimum(place, len(members) - 1)]
        return found


@cache
def people(count: int) -> People:
    """Return ``count`` customers, at least one of each kind."""
    who = np.arange(count)
    kind = picked(behaviour.KIND_SHARES, uniforms("kind", who))
    kind[: len(behaviour.KINDS)] = np.arange(len(behaviour.KINDS))
    joint = (who % 2 == 1) & (uniforms("joint", who) < _JOINT)
    # Sum of four uniforms, stretched: near enough to a normal draw, and it belongs to the person.
    normal = (sum(uniforms(f"activity {turn}", who) for turn in range(4)) - 2.0) * np.sqrt(3.0)
    activity = np.exp(0.6 * normal)
    members = tuple(np.flatnonzero(kind == number) for number in range(len(behaviour.KINDS)))
    edges = tuple(np.cumsum(activity[those]) for those in members)
    return People(kind, who - joint, joint, members, edges)


def customer_count(rows: int) -> int:
    """Return how many customers a file of ``rows`` payments has.

    >>> customer_count(284_807), customer_count(3)
    (5696, 20)
    """
    return max(20, rows // PAYMENTS_EACH)


def customer_ids(who: Ints) -> Values:
    """Return the ids of customers."""
    return numbered("C", who, 7)


def account_ids(account: Ints) -> Values:
    """Return account numbers of eight digits."""
    return numbered("", _FIRST_ACCOUNT + account, 8)


def card_tokens(who: Ints) -> Values:
    """Return the token of each customer's card."""
    return tokens("card file", who)


def merchant_ids(purpose: Ints, place: Ints) -> Values:
    """Return the ids of merchants; ``place`` counts those of the purpose: at home first, then country by country."""
    return numbered("M", purpose * MERCHANTS_EACH + place, 5)


def standing_rows(count: int, zone: str, currency: str, first_line: int) -> dict[str, pa.RecordBatch]:
    """Return the rows of all tables but payments; ``count`` 0 gives none of each."""
    every = people(max(count, len(behaviour.KINDS)))
    who = np.arange(count)
    start = day_number(FIRST_DAY)
    since = start - 1 - (uniforms("since", who) * 3_650).astype(np.int64)
    born = start - ((_BIRTHS[0] + 1 + uniforms("born", who) * (_BIRTHS[1] - _BIRTHS[0] - 1)) * 365.25).astype(np.int64)
    # Nobody is a customer before the age of eleven.
    since = np.minimum(np.maximum(since, born + 11 * 366), start - 1)
    sex = (uniforms("sex", who) < 0.5).astype(np.int64)
    rng = stream(SEED, "card file")
    names = draw_identities(rng, sex, who, family_numbers(rng, count), 0)
    owner = who[~every.joint[:count]]
    account = every.account[:count]
    opened = since[account]
    limit = np.array(p.OVERDRAFT_LIMITS)[picked([1.0] * len(p.OVERDRAFT_LIMITS), uniforms("limit", owner))]
    no_limit = uniforms("overdraft", owner) >= p.OVERDRAFT_SHARE
    has_second = np.isin(account, account[every.joint[:count]])

    def made(days: Ints, columns: dict[str, Values]) -> pa.RecordBatch:
        lines = pa.repeat(pa.scalar(first_line, pa.int64()), len(days))
        known: Values = pa.array(day_starts(days, zone)).cast(pa.timestamp("us"))
        return pa.RecordBatch.from_pydict({**columns, "known_time": known, "source_line": lines})

    return {
        "customers": made(since, {
            "customer_id": customer_ids(who), "type": pa.repeat(PartyType.PERSON.value, count),
            "birth_date": _dates(born), "sex": _coded(sex, (Sex.FEMALE, Sex.MALE)),
            "marital_status": _coded(
                picked([0.36, 0.46, 0.12, 0.06], uniforms("marital", who)),
                (MaritalStatus.SINGLE, MaritalStatus.MARRIED, MaritalStatus.DIVORCED, MaritalStatus.WIDOWED)),
            "region": _coded(picked(p.REGION_SHARES, uniforms("region", who)), p.REGIONS),
            "onboarded_on": _dates(since),
            **_nothing(count, pa.date32(), "left_on", "deceased_on"), **_nothing(count, pa.string(), "leave_reason"),
        }),
        "customer_personal": made(since, {
            "customer_id": customer_ids(who), "valid_from": _dates(since), "given_name": _texts(names.given),
            "family_name": _texts(names.family), "birth_date": _dates(born),
            "address_line": _texts(names.address_line), "city": _texts(names.city),
            "postcode": _texts(names.postcode), "email": _texts(names.email), "phone": _texts(names.phone),
            "source": pa.repeat(SYSTEM, count),
        }),
        "products": _product(min(count, 1), made),
        "accounts": made(since[owner], {
            "account_id": account_ids(owner), "product_id": pa.repeat(PRODUCT, len(owner)),
            "opened_on": _dates(since[owner]), **_nothing(len(owner), pa.date32(), "closed_on"),
            **_nothing(len(owner), pa.string(), "close_reason"), "currency": pa.repeat(currency, len(owner)),
            "branch": _sort_codes(owner),
        }),
        "account_terms": made(since[owner], {
            "account_id": account_ids(owner), "valid_from": _dates(since[owner]),
            "credit_limit": pa.array(limit, pa.int64(), mask=no_limit),
            **_nothing(len(owner), pa.float64(), "rate"),
            **_nothing(len(owner), pa.int64(), "term_months", "instalment", "due_day"),
        }),
        "account_parties": made(np.maximum(opened, since), {
            "account_id": account_ids(account), "customer_id": customer_ids(who),
            "role": _coded(every.joint[:count].astype(np.int64), (PartyRole.OWNER, PartyRole.JOINT_HOLDER)),
            "valid_from": _dates(np.maximum(opened, since)), **_nothing(count, pa.date32(), "valid_to"),
            "liability_share": pa.array(np.where(has_second, 0.5, 1.0)),
        }),
        "cards": made(np.maximum(opened, since), {
            "card_token": card_tokens(who), "account_id": account_ids(account), "customer_id": customer_ids(who),
            "issued_on": _dates(np.maximum(opened, since)), **_nothing(count, pa.date32(), "blocked_on"),
            **_nothing(count, pa.string(), "reason"),
        }),
        "merchants": _merchants(count > 0, made),
    }  # fmt: skip


def _product(held: int, made: Made) -> pa.RecordBatch:
    day = np.full(held, day_number(FIRST_DAY) - 4_000)
    return made(day, {
        "product_id": pa.repeat(PRODUCT, held), "valid_from": _dates(day),
        "family": pa.repeat(ProductFamily.DEPOSITS.value, held),
        "line": pa.repeat(ProductLine.CURRENT_ACCOUNT.value, held), "name": pa.repeat("Current account", held),
        "secured": pa.repeat(False, held), "revolving": pa.repeat(True, held),
        "rate_type": pa.repeat(RateType.VARIABLE.value, held), "fee": pa.repeat(pa.scalar(0, pa.int64()), held),
        "transfer_rate": pa.repeat(0.0, held),
    })  # fmt: skip


def _merchants(held: bool, made: Made) -> pa.RecordBatch:
    """Return the merchants of every purpose but cash, which comes out of machines."""
    purposes = len(behaviour.PURPOSES) - 1
    number = np.arange(purposes * MERCHANTS_EACH if held else 0)
    purpose, place = np.divmod(number, MERCHANTS_EACH)
    country = np.where(place < AT_HOME, 0, 1 + (place - AT_HOME) // ABROAD_EACH)
    said = zip(number.tolist(), purpose.tolist(), strict=True)
    names = [f"{family_name(at * 7)} {behaviour.NAMES[what].title()}" for at, what in said]
    day = np.full(len(number), day_number(FIRST_DAY) - 4_000)
    return made(day, {
        "merchant_id": merchant_ids(purpose, place), "valid_from": _dates(day),
        "mcc": pa.array(behaviour.MCC[purpose], pa.int64()), "name": pa.array(names, pa.string()),
        "country": _coded(country, COUNTRIES), "category_version": pa.repeat("2021.1", len(number)),
    })  # fmt: skip


def _sort_codes(account: Ints) -> Values:
    """Return a branch's sort code for each account: 99-NN-NN, of a range that was never given out."""
    branch = picked([1.0] * 40, uniforms("branch", account))
    texts = [f"99-{one // 10 + 10:02d}-{one % 10 * 7 + 11:02d}" for one in range(40)]
    return _coded(branch, texts)


def _coded(codes: Ints, words: Sequence[str]) -> Values:
    texts: Values = pa.array([str(word) for word in words], pa.string())
    return texts.take(pa.array(codes))


def _dates(days: Ints) -> Values:
    return pa.array(days.astype(np.int32)).cast(pa.date32())


def _texts(texts: list[str | None]) -> Values:
    return pa.array(texts, pa.string())


def _nothing(count: int, kind: pa.DataType, *names: str) -> dict[str, Values]:
    return {name: empty_values(count, kind) for name in names}
