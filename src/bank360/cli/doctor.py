"""``bank360 doctor``: whether this machine is enough, and the state of a home folder. It only looks."""

import ctypes
import json as json_text
import platform
import shutil
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import typer

from bank360.bank.counted import counted
from bank360.bank.errors import Bank360Error, NotReady, SettingsError
from bank360.cli.home import Home, HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.typed import command, made_whole
from bank360.cli.unsettled import unsettled

LIBRARIES = ("duckdb", "lightgbm", "numba", "numpy", "pyarrow", "scipy", "splink", "sqlalchemy")
OPENMP = "libgomp.so.1"
_BY_MAPPING = ("mappings", "warehouse")  # are read by the mappings of the settings
FREE_BYTES_NEEDED = 6 * 10**9


def doctor(home: HomeOption = None, json: JsonOption = False) -> None:
    """Tell whether this machine and a home folder are sound.

    Versions, free disk, settings, warehouse, deliveries and models; exit code 1 if something needs mending.

    Example: bank360 doctor --json
    """
    folder = home or Path()
    if not folder.exists():
        folder = Path()
    free = shutil.disk_usage(folder).free
    facts: dict[str, str | float] = {
        "python": platform.python_version(),
        **{library: version(library) for library in LIBRARIES},
        "sqlite": _sqlite_version(),
        "free_gb": round(free / 1e9, 1),
    }
    problems = []
    if free < FREE_BYTES_NEEDED:
        problems.append(f"Only {free / 1e9:.1f} GB of disk are free; the demonstration bank needs 6. Free some.")
    problems += _openmp_problems()
    found, troubles = _state(home)
    facts |= found
    problems += troubles
    if json:
        typer.echo(json_text.dumps({"facts": facts, "problems": problems}))
    else:
        for name, value in facts.items():
            typer.echo(f"{name:<16}{value}")
        for problem in problems or ["Nothing needs mending."]:
            typer.echo(made_whole(problem))
    raise typer.Exit(1 if problems else 0)


def _openmp_problems() -> list[str]:
    """Return a problem where the OpenMP library is missing, which LightGBM's Linux wheel does not bring."""
    if sys.platform != "linux":
        return []
    try:
        ctypes.CDLL(OPENMP)
    except OSError:
        return [f"LightGBM needs {OPENMP}, which is not installed. Install it (Debian, Ubuntu: apt install libgomp1)."]
    return []


def _sqlite_version() -> str:
    """Return the SQLite under Python, and how the store guards against the fault of old ones."""
    from bank360.storage.store.sqlite_version import WAL_RESET_FIXED, sqlite_version

    found = sqlite_version()
    said = ".".join(map(str, found))
    fixed = ".".join(map(str, WAL_RESET_FIXED))
    return said if found >= WAL_RESET_FIXED else f"{said} (before {fixed}: the store's one lock keeps its fault out)"


def _state(path: Path | None) -> tuple[dict[str, str | float], list[str]]:
    """Return what is known of a home folder, and what is wrong with it; no home is no problem unless it was named."""
    try:
        home = open_home(path)
    except NotReady as error:
        return {"home": "none"}, [] if path is None else [str(error)]
    except Bank360Error as error:
        return {"home": str(path or "found")}, [str(error)]
    facts: dict[str, str | float] = {"home": str(home.path), "settings": "valid"}
    problems = unsettled(home.settings.sources)
    readers: tuple[tuple[str, Callable[[Home], str | tuple[str, list[str]]]], ...] = (
        ("mappings", _mappings),
        ("warehouse", _warehouse),
        ("histories", _histories),
        ("deliveries", _deliveries),
        ("models", _models),
        ("store", _store),
    )
    for name, read in readers:
        try:
            said = read(home)
            facts[name], found = (said, []) if isinstance(said, str) else said
            problems += found
        except NotReady as error:  # in use by another process: as it should be
            facts[name] = str(error)
        except SettingsError as error:
            why = "a mapping is wrong" if name in _BY_MAPPING else "a setting is missing or wrong"
            facts[name] = f"not looked at, for {why}"
            problems.append(str(error))
        except Bank360Error as error:
            facts[name] = "cannot be read"
            problems.append(str(error))
    return facts, list(dict.fromkeys(problems))


def _mappings(home: Home) -> tuple[str, list[str]]:
    """Return whether the files in each source's folder have the columns that its mapping names, and which do not."""
    from bank360.cli.readings import unfit

    entries = home.settings.sources
    faults = [fault for entry in entries for fault in unfit(home, entry)]
    said = f"do not fit their files ({counted(len(faults), 'fault')})" if faults else "fit the files that are there"
    return said, faults


def _warehouse(home: Home) -> tuple[str, list[str]]:
    """Return how far its data reaches, and where it does not hold what was received as bank360.yaml reads it."""
    from bank360.cli.readings import changes, said_of, waiting
    from bank360.pipeline.pending import not_loaded
    from bank360.storage.landing import Landing
    from bank360.storage.ledger import last_known_time

    zone = Landing(home.landing)
    if not home.warehouse.exists():
        return f"not there yet; '{command('ingest')}' makes it", waiting(zone.deliveries())
    with warehouse_of(home, read_only=True) as warehouse:
        last = last_known_time(warehouse)
        problems = [*waiting(not_loaded(zone, warehouse)), *said_of(changes(home, warehouse))]
    return "empty" if last is None else f"readable, data known up to {last:%Y-%m-%d %H:%M} UTC", problems


def _histories(home: Home) -> str:
    """Return what is kept of packed histories, and whether it is what was written; all of it is read."""
    from bank360.storage.kept_histories import intact, open_kept

    if not home.histories.exists():
        return "none kept yet; the next night packs and keeps them"
    kept = open_kept(home.histories)
    if kept is None or not intact(home.histories, kept):
        return "not whole any more; the next night packs them anew"
    layers = max(map(len, kept.streams.values()), default=0)
    return f"whole, of {counted(kept.n_customers, 'customer')}, in {counted(layers, 'layer')}"


def _deliveries(home: Home) -> str:
    from bank360.storage.landing import Landing

    landing = Landing(home.landing)
    return f"{len(landing.deliveries())} received, {len(landing.refusals())} refused"


def _models(home: Home) -> str:
    from bank360.storage.registry import Registry

    registry = Registry(home.registry)
    told = [
        f"{name} (versions: {len(registry.versions(name))}, "
        f"{'with' if 'champion' in registry.aliases(name) else 'no'} champion)"
        for name in registry.models()
    ]
    return ", ".join(told) or "none registered"


def _store(home: Home) -> str:
    from bank360.cli.store import STORE_FILE, log_of
    from bank360.storage.decision_log import log_head

    if home.settings.store.url is None and not (home.path / STORE_FILE).exists():
        return f"not there yet; '{command('user add NAME --role viewer')}' makes it"
    with log_of(home) as log, log.store.reading() as connection:
        return f"readable, {counted(log_head(connection).sequence, 'record')} in the log"
