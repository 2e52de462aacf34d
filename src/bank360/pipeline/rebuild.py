"""Throws the warehouse away and makes it anew from the landing zone: every delivery again, in order of receipt.

The warehouse is derived data, so nothing is lost: where no mapping has changed, the tables afterwards hold the same
rows with the same provenance. Where one has, every delivery is read by the mapping as it is now (or, if asked, as it
was read before, and so it stays until the mapping changes again); that decision is recorded in the landing zone:
docs/decisions/0020-how-a-delivery-was-read.md.
What later steps derive (crosswalk, features, scores) is made again by those steps.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bank360.pipeline.ingest import IngestReport, Refusal, SourceOf, complete_pending
from bank360.pipeline.progress import Progress, silent
from bank360.pipeline.readings import (
    Changed,
    Current,
    kept_otherwise,
    now_ids,
    recorded_otherwise,
    reread,
    unread_files,
)
from bank360.storage.landing import Landing
from bank360.storage.readings import Decided
from bank360.storage.warehouse import being_rebuilt, open_warehouse, replace_warehouse
from bank360.storage.warehouse_damage import damage_told


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild did.

    Parameters
    ----------
    loads
        What became of each delivery, in order. Only one that no warehouse ever held (its load was killed) can come back
        as a `Refusal`.
    changed
        By source, the deliveries whose recorded reading was another than the present mapping's: read by the present
        one, or, ``as_loaded``, kept.
    unread
        Received files that the present mappings do not read any more.
    kept
        By source, the deliveries that stay as they are recorded because somebody decided so of the present mapping.
    """

    loads: tuple[IngestReport | Refusal, ...]
    changed: tuple[Changed, ...]
    unread: tuple[str, ...]
    kept: tuple[Changed, ...] = ()


def rebuild(
    path: Path,
    landing: Path,
    source_of: SourceOf,
    current: Current,
    now: datetime,
    threads: int = 2,
    memory_limit: str = "2GB",
    progress: Progress = silent,
    *,
    as_loaded: bool = False,
    kept_too: bool = False,
) -> Rebuilt:
    """Make the warehouse at ``path`` anew.

    The new file takes the old one's place only when it is complete: a rebuild that is killed or fails leaves the old
    warehouse as it was. Meanwhile others may read the old one, and nobody writes into it.

    Parameters
    ----------
    path, landing
        The warehouse file, into which no process may be writing, and the landing zone's folder.
    source_of
        Returns the source of a delivery, by its name and settings.
    current
        What the sources are told now; a source that is not among them is read as recorded.
    now
        Aware instant that dates the decision.
    as_loaded
        Read every delivery as recorded, and record that this is meant.
    kept_too
        Read by the present mapping what was kept from it before, too; not together with ``as_loaded``.

    Raises
    ------
    NotReady
        If another process has the warehouse open.
    SettingsError
        If a present mapping is wrong.
    WarehouseDamaged
        If the old warehouse holds bytes that were not written.
    Bank360Error
        If a delivery that was accepted before is refused now (a mapping was changed), or a copy is missing or changed.
    """
    if as_loaded and kept_too:
        raise ValueError("as_loaded keeps what kept_too reads again")
    zone = Landing(landing)
    with open_warehouse(path, threads, memory_limit):
        pass  # nobody else is at work in it
    with damage_told(path), open_warehouse(path, threads, memory_limit, read_only=True):
        kept = kept_otherwise(zone, current, source_of)
        changed = recorded_otherwise(zone, current, source_of)
        if kept_too:
            changed, kept = (*changed, *kept), ()
        planned = {} if as_loaded else reread(zone, changed, current, source_of)
        with being_rebuilt(path) as fresh:
            with open_warehouse(fresh, threads, memory_limit) as warehouse:
                loads = complete_pending(landing, warehouse, source_of, progress, planned)
            # Recorded before it counts: killed in between, the old warehouse stands and is told to be behind.
            kept_from = now_ids(zone, changed, current, source_of) if as_loaded else {}
            zone.decide(Decided(planned, kept_from), now)
            replace_warehouse(fresh, path)
    return Rebuilt(loads, changed, unread_files(zone, planned), kept)
