"""The first bytes of the delimited files in a folder: what `sources.mapping_template` guesses a mapping from."""

from pathlib import Path

_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".asc", ".dat", ".data"})


def file_heads(folder: Path, count: int, most_files: int = 20) -> dict[str, bytes]:
    """Return, by path below ``folder`` and in name order, the first ``count`` bytes of each delimited file.

    Parameters
    ----------
    most_files
        Files looked at; hidden files and folders are passed over.
    """
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        if hidden or path.suffix.lower() not in _SUFFIXES or not path.is_file():
            continue
        with path.open("rb") as file:
            found[inside.as_posix()] = file.read(count)
        if len(found) == most_files:
            break
    return found
