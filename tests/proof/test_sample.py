"""The samples that come with bank360 are what `make sample` makes of them today.

Texts and rows are the same to the byte. Fitted numbers are the same to nine digits: the last bits of a sum are the
processor's (another order of additions in its BLAS), and with them the hashes by which versions and files are named.
"""

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from bank360.pipeline.sample_scorecard import make_samples
from bank360.pipeline.score_file import SAMPLE_REGISTRY

pytestmark = pytest.mark.proof

DATA = Path(__file__).parents[2] / "data"
HASH = re.compile(r"\b[0-9a-f]{16}(?:[0-9a-f]{48})?\b")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def unnamed(folder: Path) -> dict[str, Any]:
    """Return the files of a registry, JSON read, without the hashes in their names."""
    return {
        HASH.sub("#", name): json.loads(data) if name.endswith(".json") else data.decode()
        for name, data in contents(folder).items()
    }


def alike(made: Any, kept: Any, key: str = "") -> bool:
    if isinstance(made, dict) and isinstance(kept, dict):
        return made.keys() == kept.keys() and all(alike(made[one], kept[one], one) for one in made)
    if isinstance(made, list) and isinstance(kept, list):
        return len(made) == len(kept) and all(alike(*pair, key) for pair in zip(made, kept, strict=True))
    if isinstance(made, float) and isinstance(kept, float):
        return math.isclose(made, kept, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(made, str) and isinstance(kept, str):
        return HASH.sub("#", made) == HASH.sub("#", kept)
    return bool(made == kept) or key == "bytes"  # a file's length, by the digits of its numbers


def test_committed_samples_are_those_generated(tmp_path):
    made = tmp_path / "data"
    made.mkdir()
    make_samples(made, tmp_path / "registry")
    assert contents(made) == {name: data for name, data in contents(DATA).items() if name in contents(made)}
    assert len(contents(made)) == 2
    new, kept = unnamed(tmp_path / "registry"), unnamed(SAMPLE_REGISTRY)
    assert new.keys() == kept.keys()
    assert [name for name in new if not alike(new[name], kept[name])] == []


def test_another_number_or_word_is_not_alike():
    kept = {"slope": 0.95, "n": 3, "file": {"bytes": 10}, "words": ["a"]}
    assert alike({**kept, "slope": 0.95 + 1e-15, "file": {"bytes": 11}}, kept)
    for change in ({"slope": 0.9500001}, {"n": 4}, {"words": ["b"]}, {"words": []}, {"file": {}}):
        assert not alike({**kept, **change}, kept)
