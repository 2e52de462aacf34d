"""The page on what features need says what is declared."""

from pathlib import Path

from bank360.features.families import CATALOGUE
from bank360.features.needs_table import needs_page

PAGE = Path(__file__).parents[2] / "docs/reference/feature-needs.md"


def test_the_committed_page_is_what_the_declarations_say():
    assert PAGE.read_text(encoding="utf-8") == needs_page(), "run 'make needs'"


def test_every_feature_has_one_line_with_what_it_needs():
    lines = [line.split(" | ") for line in needs_page().splitlines() if line.startswith("| `")]
    assert [line[0].removeprefix("| ").strip("`") for line in lines] == [feature.name for feature in CATALOGUE]
    assert all("rows in '" in line[2] for line in lines)
