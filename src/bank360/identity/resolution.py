"""Which source keys are one customer: the whole of identity in one call, on a connection that storage opened.

::

    rows of identifiers -> records -> blocked pairs -> match weights -> clusters -> customer ids -> crosswalk
    (customer_personal)   records.py  blocking.py     linkage.py       clusters.py  customer_ids.py

A source key without identifiers is a customer of its own. The thresholds are the policy: a bank that joins two people
has shown one person's money to another, a bank that misses a pair sends two letters.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

import pyarrow as pa

from bank360.identity.blocking import blocked
from bank360.identity.clusters import Link, clusters
from bank360.identity.customer_ids import KeyMapping, SourceKey, crosswalk, customer_ids
from bank360.identity.linkage import Connection, agreements, contradictions, scored_pairs
from bank360.identity.records import comparable_records

# Match weights in bits, log2 of the posterior odds. Upper threshold: odds of 100 to 1 that the pair is a match. Lower:
# even odds; between the two a person would have to look (clerical review).
LINK_WEIGHT, REVIEW_WEIGHT = 6.64, 0.0


@dataclass(frozen=True)
class KnownKey:
    """A source key that the bank knows.

    Parameters
    ----------
    source, source_key
        The key and the system that uses it; a ``source_key`` stands only once.
    first_known
        When the bank first knew it, microseconds UTC.
    first_day
        The local day of that.
    """

    source: str
    source_key: str
    first_known: int
    first_day: date

    @property
    def key(self) -> SourceKey:
        """The pair that the crosswalk is keyed by."""
        return self.source, self.source_key


@dataclass(frozen=True)
class PossiblePair:
    """Two source keys of different customers who may be one person: clerical review, by Fellegi & Sunter.

    Parameters
    ----------
    left, right
        The source keys, the lesser first.
    match_weight
        Bits: log2 of the posterior odds that they are one person.
    agreement
        How far each attribute agrees, in words, by the comparison's name.
    """

    left: str
    right: str
    match_weight: float
    agreement: Mapping[str, str]


@dataclass(frozen=True)
class Resolution:
    """What a run found.

    Parameters
    ----------
    crosswalk
        The rows of ``source_keys`` after the run, sorted.
    customer_of
        Source key -> customer id, as of the run.
    records
        How many source keys had identifiers to compare.
    compared, linked, contradicted, ambiguous, refused
        Pairs compared; links; pairs heavy enough but contradictory (households, twins); links set aside as ambiguous;
        links refused because their clusters contradict each other.
    possible
        Pairs of sufficient weight to look at that were not linked (between the thresholds, or not corroborated) and are
        of two customers still; the heaviest first.
    estimated
        The comparisons whose m and u were estimated from these records; the others used the fixed numbers.
    skipped_blocks
        Blocking rule -> blocks skipped for their size.
    """

    crosswalk: tuple[KeyMapping, ...]
    customer_of: Mapping[str, str]
    records: int
    compared: int
    linked: int
    possible: tuple[PossiblePair, ...]
    contradicted: int
    ambiguous: int
    refused: int
    estimated: tuple[str, ...]
    skipped_blocks: Mapping[str, int]

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return len(set(self.customer_of.values()))


def resolve(
    connection: Connection,
    keys: Iterable[KnownKey],
    personal: pa.Table,
    former: Sequence[KeyMapping],
    day: date,
) -> Resolution:
    """Resolve source keys to customers.

    Parameters
    ----------
    connection
        A DuckDB connection on one thread, opened and locked by storage; nothing is left on it.
    keys
        Every source key of the bank, those without identifiers included.
    personal
        Rows of identifiers (`records.PERSONAL_SCHEMA`) of people; rows of keys that are not in ``keys`` are ignored.
    former
        The crosswalk before, closed mappings included; empty at first.
    day
        The bank's local day of the run.

    Raises
    ------
    ValueError
        If a source key stands twice in ``keys``.
    """
    known: dict[str, KnownKey] = {}
    for key in keys:
        if known.setdefault(key.source_key, key) is not key:
            raise ValueError(f"source key '{key.source_key}' stands twice; sources must not share keys")
    wanted = pa.table({"source_key": pa.array(known, pa.string())})
    records = comparable_records(personal.join(wanted, "source_key", join_type="left semi"), day)
    block = blocked(records)
    scored = scored_pairs(connection, block)
    sorted_pairs = _by_verdict(scored.pairs)
    links = sorted_pairs[Verdict.LINK]
    found = clusters(records.num_rows, links, lambda groups: contradictions(connection, records, groups))
    people: dict[int, list[SourceKey]] = {}
    record_keys = [str(key) for key in records["source_key"].to_pylist()]
    for record, cluster in found.of_record.items():
        people.setdefault(cluster, []).append(known[record_keys[record]].key)
    with_records = set(record_keys)
    alone = [[key.key] for name, key in known.items() if name not in with_records]
    ids = customer_ids(
        [*people.values(), *alone],
        {key.key: key.first_known for key in known.values()},
        {row.key: row.customer_id for row in former if row.valid_to is None},
    )
    return Resolution(
        crosswalk=tuple(crosswalk(former, ids, {key.key: key.first_day for key in known.values()}, day)),
        customer_of={source_key: customer_id for (_, source_key), customer_id in ids.items()},
        records=records.num_rows,
        compared=scored.pairs.num_rows,
        linked=len(links) - found.ambiguous - found.refused,
        possible=_possible(connection, records, sorted_pairs[Verdict.REVIEW], found.of_record),
        contradicted=len(sorted_pairs[Verdict.CONTRADICTED]),
        ambiguous=found.ambiguous,
        refused=found.refused,
        estimated=scored.parameters.estimated,
        skipped_blocks=block.skipped,
    )


def _possible(
    connection: Connection, records: pa.Table, review: Sequence[Link], cluster: Mapping[int, int]
) -> tuple[PossiblePair, ...]:
    """Return the pairs that a person would look at: not those whose records other links have joined."""
    apart = [pair for pair in review if cluster[pair[0]] != cluster[pair[1]]]
    agree = agreements(connection, records, [(left, right) for left, right, _ in apart])
    keys = [str(key) for key in records["source_key"].to_pylist()]
    found = [
        PossiblePair(keys[left], keys[right], weight, how)
        for (left, right, weight), how in zip(apart, agree, strict=True)
    ]
    return tuple(sorted(found, key=lambda pair: (-pair.match_weight, pair.left, pair.right)))


class Verdict(Enum):
    """What becomes of a pair: Fellegi & Sunter's link, possible link and non-link, and what only looks like a link."""

    LINK = "link"
    REVIEW = "review"
    CONTRADICTED = "contradicted"
    NO_LINK = "no link"


def verdict(match_weight: float, contradicted: bool, corroborated: bool) -> Verdict:
    """Return what becomes of a pair with such a match weight (bits)."""
    if match_weight < REVIEW_WEIGHT:
        return Verdict.NO_LINK
    if contradicted:
        return Verdict.CONTRADICTED if match_weight >= LINK_WEIGHT else Verdict.NO_LINK
    return Verdict.LINK if match_weight >= LINK_WEIGHT and corroborated else Verdict.REVIEW


def _by_verdict(pairs: pa.Table) -> dict[Verdict, list[Link]]:
    sorted_pairs: dict[Verdict, list[Link]] = {kind: [] for kind in Verdict}
    columns = (pairs[name].to_pylist() for name in ("left", "right", "match_weight", "contradicted", "corroborated"))
    for left, right, weight, contradicted, corroborated in zip(*columns, strict=True):
        sorted_pairs[verdict(weight, contradicted, corroborated)].append((left, right, weight))
    return sorted_pairs
