"""Monotone binning of one variable, and its weight of evidence (Siddiqi, 2006, *Credit Risk Scorecards*, ch. 6).

How it goes: the values are cut at their quantiles into at most ``fine_bins`` fine bins; then the cut points that
stay are chosen by dynamic programming, so that of **all** ways to merge neighbours into at most ``max_bins`` bins that
are monotone in event rate, large enough and hold enough events, the one with the highest information value is taken.
Rows without a value get a bin of their own.

Weight of evidence here is ``ln(share of events / share of non-events)``: higher is riskier, the negative of Siddiqi's,
so that it adds to the log-odds of the event with a positive coefficient. Invariant: WoE is monotone over a variable's
bins, in the expected direction where one is given. Categories come here already as numbers (`categories.py`).
"""

from dataclasses import dataclass

import numpy as np

from bank360.learning.arrays import Floats, Ints

# Added to both counts of a bin, so that an empty one has a finite weight of evidence.
SMOOTHING = 0.5


@dataclass(frozen=True)
class BinningRules:
    """How fine the bins may be.

    Parameters
    ----------
    fine_bins
        Most quantile bins before merging.
    max_bins
        Most bins after merging, the missing bin apart.
    min_share
        Least share of the rows that have a value in a bin.
    min_events
        Least number of events, and of non-events, in a bin.
    """

    fine_bins: int = 24
    max_bins: int = 6
    min_share: float = 0.05
    min_events: int = 8


@dataclass(frozen=True)
class Bins:
    """The bins of one variable.

    Parameters
    ----------
    edges
        Inner cut points, ascending; bin k holds ``edges[k-1] < x <= edges[k]``. Empty: one bin.
    woe
        Weight of evidence of each bin, ``len(edges) + 1`` values, monotone.
    missing_woe
        Weight of evidence of rows without a value; 0 where training had too few of them to tell.
    rows, events
        Training counts by bin; the last is the missing bin.
    information_value
        Sum over all bins of (share of events - share of non-events) * WoE.
    """

    edges: tuple[float, ...]
    woe: tuple[float, ...]
    missing_woe: float
    rows: tuple[int, ...]
    events: tuple[int, ...]
    information_value: float

    def index(self, values: Floats) -> Ints:
        """Return the bin of each value; ``len(woe)`` where there is none."""
        bins = np.searchsorted(np.array(self.edges), values, side="left").astype(np.int64)
        bins[np.isnan(values)] = len(self.woe)
        return bins

    def transform(self, values: Floats) -> Floats:
        """Return the weight of evidence of each value."""
        table = np.array([*self.woe, self.missing_woe])
        return np.asarray(table[self.index(values)], dtype=np.float64)


def weight_of_evidence(events: Floats, others: Floats, all_events: float, all_others: float) -> Floats:
    """Return ``ln(share of events / share of non-events)``, both counts smoothed by `SMOOTHING`.

    Parameters
    ----------
    events, others
        Counts by bin.
    all_events, all_others
        Counts over all bins.
    """
    share_events = (events + SMOOTHING) / (all_events + SMOOTHING)
    share_others = (others + SMOOTHING) / (all_others + SMOOTHING)
    return np.asarray(np.log(share_events / share_others), dtype=np.float64)


def bin_variable(values: Floats, outcome: Floats, sign: int = 0, rules: BinningRules | None = None) -> Bins:
    """Return the monotone bins of a variable with the highest information value.

    Parameters
    ----------
    values
        One value per row, NaN where there is none; infinities are ordinary large values.
    outcome
        1.0 where the event happened; between 0 and 1 where it is only expected (`reject_inference.py`).
    sign
        +1 or -1: event rate must rise or fall with the value; 0: whichever of the two tells more.
    rules
        How fine the bins may be.
    """
    rules = rules or BinningRules()
    outcome = np.asarray(outcome, dtype=np.float64)
    known = ~np.isnan(values)
    x, y = values[known], outcome[known]
    all_events, all_others = float(outcome.sum()), float(len(outcome) - outcome.sum())
    cuts = _fine_cuts(x, rules.fine_bins)
    fine = np.searchsorted(cuts, x, side="left")
    rows = np.bincount(fine, minlength=len(cuts) + 1).astype(np.float64)
    events: Floats = np.bincount(fine, weights=y, minlength=len(cuts) + 1).astype(np.float64)
    best = _best_merge(rows, events, (all_events, all_others), sign, rules) if len(x) else []
    edges = tuple(float(cuts[k - 1]) for k in best)
    starts = np.array([0, *best], dtype=np.int64)
    rows, events = np.add.reduceat(rows, starts), np.add.reduceat(events, starts)
    woe = weight_of_evidence(events, rows - events, all_events, all_others)
    missing_rows, missing_events = float((~known).sum()), float(outcome[~known].sum())
    missing_woe = 0.0
    if missing_rows >= max(1.0, rules.min_share * len(values)):
        counts = np.array([missing_events]), np.array([missing_rows - missing_events])
        missing_woe = float(weight_of_evidence(*counts, all_events, all_others)[0])
    value = _information(events, rows - events, woe, all_events, all_others)
    value += _information(
        np.array([missing_events]),
        np.array([missing_rows - missing_events]),
        np.array([missing_woe]),
        all_events,
        all_others,
    )
    return Bins(
        edges,
        tuple(float(w) for w in woe),
        missing_woe,
        (*(int(n) for n in rows), int(missing_rows)),
        (*(round(n) for n in events.tolist()), round(missing_events)),
        value,
    )


