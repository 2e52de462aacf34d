"""Fills the tables of a version, in batches: a bank of any size is never in memory as rows of Python.

Neighbours: `version_place.py` lends the empty version, `published.py` reads it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert

from bank360.storage.version_schema import about

_ROWS = 1_000


@dataclass(frozen=True)
class NewVersion:
    """An empty version, number and connection, to be filled."""

    number: int
    connection: Connection

    def rows(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows, every column of the table by name."""
        left = iter(rows)
        while some := list(islice(left, _ROWS)):
            self.connection.execute(insert(table), some)

    def about(self, name: str, value: str) -> None:
        """Write what the version is, or figures of the whole bank, as JSON under a name."""
        self.connection.execute(insert(about), {"name": name, "value": value})
