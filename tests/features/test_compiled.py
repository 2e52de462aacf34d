"""Machine code kept on disk is made anew when a module it was made from has changed."""

import os
import subprocess
import sys
from pathlib import Path

CALLEE = """
from bank360.features.compiled import compiled

@compiled
def number(x):
    return x + {number}
"""
CALLER = """
from bank360.features.compiled import compiled
from callee import number

@compiled
def twice(x):
    return 2 * number(x)

if __name__ == "__main__":
    print(twice(1))
"""


def run(folder: Path) -> str:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "caller.py"], cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_an_edit_of_a_function_of_another_module_is_noticed(tmp_path):
    (tmp_path / "caller.py").write_text(CALLER)
    (tmp_path / "callee.py").write_text(CALLEE.format(number=1))
    assert [run(tmp_path), run(tmp_path)] == ["4", "4"]
    (tmp_path / "callee.py").write_text(CALLEE.format(number=100))
    assert run(tmp_path) == "202"
