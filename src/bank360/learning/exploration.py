"""What the columns of a table look like: distributions, boxes, correlations, and what is missing. It draws nothing.

A text that few rows have is counted and never shown, and of a column that names people or accounts (which ones do is
the caller's to say) no cell at all: a ledger names its few holders in many rows. Columns of numbers hold NaN where
a row has no value; correlations are of ranks (Spearman), pair by pair over the rows that have both.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_BARS = 40
MOST_LEVELS, LEAST_ROWS = 10, 5  # levels of a text that are shown, and how many rows each must have
MOST_CORRELATED = 40
_TAIL = 0.005  # of each end of a histogram, counted beside it: one wild value must not flatten the rest


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers.

    Parameters
    ----------
    rows, missing, distinct
        Rows of the table, those without a value, and how many different values there are.
    mean, deviation
        NaN where no row has a value.
    quantiles
        Least, 5 %, 25 %, 50 %, 75 %, 95 %, largest; linear between ranks.
    whiskers
        The last values within 1.5 times the box beyond it (Tukey, 1977).
    beyond
        Values outside the whiskers.
    edges, counts
        Histogram of the middle, shapes ``(bars + 1,)`` and ``(bars,)``; all values where there are few.
    below, above
        Values left of the histogram and right of it.
    """

    name: str
    rows: int
    missing: int
    distinct: int
    mean: float
    deviation: float
    quantiles: tuple[float, ...]
    whiskers: tuple[float, float]
    beyond: int
    edges: Floats
    counts: Ints
    below: int
    above: int


@dataclass(frozen=True)
class TextColumn:
    """A column of texts: its most frequent levels with their rows; ``others`` counts rows whose level is not shown.

    One that is ``naming`` names people or accounts: it has no levels, whatever its cells were.
    """

    name: str
    rows: int
    missing: int
    distinct: int
    levels: tuple[tuple[str, int], ...]
    others: int
    naming: bool = False


@dataclass(frozen=True)
class Exploration:
    """A table explored.

    Parameters
    ----------
    rows
        How many it has.
    numbers, texts
        Its columns, in their order.
    correlated
        Columns of numbers that vary and have most values, `MOST_CORRELATED` at most.
    correlations
        Of them, shape ``(n, n)``; NaN where fewer than three rows have both.
    together
        Which columns are missing together, and in how many rows; the most frequent first, ``()`` where none is.
    """

    rows: int
    numbers: tuple[NumberColumn, ...]
    texts: tuple[TextColumn, ...]
    correlated: tuple[str, ...]
    correlations: Floats
    together: tuple[tuple[tuple[str, ...], int], ...]


def explored(
    rows: int,
    numbers: Mapping[str, Floats],
    texts: Mapping[str, Sequence[str | None]],
    naming: Collection[str] = (),
) -> Exploration:
    """Return what the columns of a table of ``rows`` rows look like; of texts that are ``naming`` no cell is shown."""
    varied = [name for name, values in numbers.items() if len(np.unique(values[~np.isnan(values)])) > 1]
    fullest = sorted(varied, key=lambda name: int(np.isnan(numbers[name]).sum()))[:MOST_CORRELATED]
    correlated = tuple(name for name in numbers if name in fullest)
    return Exploration(
        rows,
        tuple(number_column(name, values) for name, values in numbers.items()),
        tuple(text_column(name, values, naming=name in naming) for name, values in texts.items()),
        correlated,
        rank_correlations([numbers[name] for name in correlated]),
        _missing_together(rows, numbers, texts),
    )


def number_column(name: str, values: Floats) -> NumberColumn:
    """Return what a column of numbers looks like; infinite values count as missing, for nobody can draw them."""
    own = values[np.isfinite(values)]
    missing = len(values) - len(own)
    if not len(own):
        nothing = np.array([], dtype=np.float64)
        nan = float("nan")
        return NumberColumn(
            name, len(values), missing, 0, nan, nan, (nan,) * 7, (nan, nan), 0, nothing, nothing.astype(np.int64), 0, 0
        )
    quantiles = np.quantile(own, [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0])
    reach = 1.5 * (quantiles[4] - quantiles[2])
    within = own[(own >= quantiles[2] - reach) & (own <= quantiles[4] + reach)]
    edges = _edges(own)
    inside = own[(own >= edges[0]) & (own <= edges[-1])]
    return NumberColumn(
        name,
        len(values),
        missing,
        len(np.unique(own)),
        float(own.mean()),
        float(own.std()),
        tuple(quantiles.tolist()),
        (float(within.min()), float(within.max())),
        len(own) - len(within),
        edges,
        np.histogram(inside, edges)[0].astype(np.int64),
        int((own < edges[0]).sum()),
        int((own > edges[-1]).sum()),
    )


