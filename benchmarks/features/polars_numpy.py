"""Polars: a lazy group-by per customer and segment, a shift over sorted visits, the rest in NumPy."""

from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.features.data import FIRST_DAY, NIGHT
from benchmarks.features.segments import Keep, cut, read_off
from benchmarks.features.stages import Stages


def run(path: Path, n_customers: int, threads: int, stages: Stages, keep: Keep) -> None:
    """Hand the 31 columns of every customer to ``keep``, month end by month end."""
    cuts = cut()
    segment_of = pl.Series(cuts.of_days())
    day = pl.col("ts").dt.epoch("d").cast(pl.Int64)
    events = pl.scan_parquet(path).with_columns(
        day.alias("day"),
        (day - FIRST_DAY).replace_strict(pl.int_range(len(segment_of), eager=True), segment_of).alias("segment"),
        (-pl.col("amount")).alias("a"),
        pl.col("customer_id").cast(pl.Int64).alias("c"),
    )
    groups = (
        events.group_by(pl.col("c") * cuts.segments + pl.col("segment"))
        .agg(
            pl.len().cast(pl.Int64).alias("n"),
            pl.col("a").sum().alias("s"),
            (pl.col("a") * pl.col("a")).sum().alias("q"),
            pl.col("ts").dt.hour().is_in(list(NIGHT)).sum().cast(pl.Int64).alias("night"),
            (pl.col("channel") == "online").sum().cast(pl.Int64).alias("online"),
            (pl.col("channel") == "atm").sum().cast(pl.Int64).alias("atm"),
            (pl.col("country") != "GB").sum().cast(pl.Int64).alias("abroad"),
            pl.col("a").max().alias("largest"),
            pl.col("day").max().alias("last"),
        )
        .collect(engine="streaming")
    )
    stages.end("group")
    pair = pl.col("c") * 1_000_000 + pl.col("merchant_id")
    visits = (
        events.select(pair.alias("pair"), "c", "segment")
        .sort("pair", "segment")
        .with_columns(
            pl.when(pl.col("pair") == pl.col("pair").shift(1)).then(pl.col("segment").shift(1)).otherwise(-1).alias("b")
        )
        .collect()
    )
    stages.end("visits")
    parts = read_off(
        cuts,
        groups["c"].to_numpy(),
        {name: groups[name].to_numpy() for name in ("n", "s", "q", "night", "online", "atm", "abroad")},
        groups["largest"].to_numpy(),
        groups["last"].to_numpy(),
        (visits["c"].to_numpy(), visits["segment"].to_numpy(), visits["b"].fill_null(-1).to_numpy()),
        n_customers,
    )
    customers = np.arange(n_customers)
    for r, columns in enumerate(parts):
        keep(customers, r, columns)
    stages.end("windows")
