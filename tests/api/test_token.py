"""Logging in over HTTP: who gets a token, what it is worth and for how long, and what guessing costs."""

import base64
import hashlib
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update

from bank360.api import serving
from bank360.home import fresh_id
from bank360.pipeline.demo_users import SAMPLE_PASSWORD
from bank360.pipeline.users import change_password
from bank360.storage.store.schema import rate_counters, tokens, users

FORM = {"content-type": "application/x-www-form-urlencoded"}


def form(api, content, headers=None):
    content = urlencode(content) if isinstance(content, dict) else content
    return api.client.post("/v1/token", content=content, headers=headers or FORM)


@pytest.mark.parametrize("way", ["basic", "form"])
def test_a_name_and_password_give_a_token_that_says_who_asks(api, way):
    if way == "basic":
        answer = api.client.post("/v1/token", auth=("ann", SAMPLE_PASSWORD))
    else:
        answer = form(api, {"username": "ann", "password": SAMPLE_PASSWORD, "grant_type": "password"})
    told = answer.json()
    assert (answer.status_code, told["token_type"], told["expires_in"], told["role"]) == (
        200, "bearer", 3600, "risk_analyst",
    )  # fmt: skip
    assert len(base64.urlsafe_b64decode(told["access_token"] + "=")) == 32
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    assert api.client.get("/v1/queue", headers=bearer).status_code == 200


def test_the_store_has_the_hash_of_a_token_and_not_the_token(api):
    token = api.token("ann")
    with api.store.reading() as connection:
        assert connection.execute(select(tokens.c.token_hash)).scalars().all() == [
            hashlib.sha256(token.encode()).digest()
        ]
    for path in api.home.path.glob("store*"):
        assert token.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer x", "Basic YTpi", "bearer \x7f", "Bearer " + "x" * 5_000]
)
def test_without_a_valid_token_nobody_is_let_in(api, header):
    answer = api.client.get("/v1/queue", headers={} if header is None else {"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(api):
    answers = [form(api, {"username": name, "password": "not this one"}) for name in ("ann", "nobody")]
    assert [a.status_code for a in answers] == [401, 401]
    assert answers[0].content == answers[1].content


def test_a_token_ends_with_its_time_its_owner_or_the_password(api, monkeypatch):
    ask = lambda: api.ask("GET", "/v1/queue", "ann").status_code  # noqa: E731
    assert ask() == 200
    now = serving.wall_us()
    monkeypatch.setattr("bank360.api.callers.wall_us", lambda: now + 3_601_000_000)
    assert ask() == 401
    monkeypatch.undo()
    assert ask() == 200
    assert api.ask("DELETE", "/v1/token", "ann").status_code == 204
    assert ask() == 401
    api._tokens.clear()
    assert ask() == 200
    change_password(api.client.app.state.serving.log, "ann", "another long password", fresh_id(), "operator:x", 1)
    assert ask() == 401


def test_a_role_that_was_taken_away_is_gone_at_the_next_request(api):
    assert api.ask("GET", "/v1/queue", "ann").status_code == 200
    with api.store.writing() as connection:
        connection.execute(update(users).where(users.c.name == "ann").values(role="viewer"))
    assert api.ask("GET", "/v1/queue", "ann").status_code == 403


@pytest.mark.parametrize("name", ["ann", "nobody"])
def test_ten_guesses_at_an_account_are_verified_and_the_eleventh_is_not_even_if_right(api, name):
    guesses = [form(api, {"username": name, "password": f"guess number {n}"}).status_code for n in range(12)]
    assert guesses == [401] * 10 + [429] * 2
    right = form(api, {"username": name, "password": SAMPLE_PASSWORD})
    assert right.status_code == 429
    assert 0 < int(right.headers["retry-after"]) <= 15 * 60
    assert form(api, {"username": "olga", "password": SAMPLE_PASSWORD}).status_code == 200


def test_a_right_password_is_no_guess(api):
    for _ in range(12):
        assert form(api, {"username": "ann", "password": SAMPLE_PASSWORD}).status_code == 200


def test_counters_name_neither_account_nor_address(api):
    form(api, {"username": "ann", "password": "wrong password"})
    with api.store.reading() as connection:
        names = connection.execute(select(rate_counters.c.counter)).scalars().all()
    assert names
    assert all(len(name) == 64 and int(name, 16) for name in names)


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"", FORM, 401),
        (b"username=zaphod", FORM, 422),
        (b"username=zaphod&password=x&username=olga", FORM, 422),
        (b"username=zaphod&password=x&admin=1", FORM, 422),
        (b"username=zaphod&password=%ff", FORM, 400),
        (b"username=\xff&password=x", FORM, 400),
        (b"&" * 900, FORM, 400),
        (b'{"username": "zaphod", "password": "x"}', {"content-type": "application/json"}, 415),
        (b"username=zaphod&password=" + b"x" * 129, FORM, 401),
        (b"username=%00&password=x", FORM, 401),
        (b"username=&password=", FORM, 401),
        (b"", {"authorization": "Basic !!!"}, 401),
        (b"", {"authorization": "Basic " + base64.b64encode(b"no colon").decode()}, 401),
        (b"", {"authorization": "Basic " + base64.b64encode(b"\xff\xfe:x").decode()}, 401),
    ],
)
def test_a_log_in_that_cannot_be_read_is_refused_and_nothing_of_it_comes_back(api, content, headers, status):
    answer = form(api, content, headers)
    assert answer.status_code == status
    assert b"admin" not in answer.content
    assert b"zaphod" not in answer.content
