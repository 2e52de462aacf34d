"""Laws of every endpoint: it says who may call it, what it is for, what it answers, and reads strictly."""

from inspect import iscoroutinefunction

import pytest

from bank360.api.app import ROUTERS
from bank360.bank.vocabulary import Role
from bank360.policies.access import allowed
from bank360.policies.access_table import Action, FieldClass, Resource
from tests.api.operations import DOCUMENT, OPERATIONS

EACH = pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.name for operation in OPERATIONS])
GUARDED = [operation for operation in OPERATIONS if not operation.is_open]
CHANGES = [o for o in OPERATIONS if o.method != "GET" and o.path not in ("/v1/token", "/v1/loan-applications/what-ifs")]
PROBLEM = {"$ref": "#/components/schemas/Problem"}


def schemas(entry):
    """Yield every schema below an entry, references followed once."""
    seen, waiting = set(), [entry]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            reference = one.get("$ref")
            if reference is not None and reference not in seen:
                seen.add(reference)
                waiting.append(DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]])
            if "type" in one:
                yield one
            waiting += [value for key, value in one.items() if key not in ("examples", "example")]
        elif isinstance(one, list):
            waiting += one


@EACH
def test_it_says_in_one_sentence_what_it_is_for(operation):
    assert operation.entry["description"].strip().count("\n") == 0
    assert operation.entry["description"].endswith(".")
    assert operation.entry["tags"]


@pytest.mark.parametrize("operation", GUARDED, ids=[operation.name for operation in GUARDED])
def test_the_right_that_it_needs_is_granted_to_somebody_and_not_to_all(operation):
    access = operation.entry["x-access"]
    act = (Action(access["action"]), Resource(access["resource"]))
    may = {role for role in Role if all(allowed(role, *act, FieldClass(each)) for each in access["fields"])}
    assert may
    assert may != set(Role)
    assert operation.entry["security"] == [{"token": []}]


@pytest.mark.parametrize("operation", GUARDED, ids=[operation.name for operation in GUARDED])
def test_it_says_how_it_refuses_and_always_in_the_same_shape(operation):
    answers = operation.entry["responses"]
    assert {"400", "401", "403", "413", "422", "429", "503"} <= set(answers)
    assert ("415" in answers) == ("requestBody" in operation.entry)
    for status, answer in answers.items():
        if status >= "400":
            assert answer["content"]["application/problem+json"]["schema"] == PROBLEM


@pytest.mark.parametrize("operation", CHANGES, ids=[operation.name for operation in CHANGES])
def test_what_changes_something_takes_an_idempotency_key_or_says_why_not(operation):
    """A reveal changes nothing but the log, where each is to be counted; events and interactions are known by
    their own ids.
    """
    keyed = any(
        each["name"] == "Idempotency-Key" and each["required"] for each in operation.entry.get("parameters", ())
    )
    assert keyed != (operation.path in {"/v1/customers/{customer_id}/reveal", "/v1/events", "/v1/interactions"})


@pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.name for operation in OPERATIONS])
def test_each_number_text_and_list_that_it_reads_has_its_bounds(operation):
    read = [operation.entry.get("requestBody", {}), operation.entry.get("parameters", [])]
    for schema in schemas(read):
        name = schema.get("title", schema)
        if schema["type"] in ("integer", "number"):
            assert {"minimum", "exclusiveMinimum"} & set(schema), name
            assert {"maximum", "exclusiveMaximum"} & set(schema), name
        elif schema["type"] == "string" and "enum" not in schema and "const" not in schema:
            assert "maxLength" in schema, name
        elif schema["type"] == "array":
            assert "maxItems" in schema, name
        elif schema["type"] == "object" and "properties" in schema and operation.path != "/v1/token":
            assert schema["additionalProperties"] is False, name


def test_the_document_shows_examples():
    """Of what is sent: each body has an example, whole or field by field."""
    for operation in OPERATIONS:
        for content in operation.entry.get("requestBody", {}).get("content", {}).values():
            (top, *_) = schemas(content)
            fields = top.get("properties", {}).values()
            assert (
                "examples" in top
                or any("examples" in str(each) or "enum" in str(each) for each in fields)
                or all(each.get("type") == "boolean" for each in fields)
            ), operation.name


@pytest.mark.parametrize("route", [route for router in ROUTERS for route in router.routes], ids=lambda r: r.name)
def test_what_it_depends_on_is_looked_up_without_a_thread(route):
    """FastAPI hands what is no coroutine to a thread and back; who asks and which bank take less than the way."""
    waiting = list(route.dependant.dependencies)
    while waiting:
        one = waiting.pop()
        assert iscoroutinefunction(one.call), one.call
        waiting += one.dependencies