def text_column(name: str, values: Sequence[str | None], *, naming: bool = False) -> TextColumn:
    """Return what a column of texts looks like.

    >>> text_column("x", ["a"] * 6 + ["b", None]).levels
    (('a', 6),)
    """
    counts = Counter(value for value in values if value is not None)
    shown = [] if naming else counts.most_common(MOST_LEVELS)
    levels = [(text, rows) for text, rows in shown if rows >= LEAST_ROWS]
    missing = len(values) - counts.total()
    others = counts.total() - sum(rows for _, rows in levels)
    return TextColumn(name, len(values), missing, len(counts), tuple(levels), others, naming)


def rank_correlations(columns: Sequence[Floats]) -> Floats:
    """Return Spearman's correlations of columns with NaN, pair by pair over the rows that have both.

    Ranks are taken over each column's own values, not anew for each pair: with few values missing the difference is
    small, and it costs one sort for each column.

    Returns
    -------
    ndarray
        Shape ``(n_columns, n_columns)``; NaN where fewer than three rows have both, or one does not vary there.
    """
    found = np.full((len(columns), len(columns)), np.nan)
    ranks = [_ranks(values) for values in columns]
    for one, left in enumerate(ranks):
        for other, right in enumerate(ranks[: one + 1]):
            both = ~(np.isnan(left) | np.isnan(right))
            if int(both.sum()) >= 3:
                x, y = left[both] - left[both].mean(), right[both] - right[both].mean()
                spread = float(np.sqrt((x @ x) * (y @ y)))
                if spread > 0:
                    found[one, other] = found[other, one] = float(x @ y) / spread
    return found


def _ranks(values: Floats) -> Floats:
    """Return each value's rank, equal values sharing their middle one; NaN stays NaN."""
    ranks = np.full(len(values), np.nan)
    own = np.isfinite(values)
    _, place, counts = np.unique(values[own], return_inverse=True, return_counts=True)
    ranks[own] = (np.cumsum(counts) - 0.5 * (counts - 1))[place]
    return ranks


def _edges(own: Floats) -> Floats:
    """Return a histogram's edges: a bar for each of few whole values, else by Freedman and Diaconis (1981)."""
    values = np.unique(own)
    if len(values) <= MOST_BARS // 2 and np.all(values == np.floor(values)) and values[-1] - values[0] < MOST_BARS:
        return np.asarray(np.arange(values[0], values[-1] + 2) - 0.5, dtype=np.float64)
    low, high = np.quantile(own, [_TAIL, 1.0 - _TAIL])
    if low == high:
        low, high = values[0], values[-1]
    if low == high:
        return np.array([low - 0.5, low + 0.5])
    box = np.subtract(*np.quantile(own, [0.75, 0.25]))
    width = 2.0 * box / np.cbrt(len(own))
    if np.all(values == np.floor(values)) and high - low >= 1:
        # Whole values: each bar holds equally many of them, or the bars would rise and fall by themselves.
        step = max(1.0, np.ceil(max(width, (high - low + 2) / MOST_BARS)))
        first = np.floor(low) - 0.5
        return np.asarray(first + step * np.arange(np.ceil((high - first) / step) + 1), dtype=np.float64)
    bars = int(np.clip(np.ceil((high - low) / width), 5, MOST_BARS)) if width > 0 else MOST_BARS
    return np.asarray(np.linspace(low, high, bars + 1), dtype=np.float64)


def _missing_together(
    rows: int, numbers: Mapping[str, Floats], texts: Mapping[str, Sequence[str | None]]
) -> tuple[tuple[tuple[str, ...], int], ...]:
    names = [*numbers, *texts]
    if not names or not rows:
        return ()
    flags = [~np.isfinite(values) for values in numbers.values()]
    flags += [np.array([value is None for value in values], dtype=np.bool_) for values in texts.values()]
    patterns, counts = np.unique(np.packbits(np.column_stack(flags), axis=1), axis=0, return_counts=True)
    found = []
    for at in np.argsort(-counts, kind="stable")[:10]:
        missing = np.unpackbits(patterns[at], count=len(names)).astype(np.bool_)
        found.append((tuple(name for name, gone in zip(names, missing, strict=True) if gone), int(counts[at])))
    return tuple(found)
