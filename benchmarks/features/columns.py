"""The 31 columns as ordinary declarations, and the checksum by which results are compared.

For each of 30, 90 and 365 days: sum, count, mean, standard deviation and maximum of the amount, share of night, online,
cash-machine and cross-border transactions, distinct merchants; and the days since the last transaction.
"""

import numpy as np
import numpy.typing as npt

from bank360.features.feature import LIFETIME, AnyFeature, Calendar, Derived, Feature, Measure
from bank360.features.ops import Op
from benchmarks.features.data import NIGHT, WINDOWS

AMOUNT = Measure("amount", "transactions", "amount", "paid", "minor units", sign=-1)
MERCHANT = Measure("merchant", "transactions", "merchant_id", "merchant", "merchant")
SHARES = {
    "night": Measure("night", "transactions", None, "at night", "count", where=(("local_hour", "in", NIGHT),)),
    "online": Measure("online", "transactions", None, "online", "count", where=(("channel", "in", ("online",)),)),
    "atm": Measure("atm", "transactions", None, "at a machine", "count", where=(("channel", "in", ("atm",)),)),
    "abroad": Measure("abroad", "transactions", None, "abroad", "count", where=(("country", "not in", ("GB",)),)),
}
STATISTICS = {"sum": Op.SUM, "count": Op.COUNT, "mean": Op.MEAN, "std": Op.STD, "max": Op.MAX}


def declarations() -> tuple[AnyFeature, ...]:
    """Return the 31 columns and the counts that the shares are made of."""
    features: list[AnyFeature] = []
    for days in WINDOWS:
        window = Calendar(days)
        features += [Feature(f"{n}_{days}", AMOUNT, op, window, "minor units", n) for n, op in STATISTICS.items()]
        for name, measure in SHARES.items():
            features.append(Feature(f"{name}_count_{days}", measure, Op.COUNT, window, "count", name))
            features.append(Derived(f"{name}_{days}", "share", (f"{name}_count_{days}", f"count_{days}"), "1", name))
        features.append(Feature(f"merchants_{days}", MERCHANT, Op.DISTINCT, window, "count", "distinct merchants"))
    features.append(Feature("days_since_last", AMOUNT, Op.DAYS_SINCE_LAST, LIFETIME, "days", "since the last"))
    return tuple(features)


COLUMNS: tuple[str, ...] = (
    *(f"{name}_{days}" for days in WINDOWS for name in (*STATISTICS, *SHARES, "merchants")),
    "days_since_last",
)


def checksum(
    customer: npt.NDArray[np.int64], instant: npt.NDArray[np.int64], values: npt.NDArray[np.float64]
) -> tuple[int, float, float]:
    """Return of one column how many rows have no value, the sum, and a sum weighted by row, in any order of rows.

    ``instant`` is the number of the month end. Two results are equal when the first agree exactly and the sums to 1e-9.
    """
    missing = np.isnan(values)
    there = np.where(missing, 0.0, values)
    weight = (customer * 31 + instant * 17) % 1009 + 1
    return int(missing.sum()), float(there.sum()), float((there * weight).sum())
