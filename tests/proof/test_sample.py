"""The samples that come with bank360 are what `make sample` makes of them today, to the byte."""

from pathlib import Path

import pytest

from bank360.pipeline.sample_scorecard import make_samples
from bank360.pipeline.score_file import SAMPLE_REGISTRY

pytestmark = pytest.mark.proof

DATA = Path(__file__).parents[2] / "data"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_committed_samples_are_those_generated(tmp_path):
    made = tmp_path / "data"
    made.mkdir()
    make_samples(made, tmp_path / "registry")
    assert contents(made) == {name: data for name, data in contents(DATA).items() if name in contents(made)}
    assert len(contents(made)) == 2
    assert contents(tmp_path / "registry") == contents(SAMPLE_REGISTRY)
