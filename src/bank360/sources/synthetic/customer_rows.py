"""Rows about people: customers, their identifiers, facts and tokens; two waves, since leaving is known only then.

The first wave holds each record as it stood when it was made; the second repeats those that ended, with the end.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bank360.bank.vocabulary import LeaveReason, MaritalStatus, Sex
from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.accounts import Register
from bank360.sources.synthetic.draws import Bools, Ints, stream
from bank360.sources.synthetic.names import Identities, draw_identities, family_numbers, second_record
from bank360.sources.synthetic.numbering import (
    application_ids,
    fresh_identifiers,
    home_addresses,
    keys,
    new_addresses,
    person_numbers,
    ring_identifiers,
    second_addresses,
    second_phones,
    shared_devices,
)
from bank360.sources.synthetic.rows import dates, delivered
from bank360.sources.synthetic.tokens import Arrow, coded, tokens
from bank360.sources.synthetic.world import World

SYSTEMS = pa.array(["core", "cards"])
_MARITAL = pa.array([MaritalStatus.SINGLE, MaritalStatus.MARRIED, MaritalStatus.DIVORCED, MaritalStatus.WIDOWED])
_WHY = pa.array([LeaveReason.CLOSED, LeaveReason.SWITCHED, LeaveReason.DECEASED])
_SEX = pa.array([Sex.FEMALE, Sex.MALE])


@dataclass(frozen=True)
class Records:
    """Records of people in customer systems: who, in which system, since when; identities in the same order."""

    person: Ints
    second: Bools
    since: Ints
    address: Ints
    identities: Identities


def draw_records(world: World, register: Register) -> Records:
    """Return every record of every customer, the second ones last."""
    rng = stream(world.seed, "records")
    people = world.people
    person = np.flatnonzero(register.customer)
    address = home_numbers(world, register)
    family = family_numbers(rng, people.count)
    couple = register.couple
    wife = (couple >= 0) & (people.sex == 0) & (np.arange(people.count) % 2 == 1)
    family = np.where(wife & (rng.random(people.count) < 0.7), family[np.maximum(couple, 0)], family)
    district = world.district
    first = draw_identities(rng, people.sex[person], address[person], family[person], district.number)
    twice = np.flatnonzero(register.second_opened > 0)
    place = np.searchsorted(person, twice)
    picked = Identities(*([getattr(first, name)[i] for i in place] for name in Identities.__dataclass_fields__))
    moved = np.where(
        rng.random(len(twice)) < p.SECOND_MOVED, second_addresses(district, people.count, twice), address[twice]
    )
    renamed = (people.sex[twice] == 0) & (people.married[twice] > 0)
    second = second_record(rng, picked, renamed, moved, district.number)
    return Records(
        np.concatenate([person, twice]),
        np.concatenate([np.zeros(len(person), dtype=np.bool_), np.ones(len(twice), dtype=np.bool_)]),
        np.concatenate([world.relationships.joined_day[person], register.second_opened[twice]]),
        np.concatenate([address[person], moved]),
        Identities(*(getattr(first, name) + getattr(second, name) for name in Identities.__dataclass_fields__)),
    )


def home_numbers(world: World, register: Register) -> Ints:
    """Return the number of everybody's first address: couples and some neighbours in the numbering share one."""
    rng = stream(world.seed, "homes")
    n = world.people.count
    number = np.arange(n)
    shares = (rng.random(n) < p.SHARED_HOME) & (number % 2 == 1)
    together = (register.couple >= 0) | shares
    return home_addresses(world.district, np.where(together, number - number % 2, number))


