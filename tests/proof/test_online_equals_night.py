"""M-2 and M-9: online gives the night's double for 10,000 customers; 1,000 decisions replay to the same bytes."""

import hashlib
import random
from pathlib import Path

import pytest

from bank360.home import log_of, open_home
from bank360.pipeline.desk import open_desk
from bank360.pipeline.replay import replay_decision
from bank360.pipeline.score_online import AskedBy, LoanApplication, decide, try_out
from bank360.pipeline.told import Told
from bank360.storage.decision_log import Request
from bank360.storage.decision_verify import verify_log
from bank360.storage.policy_files import policy_text
from bank360.storage.published import open_published
from bank360.storage.registry import Registry
from bank360.storage.warehouse import open_warehouse
from tests.cli.conftest import SETTINGS, register_scorecard, run

CUSTOMERS, DECISIONS = 10_000, 1_000
AUDIT = "audit_key: a key of the proof, no shorter than a real one\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank of more than 10,000 scored customers, published by its night."""
    folder = tmp_path_factory.mktemp("proof")
    steps = [
        ("synth", "generate", folder, "--customers", 11_500, "--months", 24, "--seed", 5, "--threads", 2),
        ("ingest", "--home", folder),
        ("build", "--home", folder),
    ]
    (folder / "bank360.yaml").write_text(SETTINGS + AUDIT, encoding="utf-8")
    for step in steps:
        ran = run(*step)
        assert ran.code == 0, ran.err
    register_scorecard(Registry(folder / "registry"))
    for step in (("models", "promote", "application_pd", "challenger", "--by", "approver"), ("score",)):
        ran = run(*step, "--home", folder)
        assert ran.code == 0, ran.err
    return folder


@pytest.mark.proof
def test_online_gives_the_nights_double_for_ten_thousand_customers_and_a_thousand_decisions_replay(home: Path) -> None:
    with open_warehouse(home / "warehouse.duckdb", threads=1, read_only=True) as warehouse:
        rows = warehouse.query("SELECT customer_id, margin, probability, tier FROM scores").to_pylist()
    assert len(rows) >= CUSTOMERS
    opened, rng = open_home(home), random.Random(7)
    registry = Registry(opened.registry)
    with log_of(opened, new=True) as log, open_published(log.store, opened.published) as published:
        desk = open_desk(log, published, registry, policy_text(None), 1)
        with published.current() as version:
            at, standard = version.meta.as_of, version.meta.standard_request
        differ = 0
        for row in rows:
            (use,) = try_out(desk, LoanApplication(row["customer_id"], *standard), "U1", at).models
            differ += (use.margin, use.probability) != (row["margin"], row["probability"])
        assert differ == 0
        for n, row in enumerate(rng.sample(rows, DECISIONS)):
            told = Told(declared_income=rng.randrange(50_000, 900_000), purpose="car") if n % 2 else Told()
            asked = LoanApplication(
                row["customer_id"], standard[0], rng.randrange(50_000, 3_000_000), rng.choice((12, 24, 36, 60)), told
            )
            request = Request("U1", "/v1/proof", f"k{n}", hashlib.sha256(repr(asked).encode()).digest())
            decide(desk, asked, AskedBy("U1", at + n, f"D{n}", f"S{n}", request), lambda record: b"{}")
        assert verify_log(log).faults == ()
        assert all(replay_decision(log.store, registry, f"D{n}").same for n in range(DECISIONS))
