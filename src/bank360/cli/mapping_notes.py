"""What is said of the mappings after deliveries were loaded: short, once, and after the result.

What has changed, key by key and file by file, is `doctor`'s to say (`readings.said_of`). Neighbours: `unsettled.py`,
what `init` assumed; `readings.py`, how files stand as they were read.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bank360.cli.readings import unfit
from bank360.cli.sources import other_country
from bank360.cli.typed import made_whole
from bank360.cli.unsettled import unsettled

if TYPE_CHECKING:
    from bank360.cli.home import Home
    from bank360.pipeline.readings import Changed


def mapping_notes(
    home: "Home", changed: "Sequence[Changed]", known: frozenset[str], only: str | None = None, *, whole: bool = True
) -> list[str]:
    """Return what to say of the mappings: that some have changed, in one line; what does not fit; what is assumed.

    Parameters
    ----------
    changed
        The sources whose mapping has changed since files were read by it.
    known
        The sources of which a file lay there that was known already.
    only
        The one source that was asked for; None: all.
    whole
        Whether the sources' own folders were looked at.
    """
    entries = [entry for entry in home.settings.sources if only in (None, entry.name)]
    notes = [made_whole(_changed(changed))] if changed else []
    for entry in entries if whole else ():
        notes += unfit(home, entry) if entry.name in known else ()
    for entry in entries:
        notes += other_country(home, entry)
    return [*notes, *unsettled(entries)]


def _changed(changed: "Sequence[Changed]") -> str:
    names = [f"'{one.source}'" for one in changed]
    sources = f"source {names[0]} has" if len(names) == 1 else f"sources {', '.join(names)} have"
    return (
        f"{sources} another mapping than when files were read: 'bank360 rebuild' reads them anew (or keeps them, with "
        "--as-loaded); 'bank360 doctor' says what."
    )
