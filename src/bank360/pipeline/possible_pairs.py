"""Pairs of records that may be one person, as people look at them: names masked, the surest first, and why.

Identity joins by itself what is sure and bars what contradicts itself; these lie between. Who looks at them sees how
far names, birth date, address and contacts agree, and no value of them. Nothing is settled here: what a source mends is
compared anew by the next night. Neighbours: `identify.py` finds them, `cli/identity.py` and the Portfolio show them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bank360.bank.calendar import instant, local_days, to_date
from bank360.bank.errors import NotReady
from bank360.bank.personal_numbers import masked_keys
from bank360.identity.comparisons import COMPARISONS
from bank360.pipeline.masking import masked
from bank360.storage.possible_pairs import count_possible_pairs, possible_pairs
from bank360.storage.published import Version
from bank360.storage.published_lists import published_pair_rows
from bank360.storage.warehouse import Warehouse

PAIRS = "pairs"  # under which a version says how many there are
PUBLISHED = 100  # the surest; how many there are in all is said beside them


@dataclass(frozen=True)
class OneOfTwo:
    """One record of a pair: its stable customer, source and key, and the name masked; None: not known.

    A key is as its source has it; one that is itself a personal number is masked (`bank/personal_numbers.py`).
    """

    customer_id: str
    source: str
    key: str
    name: str | None


@dataclass(frozen=True)
class PairToReview:
    """Two records that may be one person.

    ``probability`` is that of their being one, by the match weight; ``agreement`` says by attribute how far they agree.
    """

    left: OneOfTwo
    right: OneOfTwo
    probability: float
    agreement: Mapping[str, str]


@dataclass(frozen=True)
class PairsToReview:
    """How many pairs there are, and the surest of them."""

    count: int
    pairs: tuple[PairToReview, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the same as JSON values."""
        return asdict(self)


def pairs_to_review(warehouse: Warehouse, as_of: datetime, zone: str, most: int) -> PairsToReview:
    """Return the pairs that somebody should look at, at most so many.

    Parameters
    ----------
    as_of
        The instant (aware): a name that came to be known later is not shown.
    zone
        The bank's, whose local day tells which names have begun.

    Raises
    ------
    NotReady
        If identity has not run yet.
    """
    day = to_date(int(local_days([instant(as_of)], zone)[0]))
    rows = possible_pairs(warehouse, as_of, day, most)
    shown = masked_keys(sorted({row[f"{side}_key"] for row in rows for side in ("left", "right")}))

    def one(row: Mapping[str, Any], side: str) -> OneOfTwo:
        names = (masked("given_name", row[f"{side}_given"]), masked("family_name", row[f"{side}_family"]))
        name = " ".join(part for part in names if part) or None
        return OneOfTwo(row[f"{side}_customer"], row[f"{side}_source"], shown[row[f"{side}_key"]], name)

    found = tuple(
        PairToReview(
            one(row, "left"),
            one(row, "right"),
            1 / (1 + 2.0 ** -row["match_weight"]),
            {comparison.name: row[comparison.name] for comparison in COMPARISONS},
        )
        for row in rows
    )
    return PairsToReview(count_possible_pairs(warehouse), found)


def pair_rows(found: PairsToReview) -> Iterator[dict[str, Any]]:
    """Yield the pairs as rows of a version."""
    for place, pair in enumerate(found.pairs):
        sides = {
            f"{side}_{name}": value
            for side, who in (("left", pair.left), ("right", pair.right))
            for name, value in asdict(who).items()
        }
        told = {"probability": pair.probability, "agreement": json.dumps(dict(pair.agreement))}
        yield {"place": place, **sides, **told}


def published_pairs(version: Version) -> PairsToReview | None:
    """Return the pairs as a version has them; None where it was published without."""
    try:
        count = version.figures(PAIRS)
    except NotReady:
        return None

    def one(row: Mapping[str, Any], side: str) -> OneOfTwo:
        return OneOfTwo(**{name: row[f"{side}_{name}"] for name in OneOfTwo.__dataclass_fields__})

    found = (
        PairToReview(one(row, "left"), one(row, "right"), row["probability"], json.loads(row["agreement"]))
        for row in published_pair_rows(version)
    )
    return PairsToReview(count, tuple(found))