def _information(events: Floats, others: Floats, woe: Floats, all_events: float, all_others: float) -> float:
    return float(np.sum((events / max(all_events, 1.0) - others / max(all_others, 1.0)) * woe))


def _fine_cuts(x: Floats, fine_bins: int) -> Floats:
    """Return cut points at quantiles that are values of ``x``; the largest value is no cut."""
    if len(x) == 0:
        return np.empty(0)
    cuts = np.unique(np.quantile(x, np.arange(1, fine_bins) / fine_bins, method="inverted_cdf"))
    return np.asarray(cuts[cuts < x.max()], dtype=np.float64)


def _best_merge(rows: Floats, events: Floats, totals: tuple[float, float], sign: int, rules: BinningRules) -> list[int]:
    """Return the fine-bin positions at which the best bins start (the first, 0, left out)."""
    directions = (sign,) if sign else (1, -1)
    answers = [_monotone_merge(rows, events, totals, direction, rules) for direction in directions]
    return max(answers, key=lambda answer: answer[0])[1]


def _monotone_merge(
    rows: Floats, events: Floats, totals: tuple[float, float], direction: int, rules: BinningRules
) -> tuple[float, list[int]]:
    """Dynamic programming over (bins used, start of the last bin, its end): information so far.

    ``best[i, j]`` is the most information that fine bins ``0 .. j-1`` give in exactly ``b`` bins whose last one is
    ``i .. j-1``; a last bin may only follow one whose event rate lies on the right side of its own.
    """
    n = len(rows)
    all_events, all_others = totals
    cumulative_rows = np.concatenate([[0.0], np.cumsum(rows)])
    cumulative_events = np.concatenate([[0.0], np.cumsum(events)])
    size = cumulative_rows[None, :] - cumulative_rows[:, None]  # [i, j]: rows of fine bins i .. j-1
    hits = cumulative_events[None, :] - cumulative_events[:, None]
    allowed = (np.arange(n + 1)[:, None] < np.arange(n + 1)[None, :]) & (size >= rules.min_share * cumulative_rows[-1])
    allowed &= (hits >= rules.min_events) & (size - hits >= rules.min_events)
    safe_hits, safe_others = np.maximum(hits, 0.0), np.maximum(size - hits, 0.0)
    woe = weight_of_evidence(safe_hits, safe_others, all_events, all_others)
    gain = (safe_hits / max(all_events, 1.0) - safe_others / max(all_others, 1.0)) * woe
    # Monotone in WoE itself (not in the raw rate): smoothing could otherwise turn two close bins around.
    order = direction * woe
    best = np.full((n + 1, n + 1), -np.inf)
    best[0, :] = np.where(allowed[0, :], gain[0, :], -np.inf)
    answers: list[tuple[float, list[int]]] = [(float(gain[0, n]), [])]
    back: list[Ints] = []
    for _ in range(2, rules.max_bins + 1):
        after = np.full((n + 1, n + 1), -np.inf)
        came = np.zeros((n + 1, n + 1), dtype=np.int64)
        for i in range(1, n):
            before = best[:i, i]  # by start of the bin that ends at i
            for j in np.nonzero(allowed[i])[0]:
                fits = np.where(order[:i, i] <= order[i, j], before, -np.inf)
                k = int(np.argmax(fits))
                if fits[k] > -np.inf:
                    after[i, j], came[i, j] = fits[k] + gain[i, j], k
        back.append(came)
        best = after
        i = int(np.argmax(best[:, n]))
        if best[i, n] == -np.inf:
            break
        answers.append((float(best[i, n]), _starts(back, i, n)))
    return max(answers, key=lambda answer: answer[0])


def _starts(back: list[Ints], i: int, n: int) -> list[int]:
    starts, j = [], n
    for came in reversed(back):
        starts.append(i)
        i, j = int(came[i, j]), i
    return starts[::-1]
