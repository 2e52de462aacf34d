"""What no well-meaning client sends (R-8): refused as documented, nothing of it comes back, nothing of it is kept.

Here a part of the corpus on each operation, on a bank that has published, and a smaller one on a bank without models:
nothing of it is answered with a 5xx. All of it, over a real socket, is `tests/proof/test_hostile_api.py`.
"""

import json

import pytest
from sqlalchemy import func, select

from bank360.storage.store.schema import metadata
from bank360.storage.version_schema import accounts
from tests.api.conftest import serving_api, with_api_settings
from tests.api.hostile import CANARY, EXAMPLE_ACCOUNT, EXAMPLE_CUSTOMER, LEAST, named, requests_for, valid_body
from tests.api.operations import OPERATIONS

EACH = pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.name for operation in OPERATIONS])
COUNTERS = "rate_counters"  # what counts requests counts refused ones too
STEPS = {"published_home": 7, "unscored_home": 37}  # every seventh, and every thirty-seventh, here


def counted(store):
    """Return how many rows each table has, but for the counters."""
    with store.reading() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
            if name != COUNTERS
        }


def found_wrong(operation, raw, status, content, headers):
    """Return what is wrong with the answer to a raw request; None if nothing is."""
    documented = {int(each) for each in operation.entry["responses"]}
    if status >= 500:
        return f"status {status}"
    # Another path or method than the operation's: nothing is there, and what is not there has no entry.
    elsewhere = raw.path.split("?")[0] != operation.url
    if status not in documented and not (elsewhere and status in (404, 405)):
        return f"undocumented status {status}"
    if CANARY.encode() in content or CANARY.encode() in b"".join(b"".join(pair) for pair in headers):
        return "the input came back"
    return None


@pytest.fixture(scope="module", params=STEPS)
def home(request):
    """A bank with models, and one without, by the name of its fixture."""
    return request.param


@pytest.fixture(scope="module")
def api(home, request, tmp_path_factory):
    folder = with_api_settings(request.getfixturevalue(home), tmp_path_factory.mktemp("hostile") / "bank")
    with serving_api(folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def examples(api):
    """A customer of the bank and an account of theirs, in place of those of the document's examples."""
    with api.client.app.state.serving.published.current() as version, version.reading() as connection:
        one = connection.execute(select(accounts.c.customer_id, accounts.c.account_id).limit(1)).one()
    return one.customer_id, one.account_id


def test_the_examples_that_are_replaced_are_those_of_the_document():
    bodies = [json.dumps(valid_body(operation)) for operation in OPERATIONS]
    assert all(any(one.decode() in body for body in bodies) for one in (EXAMPLE_CUSTOMER, EXAMPLE_ACCOUNT))


@EACH
def test_a_part_of_the_corpus_finds_nothing(api, home, examples, operation):
    token = api.token(
        "olga"
        if "/override" in operation.path
        else "scoring"
        if "/events" in operation.path or "/interactions" in operation.path
        else "ann"
    )
    before = counted(api.store)
    wrong = []
    for told in requests_for(operation)[:: STEPS[home]]:
        raw = named(told, *examples)
        headers = list(raw.headers)
        if not any(name == b"authorization" for name, _ in headers) and operation.path != "/v1/token":
            headers.append((b"authorization", f"Bearer {token}".encode()))
        answer = api.client.request(raw.method, raw.path, headers=headers, content=raw.body)
        problem = found_wrong(operation, told, answer.status_code, answer.content, answer.headers.raw)
        if problem is not None:
            wrong.append((problem, raw.path[:80], raw.body[:80], answer.text[:200]))
        if answer.status_code >= 400:
            assert counted(api.store) == before, raw
        else:
            before = counted(api.store)
            if operation.path == "/v1/token" and operation.method == "DELETE":
                api._tokens.clear()
                token = api.token("ann")
                before = counted(api.store)
    assert wrong == []


@EACH
def test_the_corpus_has_five_hundred_of_each_and_is_the_same_each_time(operation):
    once, again = requests_for(operation), requests_for(operation)
    assert len(once) >= LEAST
    assert once == again
