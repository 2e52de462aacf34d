"""What pages say before there is anything: a home without a publish, and a folder without a bank."""

import pytest

from bank360.api.startup import check_start
from bank360.bank.vocabulary import Role
from bank360.dashboard.opened import HOME_VARIABLE, close_banks
from bank360.dashboard.screens import PAGES
from bank360.home import open_home
from tests.cli.conftest import SETTINGS, run
from tests.dashboard.visitor import go, stranger, texts, visitor


@pytest.fixture
def at(tmp_path, monkeypatch):
    """Serve the pages of a folder in this process."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    yield tmp_path
    close_banks()


def test_every_page_of_a_bank_without_a_publish_says_what_to_do(at):
    (at / "bank360.yaml").write_text(f"{SETTINGS}demo: true\n", encoding="utf-8")
    check_start(open_home(at))
    page = visitor(Role.RISK_OFFICER)
    said = {}
    for one in PAGES:
        drawn = go(page, one.path)
        assert not drawn.exception
        assert not drawn.error
        said[one.path] = " ".join(texts(drawn))
    for path in ("portfolio", "customers", "loan-desk"):
        assert "Nothing is published yet. Run 'bank360 nightly'" in said[path]
    assert "No case is open, for nobody was looked at. Nothing is published yet" in said["queue"]
    assert "Run `bank360 train`" in said["models"]
    assert "not looked for: anything, for nothing is published yet" in run("queue", "list", "--home", at).out


def test_a_folder_without_a_bank_is_said_to_be_one(at):
    page = stranger()
    assert not page.exception
    assert any("No bank360.yaml in" in text and "bank360 init" in text for text in texts(page))
    assert not page.text_input
