"""The words that the summaries use are in the glossary, and the help says where that is."""

from pathlib import Path

import pytest

GLOSSARY = Path(__file__).parents[2] / "docs" / "reference" / "glossary.md"
WORDS = [
    "as of", "landing zone", "mapping", "flat file", "warehouse", "finding", "crosswalk", "minor units", "champion",
    "challenger", "baseline", "out of time", "AUC", "Gini", "KS", "average precision", "recall", "calibration",
    "observed over expected", "log-odds", "oracle", "tier", "gate", "what-if", "override", "sealed", "anchor", "replay",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_a_word_of_the_summaries_is_explained(word):
    rows = [line for line in GLOSSARY.read_text("utf-8").splitlines() if line.startswith("| ")]
    assert any(word in row for row in rows)


def test_the_help_names_the_glossary(bank360):
    assert "docs/reference/glossary.md" in bank360("--help").out
