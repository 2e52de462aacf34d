"""One Idempotency-Key in the hands of two worker processes at once: decided once, and everybody told the same."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from bank360.home import log_of, open_home
from bank360.storage.decision_reads import CREDIT_DECISION
from bank360.storage.decision_verify import verify_log
from bank360.storage.store.schema import decisions, idempotency, outbox
from tests.api.conftest import serving_api
from tests.api.real_server import asked, running, workers_of
from tests.dashboard.bank import published_home

__all__ = ["published_home"]  # fixture
PATH = "/v1/loan-applications/decisions"
KEYS, TIMES = 12, 8  # each key is sent so often, all at once


def test_a_key_in_two_processes_at_once_is_decided_once_and_answered_alike(published_home, tmp_path):
    home = shutil.copytree(published_home, tmp_path / "bank")
    settings = home / "bank360.yaml"
    limits = "api: {anonymous_per_minute: 1000000, user_per_minute: 1000000}\n"
    settings.write_text(settings.read_text("utf-8") + limits, encoding="utf-8")
    with serving_api(home) as api:
        token = api.token("ann")
        (one,) = api.ask("GET", "/v1/customers?limit=1").json()["customers"]
    said = {"customer_id": one["customer_id"], "product_id": "LOAN", "amount": 500_000, "term_months": 36}
    with running(home, tmp_path / "log", workers=2) as server:
        with ThreadPoolExecutor(TIMES) as pool:
            for key in (f"key-{number:08}" for number in range(KEYS)):
                answers = list(pool.map(lambda same: asked(server, "POST", PATH, token, said, same), [key] * TIMES))
                answers.append(asked(server, "POST", PATH, token, said, key))
                told = {answer for status, answer in answers if status == 201}
                assert {status for status, _ in answers} <= {201, 409}  # 409: in work in the same process
                assert len(told) == 1
                assert json.loads(told.pop())["amount"] == 500_000
        assert len(workers_of(server)) == 2
        assert asked(server, "POST", PATH, token, said | {"amount": 1}, "key-00000000")[0] == 422
    with log_of(open_home(home)) as log:
        assert verify_log(log).faults == ()
        with log.store.reading() as connection:
            made = select(func.count()).select_from(decisions).where(decisions.c.kind == CREDIT_DECISION)
            assert connection.execute(made).scalar_one() == KEYS
            for table in (idempotency, outbox):
                assert connection.execute(select(func.count()).select_from(table)).scalar_one() == KEYS
