"""A day at the dashboard in a real Chromium, served as a bank serves it.

Log in as risk analyst, take a case from the queue, open the 360, decide the application, find the decision and replay
it. What is on the way is looked at: the first screen holds what matters, and no request leaves this machine.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bank360.dashboard.kept_log_in import COOKIE
from bank360.pipeline.demo_users import SAMPLE_PASSWORD
from tests.dashboard.bank import published_home  # noqa: F401 - a fixture
from tests.dashboard.browser import Browser, answers, browser, free_port, missing

FIRST_SCREEN = (1280, 800)
# Where pictures of the pages are kept; for people to look at.
PICTURES = os.environ.get("BANK360_TEST_PICTURES")


@pytest.fixture(scope="module")
def address(published_home) -> Iterator[str]:  # noqa: F811
    """Serve the home by `bank360 serve` and return where the dashboard is."""
    api, pages = free_port(), free_port()
    words = ["serve", "--home", str(published_home), "--port", str(api), "--dashboard-port", str(pages)]
    process = subprocess.Popen(
        [sys.executable, "-c", "from bank360.cli.main import main; main()", *words],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        answers(f"http://127.0.0.1:{pages}/_stcore/health")
        yield f"http://127.0.0.1:{pages}"
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=20)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def window(address) -> Iterator[Browser]:
    """A Chromium at the dashboard, logged in as risk analyst."""
    lacking = missing()
    if lacking is not None and os.environ.get("BANK360_TEST_BROWSER") == "required":
        pytest.fail(lacking)  # CI installs a browser: without one it must not go green
    if lacking is not None:
        pytest.skip(lacking)
    with browser(*FIRST_SCREEN) as opened:
        opened.open(address)
        log_in(opened)
        opened.wait_for("Loss expected against written off")
        yield opened


def log_in(window: Browser) -> None:
    """Log in as the risk analyst of the demonstration."""
    window.wait_for("User name")
    window.type_into("User name", "ann")
    window.type_into("Password", SAMPLE_PASSWORD)
    window.press("Log in")


def keep(window: Browser, name: str) -> None:
    """Keep a picture of what is seen, where somebody wants one."""
    if PICTURES is not None:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        window.screenshot(Path(PICTURES) / f"{name}.png")


def test_from_the_queue_to_a_decision_that_replays(window):
    keep(window, "portfolio")
    window.follow("Queue")
    window.wait_for("Choose a row to open the case.")
    window.choose_row(0, 0)
    window.wait_for("4 direct debits returned in a row")
    keep(window, "queue")
    window.press("Take this case")
    window.wait_for("taken by ann")

    window.follow("Open the 360")
    window.wait_for("Arrears record, 24 months")
    keep(window, "customer_360")

    window.follow("New application")
    window.wait_for("What is left empty counts as the customer said it last.")
    window.press("Decide")
    window.wait_for("What the letter says")
    keep(window, "decision")
    window.press("Replay the decision")
    window.wait_for("bytes came out")

    window.press("Back")
    window.wait_for("Every decision is sealed in the log")
    keep(window, "loan_desk")
    window.choose_row(0 if "No application waits" in window.text() else 1, 0)
    window.wait_for("What the letter says")
    window.press("Replay the decision")
    window.wait_for("The same")


@pytest.mark.parametrize(
    ("page", "essential"),
    [
        ("Portfolio", "90+ days past due"),
        ("Portfolio", "Loss expected against written off"),
        ("Customers", "Find a customer"),
        ("Queue", "Money at stake"),
        ("Loan desk", "New application"),
        ("Models", "Inventory"),
    ],
)
def test_the_first_screen_holds_what_matters_without_scrolling(window, page, essential):
    window.follow(page)
    window.wait_for(essential)
    assert window.bottom_of(essential) < FIRST_SCREEN[1]


def test_a_reload_stays_logged_in_by_a_cookie_that_no_script_reads_and_logging_out_ends_it(window, address):
    window.open(f"{address}/queue")
    window.wait_for("Choose a row to open the case.")
    assert COOKIE not in str(window.run("return document.cookie"))
    window.press("Log out")
    window.wait_for("User name")
    window.open(f"{address}/queue")
    window.wait_for("User name")
    log_in(window)
    window.wait_for("Choose a row to open the case.")


def test_no_button_saves_what_is_seen(window):
    window.follow("Portfolio")
    window.wait_for("Loss expected against written off")
    shown = window.run(
        "return [...document.querySelectorAll('button')].filter(one => getComputedStyle(one).display !== 'none')"
        ".map(one => one.ariaLabel || one.innerText)"
    )
    assert any(label.startswith("Fullscreen") for label in shown)
    assert not [label for label in shown if label.startswith(("Download", "Copy"))]


def test_no_request_leaves_this_machine(window, address):
    for page in ("Models", "Portfolio", "Customers"):
        window.follow(page)
        window.wait_for("As of")
    asked = window.requested()
    assert asked
    assert {urlsplit(one).netloc for one in asked if one.startswith("http")} == {urlsplit(address).netloc}
