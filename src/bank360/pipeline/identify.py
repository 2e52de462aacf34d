"""The step that finds out who is who: identifiers -> identity -> crosswalk and customer numbers.

Runs after every ingest and before features: readers of events resolve source keys through what it writes. A run that
is repeated changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bank360.bank.calendar import instant, local_days, to_date
from bank360.identity.evaluation import PairQuality, pair_quality
from bank360.identity.resolution import KnownKey, resolve
from bank360.pipeline.progress import Progress, silent
from bank360.storage.crosswalk import identifiers, known_keys, linkage_connection, read_crosswalk, write_crosswalk
from bank360.storage.possible_pairs import write_possible_pairs
from bank360.storage.warehouse import Warehouse

_WHAT, _STEPS = "resolve customers", 4.0


@dataclass(frozen=True)
class IdentityReport:
    """What a run found.

    Parameters
    ----------
    source_keys, records, customers
        Keys by which sources name people; those of them that had identifiers to compare; the customers they are.
    compared, linked, to_review, contradicted, ambiguous
        Pairs of records compared; linked; likely enough for a person to look at; barred though heavy (households);
        set aside because a record fits two people.
    changed
        Source keys that belong to another customer than before the run; new keys are not counted.
    estimated
        Attributes whose m and u probabilities were estimated from the records rather than fixed.
    quality
        Pairwise precision and recall where the truth was given.
    """

    source_keys: int
    records: int
    customers: int
    compared: int
    linked: int
    to_review: int
    contradicted: int
    ambiguous: int
    changed: int
    estimated: tuple[str, ...]
    quality: PairQuality | None

    @property
    def merged(self) -> int:
        """Source keys beyond the first of their customer: duplicates that were found."""
        return self.source_keys - self.customers


def identify(
    warehouse: Warehouse,
    zone: str,
    as_of: datetime,
    true_pairs: Iterable[tuple[str, str]] | None = None,
    progress: Progress = silent,
) -> IdentityReport:
    """Resolve every source key known by ``as_of`` to a customer; write the crosswalk and who may be one person.

    Parameters
    ----------
    warehouse
        Open for writing.
    zone
        The bank's time zone: mappings begin and end on its local days.
    as_of
        The instant that counts as now (aware). What is known at that very instant is included: identity serves the
        present, and a key left out would lose its events.
    true_pairs
        Pairs of source keys that are one person, where somebody knows; only the report sees them.
    """
    progress(_WHAT, 0, _STEPS)
    now = instant(as_of)
    day = to_date(int(local_days([now], zone)[0]))
    former = read_crosswalk(warehouse)
    # A key keeps the source it was first mapped under, though another system may since have sent its identifiers.
    mapped_under = {row.source_key: row.source for row in former}
    found = known_keys(warehouse, as_of)
    days = local_days([known for _, _, known in found], zone).tolist()
    keys = [
        KnownKey(mapped_under.get(key, source), key, known, to_date(on))
        for (key, source, known), on in zip(found, days, strict=True)
    ]
    progress(_WHAT, 1, _STEPS)
    with linkage_connection() as connection:
        resolution = resolve(connection, keys, identifiers(warehouse, as_of, day), former, day)
    progress(_WHAT, 3, _STEPS)
    write_crosswalk(warehouse, resolution.crosswalk, as_of)
    write_possible_pairs(warehouse, resolution.possible)
    progress(_WHAT, _STEPS, _STEPS)
    before = {row.source_key: row.customer_id for row in former if row.valid_to is None}
    return IdentityReport(
        source_keys=len(keys),
        records=resolution.records,
        customers=resolution.customers,
        compared=resolution.compared,
        linked=resolution.linked,
        to_review=len(resolution.possible),
        contradicted=resolution.contradicted,
        ambiguous=resolution.ambiguous,
        changed=sum(resolution.customer_of.get(key, was) != was for key, was in before.items()),
        estimated=resolution.estimated,
        quality=None if true_pairs is None else pair_quality(resolution.customer_of, true_pairs),
    )
