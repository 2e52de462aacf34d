"""One online customer: all features at one moment, in this process. Prints one JSON line: microseconds of CPU.

The bank is a generated one of 400 customers with 18 months behind them, kept in build/: every stream of events, as the
nightly run packs them. Measured are 100 of its customers who have a year of events, `LEAST` transactions or more in the
year before that moment, each a thousand times; a customer's figure is the median of ten blocks of a hundred, the bank's
the median of its customers. Who has done next to nothing costs less, and is left out.
"""

import json
import shutil
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from bank360.bank.calendar import MICROS_PER_DAY, instant
from bank360.bank.errors import Bank360Error
from bank360.cli.home import open_home, warehouse_of
from bank360.cli.ingest import run_ingest
from bank360.cli.runs import Bank, run_identify
from bank360.features.chunks import CUSTOMERS_PER_PARTITION, Room, partitions_of
from bank360.features.families import ALL_FEATURES
from bank360.features.feature import SpineColumn
from bank360.features.history import Histories
from bank360.features.one_customer import describing_one
from bank360.features.one_history import one_history
from bank360.pipeline.build import packed_histories
from bank360.pipeline.generate import generate
from benchmarks.features.data import FOLDER

CUSTOMERS, MONTHS, SEED = 400, 18, 11
MEASURED, BLOCKS, CALLS = 100, 10, 100
LEAST = 300  # transactions in the year
SETTINGS = """
bank: {name: Benchmark, zone: Europe/London, currency: GBP, country: GB}
clock: data
sources:
  - {name: synthetic, kind: synthetic, folder: raw}
"""


def histories_of(folder: Path) -> tuple[Histories, int, str]:
    """Return the packed histories of the bank in ``folder`` (made if it is not there), its moment, and its zone."""
    if folder.exists():
        try:
            return _packed(folder)
        except Bank360Error as error:  # kept since an earlier version, whose tables lack something
            print(f"{error}\nThe benchmark's bank is made anew.", file=sys.stderr)
            shutil.rmtree(folder)
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    (part / "bank360.yaml").write_text(SETTINGS, encoding="utf-8")
    home = open_home(part)
    generate(home.raw, home.truth, CUSTOMERS, MONTHS, SEED)
    with warehouse_of(home, new=True) as warehouse:
        run_ingest(home, warehouse)
        run_identify(Bank(home, warehouse, lambda *_: None))
    part.rename(folder)
    return _packed(folder)


def _packed(folder: Path) -> tuple[Histories, int, str]:
    home = open_home(folder)
    own = home.settings.bank
    with warehouse_of(home) as warehouse:
        histories = packed_histories(warehouse, own.zone, own.currency, own.country, list(ALL_FEATURES))
        return histories, instant(Bank(home, warehouse, lambda *_: None).now), own.zone


def with_a_year(histories: Histories, now: int) -> list[int]:
    """Return up to `MEASURED` customers with `LEAST` transactions in the year before ``now``, evenly among them all."""
    transactions, room = histories.streams["transactions"], Room()
    assert transactions.layout.timed
    found = []
    for p in range(partitions_of(histories.n_customers)):
        part = transactions.partition(p, room)
        recent = (part.records[:, 0] >= now - 365 * MICROS_PER_DAY) & (part.records[:, 0] < now)
        whose = np.repeat(np.arange(len(part.starts) - 1), np.diff(part.starts))
        counts = np.bincount(whose[recent], minlength=len(part.starts) - 1)
        found += (p * CUSTOMERS_PER_PARTITION + np.flatnonzero(counts >= LEAST)).tolist()
    if not found:
        raise SystemExit(f"no customer of the benchmark's bank has {LEAST} transactions in the year")
    return [found[i] for i in np.linspace(0, len(found) - 1, min(MEASURED, len(found))).astype(int)]


def main() -> None:
    """Measure and print."""
    histories, now, zone = histories_of(FOLDER / f"bank-{CUSTOMERS}-{MONTHS}")
    features = [one for one in ALL_FEATURES if not (isinstance(one, SpineColumn) and one.categorical)]
    packed = {name: stream.layout for name, stream in histories.streams.items()}
    describe = describing_one(features, packed, zone, {})
    columns = {one.name: 1.0 for one in features if isinstance(one, SpineColumn)}
    took, events = [], []
    asked = with_a_year(histories, now)
    for customer in asked:
        of_one = histories.customer(customer)
        events.append(sum(stream.events for stream in of_one.streams.values()))
        one = one_history({name: stream.partition(0, Room()) for name, stream in of_one.streams.items()}, packed)
        describe(one, now, columns)
        blocks = []
        for _ in range(BLOCKS):
            start = time.thread_time()
            for _ in range(CALLS):
                describe(one, now, columns)
            blocks.append((time.thread_time() - start) / CALLS * 1e6)
        took.append(statistics.median(blocks))
    print(
        json.dumps(
            {
                "features": len(features),
                "customers": len(asked),
                "least": LEAST,
                "median_us": round(statistics.median(took)),
                "p90_us": round(float(np.quantile(took, 0.9))),
                "median_events": round(statistics.median(events)),
            }
        )
    )


if __name__ == "__main__":
    main()
