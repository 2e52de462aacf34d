"""The API on a published bank: what each role sees of a customer, reveals, decisions that replay, events."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bank360.bank.table import Tag
from bank360.bank.tables_customers import CUSTOMER_PERSONAL, CUSTOMERS
from bank360.bank.vocabulary import Role
from bank360.pipeline.published_rows import published_profile
from bank360.policies.access import field_classes
from bank360.policies.access_table import Action, FieldClass, Resource
from bank360.storage.decision_reads import decisions_page
from bank360.storage.decision_verify import verify_log
from bank360.storage.store.schema import new_events, new_interactions
from bank360.storage.version_schema import customers
from tests.api.conftest import serving_api, with_api_settings
from tests.policies.test_access import written

CELLS, _ = written()
COLUMNS = {column.name: column for column in (*CUSTOMERS.columns, *CUSTOMER_PERSONAL.columns)}
IDENTIFYING = {column.name for column in CUSTOMER_PERSONAL.columns if Tag.PII in column.tags}


@pytest.fixture(scope="module")
def api(published_home, tmp_path_factory):
    with serving_api(with_api_settings(published_home, tmp_path_factory.mktemp("api") / "bank")) as opened:
        yield opened


@pytest.fixture(scope="module")
def someone(api):
    """The riskiest customer's id."""
    return api.ask("GET", "/v1/customers?limit=1").json()["customers"][0]["customer_id"]


def revealed(api, customer_id):
    """Return every direct identifier of a customer as it is."""
    with api.client.app.state.serving.published.current() as version:
        block = published_profile(version, customer_id, reveal=True).blocks[0]
    return {v.name: str(v.value) for v in block.values if v.name in IDENTIFYING and v.value is not None}


def may(role, resource, fields):
    return (role, Action.READ, resource, fields) in CELLS


@pytest.mark.parametrize("role", Role)
def test_no_field_of_a_customer_is_shown_to_a_role_that_may_not_read_its_class(api, someone, role):
    answer = api.ask("GET", f"/v1/customers/{someone}", role)
    if not may(role, Resource.CUSTOMER, FieldClass.PROVENANCE):
        assert answer.status_code == 403
        return
    seen = answer.json()
    values = [value for block in seen["blocks"] for value in block["values"]]
    assert bool(values) == may(role, Resource.CUSTOMER, FieldClass.ORDINARY)
    assert bool(seen["scores"]) == may(role, Resource.SCORE, FieldClass.ORDINARY)
    assert seen["freshness"]
    for value in values:
        column = COLUMNS.get(value["name"])
        classes = {FieldClass.ORDINARY} if column is None else field_classes(column)
        if value["name"] == "age":  # read off the birth date; a number of years identifies nobody
            classes = {FieldClass.PROTECTED}
        assert all(may(role, Resource.CUSTOMER, one) for one in classes - {FieldClass.IDENTITY}), value["name"]
        assert value["masked"] == (FieldClass.IDENTITY in classes and value["value"] is not None)
    for name, whole in revealed(api, someone).items():  # masked for everybody who did not ask
        assert f'"{whole}"' not in answer.text, name


@pytest.mark.parametrize("role", Role)
def test_identity_is_revealed_to_whom_the_table_lets_and_each_time_is_sealed(api, someone, role):
    log = api.client.app.state.serving.log
    before = verify_log(log).records
    answer = api.ask("POST", f"/v1/customers/{someone}/reveal", role)
    if not may(role, Resource.CUSTOMER, FieldClass.IDENTITY):
        assert (answer.status_code, verify_log(log).records) == (403, before)
        return
    whole = revealed(api, someone)
    shown = {v["name"]: v["value"] for v in answer.json()["blocks"][0]["values"]}
    protected = may(role, Resource.CUSTOMER, FieldClass.PROTECTED)
    assert {n: shown.get(n) for n in whole if n != "birth_date"} == {
        n: v for n, v in whole.items() if n != "birth_date"
    }
    assert ("birth_date" in shown) == ("sex" in shown) == ("age" in shown) == protected
    with api.store.reading() as connection:
        (sealed,) = decisions_page(connection, most=1, kind="identity.revealed")
    assert verify_log(log).records == before + 1 == sealed.sequence
    assert someone not in str(sealed)


def families(api):
    """Return each family name, casefolded, with the customers of it, the riskiest first."""
    with api.client.app.state.serving.published.current() as version, version.reading() as connection:
        columns = customers.c.family_key, customers.c.customer_id
        named = connection.execute(
            select(*columns).where(customers.c.family_key.is_not(None)).order_by(customers.c.place)
        )
        found = {}
        for family, customer_id in named:
            found.setdefault(family, []).append(customer_id)
    return list(found.items())


