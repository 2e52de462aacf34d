"""Run every contender in turn, several rounds, each run in a process of its own; print the table and one JSON line."""

import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import time
from typing import Any

import numpy as np

from benchmarks.features.columns import COLUMNS
from benchmarks.features.contender import CONTENDERS, UNCHECKED
from benchmarks.features.data import FOLDER, customers_of, transactions
from benchmarks.features.goals import beside_goals
from benchmarks.features.ours import BUDGET
from benchmarks.features.stages import WRITE

BY_QUERY = ("polars", "pandas", "duckdb")  # the query as a library's user states it; for DuckDB, our best SQL
BY_HAND = ("polars_by_hand", "pandas_by_hand")  # our own method in the library; relies on the file's order of time
PLAIN = ("polars_plain", "duckdb_plain")  # the query as one writes it first; two minutes a round, so only if asked for
MOST_BY_STAGE = 20_000_000  # rows; beyond, neither one more feature nor a fresh process is measured
DAYS_A_ROUND = 5  # a day is short (a quarter of a second at 100 M), and the host's speed changes
READING = """
polars, pandas: the query as a user of the library states it, window by window; the file may be in any order
duckdb: the best SQL that we could write, by segments of time; the file may be in any order
by hand: our own method written in the library; relies on the file being in order of time
plain: the query as one writes it first, a group-by of the events by month end and window"""


def environment(threads: int) -> dict[str, str]:
    """Return what every contender's process runs in: pools of ``threads`` threads, Arrow on the system's allocator.

    Arrow's own choice, mimalloc, takes its room in large pages and clears 750 MB of them while it reads this file: 0.13
    seconds of system time more than the system's allocator takes. Byte code is kept, as Python does where it is not
    told otherwise: without it a fresh process compiles the source of its libraries, two seconds of CPU.
    """
    pools = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "NUMEXPR_MAX_THREADS")
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **dict.fromkeys(pools, str(threads)), "ARROW_DEFAULT_MEMORY_POOL": "system"}


