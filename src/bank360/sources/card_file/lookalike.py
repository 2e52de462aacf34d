"""A card file of the published size, drawn so that it is distributed as a reference, which may be a part of the file.

Class by class, so that a part with too many frauds does no harm: rows are drawn again from the reference's, and each
component is moved a little in *normal scores* (its rank in the class, as a normal quantile): z' = sqrt(1 - h^2) z +
h e, where e is normal with the correlations of the scores. That keeps each marginal distribution and nearly every
correlation, whatever the shape (West, 1993, shrinks a kernel estimate so; here between ranks), and no row stands there
as it was. An amount is that of the row, for prices are not smooth; the time moves by minutes. What the reference does
not know, more rows of the same kind do not know either: fit for volume, not for finding better models.
"""

import numpy as np
from scipy.special import ndtr, ndtri

from bank360.bank.errors import NotReady
from bank360.sources.card_file.layout import SECONDS, CardRows, Floats, Ints

# Share of a score's variance that is fresh: enough that no row is a copy, little enough to keep the dependence.
FRESH = 0.15**2
_MINUTES = 600.0  # standard deviation of the move in time, seconds
_LEAST = 30  # rows of a class, below which its correlations of 28 components mean nothing


def lookalike(reference: CardRows, rows: int, frauds: int, seed: int) -> CardRows:
    """Return ``rows`` rows, ``frauds`` of them of class 1, in order of time.

    Parameters
    ----------
    reference
        What the rows are to be distributed as.
    seed
        Same seed and reference, same rows.

    Raises
    ------
    NotReady
        If the reference has too few rows of a class that is asked for.
    """
    rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, rows, frauds])))
    parts = [_of_class(reference, flag, many, rng) for flag, many in ((False, rows - frauds), (True, frauds)) if many]
    seconds = np.concatenate([part.seconds for part in parts])
    order = np.argsort(seconds, kind="stable")
    return CardRows(
        seconds[order],
        np.concatenate([part.components for part in parts])[order],
        np.concatenate([part.amount for part in parts])[order],
        np.concatenate([part.fraud for part in parts])[order],
    )


def _of_class(reference: CardRows, flag: bool, many: int, rng: np.random.Generator) -> CardRows:
    own = np.flatnonzero(reference.fraud == flag)
    if len(own) < _LEAST:
        raise NotReady(
            f"The reference has {len(own)} rows of class {int(flag)}, at least {_LEAST} are needed to draw others like "
            "them. Name a larger part of the card file."
        )
    drawn = rng.integers(0, len(own), many)
    values = reference.components[own]
    scores = _scores(values)
    factor = np.linalg.cholesky(np.corrcoef(scores, rowvar=False) + 1e-9 * np.eye(scores.shape[1]))
    moved = np.sqrt(1.0 - FRESH) * scores[drawn] + np.sqrt(FRESH) * rng.standard_normal((many, len(factor))) @ factor.T
    seconds = reference.seconds[own][drawn] + _MINUTES * rng.standard_normal(many)
    return CardRows(
        np.floor(np.mod(seconds, SECONDS)), _values(moved, values), reference.amount[own][drawn], np.full(many, flag)
    )


def _scores(values: Floats) -> Floats:
    """Return each column's ranks as normal quantiles; equal values share no rank, for components have hardly any."""
    ranks: Ints = np.argsort(np.argsort(values, axis=0, kind="stable"), axis=0, kind="stable")
    return np.asarray(ndtri((ranks + 0.5) / len(values)), dtype=np.float64)


def _values(scores: Floats, reference: Floats) -> Floats:
    """Return the value of each score among a column's own, between two neighbours by straight line."""
    found = np.empty_like(scores)
    places = (np.arange(len(reference)) + 0.5) / len(reference)
    for column in range(scores.shape[1]):
        found[:, column] = np.interp(ndtr(scores[:, column]), places, np.sort(reference[:, column]))
    return found
