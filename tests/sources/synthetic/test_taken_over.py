"""Rows of the synthetic bank are taken over as they are, those that an earlier version drew with what they lack."""

import pyarrow as pa
import pytest

from bank360.sources.synthetic.source import SOURCE


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ([None, None], ["second", "second"]),  # a column that the file does not have comes as nulls alone
        (["second", None], ["second", None]),  # one that it has is held to its contract
        (["day", "second"], ["day", "second"]),
    ],
)
def test_what_an_earlier_version_did_not_draw_is_told_where_no_row_says_it(said, taken):
    batch = pa.record_batch({"application_id": ["a", "b"], "event_precision": pa.array(said, pa.string())})
    rows = SOURCE.convert["applications"](batch, 1).rows["applications"]
    assert rows["event_precision"].to_pylist() == taken
    assert rows["source_line"].to_pylist() == [1, 2]
