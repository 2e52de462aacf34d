"""What answers a statement: the bank's canonical tables, wherever an engine keeps them.

A statement is written once, in DuckDB's dialect and its portable subset (``docs/decisions/0007``). Neighbours:
`warehouse.py` answers it as it stands, `spark.py` transpiled by `portable_sql.py`.
"""

from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

from bank360.storage.warehouse import Param


class Tables(Protocol):
    """The canonical tables, and what identity and the night derive from them, to be read."""

    def query(self, sql: str, params: Sequence[Param] = ()) -> pa.Table:
        """Return the rows of one SELECT as an Arrow table; ``?`` or ``$1`` in it stand for ``params``."""
