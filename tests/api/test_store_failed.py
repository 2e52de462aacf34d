"""A worker whose store failed to commit says so (503), ends, and is started anew; a retry is done once.

The failure is real: the worker's files may not grow, as on a full disk. The same on a killed PostgreSQL:
`tests/proof/test_store_failed_postgres.py`.
"""

import json
import resource
from pathlib import Path

from bank360.home import log_of, open_home
from bank360.storage.cases import events_of_case
from bank360.storage.decision_verify import verify_log
from tests.api.conftest import serving_api
from tests.api.real_server import asked, running, wait_for, wait_until_ready, workers_of


def logged_in(home: Path) -> tuple[str, str]:
    """Return a token of ann's and the id of a case."""
    with serving_api(home) as api:
        return api.token("ann"), api.case()


def test_a_full_disk_is_told_ends_the_worker_and_the_retry_is_done_once(api_home, tmp_path):
    token, case_id = logged_in(api_home)
    path, said = f"/v1/cases/{case_id}/comments", {"text": "rang twice"}
    with running(api_home, tmp_path / "log") as server:
        (first,) = workers_of(server)
        assert asked(server, "GET", f"/v1/cases/{case_id}", token)[0] == 200
        resource.prlimit(first, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        status, answer = asked(server, "POST", path, token, said, "the-very-same")
        assert (status, json.loads(answer)["title"]) == (503, "Service Unavailable")
        assert asked(server, "GET", "/ready")[0] == 503
        wait_for(lambda: workers_of(server) not in ([], [first]))
        wait_until_ready(server)
        assert asked(server, "POST", path, token, said, "the-very-same")[0] == 200
        assert asked(server, "POST", path, token, said, "the-very-same")[0] == 200
    with log_of(open_home(api_home)) as log:
        assert verify_log(log).faults == ()
        with log.store.reading() as connection:
            assert [event.comment for event in events_of_case(connection, case_id)] == [None, "rang twice"]
