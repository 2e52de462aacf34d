"""The API on PostgreSQL by URL: the same journey, and texts and numbers that another database would take otherwise."""

import pytest

from bank360.api.startup import check_start
from bank360.home import open_home
from tests.api.conftest import SETTINGS, serving_api
from tests.api.hostile import IN_PATHS, IN_QUERIES, VALUES


@pytest.fixture
def api(postgres_url, tmp_path):
    (tmp_path / "bank360.yaml").write_text(f"{SETTINGS}store: {{url: '{postgres_url}'}}\n", encoding="utf-8")
    check_start(open_home(tmp_path))
    with serving_api(tmp_path) as opened:
        assert opened.store.dialect == "postgresql"
        yield opened


def test_the_queue_works_and_hostile_texts_and_numbers_are_refused(api):
    case_id = api.case()
    path = f"/v1/cases/{case_id}/comments"
    first = api.ask("POST", path, key="the-very-same", json={"text": "once"})
    assert api.ask("POST", path, key="the-very-same", json={"text": "once"}).content == first.content
    assert api.ask("POST", f"/v1/cases/{case_id}/assign", json={"owner": "me"}).json()["owner"] == "ann"
    seen = set()
    for query in IN_QUERIES:
        seen.add(api.ask("GET", f"/v1/queue?{query}").status_code)
        seen.add(api.ask("GET", f"/v1/decisions?{query}").status_code)
    for part in IN_PATHS:
        seen.add(api.ask("GET", f"/v1/cases/{part}").status_code)
    for value in VALUES:
        body = b'{"text": ' + value + b"}"
        seen.add(api.ask("POST", path, content=body, headers={"content-type": "application/json"}).status_code)
    assert seen <= {200, 400, 404, 405, 422}
    assert api.ask("POST", f"/v1/cases/{case_id}/close", json={"outcome": "cleared"}).status_code == 200


def test_a_place_in_the_list_of_customers_that_the_column_cannot_hold_is_refused(api):
    """PostgreSQL's integers end at 2,147,483,647: that one is asked for (and nothing is published), the next is not."""
    assert api.ask("GET", f"/v1/customers?after={2**31 - 1}").status_code == 503
    assert api.ask("GET", f"/v1/customers?after={2**31}").status_code == 422
