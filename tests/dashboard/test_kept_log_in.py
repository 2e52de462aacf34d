"""The cookie that keeps a log-in: given once, for a ticket, to a page of ours; read by no script."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bank360.dashboard import kept_log_in
from bank360.dashboard.kept_log_in import COOKIE, HEADER, PATH, ROUTE, Tickets
from bank360.dashboard.opened import wall

MINUTE = 60_000_000


@pytest.fixture
def client():
    with TestClient(Starlette(routes=[ROUTE]), base_url="http://bank.test") as opened:
        yield opened


def a_ticket(token="a token"):
    return kept_log_in._TICKETS.give(token, wall())


def test_a_ticket_becomes_a_cookie_once(client):
    ticket = a_ticket()
    answer = client.post(PATH, headers={HEADER: ticket, "Sec-Fetch-Site": "same-origin", "Origin": "http://bank.test"})
    assert answer.status_code == 204
    said = answer.headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said
    assert "max-age" not in said  # ends with the browser
    assert "secure" not in said
    assert client.cookies[COOKIE].strip('"') == "a token"
    assert client.post(PATH, headers={HEADER: ticket}).status_code == 403


def test_behind_tls_the_cookie_is_never_sent_without_it(client):
    answer = client.post(PATH, headers={HEADER: a_ticket(), "Origin": "https://bank.test"})
    assert "secure" in answer.headers["set-cookie"].lower()


def test_another_site_gets_no_cookie_and_has_used_the_ticket_up(client):
    ticket = a_ticket()
    foreign = client.post(PATH, headers={HEADER: ticket, "Sec-Fetch-Site": "cross-site"})
    assert (foreign.status_code, "set-cookie" in foreign.headers) == (403, False)
    assert client.post(PATH, headers={HEADER: ticket}).status_code == 403


@pytest.mark.parametrize("headers", [{}, {HEADER: ""}, {HEADER: "none of ours"}])
def test_without_a_ticket_of_ours_there_is_no_cookie(client, headers):
    answer = client.post(PATH, headers=headers)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert client.get(PATH).status_code == 405  # no link logs anybody in


def test_a_ticket_is_good_for_a_minute():
    tickets = Tickets()
    early, late = tickets.give("early", 0), tickets.give("late", 0)
    assert tickets.take(early, MINUTE - 1) == "early"
    assert tickets.take(late, MINUTE) is None
    forgotten = tickets.give("forgotten", 0)
    tickets.give("another", MINUTE)
    assert not tickets.waits(forgotten)