@pytest.mark.parametrize(("who", "by_beginning"), [("mara", False), ("scoring", False), ("ann", True), ("olga", True)])
def test_who_may_not_reveal_a_name_cannot_spell_it_out_by_growing_beginnings(api, who, by_beginning):
    family, ids = families(api)[0]

    def found(text):
        answer = api.ask("GET", "/v1/customers", who, params={"q": text, "limit": 200})
        assert answer.status_code == 200
        return {row["customer_id"] for row in answer.json()["customers"]}

    for letters in range(1, len(family)):
        if not by_beginning:  # nobody but who is called just so
            assert found(family[:letters]) == set(dict(families(api)).get(family[:letters], ()))
        else:
            assert set(ids) <= found(family[:letters])
    assert set(ids) <= found(family.upper())


def test_who_may_not_read_scores_cannot_tell_risk_by_a_list(api, someone):
    assert api.ask("GET", "/v1/customers", "mara").status_code == 422
    assert api.ask("GET", "/v1/customers?q=a&tier=high", "mara").status_code == 422
    lists = [api.ask("GET", "/v1/customers", "mara", params={"q": family}).json() for family, _ in families(api)]
    rows = [row for page in lists for row in page["customers"]]
    assert rows
    assert all(row["probability"] is row["tier"] is row["thin_file"] is row["alerts"] is None for row in rows)
    for page in lists:
        ids = [row["customer_id"] for row in page["customers"]]
        assert ids == sorted(ids)
        assert page["next"] is None
    assert api.ask("GET", f"/v1/customers?q={someone}").json()["customers"][0]["probability"] is not None


def test_a_page_too_short_for_all_does_not_tell_who_is_risky(api):
    """Of customers of one family name, whoever may not read scores gets the first by id, not the riskiest."""
    telling = [(family, ids) for family, ids in families(api) if min(ids) != ids[0]]
    assert telling
    for family, ids in telling[:5]:
        page = api.ask("GET", "/v1/customers", "mara", params={"q": family, "limit": 1}).json()
        assert [row["customer_id"] for row in page["customers"]] == [min(ids)]


