"""Laws of every committed text: no address of a package index, no path of somebody's machine, no dead link."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.splitlines()
MARKDOWN = [name for name in TRACKED if name.endswith(".md")]
ADRS = [name for name in TRACKED if name.startswith("docs/decisions/")]
# Written in pieces so that this file passes its own law.
FOREIGN = re.compile(
    "|".join(["pypi" + r"\.org", "files\\.python" + "hosted", "/ro" + "ot/", "/wo" + "rk/", "/ho" + "me/[a-z]"])
)


@pytest.mark.parametrize(
    "name", [n for n in TRACKED if Path(n).suffix in {".md", ".py", ".toml", ".txt", ".yaml", ".json", ".sql", ""}]
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
    text = (ROOT / name).read_text(encoding="utf-8").lower()
    for part in ("context", "decision", "consequences", "alternatives", "held by"):
        assert part in text, f"{name} lacks '{part}'"


def test_decisions_are_numbered_without_a_number_standing_twice() -> None:
    numbers = [Path(name).name[:4] for name in ADRS]
    assert len(set(numbers)) == len(numbers)
