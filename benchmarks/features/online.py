"""One online customer: all features at one moment, in this process. Prints one JSON line: microseconds of CPU.

The bank is a generated one of 400 customers with 18 months behind them, kept in build/: every stream of events, as the
nightly run packs them. Measured are 100 of its customers, each a thousand times; a customer's figure is the median of
ten blocks of a hundred, the bank's the median of its customers.
"""

import json
import shutil
import statistics
import time
from pathlib import Path

import numpy as np

from bank360.bank.calendar import instant
from bank360.cli.home import open_home, warehouse_of
from bank360.cli.ingest import run_ingest
from bank360.cli.runs import Bank, run_identify
from bank360.features.chunks import Room
from bank360.features.families import ALL_FEATURES
from bank360.features.feature import SpineColumn
from bank360.features.history import Histories
from bank360.features.one_customer import describing_one
from bank360.pipeline.build import packed_histories
from bank360.pipeline.generate import generate
from benchmarks.features.data import FOLDER

CUSTOMERS, MONTHS, SEED = 400, 18, 11
MEASURED, BLOCKS, CALLS = 100, 10, 100
SETTINGS = """
bank: {name: Benchmark, zone: Europe/London, currency: GBP, country: GB}
clock: data
sources:
  - {name: synthetic, kind: synthetic, folder: raw}
"""


def histories_of(folder: Path) -> tuple[Histories, int, str]:
    """Return the packed histories of the bank in ``folder`` (made if it is not there), its moment, and its zone."""
    if not folder.exists():
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
    home = open_home(folder)
    own = home.settings.bank
    with warehouse_of(home) as warehouse:
        histories = packed_histories(warehouse, own.zone, own.currency, own.country, list(ALL_FEATURES))
        return histories, instant(Bank(home, warehouse, lambda *_: None).now), own.zone


def main() -> None:
    """Measure and print."""
    histories, now, zone = histories_of(FOLDER / f"bank-{CUSTOMERS}-{MONTHS}")
    features = [one for one in ALL_FEATURES if not (isinstance(one, SpineColumn) and one.categorical)]
    packed = {name: stream.layout for name, stream in histories.streams.items()}
    describe = describing_one(features, packed, zone, {})
    columns = {one.name: 1.0 for one in features if isinstance(one, SpineColumn)}
    took, events = [], []
    for customer in np.linspace(0, histories.n_customers - 1, MEASURED).astype(int):
        of_one = histories.customer(int(customer))
        events.append(sum(stream.events for stream in of_one.streams.values()))
        one = {name: stream.partition(0, Room()) for name, stream in of_one.streams.items()}
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
                "median_us": round(statistics.median(took)),
                "p90_us": round(float(np.quantile(took, 0.9))),
                "median_events": round(statistics.median(events)),
            }
        )
    )


if __name__ == "__main__":
    main()
