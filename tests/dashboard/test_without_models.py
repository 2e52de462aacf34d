"""The pages of a bank without models: what only a model can say is not there, and the Loan desk says what to do."""

import pytest

from bank360.bank.vocabulary import Role
from bank360.dashboard.charts_portfolio import losses
from bank360.dashboard.links import CUSTOMER
from bank360.dashboard.opened import HOME_VARIABLE, bank, close_banks
from bank360.dashboard.screens import PAGES
from bank360.dashboard.wording import money, money_short
from bank360.pipeline.portfolio import published_portfolio
from bank360.storage.published_lists import CustomerFilter, found_customers
from bank360.storage.queue_pages import each_case, queue_money, queue_totals
from tests.dashboard.bank import published_home, unscored_home  # noqa: F401 - fixtures
from tests.dashboard.visitor import go, texts, visitor

SAID_BY_MODELS = (
    "risk tier", "probability of default", "expected loss", "why this score", "not scored", "thin file", "what-if",
    "new application", "decisions made here", "last decision", "loss expected", "stand-in", "in default first",
    "before calibration", "the riskiest", "new request",
)  # fmt: skip
# The queue's own definition names the kinds of cases that there may be; the policy in force states its cut-offs.
DEFINITIONS = ("cases that nobody has closed", "at most 30 days past due with us")


@pytest.fixture(scope="module")
def page(unscored_home):  # noqa: F811
    """The pages as a risk analyst sees them, who may see all that a model says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(unscored_home))
        yield visitor(Role.RISK_ANALYST)
        close_banks()


def said(drawn, but=()):
    """Return what is read on a page, in small letters, without some definitions."""
    assert not drawn.exception
    assert not drawn.error
    found = [text.lower() for text in texts(drawn)]
    return [text for text in found if not any(one in text for one in (*DEFINITIONS, *but))]


@pytest.mark.parametrize("path", [page.path for page in PAGES if page.path not in ("loan-desk", "models")])
def test_a_page_has_nothing_that_only_a_model_says(page, path):
    read = said(go(page, path))
    assert {one: text for one in SAID_BY_MODELS for text in read if one in text} == {}


def test_nor_has_the_360_of_a_customer(page):
    with bank().published.current() as version:
        someone = found_customers(version, CustomerFilter(least_days_past_due=0), most=1).rows[0].customer_id
    drawn = go(page, "customers", **{CUSTOMER: someone})
    read = said(drawn)
    assert {one: text for one in SAID_BY_MODELS for text in read if one in text} == {}
    assert [metric.label for metric in drawn.metric][:2] == ["Exposure with joint debt", "Days past due"]
    assert "Accounts" in [tab.label for tab in drawn.tabs]
    assert "Applications" not in [tab.label for tab in drawn.tabs]


def test_lending_and_the_queue_are_there_without_them(page):
    portfolio = [metric.label for metric in go(page, "portfolio").metric]
    assert portfolio[:5] == ["Exposure", "30+ days past due", "90+ days past due", "Written off", "Open cases"]
    queue = go(page, "queue")
    assert [metric.label for metric in queue.metric] == ["Open cases", "Not taken", "Money at stake"]
    assert {title for table in queue.dataframe for title in table.value.columns} == {
        "Customer", "Why", "At stake", "Age", "Owner", "Kind", "Open",
    }  # fmt: skip


def test_what_counts_a_debt_once_and_what_does_not_stands_in_the_open_of_exposure_alone(page):
    with bank().published.current() as version:
        rows, total = found_customers(version, most=500).rows, published_portfolio(version).total
    each = sum(row.exposure or 0 for row in rows)
    (said,) = (one.value for one in go(page, "portfolio").caption if one.value.startswith("Each account once"))
    sums = f"exposure {money(each, 'GBP')} = {money(total.exposure, 'GBP')} + {money(each - total.exposure, 'GBP')}"
    assert said.endswith(f"over all customers once + difference, {sums}.")
    (listed,) = (one.value for one in go(page, "customers").caption if "Exposure together" in one.value)
    assert listed.startswith(f"Choose a row to open the Customer 360. Exposure together {money(each, 'GBP')}, joint")
    with bank().log.store.reading() as connection:
        cases, once = each_case(queue_totals(connection)), queue_money(connection)
    queue = go(page, "queue")
    (said,) = (one.value for one in queue.caption if one.value.startswith("Money counts"))
    stake, again = money(cases.at_stake, "GBP"), money(cases.at_stake - once.at_stake, "GBP")
    assert f"add up to {stake} at stake: {again} more" in said
    kinds = next(table.value for table in queue.dataframe if "Kind" in table.value.columns)
    assert kinds["Kind"].tolist() == ["Alerts", "In default", "Each case", "Same debt again", "Each debt once"]
    assert kinds["At stake"].tolist()[-1] == money_short(once.at_stake, "GBP")


def test_the_loan_desk_and_the_models_say_that_there_is_no_model_and_what_to_do(page):
    for path in ("loan-desk", "models"):
        read = " ".join(texts(go(page, path)))
        assert "the bank has no applications for credit, which its models learn from" in read
        assert "Map the table 'applications' in bank360.yaml, then run 'bank360 ingest'" in read
        assert "'bank360 train' once outcomes are known" in read
    desk = go(page, "loan-desk")
    assert not desk.button[:-1], "but for the log-out nothing can be pressed"
    assert not desk.text_input


def test_where_nothing_was_written_off_the_bars_begin_at_the_left_all_the_same():
    row = {"line": "Mortgage", "what": "Written off in 12 months", "value": 0.0, "said": "£0.00"}
    domains = [layer["encoding"]["x"]["scale"]["domain"] for layer in losses([row], "£").to_dict()["layer"]
               if "scale" in layer["encoding"]["x"]]  # fmt: skip
    assert domains
    assert all(least == 0 < most for least, most in domains)
