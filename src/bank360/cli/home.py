"""The home folder on a command line: the options that name it, and its warehouse opened for one command."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bank360.bank.errors import NotReady
from bank360.cli.typed import home_is
from bank360.home import Home, place, read_settings
from bank360.home import open_home as home_at

if TYPE_CHECKING:
    from bank360.storage.warehouse import Warehouse

__all__ = ["Home", "HomeOption", "JsonOption", "open_home", "place", "read_settings", "warehouse_of"]

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        envvar="BANK360_HOME",
        help="The bank's home folder (holds bank360.yaml). Default: this folder, or ./demo.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def open_home(path: Path | None) -> Home:
    """Return the home folder of one command, as `bank360.home.open_home` finds it; commands it tells of name it."""
    home_is(path)
    home = home_at(path)
    home_is(home.path if path is not None or home.path != Path() else None)
    return home


@contextmanager
def warehouse_of(home: Home, *, new: bool = False, read_only: bool = False) -> Iterator["Warehouse"]:
    """Open the home's warehouse for one command and close it after.

    Parameters
    ----------
    new
        Whether an empty warehouse may be made where there is none: for commands that fill it.
    read_only
        For commands that only read: several may at once.

    Raises
    ------
    NotReady
        If there is no warehouse and none may be made, another process has it open, or it was made by an earlier
        version and may not be written.
    WarehouseDamaged
        If opening it, or a statement, finds bytes that were not written: `mending.py` makes it anew.
    """
    from bank360.storage.ledger import hold_to_tables
    from bank360.storage.warehouse import open_warehouse
    from bank360.storage.warehouse_damage import damage_told

    if not new and not home.warehouse.exists():
        raise NotReady(f"The warehouse in {place(home.path)} is empty. Run 'bank360 ingest' first.")
    engine = home.settings.engine
    warehouse = open_warehouse(home.warehouse, threads=engine.threads, memory_limit=engine.memory, read_only=read_only)
    try:
        with damage_told(home.warehouse):
            hold_to_tables(warehouse, read_only=read_only)
            yield warehouse
    finally:
        warehouse.close()
