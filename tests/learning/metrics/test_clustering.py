"""The silhouette, beside the library that everybody knows, on rows that repeat and clusters of one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import silhouette_score

from bank360.learning.metrics.clustering import silhouette


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5), st.integers(0, 3)), min_size=3, max_size=30))
def test_it_is_the_librarys(drawn):
    rows = np.array([one[:2] for one in drawn], dtype=np.float64)
    cluster = np.array([one[2] for one in drawn], dtype=np.int64)
    clusters = len(np.unique(cluster))
    if clusters < 2:
        assert np.isnan(silhouette(rows, cluster))
    elif clusters < len(rows):  # where every row is its own cluster the library refuses
        assert silhouette(rows, cluster) == pytest.approx(silhouette_score(rows, cluster), abs=1e-12)
