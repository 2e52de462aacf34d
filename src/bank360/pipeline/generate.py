"""Generate the demonstration bank: its deliveries to ``raw``, what only the generator knows to ``truth``.

District by district (`sources/synthetic/districts.py`): one is drawn, written and forgotten before the next is drawn.
Within it, chunks of people are drawn and written side by side. What is written depends on customers, months, seed and
the size of districts alone. The memory needed is that of one district without its movements plus one chunk per thread.
"""

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from bank360.pipeline.progress import Progress, silent
from bank360.sources.synthetic import delivery, parameters
from bank360.sources.synthetic.districts import District, Taken, district_seed, sizes
from bank360.sources.synthetic.numbering import chunk_number
from bank360.sources.synthetic.transaction_rows import CardFraud
from bank360.storage import deliveries

_CUT = "DISTRICT_CUSTOMERS"
Chunk = tuple[int, int, CardFraud]  # rows of transactions and of balances written, and the fraud among them


@dataclass(frozen=True)
class Generated:
    """What was written: delivery folders in the order in which they must be loaded, and how many rows of each table."""

    folders: tuple[Path, ...]
    rows: dict[str, int]


def generate(
    raw: Path,
    truth: Path,
    customers: int,
    months: int,
    seed: int,
    progress: Progress = silent,
    threads: int = 2,
    district: int = parameters.DISTRICT_CUSTOMERS,
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
    district
        Customers of the largest district that is drawn at once.

    Raises
    ------
    ValueError
        If the bank or its districts would be too small, or ``truth`` lies below ``raw``.
    """
    if truth.resolve().is_relative_to(raw.resolve()):
        raise ValueError(f"the truth ({truth}) must not lie among the deliveries ({raw})")
    parts = sizes(customers, district)
    deliveries.begin(raw)
    deliveries.begin(truth)
    rows: Counter[str] = Counter()
    taken, chunks = Taken(), sum(delivery.chunks_of(size, months) for size in parts)

    def report(done: int) -> None:
        progress("writing transactions", done, chunks)

    progress("drawing the bank", 0, 1)
    with _truth_files(truth) as add_truth, ThreadPoolExecutor(threads) as pool:
        for number, size in enumerate(parts):
            one = District(number, size, district_seed(seed, number), taken)
            taken += _write_district(one, months, raw, add_truth, rows, report, pool, threads)
            pa.default_memory_pool().release_unused()
    facts = _facts(customers, months, seed, district)
    deliveries.finish(truth, facts)
    deliveries.finish(raw, facts)
    return Generated(tuple(raw / wave for wave in delivery.WAVES), dict(rows))


def is_generated(
    raw: Path, truth: Path, customers: int, months: int, seed: int, district: int = parameters.DISTRICT_CUSTOMERS
) -> bool:
    """Return whether ``raw`` and ``truth`` hold exactly this bank already, finished."""
    facts = _facts(customers, months, seed, district)
    return deliveries.finished(raw) == facts and deliveries.finished(truth) == facts


def _write_district(
    district: District,
    months: int,
    raw: Path,
    add_truth: Callable[[str, pa.Table], None],
    rows: Counter[str],
    report: Callable[[int], None],
    pool: ThreadPoolExecutor,
    threads: int,
) -> Taken:
    """Draw and write one district, and return what numbers it has taken; nothing of it is held afterwards.

    Parameters
    ----------
    rows
        How many rows of each table were written; those of the district are added.
    report
        Called with the bank's chunks written so far.
    pool, threads
        Who helps with the chunks, and how many work on them, the caller included.
    """

    def write(wave: str, table: str, number: int, data: pa.Table) -> None:
        deliveries.write_rows(deliveries.table_file(raw / wave, table, number), data)

    def write_chunk(number: int) -> Chunk:
        tables = delivery.chunk_tables(part, number)
        file = chunk_number(district, number)
        write(delivery.WAVES[0], "transactions", file, tables.transactions)
        write(delivery.WAVES[0], "balances", file, tables.balances)
        return tables.transactions.num_rows, tables.balances.num_rows, tables.fraud

    drawn = delivery.draw_part(district, months)
    for wave, table, data in delivery.slow_tables(drawn):
        write(wave, table, district.number, data)
        rows[table] += data.num_rows
    part = delivery.without_month_ends(drawn)
    del drawn
    written = _shared_out(part.chunks, write_chunk, pool, threads, lambda done: report(chunk_number(district, done)))
    rows["transactions"] += sum(transactions for transactions, _, _ in written)
    rows["balances"] += sum(balances for _, balances, _ in written)
    frauds = [fraud for _, _, fraud in written]
    tables, taken = delivery.last_tables(part, frauds)
    for wave, table, data in tables:
        write(wave, table, district.number, data)
        rows[table] += data.num_rows
    for name, data in delivery.truth_tables(part, frauds):
        add_truth(name, data)
    return taken


def _shared_out(
    count: int, work: Callable[[int], Chunk], pool: ThreadPoolExecutor, threads: int, report: Callable[[int], None]
) -> list[Chunk]:
    """Return what ``work`` gives for 0 to ``count - 1``, in order; whoever of ``threads`` is free takes the next.

    The caller is one of them. An allocator keeps for a thread what that thread has freed: what drawing needed for a
    while serves the caller's chunks, and the next district. With chunks left to helpers alone a bank took 130 MB more;
    with drawing left to them, each helper came to keep a district's memory in turn.
    """
    done: dict[int, Chunk] = {}
    left = deque(range(count))

    def take(tell: bool) -> None:
        while True:
            try:
                number = left.popleft()
            except IndexError:
                return
            done[number] = work(number)
            if tell:
                report(len(done))

    helping = [pool.submit(take, False) for _ in range(threads - 1)]
    try:
        take(True)
    finally:
        left.clear()  # where the caller failed or was stopped, nobody begins another
    told = len(done)
    for each in helping:
        each.result()
    if told < count:
        report(count)
    return [done[number] for number in range(count)]


@contextmanager
def _truth_files(truth: Path) -> Iterator[Callable[[str, pa.Table], None]]:
    """Lend a function that adds rows to a truth table by name; each is one file, however many districts there are."""
    with ExitStack() as files:
        adding: dict[str, Callable[[pa.Table], None]] = {}

        def add(name: str, data: pa.Table) -> None:
            if name not in adding:
                adding[name] = files.enter_context(deliveries.growing_file(truth / f"{name}.parquet"))
            adding[name](data)

        yield add


def _facts(customers: int, months: int, seed: int, district: int) -> dict[str, int | str]:
    """Return what a finished bank is marked with; a bank of other parameters or districts is another bank."""
    frozen = {name: value for name, value in vars(parameters).items() if name.isupper() and name != _CUT}
    digest = hashlib.sha256(repr(sorted(frozen.items())).encode()).hexdigest()[:16]
    bank: dict[str, int | str] = {"source": "synthetic", "customers": customers, "months": months, "seed": seed}
    # How a bank is cut says nothing of one that is not.
    cut: dict[str, int | str] = {"district": district} if district < customers else {}
    return bank | {"parameters": digest} | cut
