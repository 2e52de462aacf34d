"""The queue over HTTP, and Idempotency-Key: done once, answered the same, refused with another payload."""

import pytest

from bank360.api.idempotency import once
from bank360.api.problems import Refused
from bank360.api.routes.queue import Comment
from bank360.bank.vocabulary import CaseKind, Role
from bank360.policies.access import Principal


def test_a_case_goes_from_the_queue_to_its_end(api):
    case_id, other = api.case("C1"), api.case("C2", CaseKind.TIER, "tier")
    seen = api.ask("GET", "/v1/queue").json()
    assert [case["case_id"] for case in seen["cases"]] == sorted([case_id, other])
    assert [(t["kind"], t["cases"], t["nobodys"]) for t in seen["open"]] == [
        ("application", 0, 0), ("alert", 1, 1), ("tier", 1, 1),
    ]  # fmt: skip
    assert api.ask("POST", f"/v1/cases/{case_id}/assign", json={"owner": "me"}).json()["owner"] == "ann"
    mine = api.ask("GET", "/v1/queue?owner=me").json()["cases"]
    assert [case["case_id"] for case in mine] == [case_id]
    assert [c["case_id"] for c in api.ask("GET", "/v1/queue?owner=nobody&kind=tier").json()["cases"]] == [other]
    assert api.ask("GET", "/v1/queue?owner=zoe").json()["cases"] == []
    assert api.ask("POST", f"/v1/cases/{case_id}/comments", json={"text": "rang\ntwice"}).status_code == 200
    closed = api.ask("POST", f"/v1/cases/{case_id}/close", json={"outcome": "cleared"}).json()
    assert (closed["state"], closed["outcome"]) == ("closed", "cleared")
    events = api.ask("GET", f"/v1/cases/{case_id}").json()["events"]
    assert [(e["act"], e["by"], e["outcome"], e["comment"]) for e in events] == [
        ("opened", "system:queue", None, None),
        ("assigned", "ann", None, None),
        ("commented", "ann", None, "rang\ntwice"),
        ("closed", "ann", "cleared", None),
    ]
    assert api.ask("POST", f"/v1/cases/{case_id}/close", json={"outcome": "cleared"}).status_code == 409


def test_pages_of_the_queue_follow_each_other(api):
    ids = sorted(api.case(f"C{number}") for number in range(5))
    got, after = [], ""
    while True:
        page = api.ask("GET", f"/v1/queue?limit=2{after}").json()
        got += [case["case_id"] for case in page["cases"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert got == ids
    assert api.ask("GET", "/v1/queue?after=a_b_c").status_code == 422


def test_the_same_key_is_answered_the_same_and_another_payload_is_refused(api):
    case_id = api.case()
    path = f"/v1/cases/{case_id}/comments"
    first = api.ask("POST", path, key="the-very-same", json={"text": "once"})
    again = api.ask("POST", path, key="the-very-same", content=b'{ "text" : "once" }',
                    headers={"content-type": "application/json"})  # fmt: skip
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")
    assert api.ask("POST", path, key="the-very-same", json={"text": "other"}).status_code == 422
    other = api.case("C2")
    assert api.ask("POST", f"/v1/cases/{other}/comments", key="the-very-same", json={"text": "once"}).status_code == 422
    # Another principal's and another operation's keys are their own.
    assert api.ask("POST", path, "olga", key="the-very-same", json={"text": "once"}).status_code == 200
    assert api.ask("POST", f"/v1/cases/{case_id}/assign", key="the-very-same", json={"owner": "me"}).status_code == 200
    assert len(api.ask("GET", f"/v1/cases/{case_id}").json()["events"]) == 4


def test_a_refusal_does_not_burn_the_key(api):
    case_id = api.case()
    path = f"/v1/cases/{case_id}/close"
    for body, status in (({"outcome": "nonsense"}, 422), ({"outcome": "approved"}, 409), ({"outcome": "cleared"}, 200)):
        assert api.ask("POST", path, key="never-burnt", json=body).status_code == status


def test_a_request_that_is_in_work_is_told_so():
    ann, body = Principal("u1", Role.RISK_ANALYST), Comment(text="x")
    with once(ann, "POST /x", "key-00001", "", body):
        with pytest.raises(Refused) as caught, once(ann, "POST /x", "key-00001", "", body):
            pass
        assert (caught.value.status, caught.value.headers) == (409, {"Retry-After": "1"})
        with once(ann, "POST /x", "key-00002", "", body), once(ann, "POST /y", "key-00001", "", body):
            pass
    with once(ann, "POST /x", "key-00001", "", body) as keyed:
        assert (keyed.principal, keyed.route, keyed.key, len(keyed.fingerprint)) == ("u1", "POST /x", "key-00001", 32)


@pytest.mark.parametrize("key", ["short", "has a space", "x" * 129, "naïve-key"])
def test_a_key_that_is_none_is_refused(api, key):
    answer = api.ask("POST", f"/v1/cases/{api.case()}/comments", json={"text": "x"},
                     headers={"Idempotency-Key": key.encode()})  # fmt: skip
    assert answer.status_code == 422
