"""Which steps have been run on what: a fingerprint per step, so that a second run reuses what is built.

A fingerprint is a hash of everything a step reads; it is recorded after the step's results are committed. A kill in
between only makes the step run again. Neighbour: `pipeline/freshness.py` says what each step reads.
"""

from bank360.storage.warehouse import Warehouse

_TABLE = "CREATE TABLE IF NOT EXISTS steps (step VARCHAR PRIMARY KEY, fingerprint VARCHAR NOT NULL)"


def is_done(warehouse: Warehouse, step: str, fingerprint: str) -> bool:
    """Return whether ``step`` was last run on exactly this ``fingerprint``."""
    warehouse.execute(_TABLE)
    return warehouse.number("SELECT count(*) FROM steps WHERE step = ? AND fingerprint = ?", (step, fingerprint)) > 0


def mark_done(warehouse: Warehouse, step: str, fingerprint: str) -> None:
    """Record that ``step`` was run on ``fingerprint``, in place of what it was run on before."""
    warehouse.execute(_TABLE)
    warehouse.execute("INSERT OR REPLACE INTO steps VALUES (?, ?)", (step, fingerprint))
