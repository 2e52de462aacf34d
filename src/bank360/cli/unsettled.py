"""What is said where a source's mapping rests on assumptions of `init` that nobody has settled yet (``to_check``)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from bank360.bank.counted import counted

if TYPE_CHECKING:
    from bank360.settings import SourceEntry


def unsettled(entries: "Iterable[SourceEntry]") -> list[str]:
    """Return for each source with open points what is assumed of its files, and what to do."""
    return [_said(entry) for entry in entries if entry.to_check]


def tell_unsettled(entries: "Iterable[SourceEntry]") -> None:
    """Say on the error output what `unsettled` returns."""
    for said in unsettled(entries):
        typer.echo(f"bank360: {said}", err=True)


def _said(entry: "SourceEntry") -> str:
    points = counted(len(entry.to_check), "assumption")
    lines = "".join(f"\n    {one}" for one in entry.to_check)
    return (
        f"source '{entry.name}' was mapped by 'init', and {points} of it nobody has settled. Correct the mapping in "
        f"bank360.yaml where one is wrong, and take each out of the source's 'to_check' once it is right:{lines}"
    )
