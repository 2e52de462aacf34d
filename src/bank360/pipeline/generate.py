"""Generate the demonstration bank: its deliveries to ``raw``, what only the generator knows to ``truth``.

District by district (`sources/synthetic/districts.py`): one is drawn, written and forgotten before the next is drawn.
Within it, chunks of people are drawn and written side by side. What is written depends on customers, months, seed and
the size of districts alone. The memory needed is that of one district without its movements plus one chunk per thread.
"""

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
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
    with _truth_files(truth) as add_truth:
        for number, size in enumerate(parts):
            one = District(number, size, district_seed(seed, number), taken)
            taken += _write_district(one, months, raw, add_truth, rows, report, threads)
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
    threads: int,
) -> Taken:
    """Draw and write one district, and return what numbers it has taken; nothing of it is held afterwards.

    Parameters
    ----------
    rows
        How many rows of each table were written; those of the district are added.
    report
        Called with the bank's chunks written so far.
    """
    part = delivery.draw_part(district, months)

    def write(wave: str, table: str, number: int, data: pa.Table) -> None:
        deliveries.write_rows(deliveries.table_file(raw / wave, table, number), data)

    def write_chunk(number: int) -> tuple[int, int, CardFraud]:
        tables = delivery.chunk_tables(part, number)
        file = chunk_number(district, number)
        write(delivery.WAVES[0], "transactions", file, tables.transactions)
        write(delivery.WAVES[0], "balances", file, tables.balances)
        return tables.transactions.num_rows, tables.balances.num_rows, tables.fraud

    for wave, table, data in delivery.slow_tables(part):
        write(wave, table, district.number, data)
        rows[table] += data.num_rows
    frauds: list[CardFraud] = []
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[tuple[int, int, CardFraud]]] = deque()
        for number in range(part.chunks):
            waiting.append(pool.submit(write_chunk, number))
            if len(waiting) < threads and number + 1 < part.chunks:
                continue
            while waiting and (len(waiting) >= threads or number + 1 == part.chunks):
                transactions, balances, fraud = waiting.popleft().result()
                rows["transactions"] += transactions
                rows["balances"] += balances
                frauds.append(fraud)
                report(chunk_number(district, len(frauds)))
    tables, taken = delivery.last_tables(part, frauds)
    for wave, table, data in tables:
        write(wave, table, district.number, data)
        rows[table] += data.num_rows
    for name, data in delivery.truth_tables(part, frauds):
        add_truth(name, data)
    return taken


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
