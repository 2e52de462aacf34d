"""What answers a statement: the bank's canonical tables, wherever an engine keeps them.

A statement is written once, in DuckDB's dialect and its portable subset (``docs/decisions/0007``). Neighbours:
`warehouse.py` answers it as it stands, `spark.py` transpiled by `portable_sql.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import pyarrow as pa

from bank360.storage.warehouse import Param


class Tables(Protocol):
    """The canonical tables, and what identity and the night derive from them, to be read."""

    def query(self, sql: str, params: Sequence[Param] = (), beside: Mapping[str, pa.Table] | None = None) -> pa.Table:
        """Return the rows of one SELECT as an Arrow table.

        Parameters
        ----------
        sql, params
            ``?`` or ``$1`` in the statement stand for ``params``.
        beside
            Arrow tables that it reads too, by the name it has for them.
        """

    def stream(
        self,
        sql: str,
        params: Sequence[Param] = (),
        rows_per_batch: int = 122_880,
        beside: Mapping[str, pa.Table] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of one SELECT as Arrow batches of at most ``rows_per_batch`` rows; the rest as `query`."""
