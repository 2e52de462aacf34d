"""What a refused request is told: every allowed value, every bound, every missing name, and nothing of the input."""

import json
import shutil
from pathlib import Path

import pytest

from bank360.api.expected import expected_at
from bank360.bank.vocabulary import CaseKind
from tests.api.conftest import serving_api
from tests.api.hostile import CANARY, valid_body
from tests.api.operations import DOCUMENT, OPERATIONS

JSON = "application/json"


@pytest.fixture(scope="module")
def api(bank_folder, tmp_path_factory):
    """Nothing here is written, so that one bank does for all."""
    into = tmp_path_factory.mktemp("expected") / "bank"
    with serving_api(Path(shutil.copytree(bank_folder, into))) as opened:
        yield opened


def test_the_kinds_of_cases_are_told_to_whoever_asks_for_another(api):
    answer = api.ask("GET", f"/v1/queue?kind={CANARY}&limit=500")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"loc": ["query", "kind"], "type": "enum", "allowed": [*CaseKind]},
        {"loc": ["query", "limit"], "type": "less_than_equal", "expected": "a whole number from 1 to 200"},
    ]
    assert CANARY not in answer.text


def test_a_field_that_is_not_there_is_answered_with_those_that_are(api):
    answer = api.ask("GET", f"/v1/queue?{CANARY}=1")
    names = ["kind", "state", "owner", "customer", "after", "limit"]
    assert answer.json()["errors"] == [{"loc": ["query", "*"], "type": "extra_forbidden", "allowed": names}]


def test_a_missing_body_is_told_what_it_needs(api):
    answer = api.ask("POST", "/v1/cases/K1/close", headers={"Content-Type": JSON})
    assert answer.json()["errors"] == [{"loc": ["body"], "type": "missing", "expected": "an object with outcome"}]


def wrong_requests():
    """Each operation with each of its constrained parameters and fields wrong in turn: a value that none allows."""
    for operation in OPERATIONS:
        for one in operation.entry.get("parameters", ()):
            if one["in"] == "query" and "customer" not in one["name"]:
                yield operation, ("query", one["name"]), {}
        schema = operation.entry.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema")
        if schema is None:
            continue
        body = valid_body(operation)
        for name in DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]:
            yield operation, ("body", name), {"json": body | {name: [{CANARY: CANARY}]}}
        yield operation, ("body", "*"), {"json": body | {CANARY: 1}}
        yield operation, ("body",), {"json": [body]}


@pytest.mark.parametrize(
    ("operation", "loc", "more"),
    [pytest.param(*one, id=f"{one[0].name} {'.'.join(one[1])}") for one in wrong_requests()],
)
def test_each_fault_says_what_is_allowed_there_or_what_is_expected(api, operation, loc, more):
    url = operation.url if loc[0] == "body" else f"{operation.url}?{loc[1]}={CANARY}%00"
    arrival = operation.path in ("/v1/events", "/v1/interactions")
    who = "olga" if "/override" in operation.path else "scoring" if arrival else "ann"
    answer = api.ask(operation.method, url, who, **more)
    assert answer.status_code == 422, answer.text
    faults = [each for each in answer.json()["errors"] if tuple(each["loc"])[: len(loc)] == loc]
    assert faults
    assert all("allowed" in each or "expected" in each for each in faults), answer.text
    assert CANARY not in answer.text


def test_every_enumeration_of_the_document_is_told_whole():
    """Naive walk beside ours: each parameter and each field of a body that refers to an enumeration."""
    seen = 0
    schemas = DOCUMENT["components"]["schemas"]
    for operation in OPERATIONS:
        content = operation.entry.get("requestBody", {}).get("content", {})
        places = [((one["in"], one["name"]), one["schema"]) for one in operation.entry.get("parameters", ())]
        if JSON in content:
            own = schemas[content[JSON]["schema"]["$ref"].rpartition("/")[2]]["properties"]
            places += [(("body", name), schema) for name, schema in own.items()]
        for loc, schema in places:
            said = json.dumps(schema)
            for name, named in schemas.items():
                if "enum" in named and f'"#/components/schemas/{name}"' in said:
                    found = expected_at(DOCUMENT, operation.method, operation.path, loc, "enum")
                    assert (found.allowed, found.words) == (tuple(named["enum"]), None)
                    seen += 1
    assert seen >= 5  # kind, state, tier, outcome, code


def test_nothing_is_told_of_what_the_document_does_not_know():
    assert expected_at(DOCUMENT, "GET", "/v1/none", ("query", "kind"), "enum").allowed is None
    assert expected_at(DOCUMENT, "GET", "/v1/queue", ("query", "none"), "enum").words is None
    assert expected_at(DOCUMENT, "POST", "/v1/events", ("body", "events", 0, "none"), "enum").words is None
