"""Pairs of records that may be one person, as people look at them: masked, the surest first, with what speaks for it.

Identity joins by itself what is sure and bars what contradicts itself; these lie between. Who looks at them sees how
far names, birth date, address and contacts agree, and no value of them. Nothing is settled here: what a source mends is
compared anew by the next night. Neighbours: `identify.py` finds them, `cli/identity.py` and the Portfolio show them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bank360.bank.errors import NotReady
from bank360.bank.personal_numbers import masked_keys
from bank360.identity.comparisons import COMPARISONS
from bank360.pipeline.masking import masked
from bank360.storage.possible_pairs import count_possible_pairs, possible_pairs
from bank360.storage.published import Version
from bank360.storage.warehouse import Warehouse

PAIRS = "pairs"  # under which a version holds them
PUBLISHED = 100  # the surest; how many there are in all is said beside them


@dataclass(frozen=True)
class OneOfTwo:
    """One record of a pair: its stable customer, the source, its key, and the name, both masked; None: not known."""

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


def pairs_to_review(warehouse: Warehouse, most: int) -> PairsToReview:
    """Return the pairs that somebody should look at, at most so many.

    Raises
    ------
    NotReady
        If identity has not run yet.
    """
    rows = possible_pairs(warehouse, most)
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


def published_pairs(version: Version) -> PairsToReview | None:
    """Return the pairs as a version has them; None where it was published without."""
    try:
        said = version.figures(PAIRS)
    except NotReady:
        return None
    pairs = (one | {"left": OneOfTwo(**one["left"]), "right": OneOfTwo(**one["right"])} for one in said["pairs"])
    return PairsToReview(said["count"], tuple(PairToReview(**one) for one in pairs))
