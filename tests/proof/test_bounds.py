"""Compiled code reads and writes no array beyond its end: the tests of kernel and online route, with bounds checked.

Without the check Numba reads what lies beyond, and mostly nobody notices. Most of the time goes into compiling anew:
five minutes, 16 on a machine full of other work.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.proof

ROOT = Path(__file__).parents[2]
FILES = ("test_kernel", "test_kernel_size", "test_one_customer", "test_one_history", "test_history_bytes",
         "test_replayed_month", "test_layers", "test_modes", "test_extremes")  # fmt: skip
BEYOND = """
import numpy as np
from bank360.features.running_sums import look_up
look_up(np.zeros(2, dtype=np.int64), np.array([7], dtype=np.uint32), np.zeros(1, dtype=np.int64))
"""


def run(tmp_path: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path / "compiled")}
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)


def test_no_index_leads_out_of_its_array(tmp_path):
    done = run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"tests/features/{one}.py" for one in FILES))
    assert done.returncode == 0, done.stdout[-4000:]


def test_the_check_is_on(tmp_path):
    done = run(tmp_path, "-c", BEYOND)
    assert "IndexError: index is out of bounds" in done.stderr
