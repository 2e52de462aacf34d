"""What to assume of those who were declined, so that a model of the accepted also speaks of who comes to the door.

Only the accepted have an outcome. Two classical answers (Siddiqi, 2006, *Credit Risk Scorecards*, ch. 6; Crook and
Banasik, 2004, on how little either may help), both from a first model fitted on the accepted alone:

* *fuzzy*: each declined row counts as ``p`` of an event and ``1 - p`` of none, ``p`` its probability by that model;
* *parcelling*: rows are put into bands of that model's score; in each band some of the declined, at random, are taken
  for events: at the accepted's rate there times an uplift, because a declined row is riskier than an accepted one of
  the same score.

Neither knows anything that the first model and the uplift do not say. They are shown beside the model without them.
"""

from dataclasses import dataclass

import numpy as np

from bank360.learning.arrays import Floats


@dataclass(frozen=True)
class ParcellingRules:
    """How the declined are parcelled out.

    Parameters
    ----------
    bands
        Bands of equally many accepted and declined rows together.
    uplift
        How many times the accepted's event rate the declined of the same band have.
    prior_rows
        A band's rate is drawn towards the first model's probability as if so many rows had shown it: few accepted rows
        lie where most are declined.
    """

    bands: int = 10
    uplift: float = 1.3
    prior_rows: float = 50.0


def fuzzy_outcome(probability: Floats) -> Floats:
    """Return the declined rows' expected outcome: the first model's probability as it is."""
    return np.clip(probability, 0.0, 1.0)


def parcel_rates(accepted: Floats, outcome: Floats, declined: Floats, rules: ParcellingRules) -> Floats:
    """Return the event rate that parcelling gives each declined row, shape ``(n_declined,)``.

    Parameters
    ----------
    accepted, declined
        The first model's probabilities.
    outcome
        1.0 where an accepted row had the event.
    """
    both = np.concatenate([accepted, declined])
    edges = np.unique(np.quantile(both, np.arange(1, rules.bands) / rules.bands, method="inverted_cdf"))
    band, of_declined = (np.searchsorted(edges, p, side="left") for p in (accepted, declined))
    n = len(edges) + 1
    rows, events = np.bincount(band, minlength=n), np.bincount(band, weights=outcome, minlength=n)
    in_band = np.bincount(of_declined, minlength=n)
    expected = np.bincount(of_declined, weights=declined, minlength=n) / np.maximum(in_band, 1)
    rate = (events + rules.prior_rows * expected) / (rows + rules.prior_rows)
    return np.asarray(np.minimum(rules.uplift * rate, 1.0)[of_declined], dtype=np.float64)


def parcelled_outcome(accepted: Floats, outcome: Floats, declined: Floats, rules: ParcellingRules, seed: int) -> Floats:
    """Return 1.0 for the declined rows that parcelling takes for events, drawn at random with ``seed``."""
    rates = parcel_rates(accepted, outcome, declined, rules)
    return (np.random.default_rng(seed).random(len(rates)) < rates).astype(np.float64)
