"""A bank's home folder as the command line sees it: where everything is, and its settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bank360.bank.errors import NotReady, SettingsError

if TYPE_CHECKING:
    from bank360.settings import Settings
    from bank360.storage.warehouse import Warehouse

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


@dataclass(frozen=True)
class Home:
    """A bank's home folder and its settings; the paths below it are spelled only here."""

    path: Path
    settings: "Settings"

    @property
    def raw(self) -> Path:
        """Deliveries as received from the bank's systems."""
        return self.path / "raw"

    @property
    def landing(self) -> Path:
        """Append-only, content-addressed copies of what was received."""
        return self.path / "landing"

    @property
    def warehouse(self) -> Path:
        """The warehouse file; derived, may be thrown away."""
        return self.path / "warehouse.duckdb"

    @property
    def registry(self) -> Path:
        """Model versions."""
        return self.path / "registry"

    @property
    def truth(self) -> Path:
        """What the synthetic bank knows about itself; only its check and the oracle read it."""
        return self.path / "truth"


def open_home(path: Path | None) -> Home:
    """Return the home folder asked for, or this folder, or ``./demo``, whichever holds a bank360.yaml.

    Raises
    ------
    NotReady
        If no folder with a bank360.yaml is found.
    SettingsError
        If its bank360.yaml is wrong.
    """
    from bank360.settings import FILE_NAME

    candidates = (path,) if path is not None else (Path(), Path("demo"))
    for folder in candidates:
        if (folder / FILE_NAME).exists():
            return Home(folder, read_settings(folder))
    where = str(path) if path is not None else "this folder"
    raise NotReady(f"No {FILE_NAME} in {where}. Run 'bank360 init {path or 'my-bank'}' or 'make demo' first.")


def read_settings(folder: Path) -> "Settings":
    """Return the settings in ``folder``; SettingsError names the key at fault in one line."""
    from pydantic import ValidationError

    from bank360.settings import FILE_NAME, load_settings

    try:
        return load_settings(folder)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_url=False, include_context=False, include_input=False)
        )
        raise SettingsError(f"{folder / FILE_NAME}: {faults}. Mend it there (or the BANK360_* variable).") from error
    except ValueError as error:
        raise SettingsError(str(error)) from error


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
        If there is no warehouse and none may be made, or another process has it open.
    """
    from bank360.storage.warehouse import open_warehouse

    if not new and not home.warehouse.exists():
        raise NotReady(f"The warehouse in {home.path} is empty. Run 'bank360 ingest' first.")
    engine = home.settings.engine
    warehouse = open_warehouse(home.warehouse, threads=engine.threads, memory_limit=engine.memory, read_only=read_only)
    try:
        if warehouse.was_quarantined:
            _filled_again(home, warehouse)
        yield warehouse
    finally:
        warehouse.close()


def _filled_again(home: Home, warehouse: "Warehouse") -> None:
    """Fill the warehouse that took a damaged one's place from the landing zone; later steps find nothing done."""
    from bank360.cli.progress import progress_bar
    from bank360.cli.sources import source_of_delivery
    from bank360.pipeline.ingest import complete_pending

    typer.echo(f"bank360: {home.warehouse} was damaged and is set aside; filling a new one from landing.", err=True)
    with progress_bar() as report:
        complete_pending(home.landing, warehouse, source_of_delivery, report)
