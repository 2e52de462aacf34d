"""Laws of every verb: an example in its help, documents and messages that tell of it as it is, help without imports,
and no text of a bank or of a file read as markup of the terminal.

What documents tell a user to type is parsed by the very parser, not run: `tests/cli` runs each verb.
"""

import ast
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from bank360.cli.main import app

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "bank360"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
HEAVY = {
    "numpy", "pandas", "pyarrow", "duckdb", "sklearn", "scipy", "numba", "lightgbm", "splink", "pydantic", "sqlalchemy",
    "alembic", "argon2", "faker", "yaml", "rich.console", "fastapi", "streamlit",
}  # fmt: skip


def verbs(group: typer.Typer, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str]]:
    found = [
        ((*path, str(c.name)), (c.callback.__doc__ if c.callback else "") or "") for c in group.registered_commands
    ]
    for sub in group.registered_groups:
        if sub.typer_instance is not None:
            found += verbs(sub.typer_instance, (*path, str(sub.name)))
    return found


def groups(group: typer.Typer) -> list[tuple[str, ...]]:
    return [(str(sub.name),) for sub in group.registered_groups]


VERBS = verbs(app)


@pytest.mark.parametrize(("path", "doc"), VERBS, ids=[" ".join(path) for path, _ in VERBS])
def test_help_shows_an_example_of_this_very_verb(path: tuple[str, ...], doc: str) -> None:
    assert f"Example: bank360 {' '.join(path)}" in " ".join(doc.split())


def told(text: str) -> list[tuple[str, bool]]:
    """Return what a text tells to type, and whether it is a whole command (a line of a block) or names one (prose)."""
    block = r"^```(.*?)\n(.*?)^```"
    found = []
    for language, lines in re.findall(block, text, re.DOTALL | re.MULTILINE):
        start = r"(?:^|^\$ |\.venv/bin/)" if language == "sh" else r"(?:^\$ |\.venv/bin/)"
        typed = re.findall(rf"{start}(bank360 .+?|make [a-z-]+)(?:\s{{3,}}|\s+#|$)", lines, re.MULTILINE)
        found += [(line, True) for line in typed]
    prose = re.sub(block, "", text, flags=re.DOTALL | re.MULTILINE)
    named = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)]
    return found + [(span, False) for span in named if re.match(r"bank360 [a-z]|make [a-z-]+$", span)]


TOLD = sorted(
    {(path.relative_to(ROOT).as_posix(), *one) for path in DOCUMENTS for one in told(path.read_text(encoding="utf-8"))}
)
EXAMPLES = [
    (" ".join(path), line, True)
    for path, doc in VERBS
    for line in re.findall(r"Example: (bank360 .+)", re.sub(r"\n +", " ", doc))
]


def parse(line: str, whole: bool) -> None:
    """Parse a command as the command line does, without running it; prose may leave its arguments out."""
    words = shlex.split(line)[1:]
    command, name = typer.main.get_command(app), "bank360"
    while words and hasattr(command, "commands"):
        name, *words = words
        assert name in command.commands, f"there is no verb '{name}'"
        command = command.commands[name]
    if whole or words:
        command.make_context(name, words)


@pytest.mark.parametrize(("where", "line", "whole"), [*TOLD, *EXAMPLES])
def test_what_a_document_or_an_example_tells_to_type_exists_with_its_options(
    where: str, line: str, whole: bool
) -> None:
    if line.startswith("make "):
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        assert line.split()[1] in targets
    else:
        parse(line, whole)


def test_documents_tell_to_type_something() -> None:
    assert {"README.md", "CONTRIBUTING.md", "docs/how-to/map-your-own-files.md"} <= {where for where, *_ in TOLD}
    assert len(EXAMPLES) == len(VERBS)


@pytest.mark.parametrize(
    "line", ["bank360 resolve", "bank360 profile list --colour", "bank360 explain", "bank360 build 7"]
)
def test_a_verb_an_option_or_an_argument_that_is_not_there_is_noticed(line: str) -> None:
    with pytest.raises((AssertionError, typer.TyperException)):
        parse(line, whole=True)


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


def test_no_help_of_any_verb_imports_anything_heavy() -> None:
    """All in one process, each verb's after the one before, so that the first to import something heavy is named."""
    program = (
        "import io, sys, contextlib\n"
        "from bank360.cli import main\n"
        f"for path in {[(), *groups(app), *(path for path, _ in VERBS)]!r}:\n"
        "    sys.argv, said = ['bank360', *path, '--help'], io.StringIO()\n"
        "    try:\n"
        "        with contextlib.redirect_stdout(said):\n"
        "            main.main()\n"
        "    except SystemExit as end:\n"
        "        assert end.code in (0, None), end.code\n"
        "    assert 'Usage: ' + ' '.join(['bank360', *path]) in said.getvalue(), path\n"
        f"    heavy = sorted({HEAVY!r} & set(sys.modules))\n"
        "    assert not heavy, (path, heavy)\n"
    )
    run = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_the_list_of_verbs_shows_every_summary_whole() -> None:
    """In a terminal of 80 columns; a first sentence that is longer is cut with dots."""
    words = {" ".join(path): " ".join(doc.strip().split("\n\n")[0].split()) for path, doc in VERBS}
    cut = {path: first for path, first in words.items() if len(first) > 60}
    assert not cut


def read_as_markup(tree: ast.Module) -> list[str]:
    """Return what is handed to Rich as text to be parsed: not a literal, a `Text` or something drawn.

    Rich takes "[red]" and ":smile:" in a plain str for orders, and drops "[1]" from a name.
    """
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            drawn = node.func.attr in ("print", "rule")
            if drawn or node.func.attr == "add_row":
                found += [ast.unparse(each) for each in node.args if not _literal(each) and not _text(each, drawn)]
    return found


def _literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


def _text(node: ast.expr, drawn: bool) -> bool:
    said = ast.unparse(node)
    return said.startswith(("Text(", "Text.assemble(", "*map(Text, ")) or (drawn and isinstance(node, ast.Name))


PRINTING = sorted(path for path in (SOURCE / "cli").glob("*.py") if "rich" in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PRINTING, ids=lambda path: path.name)
def test_no_text_is_read_as_markup(path: Path) -> None:
    assert read_as_markup(ast.parse(path.read_text(encoding="utf-8"))) == []


def test_the_law_sees_text_that_is_read_as_markup() -> None:
    code = (
        "table.add_row(name, Text(name), '', *map(Text, cells)); to.print(f'{name}'); to.print(table); to.rule(a + b)"
    )
    assert sorted(read_as_markup(ast.parse(code))) == ["a + b", "f'{name}'", "name"]
