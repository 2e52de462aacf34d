"""Laws of every page, for every role: it opens or is not there, says as of when, and each number says what it is.

Pages find themselves here by being in `screens.PAGES`. The laws hold for a bank with models and for one without any.
"""

import json
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bank360.bank.vocabulary import Role
from bank360.dashboard.links import CUSTOMER
from bank360.dashboard.opened import HOME_VARIABLE, bank, close_banks
from bank360.dashboard.screens import PAGES
from bank360.dashboard.screens.queue import CHOSEN
from bank360.dashboard.wording import day
from bank360.features.families import ALL_FEATURES
from bank360.pipeline.published_rows import published_profile
from bank360.policies.expected_loss import ONE_PROBABILITY
from bank360.storage.queue_pages import QueueFilter, queue_page
from tests.dashboard.bank import published_home, riskiest, served_home, unscored_home  # noqa: F401 - fixtures
from tests.dashboard.visitor import NAMES, go, paths, stranger, texts, visitor

ROLES = [role for role in Role if role is not Role.SERVICE]
RAW_NAME = re.compile(r"\b[a-z]+[0-9]*(?:_[a-z0-9]+)+\b")
OPENED = [(page, role) for page in PAGES for role in ROLES if page.open_to(role)]
FEATURES = {feature.name for feature in ALL_FEATURES}


def undefined(table):
    """Return the columns of a table whose title opens nothing."""
    said = json.loads(table.proto.columns or "{}")
    return {title for title in table.value.columns if not said.get(title, {}).get("help")}


@pytest.fixture(scope="module", params=["published_home", "unscored_home"])
def seen(request):
    """Return a page as a role sees it, of a bank with models and of one without; everybody logs in once."""
    visitors = {}

    def look(path: str, role: Role, **said: str):
        if role not in visitors:
            visitors[role] = visitor(role)
        return go(visitors[role], path, **said)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(request.getfixturevalue(request.param)))
        yield look
        close_banks()


@pytest.mark.parametrize(("page", "role"), OPENED, ids=lambda one: getattr(one, "path", one))
def test_a_page_draws_for_each_role_that_may_open_it(seen, page, role):
    drawn = seen(page.path, role)
    assert not drawn.exception, drawn.exception[0].message
    assert not drawn.error, drawn.error[0].value
    assert drawn.title[0].value == page.title


@pytest.mark.parametrize(("page", "role"), OPENED, ids=lambda one: getattr(one, "path", one))
def test_a_page_says_as_of_when_and_by_whose_clock_and_speaks_no_column_names(seen, page, role):
    read = texts(seen(page.path, role))
    assert any(re.search(r"As of \d+ \w{3} \d{4}, \d\d:\d\d", text) for text in read)
    assert bank().home.settings.clock == "data"  # of a demonstration bank, and not the wall clock
    note = "Times are by the bank's clock, which follows its data. What people did is stamped by the wall clock"
    assert any(text.startswith(note) for text in read)
    raw = {found for text in read for found in RAW_NAME.findall(text)}
    assert raw == set()


@pytest.mark.parametrize(("page", "role"), OPENED, ids=lambda one: getattr(one, "path", one))
def test_a_page_shows_the_banks_clock_and_no_other(seen, page, role):
    """The bank's clock follows its data, which ended long ago: what happens today is told by that clock."""
    today = {day(datetime.now(UTC).date()), day(datetime.now(ZoneInfo(bank().zone)).date())}
    if page.path == "queue":
        seen(page.path, role).session_state[CHOSEN] = _first_case()  # its history is instants of the wall clock
    assert not [text for text in texts(seen(page.path, role)) if any(one in text for one in today)]


def _first_case():
    with bank().log.store.reading() as connection:
        return queue_page(connection, QueueFilter(), limit=1).rows[0].case_id


@pytest.mark.parametrize(("page", "role"), OPENED, ids=lambda one: getattr(one, "path", one))
def test_each_large_number_and_title_of_a_column_opens_what_it_is_and_a_loss_what_it_rests_on(seen, page, role):
    drawn = seen(page.path, role)
    for metric in drawn.metric:
        assert metric.help.startswith(f"**{metric.label}** (")
        assert "Source: " in metric.help
    for table in drawn.dataframe:
        assert undefined(table) == set()
    losses = [metric for metric in drawn.metric if metric.label == "Expected loss"]
    if bank().published.unscored() is None:  # a loss says that mortgages have no probability of their own
        assert losses or page.path not in ("portfolio", "queue")
        assert all(ONE_PROBABILITY in metric.help for metric in losses)
    else:
        assert not losses
        assert not [text for text in texts(drawn) if "stand-in" in text]


@pytest.mark.parametrize("role", ROLES)
def test_a_page_without_a_right_to_it_is_not_in_the_menu_and_does_not_open(seen, role):
    drawn = seen("start", role)
    assert paths(drawn) - {"", "start"} == {page.path for page in PAGES if page.open_to(role)}
    for page in PAGES:
        if not page.open_to(role):
            assert page.title not in [title.value for title in seen(page.path, role).title]


@pytest.mark.parametrize("role", [role for page, role in OPENED if page.path == "customers"])
def test_the_360_holds_the_same_laws(seen, role):
    drawn = seen("customers", role, **{CUSTOMER: riskiest(0)})
    assert not drawn.exception
    read = texts(drawn)
    assert any("As of" in text for text in read)
    assert {found for text in read for found in RAW_NAME.findall(text)} == set()
    assert FEATURES.isdisjoint(read)
    assert all(metric.help for metric in drawn.metric)
    assert {title for table in drawn.dataframe for title in undefined(table)} == set()


@pytest.mark.parametrize("role", [Role.RISK_ANALYST, Role.RISK_OFFICER])
def test_the_360_shows_how_its_log_odds_become_its_probability_where_there_are_any(seen, role):
    with bank().published.current() as version:
        found = published_profile(version, riskiest(0))
    steps = [one.value for one in seen("customers", role, **{CUSTOMER: found.customer_id}).caption
             if "before calibration" in one.value]  # fmt: skip
    if bank().published.unscored() is not None:
        assert (steps, found.scores) == ([], ())
        return
    (score,), (said,) = found.scores, steps
    stated, rest, before, adds, after = map(float, re.findall(r"[-+]\d+\.\d+", said))
    assert stated == pytest.approx(sum(round(reason.contribution, 2) for reason in score.reasons))
    assert stated + rest == pytest.approx(before)
    assert before + adds == pytest.approx(after)
    assert before == round(score.margin, 2)
    assert f"probability of {score.probability * 100:.1f} %" in said


def test_nobody_sees_more_than_the_log_in_before_logging_in(served_home):  # noqa: F811
    page = stranger()
    assert [one.label for one in page.text_input] == ["User name", "Password"]
    assert not page.metric
    assert not page.dataframe


def test_every_role_but_the_programs_has_a_demonstration_user():
    assert set(ROLES) <= set(NAMES)
