"""Guesses at the log-in page are bounded by address too, and passwords are verified few at a time."""

from types import SimpleNamespace

import pytest

from bank360.bank.vocabulary import Role
from bank360.dashboard import session
from bank360.dashboard.opened import close_banks
from bank360.pipeline.demo_users import SAMPLE_PASSWORD
from tests.dashboard.bank import published_home, served_home  # noqa: F401 - fixtures
from tests.dashboard.visitor import NAMES, stranger, visitor

pytestmark = pytest.mark.usefixtures("served_home")


@pytest.fixture
def three_a_minute(monkeypatch):
    """The same bank, with three guesses a minute from an address, and a proxy of its own."""
    close_banks()
    monkeypatch.setenv("BANK360_API__ANONYMOUS_PER_MINUTE", "3")
    monkeypatch.setenv("BANK360_API__TRUSTED_PROXIES", '["10.0.0.0/24"]')
    yield
    close_banks()


@pytest.fixture
def tried(three_a_minute, monkeypatch):
    """What the log-in page says to somebody who comes from an address; None: it lets them in."""

    def answer(name, password, peer, forwarded=""):
        came = SimpleNamespace(remote_ip=peer, headers=[("X-Forwarded-For", forwarded)], cookies={})
        monkeypatch.setattr("streamlit.runtime.context._get_client_context", lambda: came)
        page = stranger()
        for box, text in zip(page.text_input, (name, password), strict=True):
            box.set_value(text)
        page = page.button[0].click().run()
        return page.error[0].value if page.error else None

    return answer


def test_guesses_from_one_address_end_whatever_the_names_and_do_not_end_those_from_another(tried):
    ann = NAMES[Role.RISK_ANALYST], SAMPLE_PASSWORD
    assert [tried(*ann, "203.0.113.9") for _ in range(4)] == [None] * 4  # a right password is no guess
    guesses = [tried(f"guess{n}", "a guess of some length", "10.0.0.7", "203.0.113.9") for n in range(4)]
    assert guesses == ["That name and password do not fit."] * 3 + ["Too often; come again later."]
    assert tried(*ann, "203.0.113.9") == "Too often; come again later."
    assert tried(*ann, "203.0.113.10") is None


def test_while_as_many_passwords_are_verified_as_may_be_nobody_else_is_verified(monkeypatch):
    monkeypatch.setattr(session, "_SECONDS_TO_WAIT", 0.05)
    for _ in range(4):
        assert session._VERIFYING.acquire(blocking=False)
    try:
        assert visitor(Role.VIEWER).error[0].value == "Too often; come again later."
    finally:
        session._VERIFYING.release(4)
    assert not visitor(Role.VIEWER).error
