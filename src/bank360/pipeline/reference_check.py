"""Hold a bank that was built around a card file against a reference: distances of distributions and of correlations.

The bank's payments are read from the warehouse, so that whatever lies between file and table is held too. A reference
that does not count what the published file does is a part: each of its rows then stands for as many as make up the
published file, class by class. Four kinds of lines have a bound: the fraud rate, the distributions, the rank
correlations, and the frauds by themselves. Of each kind two samples of one population exceed some bound by chance once
in a hundred checks at most, of all together four times; a bank drawn from its own reference stays far below.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from bank360.bank.errors import NotReady
from bank360.learning.metrics.distance import (
    correlations,
    effective_rows,
    ks_bound,
    ks_distance,
    wasserstein_distance,
    weighted_ranks,
)
from bank360.pipeline.card_files import read_card_file
from bank360.sources.card_file.layout import COMPONENTS, PUBLISHED_FRAUDS, PUBLISHED_ROWS, Bools, CardRows, Floats
from bank360.storage.card_rows import bank_card_rows
from bank360.storage.warehouse import Warehouse

_LEVEL = 0.01
_HOUR, _DAY = 3_600, 86_400
_NAMES = ("amount", "hour", *COMPONENTS)


@dataclass(frozen=True)
class Distance:
    """One line of the comparison.

    Parameters
    ----------
    name, quantity
        Stable name, and words.
    distance
        Kolmogorov-Smirnov for distributions; the largest or the mean difference of correlations; of rates their
        difference.
    bound
        What it may be by chance; None where it is printed only.
    moved
        How far mass must move (Wasserstein), in standard deviations of the reference; None but for distributions.
    detail
        Both figures or where, in words.
    """

    name: str
    quantity: str
    distance: float
    bound: float | None
    moved: float | None
    detail: str

    @property
    def ok(self) -> bool:
        """Whether chance alone explains it."""
        return self.bound is None or self.distance <= self.bound


@dataclass(frozen=True)
class Compared:
    """The comparison: its lines, how many rows each side has, and whether the reference was reweighted as a part."""

    rows: tuple[Distance, ...]
    bank_rows: int
    reference_rows: int
    reweighted: bool

    @property
    def failures(self) -> tuple[Distance, ...]:
        """The lines beyond chance."""
        return tuple(row for row in self.rows if not row.ok)


def check_against_reference(warehouse: Warehouse, reference: Path, zone: str) -> Compared:
    """Return how far the bank's payments are from a card file.

    Raises
    ------
    NotReady
        If the bank has no payments of a card file, or either side lacks frauds or other payments.
    DataRefused
        If the reference cannot be read.
    """
    file = read_card_file(reference)
    bank = bank_card_rows(warehouse, zone)
    if not len(bank.amount):
        raise NotReady(
            "The bank holds no payments of a card file. State a source of kind 'creditcard_csv' and run 'bank360 "
            "ingest'; 'bank360 synth cards' writes a file for it."
        )
    for name, fraud in (("The bank", bank.fraud), ("The reference", file.fraud)):
        if not 0 < int(fraud.sum()) < len(fraud):
            raise NotReady(
                f"{name} has payments of one class only: nothing of fraud can be compared. Name a reference, and build "
                "the bank around a file, with frauds and other payments."
            )
    return compared(file, bank)


def compared(reference: CardRows, bank: CardRows) -> Compared:
    """Return the distances of two sets of rows, the first perhaps a part of the published file."""
    part = (len(reference.fraud), int(reference.fraud.sum())) != (PUBLISHED_ROWS, PUBLISHED_FRAUDS)
    weight = _weights(reference.fraud) if part else np.ones(len(reference.fraud))
    theirs, ours = _table(reference), _table(bank)
    rows = [
        _rate(reference.fraud, weight, bank.fraud),
        *_marginals(theirs, weight, ours),
        *_correlations(theirs, weight, ours),
        _among_frauds(reference, bank),
    ]
    return Compared(tuple(rows), len(ours), len(theirs), part)


def _weights(fraud: Bools) -> Floats:
    """Return of how many rows of the published file each row of a part is one."""
    frauds = int(fraud.sum())
    others = (PUBLISHED_ROWS - PUBLISHED_FRAUDS) / (len(fraud) - frauds)
    return np.where(fraud, PUBLISHED_FRAUDS / frauds, others)


def _table(rows: CardRows) -> Floats:
    """Return the compared quantities, shape ``(n_rows, 30)``: amount in major units, hour of the day, components."""
    hour = np.floor(np.mod(rows.seconds, _DAY) / _HOUR)
    return np.column_stack([rows.amount / 100.0, hour, rows.components])


def _rate(fraud: Bools, weight: Floats, ours: Bools) -> Distance:
    expected, observed = float(np.average(fraud, weights=weight)), float(ours.mean())
    bound = float(-ndtri(_LEVEL / 2) * np.sqrt(expected * (1 - expected) / len(ours)))
    detail = f"{observed:.3%}, reference {expected:.3%}"
    return Distance("fraud_rate", "fraud rate", abs(observed - expected), bound, None, detail)


def _marginals(theirs: Floats, weight: Floats, ours: Floats) -> list[Distance]:
    bound = ks_bound(effective_rows(weight), len(ours), _LEVEL / len(_NAMES))
    found = []
    for at, name in enumerate(_NAMES):
        x, y = theirs[:, at], ours[:, at]
        mean = float(np.average(x, weights=weight))
        spread = float(np.sqrt(np.average((x - mean) ** 2, weights=weight)))
        moved = wasserstein_distance(x, y, weight) / spread if spread else 0.0
        detail = f"mean {y.mean():.4g}, reference {mean:.4g}"
        found.append(Distance(name.lower(), name, ks_distance(x, y, weight), bound, moved, detail))
    return found


def _correlations(theirs: Floats, weight: Floats, ours: Floats) -> list[Distance]:
    """Return the differences of rank correlations, held, and of Pearson's, printed only: heavy tails rule the latter.

    A rank correlation near zero has the variance 1.06 / (n - 3) (Fieller, Hartley and Pearson, 1957).
    """
    ranks = [
        np.column_stack([weighted_ranks(column, given) for column in values.T])
        for values, given in ((theirs, weight), (ours, None))
    ]
    pairs = len(_NAMES) * (len(_NAMES) - 1) / 2
    spread = np.sqrt(1.06 / (effective_rows(weight) - 3) + 1.06 / (len(ours) - 3))
    bound = float(-ndtri(_LEVEL / 2 / pairs) * spread)
    by_rank = np.abs(correlations(ranks[0], weight) - correlations(ranks[1]))
    by_value = np.abs(correlations(theirs, weight) - correlations(ours))
    found = []
    for name, words, apart, limit in (
        ("rank_correlation", "rank correlations, largest", by_rank, bound),
        ("correlation", "Pearson correlations, largest", by_value, None),
    ):
        one, other = np.unravel_index(int(apart.argmax()), apart.shape)
        detail = (
            f"{_NAMES[one]} with {_NAMES[other]}; mean difference {apart[np.triu_indices(len(_NAMES), 1)].mean():.4f}"
        )
        found.append(Distance(name, words, float(apart.max()), limit, None, detail))
    return found


def _among_frauds(reference: CardRows, bank: CardRows) -> Distance:
    theirs, ours = _table(reference)[reference.fraud], _table(bank)[bank.fraud]
    apart = [ks_distance(theirs[:, at], ours[:, at]) for at in range(len(_NAMES))]
    bound = ks_bound(len(theirs), len(ours), _LEVEL / len(_NAMES))
    worst = int(np.argmax(apart))
    detail = f"{_NAMES[worst]}; {len(ours):,} frauds, reference {len(theirs):,}"
    return Distance("among_frauds", "among frauds, largest", max(apart), bound, None, detail)
