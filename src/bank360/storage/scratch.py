"""Folders that come and go: one for files of a single step, and one emptied to be written anew."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bank360.storage.durable import make_folder


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Lend an empty folder of the system's temporary space; it is gone with all in it when the block ends."""
    with tempfile.TemporaryDirectory(prefix="bank360-") as folder:
        yield Path(folder)


@contextmanager
def emptied_folder(folder: Path) -> Iterator[Path]:
    """Lend a folder, empty whatever a killed run left in it; it is gone with all in it when the block ends."""
    remove_folder(folder)
    make_folder(folder)
    try:
        yield folder
    finally:
        remove_folder(folder)


def remove_folder(folder: Path) -> None:
    """Remove a folder and all in it; one that is not there is no fault."""
    if folder.exists():
        shutil.rmtree(folder)