def customer_tables(
    world: World, register: Register, records: Records
) -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
    """Return the tables of both waves: customers, customer_personal, customer_facts; customers."""
    rng = stream(world.seed, "customer_rows")
    people, clock, relationships = world.people, world.clock, world.relationships
    person, second, since = records.person, records.second, records.since
    n = len(person)
    ids = keys(world.district, person, second)
    # The second system keeps less, and now and then a wrong day of birth.
    slip = second & (rng.random(n) < p.WRONG_BIRTH)
    born = people.birth_day[person] + np.where(slip, rng.integers(1, 28, n), 0)
    unknown = second & (rng.random(n) < p.NO_BIRTH)
    sex = coded(people.sex[person], _SEX, null=second & (rng.random(n) < p.NO_SEX))
    marital = coded(people.married[person], _MARITAL, null=second & (rng.random(n) < p.NO_MARITAL))
    region = coded(people.region[person], pa.array(p.REGIONS))
    known = clock.started(since)

    def rows(at: Ints, left: bool) -> pa.Table:
        take: Arrow = pa.array(at)
        end, why = relationships.left_day[person[at]], relationships.why[person[at]]
        none = np.zeros(len(at), dtype=np.bool_) if left else np.ones(len(at), dtype=np.bool_)
        return delivered("customers", clock, {
            "customer_id": ids.take(take), "type": coded(np.zeros(len(at), dtype=np.int64), pa.array(["person"])),
            "birth_date": dates(born[at], null=unknown[at]), "sex": sex.take(take),
            "marital_status": marital.take(take),
            "region": region.take(take), "onboarded_on": dates(since[at]), "left_on": dates(end, null=none),
            "leave_reason": coded(why, _WHY, null=none), "deceased_on": dates(end - 2, null=none | (why != 2)),
        }, clock.known(end.astype(np.int32)) if left else known[at])  # fmt: skip

    left = np.flatnonzero((relationships.left_day[person] > 0) & (relationships.left_day[person] >= since))
    who = records.identities

    def personal(at: Ints, valid: Ints, columns: tuple[list[str | None], ...]) -> pa.Table:
        take: Arrow = pa.array(at)
        lines, cities, postcodes = (pa.array(column, pa.string()) for column in columns)
        names = {
            name: pa.array(getattr(who, key), pa.string()).take(take)
            for name, key in (
                ("given_name", "given"),
                ("family_name", "family"),
                ("email", "email"),
                ("phone", "phone"),
            )
        }
        seen = clock.started(valid)
        return delivered("customer_personal", clock, {
            "customer_id": ids.take(take), "valid_from": dates(valid), **names,
            "birth_date": dates(born[at], null=unknown[at]), "address_line": lines, "city": cities,
            "postcode": postcodes,
            "source": coded(second[at].astype(np.int64), SYSTEMS),
        }, seen)  # fmt: skip

    first = personal(np.arange(n), since, (who.address_line, who.city, who.postcode))
    moved, day, columns = _moves(rng, world, records)
    facts = _facts(rng, world, records, ids, known)
    return (
        {
            "customers": rows(np.arange(n), False),
            "customer_personal": pa.concat_tables([first, personal(moved, day, columns)]),
            "customer_facts": facts,
        },
        {"customers": rows(left, True)},
    )


def _moves(
    rng: np.random.Generator, world: World, records: Records
) -> tuple[Ints, Ints, tuple[list[str | None], list[str | None], list[str | None]]]:
    """Return who moves once within the history, when and where to; the second system is not told."""
    from bank360.sources.synthetic.names import addresses

    clock = world.clock
    n = len(records.person)
    day = rng.integers(clock.first_day + 1, clock.end_day - 1, n)
    moves = ~records.second & (rng.random(n) < 1 - (1 - p.MOVES_YEARLY) ** (clock.count / 12)) & (day > records.since)
    left = world.relationships.left_day[records.person]
    at = np.flatnonzero(moves & ((left == 0) | (day < left)))
    return at, day[at], addresses(new_addresses(world.district, world.people.count, records.person[at]))


