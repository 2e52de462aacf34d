"""Laws of every verb: an example in its help, no message that names an unknown verb, and help that imports nothing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from bank360.cli.main import app

SOURCE = Path(__file__).parents[2] / "src" / "bank360"
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


def test_messages_send_a_user_only_to_verbs_that_exist() -> None:
    known = {path for path, _ in VERBS}
    groups = {path[0] for path in known if len(path) > 1}
    named = set()
    for file in SOURCE.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        told = re.findall(r"(?:Run|run|and|then|or) 'bank360 ([a-z]+)(?: ([a-z]+))?", text)
        told += [(verb, "") for verb in re.findall(r'\.require\("\w+", "(\w+)"\)', text)]
        named |= {(verb, sub) if verb in groups else (verb,) for verb, sub in told}
    assert len(named) > 5
    assert not named - known


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


def test_the_list_of_verbs_shows_every_summary_whole() -> None:
    """In a terminal of 80 columns; a first sentence that is longer is cut with dots."""
    words = {" ".join(path): " ".join(doc.strip().split("\n\n")[0].split()) for path, doc in VERBS}
    cut = {path: first for path, first in words.items() if len(first) > 60}
    assert not cut
