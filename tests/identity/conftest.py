"""A locked in-memory connection as storage opens it, and small planted populations."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from bank360.identity.linkage import Connection
from bank360.identity.records import PERSONAL_SCHEMA
from bank360.storage.warehouse import open_warehouse

Row = dict[str, Any]


@pytest.fixture
def connection() -> Iterator[Connection]:
    """One thread and everything locked, as `storage.crosswalk` opens it."""
    with open_warehouse(Path(":memory:"), threads=1, memory_limit="1GB") as warehouse:
        yield warehouse.connection


@pytest.fixture
def personal() -> Callable[..., pa.Table]:
    """Rows of identifiers from dicts; what is not given is null, dates default to one day."""

    def table(*rows: Row) -> pa.Table:
        blank: Row = dict.fromkeys(PERSONAL_SCHEMA.names)
        blank |= {"valid_from": date(2020, 1, 1), "known_time": datetime(2020, 1, 1)}  # noqa: DTZ001 - naive UTC
        return pa.Table.from_pylist([blank | row for row in rows], schema=PERSONAL_SCHEMA)

    return table


@pytest.fixture(scope="session")
def planted() -> Callable[[int, int], tuple[list[Row], list[tuple[str, str]]]]:
    """A population with households, joint holders, twins and planted duplicates, and its true pairs."""
    return planted_people


GIVEN = (
    "Oliver", "Amelia", "George", "Isla", "Harry", "Ava", "Noah", "Ivy", "Jack", "Freya", "Leo", "Lily", "Oscar",
    "Florence", "Charlie", "Willow", "Jacob", "Elsie", "Thomas", "Mia", "Arthur", "Rosie", "Ethan", "Sophie",
    "Lucas", "Grace", "Phoebe", "Adam", "Erin", "Dylan", "Zara", "Harvey", "Amber", "Ryan", "Holly", "Luke",
    "Jasmine", "Nathan", "Martha", "Callum", "Heidi", "Aaron", "Naomi", "Connor", "Bethan", "Kieran", "Yasmin",
    "Rhys", "Leila", "Imran", "Aisha", "Omar", "Fatima", "Ravi", "Priya", "Wei", "Mei",
)  # fmt: skip
_SYLLABLES = ("har", "wood", "ton", "mar", "len", "field", "bry", "son", "well", "dale", "ash", "croft", "thorn", "ley")
FAMILY = [(a + b + c).title() for a in _SYLLABLES for b in _SYLLABLES for c in ("", "er", "man", "sham", "by", "stead")]
STREETS = ("High Street", "Station Road", "Mill Lane", "Church Road", "Park Avenue", "Victoria Road", "Green Lane")
TOWNS = ("Leeds", "York", "Derby", "Exeter", "Bath", "Luton", "Crewe", "Poole")
SHORT = {"Thomas": "Tom", "Charlie": "Charles", "Jacob": "Jake", "Nathan": "Nat", "Oliver": "Ollie"}


def planted_people(people: int, seed: int) -> tuple[list[Row], list[tuple[str, str]]]:
    """Return rows of identifiers and the true pairs: one person in twenty has a second, imperfect record."""
    rng = np.random.default_rng(seed)

    def pick(pool: Any) -> Any:
        return pool[int(rng.integers(len(pool)))]

    rows: list[Row] = []
    pairs: list[tuple[str, str]] = []
    home: Row = {}
    household: set[str] = set()
    person: Row = {}
    for number in range(people):
        together = number > 0 and rng.random() < 0.3
        before = person if together else {}
        if not together:
            household = set()
            home = {
                "address_line": f"{rng.integers(1, 150)} {pick(STREETS)}",
                "city": pick(TOWNS),
                "postcode": f"{pick('LYDBXPC')}{rng.integers(1, 30)} {rng.integers(1, 9)}{pick('ABDE')}{pick('GHJL')}",
                "phone": f"07{rng.integers(10**8, 10**9)}",
            }
        given = pick([name for name in GIVEN if name not in household])
        household |= {given, SHORT.get(given, given)}
        family = before["family_name"] if together else pick(FAMILY)
        twin = together and rng.random() < 0.03
        birth = before["birth_date"] if twin else date(1940, 1, 1) + timedelta(days=int(rng.integers(24_000)))
        email = f"{given}.{family}{rng.integers(10, 99)}@mail{rng.integers(5)}.example".lower()
        shared = together and rng.random() < 0.5
        person = {
            "source_key": f"K{number:06}",
            "given_name": given,
            "family_name": family,
            "birth_date": birth,
            **home,
            "email": before["email"] if shared and before else email,
            "phone": home["phone"] if shared or not together else f"07{rng.integers(10**8, 10**9)}",
        }
        rows.append(person)
        if rng.random() < 0.05:
            pairs.append((person["source_key"], f"D{number:06}"))
            rows.append(_imperfect(person, number, rng, pick))
    order = rng.permutation(len(rows))
    return [rows[i] for i in order], pairs


def _imperfect(person: Row, number: int, rng: np.random.Generator, pick: Callable[[Any], Any]) -> Row:
    """Return a second record of a person: one to three of the usual faults."""
    copy = person | {"source_key": f"D{number:06}"}
    for fault in rng.choice(9, int(rng.integers(1, 4)), replace=False):
        if fault == 0 and len(copy["given_name"]) > 4:
            at = int(rng.integers(1, len(copy["given_name"]) - 1))
            copy["given_name"] = copy["given_name"][:at] + copy["given_name"][at + 1 :]
        elif fault == 1:
            at = int(rng.integers(1, len(copy["family_name"]) - 1))
            copy["family_name"] = copy["family_name"][:at] + pick("aeiou") + copy["family_name"][at + 1 :]
        elif fault == 2:
            copy["given_name"] = SHORT.get(copy["given_name"], copy["given_name"][0] + ".")
        elif fault == 3:
            day: date = copy["birth_date"]
            copy["birth_date"] = day.replace(day=day.month, month=day.day) if day.day <= 12 else day.replace(day=1)
        elif fault == 4:
            copy |= {
                "address_line": f"{rng.integers(1, 150)} {pick(STREETS)}",
                "city": pick(TOWNS),
                "postcode": "ZZ1 1AA",
            }
        elif fault == 5:
            copy["email"] = None
        elif fault == 6:
            copy["phone"] = f"+44 {str(copy['phone'])[1:]}"
        elif fault == 7:
            copy["phone"] = f"07{rng.integers(10**8, 10**9)}"
        elif len(copy["given_name"]) > 2:
            copy["given_name"], copy["family_name"] = copy["family_name"].upper(), copy["given_name"].upper()
    return copy
