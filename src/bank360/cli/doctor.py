"""``bank360 doctor``: what this machine offers and whether it is enough."""

import json as json_text
import platform
import shutil
from importlib.metadata import version
from pathlib import Path

import typer

from bank360.cli.home import HomeOption, JsonOption

LIBRARIES = ("duckdb", "lightgbm", "numba", "numpy", "pandas", "pyarrow", "scikit-learn", "splink")
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
    facts = {
        "python": platform.python_version(),
        **{library: version(library) for library in LIBRARIES},
        "free_gb": round(free / 1e9, 1),
    }
    problems = []
    if free < FREE_BYTES_NEEDED:
        problems.append(f"Only {free / 1e9:.1f} GB of disk are free; the demonstration bank needs 6. Free some.")
    if json:
        typer.echo(json_text.dumps({"facts": facts, "problems": problems}))
    else:
        for name, value in facts.items():
            typer.echo(f"{name:<14}{value}")
        for problem in problems or ["Nothing needs mending."]:
            typer.echo(problem)
    raise typer.Exit(1 if problems else 0)
