"""Run a step only where something that it reads has changed since it last ran."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

from bank360.storage.ledger import loaded_readings
from bank360.storage.steps import is_done, mark_done
from bank360.storage.warehouse import Warehouse

Result = TypeVar("Result")


def fingerprint(*said: Any) -> str:
    """Return a hash of JSON values, equal for equal values.

    >>> fingerprint({"a": 1}) == fingerprint({"a": 1})
    True
    """
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def loaded(warehouse: Warehouse) -> list[str]:
    """Return what the warehouse holds: the sorted ids of its loads, each with that of its reading."""
    return sorted(f"{load} {reading}" for load, reading in loaded_readings(warehouse).items())


def run_if_stale(
    warehouse: Warehouse, step: str, reads: str, run: Callable[[], Result], again: bool = False
) -> Result | None:
    """Run the step unless it was last run on the fingerprint ``reads``; None where it was not needed.

    ``again`` runs it all the same.
    """
    if not again and is_done(warehouse, step, reads):
        return None
    result = run()
    mark_done(warehouse, step, reads)
    return result
