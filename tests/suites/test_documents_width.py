"""What a reader sees first is wrapped: prose of README and CHANGELOG keeps within the code's width, or a few more."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WIDTH = 124


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md"])
def test_prose_keeps_within_its_width(name):
    fenced, long = False, []
    for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), start=1):
        fenced ^= line.startswith("```")
        if not fenced and not line.startswith(("|", "![")) and len(line) > WIDTH:
            long.append(number)
    assert long == []
