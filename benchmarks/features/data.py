"""The input: seeded card transactions in order of arrival, one zstd Parquet file, written once and kept in build/.

Two years; the zone is UTC for everybody, so that no contender pays for zones. Customers differ in activity
(log-normal), merchants in popularity (a power law), as in a real ledger.
"""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

SEED = 20260701
MERCHANTS = 50_000
CHANNELS = ("pos", "online", "atm", "branch", "phone")
COUNTRIES = ("GB", "FR", "ES", "US", "DE", "IE", "IT", "PT")
DAY = 86_400_000_000
FIRST_DAY = (datetime(2023, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days
DAYS = 731
WINDOWS = (30, 90, 365)
NIGHT = (22, 23, 0, 1, 2, 3, 4, 5)
ROW_GROUP = 1_000_000
FOLDER = Path(__file__).resolve().parents[2] / "build" / "benchmarks"


def month_ends() -> npt.NDArray[np.int64]:
    """Return the 24 month ends as local midnights, in days since 1970-01-01."""
    starts = np.arange("2023-02", "2025-02", dtype="datetime64[M]")
    return starts.astype("datetime64[D]").astype(np.int64)


def customers_of(rows: int) -> int:
    """Return how many customers a file of ``rows`` transactions has: one per hundred."""
    return max(1, rows // 100)


def transactions(rows: int) -> Path:
    """Return the file of ``rows`` transactions, made if it is not there."""
    path = FOLDER / f"transactions-{rows}.parquet"
    if path.exists():
        return path
    FOLDER.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    n_customers = customers_of(rows)
    weight = rng.lognormal(0.0, 0.8, n_customers)
    share = np.cumsum(weight) / weight.sum()
    times = np.sort(rng.integers(0, DAYS * DAY // 1_000_000, rows)) * 1_000_000 + FIRST_DAY * DAY
    part = path.with_suffix(".part")
    schema = _rows(rng, times[:0], share).schema
    with pq.ParquetWriter(part, schema, compression="zstd") as writer:
        for low in range(0, rows, ROW_GROUP):
            writer.write_table(_rows(rng, times[low : low + ROW_GROUP], share))
    part.rename(path)
    return path


def _rows(rng: np.random.Generator, times: npt.NDArray[np.int64], share: npt.NDArray[np.float64]) -> pa.Table:
    n = len(times)
    channel = np.array(CHANNELS)[rng.choice(5, n, p=(0.6, 0.28, 0.08, 0.02, 0.02))]
    country = np.array(COUNTRIES)[rng.choice(8, n, p=(0.92, *[0.08 / 7] * 7))]
    return pa.table(
        {
            "customer_id": pa.array(np.searchsorted(share, rng.random(n)).astype(np.int32)),
            "ts": pa.array(times).cast(pa.timestamp("us")),
            "amount": pa.array(-np.maximum(1, rng.lognormal(7.5, 1.2, n)).astype(np.int64)),
            "merchant_id": pa.array((MERCHANTS * rng.random(n) ** 3).astype(np.int32)),
            "channel": pa.array(channel.tolist(), pa.string()),
            "country": pa.array(country.tolist(), pa.string()),
        }
    )
