"""Stable customer ids and the crosswalk from source keys to them. Pure; no order of input matters.

A customer's id is made from the **founder**, the source key of the cluster that the bank knew first: so the same person
gets the same id on every run, in every order, and in a warehouse rebuilt from nothing. What a former run has given out
is honoured before that:

* **arrival**: a new key joins a customer and takes its id;
* **merge**: of several ids in one cluster the one known first stays, the others are retired;
* **split**: an id stays with its founder (without the founder, with the key known first); who leaves gets the id that
  founding a customer of their own gives them, which may be one that a merge had retired.

The crosswalk keeps the past: a mapping that changes is closed on the day of the run (``valid_to``, exclusive) and a new
one begins. A mapping that would have held for no day at all is not kept.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

SourceKey = tuple[str, str]  # (source, source_key)


@dataclass(frozen=True, order=True)
class KeyMapping:
    """One row of ``source_keys``: the key belongs to the customer from ``valid_from`` until before ``valid_to``."""

    source: str
    source_key: str
    valid_from: date
    customer_id: str
    valid_to: date | None = None

    @property
    def key(self) -> SourceKey:
        """The source key it maps."""
        return self.source, self.source_key


def founding_id(key: SourceKey, attempt: int = 0) -> str:
    """Return the id of the customer that ``key`` founds: "C" and 12 hex digits of a SHA-256.

    ``attempt`` counts up where another customer holds the id already. Twelve digits give two of a million customers
    the same id with a probability of 1 in 560, and then an attempt more separates them.

    >>> founding_id(("core", "1001"))
    'C88efa7a678e9'
    """
    text = "\x1f".join((*key, str(attempt) if attempt else ""))
    return "C" + hashlib.sha256(text.encode()).hexdigest()[:12]


def customer_ids(
    people: Iterable[Sequence[SourceKey]], first_known: Mapping[SourceKey, int], held: Mapping[SourceKey, str]
) -> dict[SourceKey, str]:
    """Return the customer id of every source key.

    Parameters
    ----------
    people
        The keys of each person; no key twice.
    first_known
        When the bank first knew each key (any unit, ascending); ties go by the key itself.
    held
        The customer id that each key has had so far; new keys are not in it.
    """
    age = {key: (known, key) for key, known in first_known.items()}
    clusters = sorted((sorted(keys, key=age.__getitem__) for keys in people), key=lambda keys: age[keys[0]])
    cluster_of = {key: number for number, keys in enumerate(clusters) for key in keys}
    holders: dict[str, list[SourceKey]] = defaultdict(list)
    for key, customer_id in held.items():
        if key in cluster_of:
            holders[customer_id].append(key)
    # Each id has one heir; a cluster that is heir to several keeps the one known first.
    kept: dict[int, tuple[tuple[int, SourceKey], str]] = {}
    for customer_id, keys in holders.items():
        heir = min(keys, key=lambda key: (founding_id(key) != customer_id, age[key]))
        claim = (min(age[key] for key in keys), customer_id)
        number = cluster_of[heir]
        kept[number] = min(kept.get(number, claim), claim)
    ids = {number: customer_id for number, (_, customer_id) in kept.items()}
    taken = set(ids.values())
    for number, keys in enumerate(clusters):
        attempt = 0
        while number not in ids:
            candidate = founding_id(keys[0], attempt)
            if candidate not in taken:
                ids[number] = candidate
                taken.add(candidate)
            attempt += 1
    return {key: ids[number] for key, number in cluster_of.items()}


def crosswalk(
    former: Iterable[KeyMapping], ids: Mapping[SourceKey, str], first_day: Mapping[SourceKey, date], day: date
) -> list[KeyMapping]:
    """Return the crosswalk after a run, sorted: all of ``former``, with what changed closed and what is new added.

    Parameters
    ----------
    former
        The crosswalk before, closed mappings included.
    ids
        Source key -> customer id as of this run; a key that is not in it is known no longer, and its mapping ends.
    first_day
        The local day on which each key was first known: where a key's first mapping begins.
    day
        The local day of the run: where changed mappings end and begin.
    """
    rows: list[KeyMapping] = []
    standing: dict[SourceKey, KeyMapping] = {}
    known_before: set[SourceKey] = set()
    for row in former:
        known_before.add(row.key)
        if row.valid_to is None:
            standing[row.key] = row
        else:
            rows.append(row)
    for key, row in standing.items():
        if ids.get(key) == row.customer_id:
            rows.append(row)
        elif row.valid_from < day:
            rows.append(replace(row, valid_to=day))
    for key, customer_id in ids.items():
        before = standing.get(key)
        if before is not None and before.customer_id == customer_id:
            continue
        begins = day if key in known_before else min(first_day[key], day)
        if before is not None:
            begins = max(begins, before.valid_from)
        rows.append(KeyMapping(*key, begins, customer_id))
    return sorted(rows)
