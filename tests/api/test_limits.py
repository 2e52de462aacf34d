"""Limits (S-3): as many requests are let through as the limit says, whatever workers there are and whatever is claimed.

Here with two workers; with one, two and four and a thousand requests each in `tests/proof/test_limits_proof.py`.
"""

from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest

from bank360.api.callers import Callers
from tests.api.conftest import SETTINGS, serving_api
from tests.api.real_server import Server, running

THREADS = 8
FEW = SETTINGS.replace("anonymous_per_minute: 1000000", "anonymous_per_minute: 10")


def with_settings(home: Path, text: str) -> Path:
    (home / "bank360.yaml").write_text(text, encoding="utf-8")
    return home


def statuses(server: Server, forwarded: list[str], path: str = "/v1/queue") -> list[int]:
    """Ask once for each address that a request claims to come from, many at once; return the statuses."""

    def ask(some: list[str]) -> list[int]:
        found = []
        for address in some:
            connection = HTTPConnection("127.0.0.1", server.port, timeout=30)  # its own: workers share the port
            connection.request("GET", path, headers={"X-Forwarded-For": address})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 429:
                assert 0 < int(answer.headers["Retry-After"]) <= 60
            found.append(answer.status)
            connection.close()
        return found

    with ThreadPoolExecutor(THREADS) as pool:
        return [status for part in pool.map(ask, [forwarded[n::THREADS] for n in range(THREADS)]) for status in part]


def rotating(requests: int, addresses: int) -> list[str]:
    return [f"203.0.{n % addresses // 250}.{n % addresses % 250 + 1}" for n in range(requests)]


def test_who_claims_another_address_each_time_is_let_through_as_often_as_the_limit_says(api_home, tmp_path):
    with running(with_settings(api_home, FEW), tmp_path / "log", workers=2) as server:
        found = statuses(server, rotating(200, 200))
        assert (found.count(401), found.count(429)) == (10, 190)
        assert set(statuses(server, rotating(16, 16), "/v1/health")) == {200}  # a bank's own monitors are not counted


def test_a_user_has_a_limit_of_their_own_whatever_address_they_come_from(api_home):
    text = SETTINGS.replace("user_per_minute: 1000000", "user_per_minute: 5")
    with serving_api(with_settings(api_home, text)) as api:
        ann = [api.ask("GET", "/v1/queue", "ann").status_code for _ in range(7)]
        assert ann == [200] * 5 + [429] * 2
        assert api.ask("GET", "/v1/queue", "olga").status_code == 200
        assert api.ask("GET", "/v1/queue", "scoring").status_code == 403  # a service is counted by another limit
        assert api.ask("GET", "/v1/queue", None).status_code == 401


@pytest.mark.parametrize(
    ("peer", "forwarded", "counts_as"),
    [
        ("198.51.100.7", [], "198.51.100.7"),
        ("198.51.100.7", ["1.2.3.4"], "198.51.100.7"),  # no proxy of ours: not believed
        ("10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6, 1.2.3.4"], "1.2.3.4"),  # what stands before it, the client made up
        ("10.0.0.1", ["6.6.6.6", "1.2.3.4, 10.0.0.9"], "1.2.3.4"),  # two proxies of ours
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        (None, ["1.2.3.4"], "local"),
        ("::ffff:10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),  # one customer of a provider has all of it
        ("2001:db8:1:2:ffff::1", [], "2001:db8:1:2::/64"),
    ],
)
def test_an_address_is_the_nearest_that_is_no_proxy_of_ours(api_home, peer, forwarded, counts_as):
    text = SETTINGS.replace("user_per_minute", "trusted_proxies: [10.0.0.0/24], user_per_minute")
    with serving_api(with_settings(api_home, text)) as api:
        callers: Callers = api.client.app.state.callers  # type: ignore[attr-defined]
        assert callers._address(peer, forwarded) == counts_as


def test_a_counter_that_is_used_up_is_not_asked_for_again_in_its_window(api_home):
    with serving_api(with_settings(api_home, FEW)) as api:
        assert [api.client.get("/v1/queue").status_code for _ in range(12)] == [401] * 10 + [429] * 2
        callers: Callers = api.client.app.state.callers  # type: ignore[attr-defined]
        before = callers._counts
        assert api.client.get("/v1/queue").status_code == 429
        assert callers._counts == before
