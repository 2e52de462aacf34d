"""Who may call what: every operation of the document against the written table, role by role (S-1)."""

from itertools import product

import pytest

from bank360.bank.vocabulary import Role
from bank360.policies.access_table import SECOND_PERSON, Action, FieldClass, Resource
from tests.api.operations import OPERATIONS
from tests.policies.test_access import WRITTEN, written

CELLS, _ = written()  # of docs/reference/access.md
GUARDED = [operation for operation in OPERATIONS if not operation.is_open]
# What everybody may call, all of it: a new one is added here by hand, with a thought.
OPEN = {
    "GET /health", "GET /v1/health", "GET /ready", "GET /metrics", "POST /v1/token",
    "DELETE /v1/token",  # the caller's own token, so without one it is nobody's: 401
}  # fmt: skip


def granted(operation, role):
    """Return whether the written table lets a role call an operation."""
    access = operation.entry["x-access"]
    act = (Action(access["action"]), Resource(access["resource"]))
    return all((role, *act, FieldClass(each)) in CELLS for each in access["fields"])


def test_no_cell_differs_from_the_written_table(api):
    """0 cells: each operation asked as each role, without a body, so that a right is all that is decided on."""
    differ, asked = [], 0
    for operation, role in product(GUARDED, Role):
        status = api.ask(operation.method, operation.url, role).status_code
        asked += 1
        if (status != 403) != granted(operation, role) or status == 401:
            differ.append((operation.name, role.value, status))
    assert differ == []
    assert asked == len(GUARDED) * len(Role)
    assert any(granted(operation, Role.SERVICE) for operation in GUARDED)


def test_who_may_not_is_told_which_roles_may_by_the_written_table_and_nothing_that_was_sent(api):
    for operation in GUARDED:
        role = next(role for role in Role if not granted(operation, role))
        sent = '{"said": "zzsent"}'
        said = api.ask(operation.method, f"{operation.url}?zzsent=1", role, content=sent).json()["detail"]
        may = ", ".join(one for one in Role if granted(operation, one))
        assert said.endswith(f"; who may: {may}."), operation.name
        assert said.startswith(f"The role {role} may not ")
        assert "zzsent" not in said


def test_nobody_is_let_in_without_a_token(api):
    for operation in GUARDED:
        answer = api.ask(operation.method, operation.url, None)
        assert answer.status_code == 401, operation.name
    assert api.client.delete("/v1/token").status_code == 401


def test_what_everybody_may_call_is_known_by_name():
    assert {operation.name for operation in OPERATIONS if operation.is_open} == OPEN


def test_a_second_persons_act_is_an_operation_of_its_own():
    acts = {
        (Action(o.entry["x-access"]["action"]), Resource(o.entry["x-access"]["resource"])) for o in GUARDED
    }  # fmt: skip
    assert (Action.APPROVE, Resource.DECISION) in acts & SECOND_PERSON


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"a":1,"a":2}', b"[" * 9_999, b"{}"])
def test_who_may_not_learns_nothing_of_what_is_wrong_with_the_request(api, body):
    for operation in GUARDED:
        if "requestBody" in operation.entry:
            role = next(role for role in Role if not granted(operation, role))
            answer = api.ask(operation.method, operation.url, role, content=body)
            assert answer.status_code == 403, operation.name


def test_the_document_says_of_every_operation_what_the_written_table_says():
    lines = (WRITTEN.with_name("api.md")).read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    table = {f"{row[0]} {row[1].strip('`')}": row[2:] for row in rows if row[1].startswith("`/")}
    said = {}
    for operation in OPERATIONS:
        if operation.is_open:
            said[operation.name] = ["-", "-", "-", "everybody"]
            continue
        access = operation.entry["x-access"]
        may = ", ".join(role.value for role in Role if granted(operation, role))
        said[operation.name] = [access["action"], access["resource"], ", ".join(access["fields"]), may]
    assert said == table
