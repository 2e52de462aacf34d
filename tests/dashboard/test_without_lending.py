"""The pages and lists of a bank that delivered no months of credit: a debt that nobody knows is not 0."""

import pytest

from bank360.bank.vocabulary import Role
from bank360.dashboard.links import CUSTOMER
from bank360.dashboard.opened import HOME_VARIABLE, bank, close_banks
from bank360.storage.known import LENDING
from bank360.storage.published_lists import found_customers
from bank360.storage.queue_pages import queue_money, queue_totals
from tests.api.conftest import serving_api, with_api_settings
from tests.cli.conftest import run
from tests.dashboard.bank import published_home, unlent_home, unscored_home  # noqa: F401 - fixtures
from tests.dashboard.visitor import go, texts, visitor

OF_CREDIT = ("exposure", "days past due", "no credit", "due on credit", "arrears record", "joint debt")


@pytest.fixture(scope="module")
def page(unlent_home):  # noqa: F811
    """The pages as a risk analyst sees them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(unlent_home))
        yield visitor(Role.RISK_ANALYST)
        close_banks()


def read(drawn):
    """Return what is read on a page, in small letters."""
    assert not drawn.exception
    assert not drawn.error
    return " ".join(text.lower() for text in texts(drawn))


def test_a_list_has_no_debts(page):
    drawn = go(page, "customers")
    assert {"Exposure", "Days past due"}.isdisjoint(drawn.dataframe[0].value.columns)
    assert "exposure together" not in read(drawn)


def test_the_360_says_nothing_of_debts(page):
    with bank().published.current() as version:
        assert not version.meta.known.of(LENDING)
        someone = found_customers(version, most=1, by_id=True).rows[0].customer_id
    drawn = go(page, "customers", **{CUSTOMER: someone})
    labels = [metric.label for metric in drawn.metric]
    assert {"Exposure with joint debt", "Days past due"}.isdisjoint(labels)
    assert labels
    said = [metric.label.lower() + str(metric.value).lower() for metric in drawn.metric]
    assert {one for one in OF_CREDIT for text in said if one in text} == set()
    assert "no credit account in the last 24 months" not in read(drawn)


def test_the_api_tells_no_debt_of_anybody(unlent_home, tmp_path):  # noqa: F811
    with serving_api(with_api_settings(unlent_home, tmp_path / "bank")) as api:
        rows = api.ask("GET", "/v1/customers?limit=50").json()["customers"]
    assert {(row["exposure"], row["days_past_due"]) for row in rows} == {(None, None)}


def test_a_case_of_who_owes_what_nobody_knows_has_nothing_at_stake(page, unlent_home):  # noqa: F811
    with bank().log.store.reading() as connection:
        (alerts,) = (one for one in queue_totals(connection) if one.cases)
        assert (alerts.money_at_stake, queue_money(connection).at_stake) == (None, None)
    drawn = go(page, "queue")
    assert [metric.label for metric in drawn.metric] == ["Open cases", "Not taken"]
    assert all("At stake" not in table.value.columns for table in drawn.dataframe)
    assert "nobody has to be looked at" not in read(drawn)
    listed = run("queue", "list", "--home", unlent_home).out
    assert f"alert: {alerts.cases} open, {alerts.unowned} nobody's, not known at stake" in listed


def test_whose_main_bank_it_is_nobody_knows_where_salaries_cannot_be_told(page):
    metrics = {metric.label: metric.value for metric in go(page, "portfolio").metric}
    assert next(value for label, value in metrics.items() if label.startswith("Main-bank")) == "not known"
