"""A bank that delivered customers, accounts and transactions alone: no face tells it a 0 that nobody knows.

What it never delivered follows from `partial_home`: no months of credit, balances, products, payments, applications,
contacts or limits, no code of a category, no end of an account.
"""

import json

import pytest

from bank360.bank.vocabulary import Role
from bank360.dashboard.links import CUSTOMER
from bank360.dashboard.opened import HOME_VARIABLE, bank, close_banks
from bank360.pipeline.find_alerts import blind_rules
from bank360.policies.alerts import RULES
from bank360.storage.published_lists import found_customers, owed_by_customers
from tests.api.conftest import serving_api, with_api_settings
from tests.cli.conftest import run
from tests.dashboard.bank import partial_home  # noqa: F401 - a fixture
from tests.dashboard.visitor import go, texts, visitor
from tests.suites.test_every_page import RAW_NAME

NOTHING = ("adds up", "has to be looked at.", "none in a year", "no contact", "£0", "no limit", "none held", "0 line")
NO_CREDIT, NO_CONTACT = "no rows in 'credit months'", "no rows in 'interactions'"


@pytest.fixture(scope="module")
def seen(partial_home):  # noqa: F811
    """Return what a role reads on a page, in small letters, once it has drawn without an error."""
    visitors = {}

    def read(role, path, **said):
        if role not in visitors:
            visitors[role] = visitor(role)
        drawn = go(visitors[role], path, **said)
        assert not drawn.exception
        assert not drawn.error
        found = texts(drawn)
        assert {raw for text in found for raw in RAW_NAME.findall(text)} == set()
        return drawn, " ".join(text.lower() for text in found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(partial_home))
        yield read
        close_banks()


@pytest.fixture
def someone(seen):
    with bank().published.current() as version:
        return found_customers(version, most=1, by_id=True).rows[0].customer_id


@pytest.mark.parametrize("role", [Role.VIEWER, Role.RISK_ANALYST])
def test_the_portfolio_says_of_each_number_what_was_not_delivered(seen, role):
    drawn, read = seen(role, "portfolio")
    assert [one for one in NOTHING if one in read] == []
    metrics = {metric.label: metric.value for metric in drawn.metric}
    assert metrics["Customers"] == "4"
    assert {metrics[name] for name in ("Main-bank share", "Customers lost", "Attrition")} == {"not known"}
    for said in (
        f"nothing is known of lending: the bank delivered {NO_CREDIT}.",
        "the product lines of accounts are not known: the bank delivered no rows in 'products'.",
        "balances were not held to transactions by the day of the event: the bank delivered no rows in 'balances'.",
        f"months of credit were not held to payments: the bank delivered {NO_CREDIT} and no rows in 'payments'.",
        "no 'closed on' in 'accounts' or 'valid to' in 'account parties'",
        "no 'counterparty token' in 'transactions'",
    ):
        assert said in read
    if role is Role.RISK_ANALYST:
        assert "0 of 5 alert rules had data" in read


def test_an_empty_queue_says_that_nobody_looked_and_for_want_of_what(seen):
    drawn, read = seen(Role.RISK_ANALYST, "queue")
    assert [one for one in NOTHING if one in read] == []
    assert "whether somebody has to be looked at is not known: 0 of 5 alert rules had data" in read
    assert read.count(" is not looked for: the bank delivered no ") == len(RULES)
    assert [metric.label for metric in drawn.metric] == ["Open cases", "Not taken"]


def test_a_list_of_customers_has_neither_debts_nor_alerts(seen):
    drawn, read = seen(Role.RISK_ANALYST, "customers")
    assert list(drawn.dataframe[0].value.columns) == ["Customer", "Name", "Region"]
    assert "late" not in read
    with bank().published.current() as version:
        (one, *_) = found_customers(version).rows
        assert (one.exposure, one.days_past_due, one.at_stake) == (None, None, None)
        assert owed_by_customers(version).exposure is None
        assert len(blind_rules(version.meta.known)) == len(RULES)


def test_the_360_of_risk_knows_no_contact_and_no_arrears(seen, someone):
    drawn, read = seen(Role.RISK_ANALYST, "customers", **{CUSTOMER: someone})
    assert [one for one in NOTHING if one in read] == []
    assert f"not known: the bank delivered {NO_CONTACT}" in read
    assert f"nothing is known of debts and arrears: the bank delivered {NO_CREDIT}." in read
    assert (
        f"arrears or complaints suppress offers is not known: the bank delivered {NO_CREDIT} and {NO_CONTACT}" in read
    )
    assert {metric.label for metric in drawn.metric} == {"Income"}


def test_the_360_of_a_marketer_knows_no_savings_income_or_contact(seen, someone):
    drawn, read = seen(Role.MARKETER, "customers", **{CUSTOMER: someone})
    assert [one for one in NOTHING if one in read] == []
    # An account was delivered, and no product: of which line it is nobody knows.
    told = ("Products held", "Savings", "Income", "Last contact")
    assert {metric.label: metric.value for metric in drawn.metric} == dict.fromkeys(told, "not known")


def test_the_api_tells_null_and_what_was_not_delivered(partial_home, tmp_path):  # noqa: F811
    with serving_api(with_api_settings(partial_home, tmp_path / "bank")) as api:
        rows = api.ask("GET", "/v1/customers").json()["customers"]
        shown = api.ask("GET", f"/v1/customers/{rows[0]['customer_id']}").json()
        queue = api.ask("GET", "/v1/queue").json()
    assert {(row["exposure"], row["days_past_due"], row["alerts"]) for row in rows} == {(None, None, None)}
    lacking = {one["part"]: one["not_delivered"] for one in shown["not_known"]}
    assert lacking == {
        "product_lines": ["rows in 'products'"],
        "lending": ["rows in 'credit_months'"],
        "limits": ["account_terms.credit_limit"],
        "applications": ["rows in 'applications'", "application_parties.customer_id"],
        "contacts": ["rows in 'interactions'"],
        "complaints": ["rows in 'interactions'", "interactions.topic"],
    }
    assert queue["cases"] == []
    assert [one["rule"] for one in queue["rules_without_data"]] == [rule.name for rule in RULES]
    assert queue["rules_without_data"][1]["not_delivered"] == ["rows in 'credit_months'"]


def test_the_terminal_says_the_same(partial_home):  # noqa: F811
    checked = " ".join(run("check", "--home", partial_home).out.split())
    assert (
        "no balance held to transactions by the day of the event: the bank delivered no rows in 'balances'" in checked
    )
    listed = run("queue", "list", "--home", partial_home).out
    assert listed.count("not looked for: ") == len(RULES)
    alerts = run("alerts", "--json", "--home", partial_home)
    assert json.loads(alerts.out) == []
    assert "first_payment_default: the bank delivered no rows in 'credit_months'" in alerts.err
    (first, *_) = json.loads(run("profile", "list", "--json", "--home", partial_home).out)
    shown = " ".join(run("profile", "show", first["customer_id"], "--home", partial_home).out.split())
    assert "not known: contacts (the bank delivered no rows in 'interactions')" in shown
