"""Whom a source key stands for is written in one place, and a closed mapping stands for nobody."""

import re
from datetime import date
from pathlib import Path

import pytest

from bank360.storage import crosswalk
from tests.rows import fill
from tests.storage.applied import applied


@pytest.mark.parametrize("people", [crosswalk.PEOPLE, crosswalk.PEOPLE_BY_ID])
def test_a_key_stands_for_whom_it_belongs_to_now(tmp_path, people):
    closed = {"source": "s", "source_key": "b1", "customer_id": "CA", "valid_to": date(2022, 1, 1)}
    with applied(tmp_path) as bank:
        fill(bank, "source_keys", closed)
        found = bank.query(f"WITH {people} SELECT source_key, customer_id FROM people ORDER BY ALL").to_pylist()
    assert [tuple(row.values()) for row in found] == [("a1", "CA"), ("a2", "CA"), ("b1", "CB")]


def test_no_other_file_says_who_people_are():
    folder = Path(crosswalk.__file__).parent
    says = re.compile(r"people\s+AS\s*\([^)]*source_keys", re.IGNORECASE)
    assert [file.name for file in sorted(folder.rglob("*.py")) if says.search(file.read_text())] == ["crosswalk.py"]
