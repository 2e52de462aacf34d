"""Throws the warehouse away and makes it anew from the landing zone: every delivery again, in order of receipt.

The warehouse is derived data, so nothing is lost: the tables afterwards hold the same rows with the same provenance.
What later steps derive (crosswalk, features, scores) is made again by those steps.
"""

from pathlib import Path

from bank360.pipeline.ingest import IngestReport, Refusal, SourceOf, complete_pending
from bank360.pipeline.progress import Progress, silent
from bank360.storage.warehouse import open_warehouse, remove_warehouse, replace_warehouse


def rebuild(
    path: Path,
    landing: Path,
    source_of: SourceOf,
    threads: int = 2,
    memory_limit: str = "2GB",
    progress: Progress = silent,
) -> tuple[IngestReport | Refusal, ...]:
    """Make the warehouse at ``path`` anew and return what became of each delivery, in order.

    Only a delivery that no warehouse ever held (its load was killed) can come back as a `Refusal`.

    The new file takes the old one's place only when it is complete: a rebuild that is killed or fails leaves the old
    warehouse as it was.

    Parameters
    ----------
    path, landing
        The warehouse file, which no process may have open, and the landing zone's folder.
    source_of
        Returns the source of a delivery, by its name and settings.

    Raises
    ------
    NotReady
        If another process has the warehouse open.
    Bank360Error
        If a delivery that was accepted before is refused now (a mapping was changed), or a copy is missing or changed.
    """
    with open_warehouse(path, threads, memory_limit):
        pass  # nobody else is at work in it; a damaged file is set aside here
    fresh = path.with_name(path.name + ".rebuilding")
    remove_warehouse(fresh)  # of a rebuild that was killed
    with open_warehouse(fresh, threads, memory_limit) as warehouse:
        done = complete_pending(landing, warehouse, source_of, progress)
    replace_warehouse(fresh, path)
    return done
