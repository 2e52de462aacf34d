"""Applications at the Loan desk: decided at the bank's own now, tried with all that was told, and each once."""

import json

import pytest

from bank360.bank.vocabulary import Role
from bank360.dashboard.links import CUSTOMER
from bank360.dashboard.opened import bank, close_banks, wall
from bank360.storage.decision_reads import decisions_page
from tests.dashboard.bank import published_home, riskiest, served_home  # noqa: F401 - fixtures
from tests.dashboard.visitor import go, press, visitor

pytestmark = pytest.mark.usefixtures("served_home")


def newest():
    """Return the record of the decision that was made last."""
    with bank().log.store.reading() as connection:
        return json.loads(decisions_page(connection, most=1)[0].record)


@pytest.fixture
def clock_on_the_wall(monkeypatch):
    """The same bank, opened with ``clock: wall``."""
    close_banks()
    monkeypatch.setenv("BANK360_CLOCK", "wall")
    yield
    close_banks()


def test_with_its_clock_on_the_wall_the_desk_decides_now(clock_on_the_wall):
    page = go(visitor(Role.RISK_ANALYST), "loan-desk", **{CUSTOMER: riskiest(5)})
    began = wall()
    page = press(page, "Decide")
    assert not page.exception
    assert not page.error, page.error[0].value
    assert began <= newest()["as_of"] <= wall()
