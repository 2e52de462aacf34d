"""Which source keys truly are one person, where a generator wrote it down: for identity's report, for nothing else.

The truth lies in the bank's ``truth`` folder, never in a delivery or the warehouse; nothing that resolves reads it.
"""

from collections import defaultdict
from itertools import combinations
from pathlib import Path

import pyarrow.parquet as pq


def true_pairs(truth: Path) -> list[tuple[str, str]] | None:
    """Return every pair of source keys of one person, sorted; None where nobody wrote the truth down.

    Parameters
    ----------
    truth
        Folder with ``records.parquet`` (``source_key``, ``person``): which record is whose.
    """
    file = truth / "records.parquet"
    if not file.exists():
        return None
    records = pq.read_table(file, columns=["source_key", "person"])
    keys: dict[int, list[str]] = defaultdict(list)
    for key, person in zip(records["source_key"].to_pylist(), records["person"].to_pylist(), strict=True):
        keys[int(person or 0)].append(str(key))
    return sorted(pair for own in keys.values() for pair in combinations(sorted(own), 2))
