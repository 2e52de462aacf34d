"""The pages on PostgreSQL by URL: the bank published into it, every page drawn, a case taken, a decision replayed."""

import shutil

import pytest

from bank360.api.startup import check_start
from bank360.bank.vocabulary import CaseKind, Role
from bank360.dashboard.links import CUSTOMER
from bank360.dashboard.opened import HOME_VARIABLE, bank, close_banks
from bank360.dashboard.screens import PAGES
from bank360.dashboard.screens.queue import CHOSEN
from bank360.home import open_home
from bank360.storage.queue_pages import QueueFilter, queue_page
from tests.cli.conftest import SETTINGS, run
from tests.dashboard.bank import published_home, riskiest  # noqa: F401 - a fixture
from tests.dashboard.visitor import go, press, texts, visitor


@pytest.fixture
def on_postgres(published_home, postgres_url, tmp_path, monkeypatch):  # noqa: F811
    """The small bank's home with its store and its published version in PostgreSQL."""
    home = tmp_path / "home"
    shutil.copytree(published_home, home, ignore=shutil.ignore_patterns("store.*", "published", "landing", "raw"))
    (home / "raw").mkdir()
    text = f"{SETTINGS}demo: true\nstore: {{url: '{postgres_url}'}}\n"
    (home / "bank360.yaml").write_text(text, encoding="utf-8")
    ran = run("publish", "--home", home)
    assert ran.code == 0, ran
    check_start(open_home(home))
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    yield home
    close_banks()


def test_every_page_draws_a_case_is_taken_and_a_decision_replays(on_postgres):
    page = visitor(Role.RISK_ANALYST)
    assert bank().log.store.dialect == "postgresql"
    assert not (on_postgres / "published").exists() or not list((on_postgres / "published").glob("*.sqlite3"))
    for one in PAGES:
        drawn = go(page, one.path)
        assert not drawn.exception
        assert not drawn.error
        assert drawn.title[0].value == one.title
    with bank().log.store.reading() as connection:
        case = queue_page(connection, QueueFilter(CaseKind.TIER)).rows[0]
    page.session_state[CHOSEN] = case.case_id
    page = press(go(page, "queue"), "Take this case")
    assert any("taken by ann" in badge for badge in texts(page))

    page = go(page, "customers", **{CUSTOMER: riskiest(0)})
    assert not page.exception
    page = press(go(page, "loan-desk", **{CUSTOMER: riskiest(0)}), "Decide")
    assert not page.error
    page = press(page, "Replay the decision")
    assert page.success[0].value.startswith("The same ")
