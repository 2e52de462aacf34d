"""S-3 as written: of 1,000 requests with rotating forwarded addresses over 1, 2 and 4 workers, accepted = limit."""

import pytest

from tests.api.conftest import api_home, bank_folder
from tests.api.real_server import running
from tests.api.test_limits import FEW, rotating, statuses, with_settings

__all__ = ["api_home", "bank_folder"]  # fixtures


@pytest.mark.proof
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_of_a_thousand_requests_as_many_are_let_through_as_the_limit_says(api_home, tmp_path, workers):
    with running(with_settings(api_home, FEW), tmp_path / "log", workers=workers) as server:
        found = statuses(server, rotating(1_000, 1_000))
    assert (found.count(401), found.count(429)) == (10, 990)


@pytest.mark.proof
def test_behind_a_trusted_proxy_each_address_has_its_own_limit(api_home, tmp_path):
    text = FEW.replace("user_per_minute", "trusted_proxies: [127.0.0.1], user_per_minute")
    with running(with_settings(api_home, text), tmp_path / "log", workers=2) as server:
        found = statuses(server, rotating(160, 8))
        assert (found.count(401), found.count(429)) == (80, 80)
