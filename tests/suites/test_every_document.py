"""Laws of every committed text: no address of a package index, no path of somebody's machine, no dead link."""

import re
import subprocess
from pathlib import Path

import pytest

from bank360.features.families import CATALOGUE

ROOT = Path(__file__).parents[2]
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.splitlines()
MARKDOWN = [name for name in TRACKED if name.endswith(".md")]
ADRS = [name for name in TRACKED if re.match(r"docs/decisions/\d", name)]
PARTS = ("Context", "Decision", "Consequences", "Alternatives", "Held by")
LONGEST_PAGE = 60
# Written in pieces so that this file passes its own law.
FOREIGN = re.compile(
    "|".join(["pypi" + r"\.org", "files\\.python" + "hosted", "/ro" + "ot/", "/wo" + "rk/", "/ho" + "me/[a-z]"])
)


@pytest.mark.parametrize(
    "name",
    [n for n in TRACKED if Path(n).suffix in {".md", ".py", ".toml", ".txt", ".yaml", ".json", ".sql", ".sh", ""}],
)
def test_no_text_names_an_index_or_a_machine_path(name: str) -> None:
    path = ROOT / name
    if name == "LICENSE" or not path.is_file():
        return
    found = FOREIGN.search(path.read_text(encoding="utf-8", errors="replace"))
    assert found is None, f"{name} holds '{found.group()}'"


@pytest.mark.parametrize("name", MARKDOWN)
def test_every_link_to_a_file_leads_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)", text):
        if not target.startswith("http"):
            assert ((ROOT / name).parent / target).exists(), f"{name} links to {target}"


@pytest.mark.parametrize("name", ADRS)
def test_every_decision_says_context_decision_consequences_alternatives_and_what_holds_it(name: str) -> None:
    """In this order and spelling, after a title with the file's number, on one page."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text.startswith(f"# {Path(name).name[:4]}: ")
    assert tuple(re.findall(r"^\*\*([A-Z][a-z ]+)\.\*\*", text, re.MULTILINE)) == PARTS
    assert "\n## " not in text
    assert text.count("\n") <= LONGEST_PAGE


def test_the_list_of_decisions_names_each_by_its_title() -> None:
    listed = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    for name in ADRS:
        title = (ROOT / name).read_text(encoding="utf-8").split("\n")[0][len("# 0001: ") :]
        assert f"| [{Path(name).name[:4]}]({Path(name).name}) | {title} |\n" in listed


def test_decisions_are_numbered_without_a_number_standing_twice() -> None:
    numbers = [Path(name).name[:4] for name in ADRS]
    assert len(set(numbers)) == len(numbers)


def test_the_readme_counts_the_features_that_there_are() -> None:
    counted = re.findall(r"(\d+) features, declared", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert counted == [str(len(CATALOGUE))]
