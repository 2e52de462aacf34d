"""A database that dies at the commit: the worker says 503, ends and comes back; so does one that cannot be reached.

The same on a full disk under SQLite: `tests/api/test_store_failed.py`.
"""

import contextlib
import json
import os
import signal
from pathlib import Path

import psycopg
import pytest

from bank360.api.startup import check_start
from bank360.home import log_of, open_home
from bank360.storage.cases import events_of_case
from bank360.storage.decision_verify import verify_log
from tests.api.conftest import SETTINGS, serving_api
from tests.api.real_server import asked, free_port, running, start, wait_for, wait_until_ready, workers_of

pytestmark = pytest.mark.proof

# The commit itself fails: the database ends the connection when what was deferred to the commit is looked at.
DIES_AT_COMMIT = """
CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON case_comments DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION die();
"""


@pytest.fixture
def home(postgres_url: str, tmp_path: Path) -> Path:
    """A home with its store in PostgreSQL."""
    folder = tmp_path / "bank"
    folder.mkdir()
    (folder / "bank360.yaml").write_text(f"{SETTINGS}store: {{url: '{postgres_url}'}}\n", encoding="utf-8")
    check_start(open_home(folder))
    return folder


def test_a_commit_that_kills_its_connection_ends_the_worker_and_the_retry_is_done_once(home, postgres_url, tmp_path):
    with serving_api(home) as api:
        token, case_id = api.token("ann"), api.case()
    path, said = f"/v1/cases/{case_id}/comments", {"text": "rang twice"}
    with running(home, tmp_path / "log", workers=2) as server:
        before = set(workers_of(server))
        with psycopg.connect(postgres_url, autocommit=True) as own:
            own.execute(DIES_AT_COMMIT)
        status, answer = asked(server, "POST", path, token, said, "the-very-same")
        assert (status, json.loads(answer)["title"]) == (503, "Service Unavailable")
        wait_for(lambda: len(set(workers_of(server)) & before) == 1)  # the other worker committed nothing wrongly
        with psycopg.connect(postgres_url, autocommit=True) as own:
            own.execute("DROP TRIGGER dies ON case_comments")
        wait_for(lambda: asked(server, "POST", path, token, said, "the-very-same")[0] == 200)
        assert asked(server, "POST", path, token, said, "the-very-same")[0] == 200
        assert '"event": "store_failed"' in (tmp_path / "log").read_text()
    with log_of(open_home(home)) as log:
        assert verify_log(log).faults == ()
        with log.store.reading() as connection:
            assert [event.comment for event in events_of_case(connection, case_id)] == [None, "rang twice"]


def test_a_database_that_is_away_is_told_and_the_server_comes_back_with_it(home, postgres_url, tmp_path):
    with serving_api(home) as api:
        token = api.token("ann")
    name = postgres_url.rpartition("/")[2].partition("?")[0]
    keeper = postgres_url.replace(f"/{name}", "/postgres", 1)
    with running(home, tmp_path / "log") as server, psycopg.connect(keeper, autocommit=True) as own:
        (worker,) = workers_of(server)
        own.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        own.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        seen = {asked(server, "GET", path, token)[0] for path in ("/ready", "/v1/queue", "/v1/decisions") * 3}
        assert seen == {503}
        os.kill(worker, signal.SIGKILL)  # started anew while there is no database, it waits for it
        wait_for(lambda: '"event": "store_not_reached"' in (tmp_path / "log").read_text())
        own.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        wait_until_ready(server)
        assert asked(server, "GET", "/v1/queue", token)[0] == 200


def test_killed_alone_the_server_takes_its_worker_with_it_and_the_next_gets_the_port(home, tmp_path):
    server = start(home, free_port(), tmp_path / "log")
    try:
        wait_until_ready(server)
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        wait_for(lambda: asked(server, "GET", "/ready")[0] == 0, 10)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.process.pid, signal.SIGKILL)
