"""Parity with a public RFM tutorial on its file of 660 credit card customers: recency, frequency, monetary value.

The forms are the tutorial's (`features/families/seed004.py` says what is wrong with them), read off the columns of its
file. Scaled by minimum and maximum of the training rows alone, which are stored with the clusters that were fitted on
them: a scaler fitted on all rows, as the tutorial's, has seen what it is tested on. K-means on three numbers is what it
compares by silhouette; nothing here describes a customer of the bank.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bank360.bank.counted import counted
from bank360.bank.errors import NotReady
from bank360.features.derived import EPSILON
from bank360.learning.arrays import Floats, Ints
from bank360.learning.metrics.clustering import silhouette
from bank360.learning.scaling import MinMax, fitted_min_max
from bank360.pipeline.train_table import read_flat
from bank360.sources.credit_card_customers_csv import ROW, customers_map

NAMES = ("recency_seed004", "frequency_seed004", "monetary_seed004")
TEST_SHARE, STARTS, ROUNDS = 0.2, 10, 100
PUBLISHED = 0.5216  # silhouette of K-means, on rows that it was fitted on


@dataclass(frozen=True, eq=False)
class RfmParity:
    """What the run found.

    Parameters
    ----------
    rows
        Running number of each customer in the file.
    values, scaled
        The three forms and their scaled values, shape ``(n, 3)`` in the order of `NAMES`.
    tested
        Which rows were left out of all fitting.
    cluster
        Of each row, the nearest centre.
    scaler, centres
        What is stored together.
    trained_silhouette, tested_silhouette
        Of the rows that were fitted on, and of those that were not.
    never_called
        Customers without a call, whose recency is the largest there is.
    """

    rows: tuple[str, ...]
    values: Floats
    scaled: Floats
    tested: np.ndarray[Any, np.dtype[np.bool_]]
    cluster: Ints
    scaler: MinMax
    centres: Floats
    trained_silhouette: float
    tested_silhouette: float
    never_called: int

    def lines(self) -> tuple[str, ...]:
        """Return the report as lines of text."""
        trained = int((~self.tested).sum())
        ends = "; ".join(
            f"{name} {low:,.6g} to {high:,.6g}"
            for name, low, high in zip(NAMES, self.scaler.low, self.scaler.high, strict=True)
        )
        quiet = (
            f"{counted(self.never_called, 'customer')} never called: 1 / (0 + {EPSILON:g}) rules the scale of recency, "
            "which tells calls from no calls and little else"
        )
        clustered = (
            f"K-means, {len(self.centres)} clusters: silhouette {self.trained_silhouette:.4f} on the rows it was fitted"
            f" on (the tutorial prints {PUBLISHED}), {self.tested_silhouette:.4f} on the others"
        )
        return (
            f"{counted(len(self.rows), 'customer')}, {trained:,} trained on and {int(self.tested.sum()):,} left out",
            f"scaled by the training rows: {ends}",
            quiet,
            clustered,
        )

    def model(self) -> dict[str, Any]:
        """Return scaler and centres as JSON values: what scores a new row, in one piece."""
        return {"scaler": self.scaler.to_json(), "centres": self.centres.tolist()}

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "customers": len(self.rows),
            "tested": int(self.tested.sum()),
            "never_called": self.never_called,
            "silhouette": {"trained": self.trained_silhouette, "tested": self.tested_silhouette},
            **self.model(),
        }

    def table(self) -> tuple[tuple[str, ...], list[tuple[str | int, ...]]]:
        """Return header and rows of the output file: each customer's values, scaled values, part and cluster."""
        header = (ROW, *NAMES, *(f"{name}_scaled" for name in NAMES), "part", "cluster")
        parts = np.where(self.tested, "test", "train")
        return header, [
            (row, *(f"{x:.9g}" for x in own), *(f"{x:.6f}" for x in scaled), str(part), int(cluster))
            for row, own, scaled, part, cluster in zip(
                self.rows, self.values, self.scaled, parts, self.cluster, strict=True
            )
        ]


def parity_rfm(file: Path, clusters: int = 3, seed: int = 42) -> RfmParity:
    """Return the tutorial's recency, frequency and monetary value of its file, scaled and clustered.

    Parameters
    ----------
    file
        The file, clean or with thousands separators and padded headers.
    clusters
        How many.
    seed
        Of the rows left out and of the centres' starts.

    Raises
    ------
    DataRefused
        If it lacks a column, or a cell cannot be read.
    NotReady
        If it has fewer than ten rows a cluster, or a cell is empty.
    """
    found = read_flat(customers_map("UTC"), file, file.name, scoring=True)
    assert found.ids is not None
    columns = found.numeric
    values = np.column_stack(
        [
            1.0 / (columns["Total_calls_made"] + EPSILON),
            columns["Total_visits_online"] + columns["Total_visits_bank"],
            columns["Avg_Credit_Limit"],
        ]
    )
    if np.isnan(values).any() or len(values) < 10 * clusters:
        raise NotReady(f"{file.name} has an empty cell, or fewer than {10 * clusters} rows. Name the whole file.")
    rng = np.random.default_rng(seed)
    tested = np.zeros(len(values), dtype=np.bool_)
    tested[rng.permutation(len(values))[: int(len(values) * TEST_SHARE)]] = True
    scaler = fitted_min_max(NAMES, values[~tested])
    scaled = scaler.scaled(values)
    centres = _centres(scaled[~tested], clusters, rng)
    cluster = _nearest(scaled, centres)
    return RfmParity(
        rows=tuple(map(str, found.ids)),
        values=values,
        scaled=scaled,
        tested=tested,
        cluster=cluster,
        scaler=scaler,
        centres=centres,
        trained_silhouette=silhouette(scaled[~tested], cluster[~tested]),
        tested_silhouette=silhouette(scaled[tested], cluster[tested]),
        never_called=int((columns["Total_calls_made"] == 0).sum()),
    )


def _centres(rows: Floats, clusters: int, rng: np.random.Generator) -> Floats:
    """Return the centres of the best of several starts of K-means (k-means++: Arthur and Vassilvitskii, 2007)."""
    from scipy.cluster.vq import kmeans2  # half a second of import

    tried = [kmeans2(rows, clusters, iter=ROUNDS, minit="++", rng=rng)[0] for _ in range(STARTS)]
    spread = [float(((rows - centres[_nearest(rows, centres)]) ** 2).sum()) for centres in tried]
    best = np.asarray(tried[int(np.argmin(spread))], dtype=np.float64)
    return best[np.lexsort(best.T[::-1])]  # in order of the first column: a number means the same each time


def _nearest(rows: Floats, centres: Floats) -> Ints:
    return np.asarray(((rows[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2).argmin(axis=1), dtype=np.int64)
