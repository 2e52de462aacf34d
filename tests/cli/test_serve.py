"""`bank360 serve` as whoever starts it sees it: an address is told when it answers, and what dies comes back at it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from bank360.api.startup import check_start
from bank360.home import open_home
from tests.api.real_server import free_port, wait_for

RUN = "from bank360.cli.main import main; main()"


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "bank"
    folder.mkdir()
    (folder / "bank360.yaml").write_text("bank: {name: Served}\ndemo: true\n", encoding="utf-8")
    return folder


def answers(port, path):
    try:
        with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", path)
            return connection.getresponse().status == 200
    except OSError:
        return False


def pages_process(server):
    """Return the process id of the dashboard, which a thread of the server keeps running; None while there is none."""
    tasks = [task for task in Path(f"/proc/{server.pid}/task").iterdir() if int(task.name) != server.pid]
    children = [pid for task in tasks for pid in (task / "children").read_text().split()]
    return next((int(p) for p in children if "spawn_main" in Path(f"/proc/{p}/cmdline").read_text()), None)


def said_in(out):
    """Return the whole lines that a server has printed, those of its log left out."""
    return [line for line in out.read_text().split("\n")[:-1] if not line.startswith("{")]


@pytest.mark.parametrize("option", ["--port", "--dashboard-port"])
def test_a_port_that_is_taken_is_named_before_anything_is_started(refused, home, option):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = {"--port": free_port(), "--dashboard-port": free_port(), option: taken.getsockname()[1]}
        said = refused("serve", "--home", home, *(word for pair in ports.items() for word in pair))
    assert f"Port {ports[option]} of 127.0.0.1 is taken by another program." in said
    assert said.endswith(f"choose another port by {option}.")
    assert not (home / "store.sqlite3").exists()


def test_an_address_of_another_machine_is_refused(refused, home):
    said = refused("serve", "--home", home, "--host", "192.0.2.1", "--port", free_port())
    assert "Nothing can listen at 192.0.2.1" in said


def test_each_address_is_told_once_it_answers_and_a_dashboard_that_died_comes_back_at_it(home, tmp_path):
    api, pages = free_port(), free_port()
    words = ["serve", "--home", str(home), "--port", str(api), "--dashboard-port", str(pages)]
    out, faults = tmp_path / "said", tmp_path / "faults"
    with out.open("w") as file, faults.open("w") as errors:
        command = [sys.executable, "-u", "-c", RUN, *words]
        server = subprocess.Popen(command, stdout=file, stderr=errors, start_new_session=True)
    told: list[str] = []
    try:
        began = time.monotonic()
        while told[-1:] != ["Ctrl-C stops."]:
            assert time.monotonic() - began < 60
            time.sleep(0.02)
            told = said_in(out)
            for port, path, label in ((api, "/v1/health", "API "), (pages, "/_stcore/health", "Dashboard ")):
                assert answers(port, path) or not any(line.startswith(label) for line in told)
        assert [re.split(r"\s", line)[0] for line in told] == [
            "Starting", "Until", "API", "Dashboard", "Log", "Password", "Ctrl-C",
        ]  # fmt: skip
        assert told[1] == (
            "Until the next publish customers and decisions are answered 503. Nothing is published yet. Run 'bank360 "
            f"nightly --home {home}', or 'bank360 publish --home {home}'."
        )
        first = pages_process(server)
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: pages_process(server) not in (None, first) and answers(pages, "/_stcore/health"))
    finally:
        os.killpg(server.pid, signal.SIGINT)  # a terminal sends Ctrl-C to all of its processes
        assert server.wait(30) == 0
    assert not answers(pages, "/_stcore/health")
    assert said_in(out)[-1] == "Stopped."
    assert "Traceback" not in faults.read_text()


FAILS = """
import os, resource, sys
from pathlib import Path
from bank360.bank.errors import StoreFailed
from bank360.cli.listening import port_at
from bank360.dashboard import opened, serve
from bank360.pipeline.audit import note_on_customer
folder = Path(sys.argv[1])
os.environ[opened.HOME_VARIABLE] = str(folder)
bank = opened.bank()
resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))  # as on a full disk
try:
    note_on_customer(bank.log, "C1", "x" * 10_000, ("r-1", "s-1"), "operator:x", 1)
except StoreFailed:
    serve.serve(folder, port_at("127.0.0.1", 0, "--port"))
"""


def test_a_dashboard_whose_store_failed_to_commit_ends_for_another_to_take_its_place(home):
    check_start(open_home(home))
    ran = subprocess.run([sys.executable, "-c", FAILS, home], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == os.EX_IOERR, ran.stderr
    assert "the store failed to commit; the dashboard ends, to be started anew" in ran.stderr
