"""pandas: one group-by per customer and segment, one sort for distinct merchants, the rest in NumPy."""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.features.data import DAY, FIRST_DAY, NIGHT
from benchmarks.features.segments import Keep, cut, read_off
from benchmarks.features.stages import Stages


def run(path: Path, n_customers: int, threads: int, stages: Stages, keep: Keep) -> None:
    """Hand the 31 columns of every customer to ``keep``, month end by month end."""
    frame = pd.read_parquet(path, engine="pyarrow")
    stages.end("read")
    cuts = cut()
    micros = frame["ts"].astype("int64").to_numpy()
    day = micros // DAY
    amount = -frame["amount"].to_numpy()
    segment = cuts.of_days()[day - FIRST_DAY]
    customer = frame["customer_id"].to_numpy().astype(np.int64)
    events = pd.DataFrame(
        {
            "cell": customer * cuts.segments + segment,
            "s": amount,
            "q": amount * amount,
            "night": np.isin(np.arange(24), NIGHT)[micros % DAY // 3_600_000_000].astype(np.int64),
            "online": (frame["channel"] == "online").to_numpy().astype(np.int64),
            "atm": (frame["channel"] == "atm").to_numpy().astype(np.int64),
            "abroad": (frame["country"] != "GB").to_numpy().astype(np.int64),
            "day": day,
        }
    )
    groups = events.groupby("cell", sort=False)
    sums = groups[["s", "q", "night", "online", "atm", "abroad"]].sum()
    sums["n"] = groups.size()
    largest, last = groups["s"].max(), groups["day"].max()
    stages.end("group")
    # The file is in order of time, so a stable sort by customer and merchant leaves each pair's visits in order.
    pair = customer * (int(frame["merchant_id"].max()) + 1) + frame["merchant_id"].to_numpy()
    visits = pd.DataFrame({"pair": pair, "customer": customer, "segment": segment}).sort_values("pair", kind="stable")
    same = (visits["pair"] == visits["pair"].shift()).to_numpy()
    before = np.where(same, visits["segment"].shift(fill_value=-1).to_numpy(), -1)
    stages.end("visits")
    parts = read_off(
        cuts,
        sums.index.to_numpy(),
        {name: sums[name].to_numpy() for name in sums.columns},
        largest.to_numpy(),
        last.to_numpy(),
        (visits["customer"].to_numpy(), visits["segment"].to_numpy(), before),
        n_customers,
    )
    customers = np.arange(n_customers)
    for r, columns in enumerate(parts):
        keep(customers, r, columns)
    stages.end("windows")
