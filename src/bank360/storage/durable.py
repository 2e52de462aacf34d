"""Files that are there whole or not at all, whatever is killed or loses power meanwhile. The one place that does it.

A file is written beside its final name, flushed to disk, renamed over that name, and then the folder is flushed: the
rename is the moment at which the new file counts. Until then whatever stood there before stands unchanged, and a
process that is killed leaves at most a file ``.<name>.new``, which the next writer of the same name overwrites.
A file is no safer than the names above it: a new folder is flushed into its parent before anything is kept in it.
Used by all of `storage` that keeps files: landing zone, registry, deliveries, CSV output, warehouse.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Lend a path to write to; what is there when the block ends becomes ``path``, in place of what was there.

    If the block raises, the spare file is removed and ``path`` stays as it was.
    """
    spare = path.with_name(f".{path.name}.new")
    try:
        yield spare
        move_into_place(spare, path)
    finally:
        spare.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` as the file ``path``, in place of what was there."""
    with whole_file(path) as spare:
        spare.write_bytes(data)


def move_into_place(spare: Path, path: Path) -> None:
    """Flush a finished file, rename it to ``path`` in the same file system, and flush the folder."""
    with spare.open("rb") as file:
        os.fsync(file.fileno())
    spare.replace(path)
    flush_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, each flushed into its parent; one that is there stays."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    flush_folder(folder.parent)


def flush_folder(folder: Path) -> None:
    """Make names that were added to or removed from a folder safe on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
