"""What the last training lacked: of each model that was left out, why, and of which data that was said.

Derived: each training puts its own in place of the one before. Data that changes since makes it no news any more, which
whoever asks says by ``reads``. Neighbour: `steps.py`, of steps that ran.
"""

from collections.abc import Mapping

import pyarrow as pa

from bank360.storage.warehouse import Warehouse

_TABLE = "training_shortfalls"
_SCHEMA = pa.schema([("model", pa.string()), ("reads", pa.string()), ("why", pa.string())])


def note_shortfalls(warehouse: Warehouse, whys: Mapping[str, str], reads: str) -> None:
    """Keep why models were left out of a training that read ``reads``, by model, in place of what was kept before."""
    rows = [{"model": model, "reads": reads, "why": why} for model, why in whys.items()]
    warehouse.replace_table(_TABLE, pa.Table.from_pylist(rows, schema=_SCHEMA))


def shortfall(warehouse: Warehouse, model: str, reads: str) -> str | None:
    """Return why the last training left the model out; None where it did not, or read something else."""
    if _TABLE not in warehouse.tables():
        return None
    rows = warehouse.query(f"SELECT why FROM {_TABLE} WHERE model = ? AND reads = ?", [model, reads]).to_pylist()
    return str(rows[0]["why"]) if rows else None
