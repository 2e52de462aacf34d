"""The engines that describe a whole bank, and the address in the settings by which one is chosen: `ENGINES`.

All give the same values to the last bit, for all run the same kernel. Neighbours: `described.py` says what an engine
is, `on_spark.py` is the one of a cluster.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bank360.features.history import Histories
from bank360.pipeline.described import Engine, one_machine
from bank360.pipeline.on_spark import on_spark
from bank360.storage.warehouse import Warehouse


@dataclass(frozen=True)
class BankTables:
    """What an engine reads, and what it may use.

    Parameters
    ----------
    warehouse
        With canonical tables filled and identity run.
    zone, currency, country
        The bank's own.
    histories
        Everybody's packed histories, read at the first call and the same ones at every later one.
    threads, memory
        Of this machine.
    exchange
        Folder through which machines hand tables on.
    python
        The workers' Python.
    """

    warehouse: Warehouse
    zone: str
    currency: str
    country: str
    histories: Callable[[], Histories]
    threads: int
    memory: str
    exchange: Path
    python: str


def open_engine(url: str, bank: BankTables) -> AbstractContextManager[Engine]:
    """Return the engine at an address, to be opened for one step.

    Raises
    ------
    NotReady
        On opening, if what the engine needs is not installed or does not answer.
    """
    return dict(ENGINES)[url.partition(":")[0]](url, bank)


@contextmanager
def _duckdb(url: str, bank: BankTables) -> Iterator[Engine]:
    yield one_machine(bank.warehouse, bank.zone, bank.currency, bank.country, bank.histories, bank.threads)


def _spark(url: str, bank: BankTables) -> AbstractContextManager[Engine]:
    return on_spark(
        url, bank.warehouse, bank.zone, bank.currency, bank.country, bank.exchange, bank.memory, bank.python
    )


# By the word before the first colon of an address.
ENGINES: tuple[tuple[str, Callable[[str, BankTables], AbstractContextManager[Engine]]], ...] = (
    ("duckdb", _duckdb),
    ("spark", _spark),
)
