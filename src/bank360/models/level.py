"""The level of a model's probabilities where it follows the economy: that of the last training rows.

How risks compare is learned from every training row; how high they are altogether, from those of the last year. What
has drifted since (incomes, a downturn) is in them, and a year holds every season. The level is one number: what the
log-odds of all out-of-fold probabilities must be raised by for the recent rows to come true in total. Too few events
say nothing, and then the level stays that of all training rows.
"""

from dataclasses import dataclass

import numpy as np

from bank360.bank.calendar import MICROS_PER_DAY
from bank360.bank.counted import counted
from bank360.learning.arrays import Bools, Floats, Ints
from bank360.learning.estimators.logistic import fit_logistic
from bank360.learning.metrics.calibration import LEAST_EVENTS


@dataclass(frozen=True)
class Level:
    """What set the level: rows and events of the last ``days`` of training, and the shift of the log-odds."""

    days: int
    rows: int
    events: float
    shift: float

    def words(self) -> str:
        """Return the level in a sentence, for the card.

        >>> Level(365, 12_000, 570.0, 0.045).words().partition(":")[2]
        ' 12,000 rows, 570 events; all log-odds are raised by +0.045 for it.'
        """
        return (
            f"The level of the probabilities is that of the last {counted(self.days, 'day')} of "
            f"training: {counted(self.rows, 'row')},"
            f" {self.events:,.0f} events; all log-odds are raised by {self.shift:+.3f} for it."
        )


def recent_rows(at: Ints, train: Bools, days: int) -> Bools:
    """Return which rows lie in the last ``days`` before the last training row; ``at`` in microseconds UTC."""
    return np.asarray(at > at[train].max() - days * MICROS_PER_DAY, dtype=np.bool_)


def level_of(out_of_fold: Floats, outcome: Floats, days: int) -> Level | None:
    """Return the level of recent rows, or None where their events are too few for one.

    Parameters
    ----------
    out_of_fold
        The rows' calibrated log-odds by folds that left them out.
    outcome
        1.0 where the event happened, 0.0 where it did not, between where it is only expected.
    days
        Over how many days the rows are taken.
    """
    events = float(outcome.sum())
    if events < LEAST_EVENTS:
        return None
    fit = fit_logistic(np.empty((len(outcome), 0)), outcome, offset=out_of_fold)
    return Level(days, len(outcome), events, float(fit.coefficients[0]))
