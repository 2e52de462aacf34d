"""Whatever lists in the terminal says what its columns are, above them and in their places."""

import pytest

from bank360.cli.main import app
from tests.dashboard.bank import published_home

__all__ = ["published_home"]
# Verb, then a heading and what a row has under it; a column to the right is held by where it ends.
LISTS = {
    ("user", "list"): ("name", "ada"),
    ("models", "list"): ("version", "scorecard"),
    ("publish", "list"): ("customers", "current"),
    ("profile", "list"): ("customer", "%"),
    ("queue", "list"): ("owner, or outcome", "nobody"),
    ("features", "list"): ("what it says [unit]", "spent in 30 days"),
    ("sources", "list"): ("what it reads", "PKDD'99"),
    ("alerts",): ("rule and evidence", "_"),
    ("check",): ("table, rows: what was found", "info"),
}


@pytest.mark.parametrize(("words", "seen"), LISTS.items(), ids=[" ".join(words) for words in LISTS])
def test_a_list_has_headings(bank360, published_home, words, seen):
    home = () if words[0] in ("features", "sources") else ("--home", published_home)
    lines = bank360(*words, *home).out.splitlines()
    heading, cell = seen
    first = next((at for at, line in enumerate(lines) if heading in line), None)
    assert first is not None, lines[:3]
    assert any(cell in line for line in lines[first + 1 :])


def test_no_verb_that_lists_is_left_out():
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    listing = {
        (name, "list")
        for name, group in groups.items()
        if group is not None
        for one in group.registered_commands
        if one.name == "list"
    }
    # A small bank has no pairs of records to review: the heading of their list is held in `test_identity.py`.
    assert listing <= set(LISTS) | {("identity", "list")}
