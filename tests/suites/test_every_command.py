"""Laws of every verb: it has an example in its help, and asking for help imports nothing heavy."""

import subprocess
import sys

import pytest
import typer

from bank360.cli.main import app

HEAVY = {"numpy", "pandas", "pyarrow", "duckdb", "sklearn", "scipy", "numba", "lightgbm", "splink", "pydantic"}


def verbs(group: typer.Typer, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str]]:
    found = [
        ((*path, str(c.name)), (c.callback.__doc__ if c.callback else "") or "") for c in group.registered_commands
    ]
    for sub in group.registered_groups:
        if sub.typer_instance is not None:
            found += verbs(sub.typer_instance, (*path, str(sub.name)))
    return found


VERBS = verbs(app)


@pytest.mark.parametrize(("path", "doc"), VERBS, ids=[" ".join(path) for path, _ in VERBS])
def test_help_shows_an_example_of_this_very_verb(path: tuple[str, ...], doc: str) -> None:
    assert f"Example: bank360 {' '.join(path)}" in " ".join(doc.split())


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from bank360.cli import main\n"
        "sys.argv = ['bank360', '--help']\n"
        "try:\n    main.main()\nexcept SystemExit as end:\n    assert end.code in (0, None), end.code\n"
        f"heavy = sorted({HEAVY!r} & set(sys.modules))\n"
        "assert not heavy, heavy\n"
    )
    run = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