def _facts(rng: np.random.Generator, world: World, records: Records, ids: Arrow, known: Ints) -> pa.Table:
    """Return what customers declared when they joined: net monthly income (pence) and employment."""
    from bank360.sources.synthetic.requests import EMPLOYMENT

    people, clock = world.people, world.clock
    at = np.flatnonzero(~records.second)
    person = records.person[at]
    income = people.income[person] * np.exp(p.DECLARED_NOISE * rng.standard_normal(len(at)))
    income = (income / 1_000).round() * 1_000
    work = np.where(
        people.age(clock.first_day)[person] >= p.PENSION_AGE,
        2,
        rng.choice(6, len(at), p=p.EMPLOYMENT_SHARES),
    )
    take, none = at, np.ones(len(at), dtype=np.bool_)
    valid = dates(records.since[at])

    def fact(name: str, value: Arrow | None, number: Arrow) -> pa.Table:
        return delivered("customer_facts", clock, {
            "customer_id": ids.take(take), "fact": coded(np.zeros(len(at), dtype=np.int64), pa.array([name])),
            "valid_from": valid, "value": value, "number": number,
            "origin": coded(np.zeros(len(at), dtype=np.int64), pa.array(["declared"])),
        }, known[at])  # fmt: skip

    return pa.concat_tables([
        fact("income", None, pa.array(income)),
        fact("employment", coded(work, pa.array(EMPLOYMENT)), pa.array(np.zeros(len(at)), mask=none)),
    ])  # fmt: skip


def token_table(world: World, register: Register, records: Records) -> pa.Table:
    """Return the keyed hashes that customers and applications used: device, address, phone, e-mail.

    Applicants who become customers keep theirs. Rings share; the dishonest otherwise use fresh ones.
    """
    rng = stream(world.seed, "tokens")
    clock, requests = world.clock, world.applications.requests
    person, n = requests.person, requests.count
    dishonest = requests.intent > 2
    ringed = requests.ring >= 0
    district = world.district
    fresh, mine = fresh_identifiers(district, np.arange(n)), person_numbers(district, person)
    ring = ring_identifiers(district, requests.ring)
    home = home_numbers(world, register)
    shared = rng.random(n) < p.SHARED_DEVICE
    own = np.where(requests.new_to_bank, True, rng.random(n) < p.OWN_DEVICE) & ~dishonest
    device = np.where(shared, shared_devices(district, rng.integers(0, devices_shared(world), n)),
                      np.where(own, mine, fresh))  # fmt: skip
    device = np.where(ringed & (rng.random(n) < p.RING_DEVICE), ring, device)
    used = {
        "device": device,
        "address": np.where(ringed & (rng.random(n) < p.RING_ADDRESS), ring,
                            np.where(dishonest & (rng.random(n) < p.FRESH_ADDRESS), fresh, home[person])),
        "phone": np.where(ringed & (rng.random(n) < p.RING_PHONE), ring,
                          np.where(rng.random(n) < np.where(dishonest, p.FRESH_PHONE, p.NEW_PHONE), fresh, mine)),
        "email": np.where(rng.random(n) < np.where(dishonest, p.FRESH_EMAIL, p.NEW_EMAIL), fresh, mine),
    }  # fmt: skip
    parts = []
    submitted = clock.instants(requests.day.astype(np.int32), requests.second)
    joined = clock.started(records.since)
    subject_of = {
        "customer": keys(district, records.person, records.second),
        "application": application_ids(district, np.arange(n)),
    }
    phones = np.where(records.second, second_phones(district, records.person), person_numbers(district, records.person))
    held_of = {"address": records.address, "phone": phones}
    for kind, numbers in used.items():
        held = held_of.get(kind, person_numbers(district, records.person))
        for subject, values, day, known in (
            ("customer", held, records.since, joined),
            ("application", numbers, requests.day, submitted),
        ):
            parts.append(delivered("identifier_tokens", clock, {
                "subject": subject_of[subject],
                "kind": coded(np.zeros(len(values), dtype=np.int64), pa.array([kind])),
                "token": tokens(kind, values), "valid_from": dates(day),
            }, known))  # fmt: skip
    return pa.concat_tables(parts)


def devices_shared(world: World) -> int:
    """Return how many devices of a district are used by many people: one to 150 applications."""
    return max(world.applications.requests.count // 150, 1)
