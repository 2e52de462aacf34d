"""The API of a bank without models: customers without scores; what only a model can say is absent, or refused."""

import pytest

from bank360.api.problems import NO_MODEL
from bank360.bank.vocabulary import CaseKind, Role
from bank360.policies.access import allowed
from bank360.policies.access_table import Action, FieldClass, Resource
from bank360.storage.decision_reads import decisions_page
from tests.api.conftest import serving_api, with_api_settings
from tests.api.operations import DOCUMENT

READERS = [role for role in Role if allowed(role, Action.READ, Resource.CUSTOMER, FieldClass.ORDINARY)]


@pytest.fixture(scope="module")
def api(unscored_home, tmp_path_factory):
    with serving_api(with_api_settings(unscored_home, tmp_path_factory.mktemp("api") / "bank")) as opened:
        yield opened


@pytest.fixture(scope="module")
def someone(api):
    """The id of a customer."""
    return api.ask("GET", "/v1/customers?limit=1").json()["customers"][0]["customer_id"]


def fits(answer, name):
    """Return whether an answer has all that its schema of the document requires, and nothing else."""
    schema = DOCUMENT["components"]["schemas"][name]
    return set(schema["required"]) <= set(answer) <= set(schema["properties"])


def test_customers_are_listed_by_id_without_what_a_model_says(api):
    page = api.ask("GET", "/v1/customers?limit=200").json()
    ids = [row["customer_id"] for row in page["customers"]]
    assert ids == sorted(ids)
    assert len(ids) > 100
    for row in page["customers"]:
        assert fits(row, "CustomerRow")
        assert {"probability", "tier", "thin_file"}.isdisjoint(row)
    assert any(row["exposure"] for row in page["customers"])


@pytest.mark.parametrize("role", READERS)
def test_the_360_has_its_values_and_neither_scores_nor_decisions(api, someone, role):
    seen = api.ask("GET", f"/v1/customers/{someone}", role).json()
    assert fits(seen, "Customer360")
    assert {"scores", "decisions"}.isdisjoint(seen)
    assert all(block["values"] for block in seen["blocks"])


def test_a_reveal_has_none_either(api, someone):
    seen = api.ask("POST", f"/v1/customers/{someone}/reveal", Role.RISK_ANALYST).json()
    assert seen["revealed"]
    assert {"scores", "decisions"}.isdisjoint(seen)


def test_a_tier_is_refused_and_not_answered_with_nobody(api):
    answer = api.ask("GET", "/v1/customers?tier=high")
    assert (answer.status_code, answer.json()["detail"]) == (409, NO_MODEL)


@pytest.mark.parametrize("path", ["decisions", "what-ifs"])
def test_an_application_is_refused_as_documented_with_what_to_do_and_nothing_is_recorded(api, someone, path):
    with api.store.reading() as connection:
        before = decisions_page(connection)
    body = {"customer_id": someone, "product_id": "LOAN", "amount": 500_000, "term_months": 36}
    answer = api.ask("POST", f"/v1/loan-applications/{path}", key="once-and-again", json=body)
    assert (answer.status_code, answer.json()["detail"]) == (409, NO_MODEL)
    assert "retry-after" not in answer.headers, "nothing comes of asking again soon"
    assert "409" in DOCUMENT["paths"][f"/v1/loan-applications/{path}"]["post"]["responses"]
    for said in ("no approved model", "bank360 nightly", "bank360 train"):
        assert said in NO_MODEL
    with api.store.reading() as connection:
        assert decisions_page(connection) == before


def test_the_queue_has_alerts_and_defaults_whose_expected_loss_is_null_and_not_nothing(api):
    queue = api.ask("GET", "/v1/queue").json()
    assert queue["cases"]
    assert {(case["kind"], case["expected_loss"]) for case in queue["cases"]} == {("alert", None), ("tier", None)}
    assert {case["ground"] for case in queue["cases"] if case["kind"] == "tier"} == {"in default"}
    (alerts,) = (total for total in queue["open"] if total["kind"] == CaseKind.ALERT)
    assert alerts["cases"] >= 1
    assert {total["expected_loss"] for total in (*queue["open"], queue["once"])} == {None}
    stakes = [case["money_at_stake"] for case in queue["cases"]]
    assert stakes == sorted(stakes, reverse=True)