def one_run(name: str, rows: int, threads: int, *more: str) -> dict[str, Any]:
    """Return what one process printed."""
    command = [sys.executable, "-m", "benchmarks.features.contender", name, str(rows), str(threads), *more]
    done = subprocess.run(command, env=environment(threads), stdout=subprocess.PIPE, check=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def fresh_process(name: str, rows: int, threads: int) -> float:
    """Return the seconds on the clock of a whole new process: imports, warm compilation cache, no first run."""
    command = [sys.executable, "-m", "benchmarks.features.contender", "fresh", str(rows), str(threads), name]
    start = time.perf_counter()
    subprocess.run(command, env=environment(threads), check=True)
    return time.perf_counter() - start


def online() -> dict[str, int]:
    """Return what `benchmarks.features.online` printed."""
    command = [sys.executable, "-m", "benchmarks.features.online"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return found


def one_more_day(rows: int, rounds: int) -> dict[str, float]:
    """Print what a day costs beside a rebuild, in medians; return the ratio of CPU seconds, NaN if results differ."""

    def run(what: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "benchmarks.features.day", what, str(rows)]
        done = subprocess.run(command, env=environment(1), stdout=subprocess.PIPE, check=True, text=True)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    runs: dict[str, list[dict[str, Any]]] = {"rebuild": [], "day": []}
    for number in range(rounds):
        for what in ("rebuild", "base", *["day"] * DAYS_A_ROUND):
            found = run(what)  # a base each round: the rebuild has put its own in the place of the last one
            if what != "base":
                runs[what].append(found)
                print(f"round {number + 1} {what:14s} {found['cpu']:8.2f} s CPU", file=sys.stderr, flush=True)
    cpu = {what: statistics.median(one["cpu"] for one in done) for what, done in runs.items()}
    shutil.rmtree(FOLDER / "histories")
    last = runs["day"][-1]
    print(f"\none more day, {last['events']:,} events of {last['touched']:,} customers, CPU seconds:")
    for what, done in runs.items():
        stages = ", ".join(f"{stage} {seconds:.3f}" for stage, seconds in done[-1]["stages"].items())
        print(f"  {what:8s}{cpu[what]:8.3f}  peak {max(one['peak_mb'] for one in done):,.0f} MB  {stages}")
    same = all(one["same"] for one in runs["day"])
    print(f"  their latest snapshot is {'that of the rebuild, to the last bit' if same else 'NOT THAT OF THE REBUILD'}")
    print(f"  a day costs 1/{cpu['rebuild'] / cpu['day']:.0f} of a rebuild")
    return {"day_vs_rebuild": round(cpu["day"] / cpu["rebuild"], 4) if same else math.nan}


def differing(ours: list[list[float]], theirs: list[list[float]]) -> list[str]:
    """Return the columns whose checksums differ: the count of missing values exactly, sums beyond 1e-9."""
    return [
        name
        for name, a, b in zip(COLUMNS, ours, theirs, strict=True)
        if a[0] != b[0] or not np.allclose(a[1:], b[1:], rtol=1e-9, atol=0)
    ]


def summary(cpu: dict[str, float], peak_mb: float, more: dict[str, float]) -> dict[str, Any]:
    """Return the last line: how many times our CPU seconds each other contender took, our peak, and ``more``."""

    def ratios(names: tuple[str, ...]) -> dict[str, float]:
        return {f"{name}_vs_us": round(cpu[name] / cpu["ours"], 1) for name in names if name in cpu}

    floor = round(cpu["ours"] / cpu["floor"], 2)
    line = {"bench": "features", "cpu_vs_floor": floor, **ratios(BY_QUERY), "peak_mb": round(peak_mb)}
    return {**line, **more, **ratios((*BY_HAND, *PLAIN))}


def by_stage(rows: int, ours: float) -> dict[str, float]:
    """Print where our time goes; return what writing and, up to `MOST_BY_STAGE` rows, one more feature cost."""
    found = one_run("stages", rows, 1, *(["one more feature"] if rows <= MOST_BY_STAGE else []))
    stages = found["stages"]
    one_more = stages.pop("one more feature", None)
    print(
        f"\nours by stage on one thread, each part written as it comes and not kept, peak {found['peak_mb']:,.0f} MB:"
    )
    for stage, seconds in stages.items():
        print(f"  {stage:36s}{seconds:6.2f} s")
    more = {"write_s": round(stages[WRITE], 2)}
    if one_more is None:
        return more
    print(f"one more feature on the amount: {1000 * one_more:.0f} ms, {one_more / ours:.1%} of the run")
    return {**more, "one_more_feature": round(one_more / ours, 3)}


def little_memory(rows: int, rounds: int, threads: int, ours: float) -> dict[str, float]:
    """Print and return what it costs to hold next to no packed events in memory."""
    runs = [one_run("little", rows, threads) for _ in range(rounds)]
    cpu, own = statistics.median(run["cpu"] for run in runs), max(run["own_mb"] for run in runs)
    peak = max(run["peak_mb"] for run in runs)
    print(
        f"packed events beyond {BUDGET // 10**6} MB in a file: {cpu / ours:.2f} of our CPU, peak {peak:,.0f} MB, of it "
        f"at most {own:,.0f} MB that no file backs"
    )
    return {"little_memory_vs_us": round(cpu / ours, 2), "little_memory_mb": round(own)}


def others_of(names: list[str], rows: int, rounds: int, threads: int, ours: float) -> dict[str, float]:
    """Print where our time goes, what one online customer and a fresh process cost; return it."""
    more = by_stage(rows, ours)
    if "polars" in names and rows <= MOST_BY_STAGE:
        walls: dict[str, list[float]] = {"ours": [], "polars": []}
        for _ in range(rounds):
            for name, seconds in walls.items():
                seconds.append(fresh_process(name, rows, threads))
        us, them = (statistics.median(seconds) for seconds in walls.values())
        print(f"a fresh process, imports and all, on the clock: {us:.2f} s, Polars {them:.2f} s")
        more["fresh_process_vs_polars"] = round(us / them, 2)
    one = online()
    print(
        f"one online customer, {one['features']} features, of {one['customers']} with {one['least']} transactions in "
        f"the year or more (half have {one['median_events']} events in all): {one['median_us']} microseconds of CPU, "
        f"one in ten over {one['p90_us']}"
    )
    return {**more, "online_us": one["median_us"], "online_p90_us": one["p90_us"]}


def main() -> int:
    """Run the benchmark; exit code 1 if two results differ, those of a day and of a rebuild among them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.features", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="transactions; customers are a hundredth")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each contender, in alternation")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", nargs="*", choices=CONTENDERS, help="these, beside the floor and ours")
    parser.add_argument("--plain", action="store_true", help="Polars and DuckDB also as one writes the query first")
    options = parser.parse_args()
    asked = [n for n in CONTENDERS if n not in PLAIN] if options.only is None else [*UNCHECKED, *options.only]
    names = [n for n in CONTENDERS if n in asked or (options.plain and n in PLAIN)]
    transactions(options.rows)
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for number in range(options.rounds):
        for name in names:
            runs[name].append(one_run(name, options.rows, options.threads))
            print(f"round {number + 1} {name:14s} {runs[name][-1]['cpu']:8.2f} s CPU", file=sys.stderr, flush=True)
    cpu = {name: statistics.median(run["cpu"] for run in runs[name]) for name in names}
    wrong = {
        name: columns
        for name in names
        if name not in UNCHECKED and (columns := differing(runs["ours"][0]["sums"], runs[name][0]["sums"]))
    }
    print(
        f"{options.rows:,} transactions, {customers_of(options.rows):,} customers, 24 month ends, 31 columns, ", end=""
    )
    print(f"{options.threads} threads; medians of {options.rounds} runs, CPU seconds (user + system)\n")
    print(f"{'':14s}{'CPU s':>8s}{'x ours':>8s}{'peak MB':>9s}  by stage")
    for name in names:
        peak = max(run["peak_mb"] for run in runs[name])
        stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in runs[name][0]["stages"].items())
        print(f"{name:14s}{cpu[name]:8.2f}{cpu[name] / cpu['ours']:8.2f}{peak:9.0f}  {stages}")
    print(READING)
    more = others_of(names, options.rows, options.rounds, options.threads, cpu["ours"])
    more |= one_more_day(options.rows, options.rounds)
    more |= little_memory(options.rows, options.rounds, options.threads, cpu["ours"])
    print("\nNot counted for anybody: imports, a first run on 50,000 rows, the checksums.")
    print("Checksums of all 31 columns are equal." if not wrong else f"CHECKSUMS DIFFER: {wrong}")
    line = summary(cpu, max(run["peak_mb"] for run in runs["ours"]), more)
    print(
        "\n" + "\n".join(beside_goals({name: found for name, found in line.items() if name != "bench"}, options.rows))
    )
    print(json.dumps(line))
    return 1 if wrong or math.isnan(more["day_vs_rebuild"]) else 0


if __name__ == "__main__":
    sys.exit(main())
