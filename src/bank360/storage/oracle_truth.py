"""The synthetic bank's true probabilities, and what the comparison with them gave: both lie in ``truth/`` only.

Nothing that trains or scores reads this; `pipeline/oracle.py` compares afterwards.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from bank360.storage.durable import write_whole

_COLUMNS = {"application_pd": "true_pd", "application_fraud": "true_fraud_probability"}
_FILE = "oracle.json"


def true_probabilities(truth: Path, model: str) -> dict[str, float]:
    """Return the true probability of a model's event by application id.

    Raises
    ------
    KeyError
        If the truth knows nothing of the model.
    """
    rows = pq.read_table(truth / "applications.parquet", columns=["application_id", _COLUMNS[model]])
    return {str(row["application_id"]): float(row[_COLUMNS[model]]) for row in rows.to_pylist()}


def true_defaults(truth: Path) -> dict[str, float]:
    """Return by application id 1.0 where it defaulted within 12 months, or would have, had it been booked."""
    rows = pq.read_table(truth / "applications.parquet", columns=["application_id", "defaulted"])
    return {str(row["application_id"]): float(row["defaulted"]) for row in rows.to_pylist()}


def write_oracle(truth: Path, found: Mapping[str, Any]) -> None:
    """Keep the comparison with the truth beside it, in place of the one before."""
    write_whole(truth / _FILE, json.dumps(found, indent=1, sort_keys=True).encode())


def read_oracle(truth: Path) -> dict[str, Any]:
    """Return the last comparison with the truth; empty where there was none."""
    path = truth / _FILE
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
