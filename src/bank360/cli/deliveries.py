"""Where a source's deliveries lie: in its folder or numbered ones below it, or in a database, unloaded for one load."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bank360.bank.errors import NotFound

if TYPE_CHECKING:
    from bank360.cli.home import Home
    from bank360.pipeline.progress import Progress
    from bank360.settings import SourceEntry
    from bank360.sources.source import Source


@contextmanager
def deliveries_of(
    home: "Home", entry: "SourceEntry", source: "Source", folder: Path | None, report: "Progress"
) -> Iterator[tuple[tuple[str, Path], ...]]:
    """Yield name and folder of each delivery, in order of receipt; what was unloaded is gone after the block.

    Parameters
    ----------
    folder
        Where they lie; None: in the source's own folder or database.

    Raises
    ------
    NotFound
        If the folder is not there, or the database does not answer.
    """
    if folder is None and entry.database is not None:
        from bank360.pipeline.unload import Since, unload
        from bank360.storage.scratch import emptied_folder

        address = entry.database.get_secret_value()
        since = {relation: Since(one.column, one.again) for relation, one in entry.since.items()}
        with emptied_folder(folder_of(home, entry)) as unloaded:
            unload(source, address, since, home.landing, unloaded, report)
            yield ((_told(address), unloaded),)
        return
    place = folder or folder_of(home, entry)
    if not place.is_dir():
        raise NotFound(
            f"The folder {place} of source '{entry.name}' does not exist. Put its files there, or mend 'folder' of "
            "that source in bank360.yaml."
        )
    yield tuple((delivery.resolve().name, delivery) for delivery in delivery_folders(place))


def folder_of(home: "Home", entry: "SourceEntry") -> Path:
    """Return the folder in which a source's deliveries lie, or are unloaded."""
    return home.path / entry.folder if entry.database is None else home.unloaded / entry.name


def delivery_folders(folder: Path) -> tuple[Path, ...]:
    """Return the deliveries in a source's folder: its numbered subfolders in order (``001-…``), or itself."""
    from bank360.pipeline.readings import NUMBERED_FOLDER

    numbered = sorted(path for path in folder.iterdir() if path.is_dir() and NUMBERED_FOLDER.match(path.name))
    return tuple(numbered) or (folder,)


def _told(address: str) -> str:
    """Return a database as a report names it, without whoever reads it.

    >>> _told("postgresql://reader:secret@db.internal:5432/core?sslmode=require")
    'db.internal/core'
    """
    parts = urlsplit(address)
    return f"{parts.hostname or 'localhost'}{parts.path}"
