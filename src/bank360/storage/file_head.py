"""The files that lie in a folder: first bytes of the delimited ones, to guess a mapping from, and the Parquet ones."""

from collections.abc import Iterator
from pathlib import Path

_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".asc", ".dat", ".data"})
_PARQUET = frozenset({".parquet", ".pq"})


def file_heads(folder: Path, count: int, most_files: int = 20) -> dict[str, bytes]:
    """Return, by path below ``folder`` and in name order, the first ``count`` bytes of each delimited file.

    Parameters
    ----------
    most_files
        Files looked at; hidden files and folders are passed over.
    """
    found: dict[str, bytes] = {}
    for path in _visible(folder, _SUFFIXES):
        with path.open("rb") as file:
            found[path.relative_to(folder).as_posix()] = file.read(count)
        if len(found) == most_files:
            break
    return found


def parquet_names(folder: Path) -> tuple[str, ...]:
    """Return the paths below ``folder`` of its Parquet files, in name order, hidden ones passed over."""
    return tuple(path.relative_to(folder).as_posix() for path in _visible(folder, _PARQUET))


def _visible(folder: Path, suffixes: frozenset[str]) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.suffix.lower() in suffixes and path.is_file():
            yield path
