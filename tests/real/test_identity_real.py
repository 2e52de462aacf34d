"""Identity resolution on two public sets with known truth; prints pairwise precision, recall and F1.

The policy that bars households (another given name at one address and birth date is another person) costs recall on
sets that exchange given names at random, as FEBRL does: beside what the policy links, the print shows what the model
alone would link at the same match weight.
"""

import csv
from collections import defaultdict
from datetime import date, datetime
from itertools import combinations
from pathlib import Path

import pyarrow as pa
import pytest

from bank360.identity.blocking import blocked
from bank360.identity.evaluation import PairQuality, pair_quality
from bank360.identity.linkage import scored_pairs
from bank360.identity.records import PERSONAL_SCHEMA, comparable_records
from bank360.identity.resolution import LINK_WEIGHT, KnownKey, resolve
from bank360.storage.warehouse import open_warehouse

pytestmark = pytest.mark.real

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "splink"
DAY = date(2026, 1, 1)
People = tuple[pa.Table, list[tuple[str, str]]]


def cells(name: str) -> list[dict[str, str]]:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, skipinitialspace=True))


def people(rows: list[dict[str, object]], person: dict[str, str]) -> People:
    """Rows of identifiers, and all pairs of keys of one person."""
    blank: dict[str, object] = dict.fromkeys(PERSONAL_SCHEMA.names)
    blank |= {"valid_from": DAY, "known_time": datetime(2026, 1, 1)}  # noqa: DTZ001 - naive UTC
    keys: dict[str, list[str]] = defaultdict(list)
    for key, who in sorted(person.items()):
        keys[who].append(key)
    pairs = [pair for own in keys.values() for pair in combinations(own, 2)]
    return pa.Table.from_pylist([blank | row for row in rows], schema=PERSONAL_SCHEMA), pairs


def febrl3() -> People:
    """FEBRL data set 3: 2,000 people, up to five corrupted copies each; the key holds the person's number."""
    given = cells("dataset3.csv")

    def birth(text: str) -> date | None:
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        except ValueError:  # absent, or corrupted into no date
            return None

    rows: list[dict[str, object]] = [
        {
            "source_key": row["rec_id"],
            "given_name": row["given_name"],
            "family_name": row["surname"],
            "birth_date": birth(row["date_of_birth"]),
            "address_line": f"{row['street_number']} {row['address_1']}",
            "city": row["suburb"],
            "postcode": row["postcode"],
        }
        for row in given
    ]
    return people(rows, {row["rec_id"]: row["rec_id"].split("-")[1] for row in given})


def fake_1000() -> People:
    """Splink's 1,000 records of about 250 people, many cells corrupted or missing; no address, no telephone.

    The pairs that the clerk's labels beside it call matches are those of its ``cluster`` column.
    """
    given = cells("fake_1000.csv")
    rows: list[dict[str, object]] = [
        {
            "source_key": row["unique_id"],
            "given_name": row["first_name"],
            "family_name": row["surname"],
            "birth_date": date.fromisoformat(row["dob"]) if row["dob"] else None,
            "city": row["city"],
            "email": row["email"],
        }
        for row in given
    ]
    return people(rows, {row["unique_id"]: row["cluster"] for row in given})


def shown(name: str, quality: PairQuality) -> PairQuality:
    print(  # noqa: T201 - the figures are what the run is for
        f"{name}: precision {quality.precision:.4f} recall {quality.recall:.4f} F1 {quality.f1:.4f}"
        f" ({quality.found_true} true found, {quality.found_false} false, {quality.missed} missed)"
    )
    return quality


def policy_and_model(name: str, personal: pa.Table, pairs: list[tuple[str, str]]) -> tuple[PairQuality, PairQuality]:
    """Quality of the resolution, and of the model's links alone (pairs by match weight, without policy and closure)."""
    keys = sorted(map(str, personal["source_key"].to_pylist()))
    with open_warehouse(Path(":memory:"), threads=1, memory_limit="1GB") as warehouse:
        connection = warehouse.connection
        found = resolve(connection, [KnownKey(name, key, 0, DAY) for key in keys], personal, (), DAY)
        block = blocked(comparable_records(personal, DAY))
        scored = scored_pairs(connection, block).pairs.to_pylist()
    linked = {(keys[p["left"]], keys[p["right"]]) for p in scored if p["match_weight"] >= LINK_WEIGHT}
    true = {(min(a, b), max(a, b)) for a, b in pairs}
    model = PairQuality(len(linked & true), len(linked - true), len(true - linked))
    return shown(f"{name}, policy", pair_quality(found.customer_of, pairs)), shown(f"{name}, model alone", model)


def test_febrl_3() -> None:
    policy, model = policy_and_model("FEBRL 3", *febrl3())
    assert policy.precision is not None
    assert policy.precision >= 0.999
    assert policy.recall is not None
    assert policy.recall >= 0.70
    assert model.precision is not None
    assert model.precision >= 0.999
    assert model.recall is not None
    assert model.recall >= 0.80


def test_fake_1000() -> None:
    personal, pairs = fake_1000()
    policy, _ = policy_and_model("fake_1000", personal, pairs)
    assert policy.precision is not None
    assert policy.precision >= 0.99
    assert policy.recall is not None
    assert policy.recall >= 0.30
