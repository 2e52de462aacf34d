"""Which variables may enter: too good stops the build, too weak or told already by another stays out."""

import numpy as np

from bank360.learning.arrays import Floats
from bank360.learning.metrics.discrimination import auc

CIRCULAR_AUC = 0.98


class CircularTarget(ValueError):
    """One variable alone all but tells the outcome: it was computed from it, or after it."""


def refuse_circular(x: Floats, outcome: Floats, names: tuple[str, ...], least_events: int = 20) -> None:
    """Raise `CircularTarget` if one variable alone ranks the outcome with an AUC above 0.98, either way round.

    Having no value is itself tried as a variable. With fewer than ``least_events`` of either outcome chance alone may
    do that, and nothing is judged.
    """
    if min(outcome.sum(), len(outcome) - outcome.sum()) < least_events:
        return
    for j, name in enumerate(names):
        missing = np.isnan(x[:, j])
        filled = np.where(missing, -np.inf, x[:, j])
        for column in (filled, missing.astype(np.float64)):
            value = auc(outcome, column)
            if max(value, 1 - value) > CIRCULAR_AUC:
                raise CircularTarget(
                    f"'{name}' alone ranks the outcome with an AUC of {max(value, 1 - value):.3f}: it knows the label. "
                    "Take it out, or correct when it became known"
                )


def uncorrelated(x: Floats, strength: Floats, limit: float = 0.75) -> list[int]:
    """Return columns, strongest first, none correlated above ``limit`` with a stronger one that stays.

    Parameters
    ----------
    x
        Shape ``(n_rows, n_features)``, finite.
    strength
        What each column tells on its own (information value).
    """
    kept: list[int] = []
    centred = x - x.mean(axis=0)
    norm = np.sqrt((centred**2).sum(axis=0))
    unit = centred / np.where(norm > 0, norm, 1.0)
    for j in np.argsort(-strength, kind="stable"):
        if norm[j] > 0 and all(abs(float(unit[:, j] @ unit[:, k])) <= limit for k in kept):
            kept.append(int(j))
    return kept
