"""Sixty banks of random nights, all streams: kept histories are those packed anew, added to or not."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank360.features.families import ALL_FEATURES
from bank360.features.feature import Feature
from tests.pipeline.nights import NIGHTS, after_any

pytestmark = pytest.mark.proof
EVERY = tuple(one for one in ALL_FEATURES if isinstance(one, Feature))


def test_after_any_nights_kept_histories_are_those_packed_anew(tmp_path_factory: pytest.TempPathFactory) -> None:
    found: Counter[str] = Counter()

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(NIGHTS, min_size=1, max_size=5))
    def run(nights) -> None:
        layers = after_any(nights, tmp_path_factory.mktemp("nights"), EVERY)
        found.update("added" if layer > 1 else "anew" for layer in layers[1:])

    run()
    assert min(found["added"], found["anew"]) > 20, found
