"""A warehouse file whose bytes are not those that were written: told from the machine's troubles, and set aside.

DuckDB checks a block's checksum when it reads it, so any statement may be the first to find out, long after the file
opened. Nothing in the file is worth saving: the landing zone holds all of it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import duckdb
import pyarrow as pa

from bank360.bank.errors import WarehouseDamaged

# Of blocks, of a file cut short, of its catalogue. A disk that fails to read says something else.
_SIGNS = re.compile(
    r"corrupt database file|could not read enough bytes|not a valid duckdb database|failed to load metadata|"
    r"serialization error|failed to deserialize|database has been invalidated",
    re.IGNORECASE,
)


@contextmanager
def damage_told(path: Path) -> Iterator[None]:
    """Raise `WarehouseDamaged` where a statement in the block finds wrong bytes in the warehouse at ``path``."""
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        if _SIGNS.search(str(error)) is None:
            raise
        raise WarehouseDamaged(str(path), " ".join(str(error).split())) from error


def set_aside(path: Path) -> Path:
    """Rename a warehouse file and its write-ahead log to the first free ``.damaged-N``; return the file's new name."""
    number = next(n for n in count(1) if not path.with_name(f"{path.name}.damaged-{n}").exists())
    aside = path.with_name(f"{path.name}.damaged-{number}")
    for part in (path, path.with_name(f"{path.name}.wal")):
        if part.exists():
            part.rename(part.with_name(f"{part.name}.damaged-{number}"))
    return aside
