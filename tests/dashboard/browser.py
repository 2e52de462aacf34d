"""A real Chromium, driven as the W3C WebDriver standard says: a few requests to the driver that comes with it.

Page loads are real, so is every click. A step waits until what it wants is there, and fails after `PATIENCE` seconds
saying what was on the page instead.
"""

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 30.0
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the standard's key of a reference to an element
_ROW_HEIGHT, _TICK_BOX = 31, 17  # pixels, at the font size of our theme
_ENTER = "\ue007"
_NOT_YET = ("stale element", "click intercepted", "not interactable", "invalid element state")
_FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--no-first-run", "--force-device-scale-factor=1", "--hide-scrollbars",
]  # fmt: skip


def missing() -> str | None:
    """Return which program a browser test lacks here; None if none."""
    lacking = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    return f"{' and '.join(lacking)} not installed (Debian: chromium, chromium-driver)" if lacking else None


class Browser:
    """One window of Chromium."""

    def __init__(self, driver: str, session: str) -> None:
        self._driver, self._session = driver, session

    def open(self, address: str) -> None:
        """Load a page."""
        self._ask("url", {"url": address})

    def text(self) -> str:
        """Return what can be read on the page."""
        return str(self.run("return document.body.innerText"))

    def run(self, script: str, *arguments: Any) -> Any:
        """Return what a script returns in the page."""
        return self._ask("execute/sync", {"script": script, "args": list(arguments)})

    def wait_for(self, text: str) -> None:
        """Wait until a text can be read on the page and nothing runs any more."""
        self._wait(lambda: text in self.text() and not self._busy(), f"'{text}'")

    def follow(self, label: str) -> None:
        """Click the link with this label: of the menu, or from one page to another."""
        self._element(f"//a[contains(normalize-space(.), {_quoted(label)})]")

    def press(self, label: str) -> None:
        """Click the button with this label."""
        self._element(f"//button[contains(normalize-space(.), {_quoted(label)})]")

    def choose_row(self, table: int, row: int) -> None:
        """Tick a row of a table: tables are drawn on a canvas, so the click goes to where the tick box is.

        Parameters
        ----------
        table, row
            Which table of the page, and which row of it, both counted from 0.
        """
        found = "document.querySelectorAll('[data-testid=stDataFrame] canvas[data-testid=data-grid-canvas]')"
        self._wait(lambda: int(self.run(f"return {found}.length")) > table, f"table {table}")
        self.run(f"{found}[arguments[0]].scrollIntoView({{block: 'center'}})", table)
        left, top = self.run(f"const r = {found}[arguments[0]].getBoundingClientRect(); return [r.left, r.top]", table)
        y = round(top + _ROW_HEIGHT * (row + 1.5))
        move = {"type": "pointerMove", "x": round(left + _TICK_BOX), "y": y, "duration": 0}
        press = [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": [move, *press]}
        self._ask("actions", {"actions": [mouse]})

    def bottom_of(self, text: str) -> float:
        """Return how far down, in pixels, the element with this text of its own ends."""
        path = f"//*[text()[contains(., {_quoted(text)})]]"
        return float(self._ask(f"element/{self._found(path)}/rect")["y"])

    def type_into(self, label: str, text: str, *, submit: bool = False) -> None:
        """Type into the field with this label, in the place of what stands there."""
        path = f"//*[(self::input or self::textarea) and @aria-label={_quoted(label)}]"

        def typed() -> bool:
            found = self._found(path)
            self._ask(f"element/{found}/clear", {})
            self._ask(f"element/{found}/value", {"text": text + (_ENTER if submit else "")})
            return True

        self._wait(lambda: self._could(typed), path)

    def screenshot(self, path: Path) -> None:
        """Save what is seen as a PNG file."""
        path.write_bytes(base64.b64decode(self._ask("screenshot")))

    def resize(self, width: int, height: int) -> None:
        """Give the page itself this size in pixels."""
        self._ask("window/rect", {"width": width, "height": height})
        inner = self.run("return [window.innerWidth, window.innerHeight]")
        self._ask("window/rect", {"width": 2 * width - inner[0], "height": 2 * height - inner[1]})

    def requested(self) -> list[str]:
        """Return every address that the page has asked for."""
        return list(self.run("return performance.getEntriesByType('resource').map(one => one.name)"))

    def _busy(self) -> bool:
        return bool(self.run(
            "const app = document.querySelector('[data-testid=\"stApp\"]');"
            "return !app || app.getAttribute('data-test-script-state') === 'running'"
        ))  # fmt: skip

    def _element(self, path: str) -> None:
        def clicked() -> bool:
            self._ask(f"element/{self._found(path)}/click", {})
            return True

        self._wait(lambda: self._could(clicked), path)

    def _could(self, act: Callable[[], bool]) -> bool:
        """Return whether an act could be done; False where the page was just being drawn anew."""
        try:
            return act()
        except RuntimeError as error:
            if any(reason in str(error) for reason in _NOT_YET):
                return False
            raise

    def _found(self, path: str) -> str:
        found: list[dict[str, str]] = []

        def there() -> bool:
            found[:] = self._ask("elements", {"using": "xpath", "value": path})
            return bool(found)

        self._wait(there, path)
        return found[0][_ELEMENT]

    def _wait(self, done: Any, what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > end:
                raise AssertionError(f"{what} was not there in {PATIENCE} s; the page reads:\n{self.text()}")
            time.sleep(0.1)

    def _ask(self, command: str, body: dict[str, Any] | None = None) -> Any:
        return _request(f"{self._driver}/session/{self._session}/{command}", body)


@contextmanager
def browser(width: int = 1280, height: int = 800) -> Iterator[Browser]:
    """Start a Chromium with a page of this size, and end it after."""
    port = free_port()
    driver = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        answers(f"{driver}/status")
        options = {"binary": shutil.which("chromium"), "args": _FLAGS}
        wanted = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}}
        session = _request(f"{driver}/session", wanted)["sessionId"]
        opened = Browser(driver, session)
        try:
            opened.resize(width, height)
            yield opened
        finally:
            _request(f"{driver}/session/{session}", method="DELETE")
    finally:
        process.terminate()
        process.wait(timeout=10)


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def answers(address: str) -> None:
    """Wait until somebody answers at an address."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError as error:
            if time.monotonic() > end:
                raise AssertionError(f"nobody answers at {address}") from error
            time.sleep(0.1)


def _request(address: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(address, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=120) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        raise RuntimeError(error.read().decode()) from error


def _quoted(text: str) -> str:
    if "'" not in text:
        return f"'{text}'"
    assert '"' not in text, "XPath has no text with both quotes"
    return f'"{text}"'