def test_pages_of_customers_hold_everybody_once_those_in_default_and_then_the_riskiest_first(api):
    rows, after = [], ""
    while True:
        page = api.ask("GET", f"/v1/customers?limit=90{after}").json()
        rows += page["customers"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len({row["customer_id"] for row in rows}) == len(rows) > 150
    risks = [(row["tier"] == "in_default", -1 if row["probability"] is None else row["probability"]) for row in rows]
    assert risks == sorted(risks, reverse=True)
    assert risks[0][0]


def apply(api, customer_id, who="ann", key=None, **more):
    body = {"customer_id": customer_id, "product_id": "LOAN", "amount": 500_000, "term_months": 36, **more}
    return api.ask("POST", "/v1/loan-applications/decisions", who, key, json=body)


def test_a_decision_is_made_once_for_a_key_looked_up_and_replays(api, someone):
    first = apply(api, someone, key="one-decision")
    again = apply(api, someone, key="one-decision")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert apply(api, someone, key="one-decision", amount=500_001).status_code == 422
    made = first.json()
    assert 1 <= len(made["reasons"]) <= 4
    assert [gate["gate"] for gate in made["gates"]] == [
        "eligibility", "identity and fraud", "affordability", "probability of default", "amount and term",
    ]  # fmt: skip
    path = f"/v1/decisions/{made['decision_id']}"
    read = api.ask("GET", path, "mo").json()
    assert {name: read[name] for name in made} == made
    assert read["customer_id"] == someone
    replayed = api.ask("GET", f"{path}/replay", "mo").json()
    assert (replayed["same"], replayed["sealed_sha256"] == replayed["again_sha256"]) == (True, True)
    latest = api.ask("GET", "/v1/decisions?limit=1").json()
    assert latest["decisions"][0]["decision_id"] == made["decision_id"]
    assert api.ask("GET", f"/v1/customers/{someone}").json()["decisions"][0]["decision_id"] == made["decision_id"]
    assert api.ask("GET", "/v1/decisions/none").status_code == 404


def test_what_people_decided_stands_beside_what_the_policy_said(api, someone):
    made = apply(api, someone).json()
    decision_id, policy_said = made["decision_id"], made["outcome"]
    views = lambda: (  # noqa: E731
        api.ask("GET", f"/v1/decisions/{decision_id}", "mo").json(),
        api.ask("GET", "/v1/decisions?limit=1").json()["decisions"][0],
        api.ask("GET", f"/v1/customers/{someone}").json()["decisions"][0],
    )
    for view in views():
        assert (view["decision_id"], view["outcome"], view["standing_outcome"]) == (decision_id, *[policy_said] * 2)
        assert view["people"] is None
    word, other = ("declined", "decline") if policy_said == "approve" else ("approved", "approve")
    proposal = {"outcome": word, "code": "data_in_error"}
    case = api.ask("POST", f"/v1/decisions/{decision_id}/override", "olga", json=proposal).json()["case_id"]
    assert api.ask("GET", f"/v1/cases/{case}").json()["proposal"] == proposal | {"by": "olga"}
    assert [view["standing_outcome"] for view in views()] == [
        policy_said
    ] * 3  # one person proposed: nothing stands yet
    assert api.ask("POST", f"/v1/cases/{case}/override", "olga", json={"approve": True}).status_code == 403
    answered = api.ask("POST", f"/v1/cases/{case}/override", "otto", json={"approve": True})
    assert (answered.status_code, answered.json()["closed_by"]) == (200, "otto")
    last = api.ask("GET", f"/v1/cases/{case}").json()["events"][-1]
    assert (last["by"], last["proposed_by"], last["outcome"]) == ("otto", "olga", word)
    for view in views():
        assert (view["outcome"], view["standing_outcome"]) == (policy_said, other)
        at = datetime.fromisoformat(view["people"].pop("at"))
        assert timedelta(0) <= datetime.now(UTC) - at < timedelta(minutes=5)
        assert view["people"] == {
            "outcome": other, "decided_by": "otto", "proposed_by": "olga", "code": "data_in_error", "case_id": case,
        }  # fmt: skip


def test_a_review_is_in_the_queue_as_soon_as_it_is_answered_and_a_what_if_never(api):
    ids = [row["customer_id"] for row in api.ask("GET", "/v1/customers?limit=200").json()["customers"]]
    count = lambda: api.ask("GET", "/v1/queue").json()["open"][0]["cases"]  # noqa: E731
    before, reviews = count(), 0
    for customer_id in ids[-6:]:
        tried = api.ask("POST", "/v1/loan-applications/what-ifs", json={
            "customer_id": customer_id, "product_id": "LOAN", "amount": 500_000, "term_months": 36})  # fmt: skip
        assert tried.status_code == 200
        assert count() == before + reviews
        made = apply(api, customer_id).json()
        assert made["outcome"] == tried.json()["outcome"]
        reviews += made["outcome"] == "review"
        assert count() == before + reviews
    assert reviews
    case = api.ask("GET", "/v1/queue?kind=application&limit=1").json()["cases"][0]
    assert case["money_at_stake"] == 500_000


def test_a_request_that_cannot_be_decided_says_why(api, someone):
    for answer, said in (
        (apply(api, "nobody"), "No customer has this id, and no source key is called so; capitals count."),
        (
            api.ask("GET", "/v1/customers/nobody"),
            "No customer has this id, and no source key is called so; capitals count.",
        ),
        (apply(api, someone, product_id="NONE"), "The bank has no product of this id."),
        (api.ask("GET", "/v1/decisions/none"), "There is no decision of this id."),
        (api.ask("GET", "/v1/decisions/none/replay"), "There is no decision of this id."),
        (api.ask("GET", "/v1/cases/none"), "There is no case of this id."),
        (api.ask("POST", "/v1/cases/none/close", json={"outcome": "cleared"}), "There is no case of this id."),
        (api.ask("POST", f"/v1/cases/{api.case()}/assign", json={"owner": "zoe"}), "There is no user of this name."),
    ):
        assert (answer.status_code, answer.json()["detail"]) == (404, said)
    assert apply(api, someone, product_id="MORTGAGE").status_code == 422
    (fault,) = apply(api, someone, product_id="NONE").json()["errors"]  # the products that the policy lends
    assert (fault["loc"], fault["type"]) == (["body", "product_id"], "unknown")
    assert "LOAN" in fault["allowed"]
    assert "MORTGAGE" not in fault["allowed"]


def test_events_are_taken_in_once_and_all_of_a_call_or_none(api):
    serving = api.client.app.state.serving
    with serving.published.current() as version, version.reading() as connection:
        account, currency = connection.exec_driver_sql(
            "SELECT account_id, currency FROM accounts WHERE customer_id IS NOT NULL LIMIT 1"
        ).one()
    at = datetime.fromtimestamp(serving.now_us() / 1e6, UTC) - timedelta(seconds=5)
    event = {
        "transaction_id": "T-1", "account_id": account, "event_time": f"{at:%Y-%m-%dT%H:%M:%S}Z", "amount": -4_250,
        "currency": currency, "channel": "pos", "scheme": "card", "category": "groceries", "country": "GB",
    }  # fmt: skip

    def send(*events):
        return api.ask("POST", "/v1/events", "scoring", json={"events": list(events)})

    assert send(event).json() == {"accepted": 1, "known": 0}
    assert send(event, event | {"transaction_id": "T-2"}).json() == {"accepted": 1, "known": 1}
    again = send(event, event | {"amount": -1})
    assert (again.status_code, again.json()["errors"]) == (
        409, [{"loc": ["body", "events", 1, "transaction_id"], "type": "known"}]
    )  # fmt: skip
    for wrong, code in (
        ({"account_id": "none"}, "unknown"),
        ({"currency": "JPY"}, "not_the_accounts"),
        ({"event_time": "2026-02-30T00:00:00Z"}, "datetime"),
        ({"event_time": "2016-02-28T00:00:00Z"}, "too_old"),
        ({"event_time": "2036-02-28T00:00:00Z"}, "later_than_now"),
        ({"channel": "x"}, "enum"),
        ({"country": "UK"}, "no_code"),
        ({"country": "QZ"}, "no_code"),
    ):
        answer = send(event | {"transaction_id": "T-3"}, event | {"transaction_id": "T-4"} | wrong)
        (field,) = wrong
        (fault,) = answer.json()["errors"]
        told = (answer.status_code, fault["loc"], fault["type"])
        assert told == (422, ["body", "events", 1, field], code)
        assert field != "country" or "such as FR; the United Kingdom is GB, not UK" in answer.json()["detail"]
    with api.store.reading() as connection:
        assert sorted(connection.execute(new_events.select()).scalars("event_id")) == ["T-1", "T-2"]


def test_interactions_are_taken_in_once_under_a_sources_key_and_all_of_a_call_or_none(api):
    serving = api.client.app.state.serving
    with serving.published.current() as version, version.reading() as connection:
        stable, key = connection.exec_driver_sql("SELECT customer_id, source_key FROM keys ORDER BY 2 LIMIT 1").one()
        (first,) = connection.exec_driver_sql(f"SELECT min(source_key) FROM keys WHERE customer_id = '{stable}'").one()
    at = datetime.fromtimestamp(serving.now_us() / 1e6, UTC) - timedelta(seconds=5)
    call = {
        "interaction_id": "I-1", "customer_id": stable, "at": f"{at:%Y-%m-%dT%H:%M:%S}Z", "channel": "phone",
        "kind": "call",
    }  # fmt: skip

    def send(*interactions, by="scoring"):
        return api.ask("POST", "/v1/interactions", by, json={"interactions": list(interactions)})

    assert send(call, by="ann").status_code == 403
    assert send(call).json() == {"accepted": 1, "known": 0}
    assert send(call, call | {"interaction_id": "I-2", "customer_id": key}).json() == {"accepted": 1, "known": 1}
    again = send(call | {"kind": "visit"})
    assert (again.status_code, again.json()["errors"]) == (
        409, [{"loc": ["body", "interactions", 0, "interaction_id"], "type": "known"}]
    )  # fmt: skip
    for wrong, code in (
        ({"customer_id": "nobody"}, "unknown"),
        ({"product_id": "none"}, "unknown"),
        ({"at": "2026-02-30T00:00:00Z"}, "datetime"),
        ({"at": "2016-02-28T00:00:00Z"}, "too_old"),
        ({"at": "2036-02-28T00:00:00Z"}, "later_than_now"),
        ({"channel": "x"}, "enum"),
        ({"kind": "x"}, "enum"),
        ({"arm": "x"}, "enum"),
    ):
        answer = send(call | {"interaction_id": "I-3"}, call | {"interaction_id": "I-4"} | wrong)
        (field,) = wrong
        (fault,) = answer.json()["errors"]
        told = (answer.status_code, fault["loc"], fault["type"])
        assert told == (422, ["body", "interactions", 1, field], code)
    with api.store.reading() as connection:
        rows = connection.execute(new_interactions.select().order_by(new_interactions.c.position)).all()
    assert [(row.interaction_id, row.customer_key, row.drained) for row in rows] == [
        ("I-1", first, None), ("I-2", key, None),
    ]  # fmt: skip
