"""What the command line tells a user to type: every command made whole, so that it runs as it is copied.

Layers below know no home folder and write ``'bank360 ingest'``; here the home that was asked for is added, wherever the
verb takes one. `open_home` in `home.py` says which home that is.
"""

import re
from contextvars import ContextVar
from pathlib import Path
from textwrap import wrap

import typer

from bank360.home import typeable

_HOME: ContextVar[Path | None] = ContextVar("home", default=None)
_TOLD = re.compile(r"'bank360 ([^']+)'")
_NO_BREAK = "\0"  # for a space at which no line ends; no message has it


def home_is(path: Path | None) -> None:
    """Note the home folder that the command at work was given; None for none, and then none is added."""
    _HOME.set(path)


def command(words: str) -> str:
    """Return a command as it is to be typed, with ``--home`` where its verb takes one and a home was given.

    >>> home_is(Path("my bank"))
    >>> command("ingest"), command("init other"), command("ingest --home x")
    ('bank360 ingest --home "my bank"', 'bank360 init other', 'bank360 ingest --home x')
    >>> home_is(None)
    >>> command("ingest")
    'bank360 ingest'
    """
    home = _HOME.get()
    if home is None or " --home" in words or not _takes_home(words):
        return f"bank360 {words}"
    return f"bank360 {words} --home {typeable(home)}"


def made_whole(text: str) -> str:
    """Return a message with every command in quotes made whole.

    >>> home_is(Path("demo"))
    >>> made_whole("The warehouse is empty. Run 'bank360 ingest' first.")
    "The warehouse is empty. Run 'bank360 ingest --home demo' first."
    >>> home_is(None)
    """
    return _TOLD.sub(lambda told: f"'{command(told[1])}'", text)


def in_lines(text: str, width: int, indent: str) -> list[str]:
    """Return a message in lines of a width, later ones indented; a command in quotes stays whole, to be copied."""
    kept = _TOLD.sub(lambda told: told[0].replace(" ", _NO_BREAK), made_whole(text))
    lines = wrap(kept, width, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)
    return [line.replace(_NO_BREAK, " ") for line in lines]


def _takes_home(words: str) -> bool:
    from bank360.cli.main import app

    at = typer.main.get_command(app)
    for word in words.split():
        below = getattr(at, "commands", None)
        if below is None:
            break
        if word not in below:
            return False
        at = below[word]
    return any(param.name == "home" for param in at.params)
