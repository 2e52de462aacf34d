"""What a client is told when a commit fails: what is true, and the key only where the operation takes one."""

import json

import pytest

from bank360.api.problems import documented, error_response, problem_response
from bank360.bank.errors import NotFound

# Deferred to the commit, and wrong there: SQLite refuses the commit itself.
FAILS_AT_COMMIT = (
    "CREATE TABLE known (id INTEGER PRIMARY KEY)",
    "CREATE TABLE unknown (id INTEGER REFERENCES known (id) DEFERRABLE INITIALLY DEFERRED)",
    "CREATE TRIGGER late AFTER INSERT ON {table} BEGIN INSERT INTO unknown VALUES (1); END",
)


@pytest.mark.parametrize(
    ("table", "path", "detail"),
    [
        (
            "case_comments",
            "/v1/cases/{case}/comments",
            "It may or may not be recorded. Send the same request with the same Idempotency-Key again.",
        ),
        ("tokens", "/v1/token", "The store did not answer, or did not commit. Send the same request again."),
    ],
)
def test_a_commit_that_fails_is_told_as_it_is_and_names_the_key_where_there_is_one(api, table, path, detail):
    url = path.format(case=api.case())
    api.token("ann")
    with api.store.writing() as connection:
        for statement in FAILS_AT_COMMIT:
            connection.exec_driver_sql(statement.format(table=table))
    if table == "tokens":
        answer = api.client.post(url, auth=("ann", "bank360 sample password"))
    else:
        answer = api.ask("POST", url, json={"text": "rang twice"})
    assert (answer.status_code, answer.json()["detail"]) == (503, detail)
    assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize(
    ("there", "errors"),
    [((), None), (("LOAN", "CAR"), [{"loc": ["body", "product_id"], "type": "unknown", "allowed": ["LOAN", "CAR"]}])],
)
def test_an_unknown_product_is_answered_with_those_that_can_be_asked_for(there, errors):
    answer = error_response(NotFound("No 'X'.", of="product", there=there))
    assert answer is not None
    said = json.loads(bytes(answer.body))
    assert (answer.status_code, said["detail"]) == (404, "The bank has no product of this id.")
    assert (said.get("errors") or None) == errors


@pytest.mark.parametrize(
    ("status", "title"),
    [(404, "Not Found"), (413, "Content Too Large"), (422, "Unprocessable Content"), (429, "Too Many Requests")],
)
def test_a_problem_is_called_as_rfc_9110_calls_its_status_whatever_python_does(status, title):
    assert json.loads(problem_response(status).body)["title"] == title
    assert documented(status)[status]["description"] == title
