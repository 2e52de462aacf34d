"""The bank's ids and tokens: what a district counts from zero becomes a number that no other district has.

The only place that does so (`districts` says what is taken before). Keys of people, accounts, applications and rows go
on where the district before ended; what people are known by elsewhere (addresses, devices, payers, mandates) has bands
of numbers, in which districts stand side by side.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.sources.synthetic.districts import District
from bank360.sources.synthetic.draws import Bools, Ints
from bank360.sources.synthetic.tokens import Arrow, numbered, tokens

PARTNER_CARD = 10**8  # card number of a joint holder: account number plus this
PER_CHUNK = 10**7  # transactions that a chunk may have
_ADDRESSES = 5  # numbers of addresses for each person: a first one, one to move to, one of a second record
_FRESH, _SHARED, _RING = 10**8, 10**9, 2 * 10**9  # tokens used once, by many, by a ring; below stand people's own
_SECOND_PHONE = 5 * 10**8
_CARD_CASES = 10**7
# Counterparties who belong to a district's people; employers and benefits stand below, insurers above.
OWN_PAYERS, BANKS_PAYERS = 2 * 10**6, 12 * 10**6
_PAYERS = 10**8
_MANDATES, _MANDATE_KINDS = 10**6, 10**7  # of a district and kind; of a kind, ten districts side by side


def keys(district: District, person: Ints, second: Bools) -> Arrow:
    """Return ``C0000042`` for the first record of person 42 (the core system), ``K0000042`` for the second (cards)."""
    number = district.before.people + person
    words: Arrow = pa.chunked_array([numbered("C", number, 7), numbered("K", number, 7)])
    return words.take(pa.array(np.arange(len(person)) + np.where(second, len(person), 0))).combine_chunks()


def first_keys(district: District, person: Ints) -> Arrow:
    """Return the keys of people's first records."""
    return keys(district, person, np.zeros(len(person), dtype=np.bool_))


def person_numbers(district: District, person: Ints) -> Ints:
    """Return the number of each person in the bank: that of their own device, phone and e-mail, too."""
    return district.before.people + person


def account_ids(district: District, account: Ints) -> Arrow:
    """Return the ids of accounts."""
    return numbered("A", district.before.accounts + account, 8)


def card_tokens(district: District, account: Ints) -> Arrow:
    """Return the token of each account's card; a joint holder's is that of the account plus `PARTNER_CARD`."""
    return tokens("card", district.before.accounts + account)


def application_ids(district: District, request: Ints) -> Arrow:
    """Return the ids of applications."""
    return numbered("P", district.before.applications + request, 8)


def report_ids(district: District, request: Ints) -> Arrow:
    """Return the ids of the bureau's reports on applications."""
    return numbered("R", district.before.applications + request, 8)


def payment_ids(district: District, payment: Ints) -> Arrow:
    """Return the ids of repayments."""
    return numbered("Y", district.before.payments + payment, 9)


def interaction_ids(district: District, interaction: Ints) -> Arrow:
    """Return the ids of interactions."""
    return numbered("I", district.before.interactions + interaction, 9)


def case_ids(district: District, case: Ints) -> Arrow:
    """Return the ids of cases about applications and first payments."""
    return numbered("F", district.before.cases + case, 8)


def card_case_ids(district: District, case: Ints) -> Arrow:
    """Return the ids of cases about card payments."""
    return numbered("F", _CARD_CASES + district.before.card_cases + case, 8)


def chunk_number(district: District, chunk: int) -> int:
    """Return the number of a district's chunk in the bank, which its files bear."""
    return district.before.chunks + chunk


def transaction_ids(district: District, chunk: int, position: Ints) -> Arrow:
    """Return the ids of the movements of a district's chunk."""
    return numbered("T", chunk_number(district, chunk) * PER_CHUNK + position, 12)


def home_addresses(district: District, home: Ints) -> Ints:
    """Return the number of each first address; ``home`` counts people, who may share one."""
    return _ADDRESSES * district.before.people + home


def new_addresses(district: District, people: int, person: Ints) -> Ints:
    """Return the number of the address to which each person moves; ``people`` counts the district's."""
    return _ADDRESSES * district.before.people + 2 * people + person


def second_addresses(district: District, people: int, person: Ints) -> Ints:
    """Return the number of the other address under which each person's second record stands."""
    return _ADDRESSES * district.before.people + 4 * people + person


def second_phones(district: District, person: Ints) -> Ints:
    """Return the number of the phone that each person's second record knows."""
    return _SECOND_PHONE + person_numbers(district, person)


def fresh_identifiers(district: District, request: Ints) -> Ints:
    """Return the number of what was used for one application only."""
    return _FRESH + district.before.applications + request


def shared_devices(district: District, device: Ints) -> Ints:
    """Return the number of each device that many use."""
    return _SHARED + district.before.shared_devices + device


def ring_numbers(district: District, ring: Ints) -> Ints:
    """Return the number of each ring in the bank; negative where there is none."""
    return np.where(ring < 0, ring, district.before.rings + ring)


def ring_identifiers(district: District, ring: Ints) -> Ints:
    """Return the number of what the members of each ring share."""
    return _RING + ring_numbers(district, ring)


def payer_tokens(district: District, other: Ints) -> Arrow:
    """Return the token of each counterparty: employers and insurers are the bank's, all others a district's own."""
    own = (other >= OWN_PAYERS) & (other < BANKS_PAYERS)
    return tokens("payer", other + np.where(own, _PAYERS * district.number, 0))


def mandate_ids(district: District, mandate: npt.NDArray[np.int32]) -> Arrow:
    """Return the ids of direct-debit mandates.

    Three kinds of ten million numbers each hold the mandates of ten districts; then three kinds come again.
    """
    beyond = mandate[(mandate >= 0) & (mandate % _MANDATE_KINDS >= _MANDATES)]
    if len(beyond):
        raise ValueError(f"mandate {beyond[0]} is beyond those of a district: it has too many people")
    turn, place = divmod(district.number, _MANDATE_KINDS // _MANDATES)
    return numbered("D", mandate.astype(np.int64) + 1 + place * _MANDATES + turn * 3 * _MANDATE_KINDS, 9)
