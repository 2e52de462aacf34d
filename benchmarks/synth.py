"""How fast the synthetic bank is written, and in how much memory: ``python -m benchmarks.synth --customers 5000``.

The whole generation counts, from drawing people to the last file; the last line is JSON.
"""

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from bank360.pipeline.generate import generate


def summary(transactions: int, seconds: float, cpu: float, customers: int, peak_mb: float) -> dict[str, Any]:
    """Return the last line: transactions by second on the clock and by CPU second, and the peak.

    >>> summary(1_000, 0.5, 1.0, 25, 10.4)["transactions_per_second"]
    2000
    """
    return {
        "bench": "synth",
        "transactions_per_second": round(transactions / seconds),
        "transactions_per_cpu_second": round(transactions / cpu),
        "customers": customers,
        "peak_mb": round(peak_mb),
    }


def main() -> None:
    """Generate one bank into a folder that is removed after, and print what it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synth", description=__doc__)
    parser.add_argument("--customers", type=int, default=25_000)
    parser.add_argument("--months", type=int, default=60)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        began, began_cpu = time.perf_counter(), time.process_time()
        folder = Path(name)
        made = generate(
            folder / "raw",
            folder / "truth",
            options.customers,
            options.months,
            options.seed,
            threads=options.threads,
        )
        seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    transactions = made.rows["transactions"]
    print(f"{transactions:,} transactions of {options.customers:,} customers in {seconds:.1f} s, {cpu:.1f} s of CPU")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(summary(transactions, seconds, cpu, options.customers, peak)))


if __name__ == "__main__":
    main()
