"""Generate the demonstration bank: its deliveries to ``raw``, what only the generator knows to ``truth``.

Chunks of people are drawn and written side by side; what is written depends on customers, months and seed alone. The
memory needed is that of the bank without its movements plus one chunk per thread.
"""

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bank360.pipeline.progress import Progress, silent
from bank360.sources.synthetic import delivery, parameters
from bank360.sources.synthetic.transaction_rows import CardFraud
from bank360.storage import deliveries


@dataclass(frozen=True)
class Generated:
    """What was written: delivery folders in the order in which they must be loaded, and how many rows of each table."""

    folders: tuple[Path, ...]
    rows: dict[str, int]


def generate(
    raw: Path, truth: Path, customers: int, months: int, seed: int, progress: Progress = silent, threads: int = 2
) -> Generated:
    """Write the synthetic bank; what ``raw`` and ``truth`` held before is replaced.

    Parameters
    ----------
    raw
        Folder of the deliveries, one folder below it per wave (`delivery.WAVES`).
    truth
        Folder of the truth tables; must not lie below ``raw``.
    customers
        Customers at any one time.
    threads
        Chunks worked on at once; does not change a byte.

    Raises
    ------
    ValueError
        If the bank would be too small, or ``truth`` lies below ``raw``.
    """
    if truth.resolve().is_relative_to(raw.resolve()):
        raise ValueError(f"the truth ({truth}) must not lie among the deliveries ({raw})")
    deliveries.begin(raw)
    deliveries.begin(truth)
    progress("drawing the bank", 0, 1)
    bank = delivery.draw_bank(customers, months, seed)
    rows: dict[str, int] = {}
    for wave, table, data in delivery.slow_tables(bank):
        deliveries.write_rows(deliveries.table_file(raw / wave, table, 0), data)
        rows[table] = rows.get(table, 0) + data.num_rows
    first = raw / delivery.WAVES[0]

    def write_chunk(number: int) -> tuple[int, int, CardFraud]:
        tables = delivery.chunk_tables(bank, number)
        deliveries.write_rows(deliveries.table_file(first, "transactions", number), tables.transactions)
        deliveries.write_rows(deliveries.table_file(first, "balances", number), tables.balances)
        return tables.transactions.num_rows, tables.balances.num_rows, tables.fraud

    frauds: list[CardFraud] = []
    rows["transactions"] = rows["balances"] = 0
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[tuple[int, int, CardFraud]]] = deque()
        for number in range(bank.chunks):
            waiting.append(pool.submit(write_chunk, number))
            if len(waiting) < threads and number + 1 < bank.chunks:
                continue
            while waiting and (len(waiting) >= threads or number + 1 == bank.chunks):
                transactions, balances, fraud = waiting.popleft().result()
                rows["transactions"] += transactions
                rows["balances"] += balances
                frauds.append(fraud)
                progress("writing transactions", len(frauds), bank.chunks)
    for wave, table, data in delivery.case_tables(bank, frauds):
        deliveries.write_rows(deliveries.table_file(raw / wave, table, 0), data)
        rows[table] = rows.get(table, 0) + data.num_rows
    for name, data in delivery.truth_of(bank, frauds).items():
        deliveries.write_rows(truth / f"{name}.parquet", data)
    facts = _facts(customers, months, seed)
    deliveries.finish(truth, facts)
    deliveries.finish(raw, facts)
    return Generated(tuple(raw / wave for wave in delivery.WAVES), rows)


def is_generated(raw: Path, truth: Path, customers: int, months: int, seed: int) -> bool:
    """Return whether ``raw`` and ``truth`` hold exactly this bank already, finished."""
    facts = _facts(customers, months, seed)
    return deliveries.finished(raw) == facts and deliveries.finished(truth) == facts


def _facts(customers: int, months: int, seed: int) -> dict[str, int | str]:
    """Return what a finished bank is marked with; a bank of other parameters is another bank."""
    frozen = {name: value for name, value in vars(parameters).items() if name.isupper()}
    digest = hashlib.sha256(repr(sorted(frozen.items())).encode()).hexdigest()[:16]
    return {"source": "synthetic", "customers": customers, "months": months, "seed": seed, "parameters": digest}
