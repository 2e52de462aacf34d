"""A small bank in a home of its own, published, with the demonstration users and something in the queue.

Fixtures are imported from here by every file that draws pages, for tests of pages lie in two folders.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bank360.api.startup import check_start
from bank360.bank.calendar import MICROS_PER_DAY
from bank360.bank.vocabulary import AlertSeverity, CaseKind
from bank360.dashboard.opened import HOME_VARIABLE, bank, close_banks, wall
from bank360.home import log_of, open_home
from bank360.storage.cases import FoundCase, open_cases
from bank360.storage.published import open_published
from bank360.storage.published_lists import found_customers
from bank360.storage.registry import Registry
from bank360.storage.warehouse import open_warehouse
from tests.cli.conftest import SETTINGS, register_scorecard, run


@pytest.fixture(scope="session")
def published_home(tmp_path_factory) -> Path:
    """A home from nothing to a published version, with users and two cases: of the riskiest, and of the next."""
    home = tmp_path_factory.mktemp("pages")
    steps = [
        ("synth", "generate", home, "--customers", 200, "--months", 24, "--seed", 7, "--threads", 1),
        *((step, "--home", home) for step in ("ingest", "check", "build")),
    ]
    for words in steps:
        if words[0] == "ingest":
            (home / "bank360.yaml").write_text(
                f"{SETTINGS}demo: true\napi: {{anonymous_per_minute: 1000}}\n", encoding="utf-8"
            )
        ran = run(*words)
        assert ran.code == 0, ran
    registry = Registry(home / "registry")
    registry.promote("application_pd", register_scorecard(registry), "approver")
    for step in ("score", "publish"):
        ran = run(step, "--home", home)
        assert ran.code == 0, ran
    check_start(open_home(home))
    with log_of(open_home(home)) as log, open_published(log.store, home / "published") as published:
        with published.current() as version:
            first, second = (one.customer_id for one in found_customers(version, most=2).rows)
        with log.store.writing() as connection:
            open_cases(connection, _cases(first, second), wall() - 3 * MICROS_PER_DAY, "once")
    return home


@pytest.fixture(scope="session")
def unscored_home(published_home, tmp_path_factory) -> Path:
    """The same bank as if it had never delivered an application nor had a model: published without scores."""
    home = Path(
        shutil.copytree(
            published_home,
            tmp_path_factory.mktemp("unscored") / "bank",
            ignore=shutil.ignore_patterns("registry", "published", "store*", "raw", "truth"),
        )
    )
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        for table in ("applications", "application_parties", "application_facts", "bureau_reports"):
            warehouse.execute(f"DELETE FROM {table}")
        for table in ("scores", "score_reasons", "score_outside"):
            warehouse.execute(f"DROP TABLE {table}")
    ran = run("publish", "--home", home)
    assert ran.code == 0, ran
    assert "Without scores, tiers and decisions: the bank has no applications for credit" in ran.out
    check_start(open_home(home))
    return home


@pytest.fixture(scope="session")
def unlent_home(unscored_home, tmp_path_factory) -> Path:
    """The same bank as if it had delivered no months of credit and no salaries either."""
    home = Path(
        shutil.copytree(
            unscored_home,
            tmp_path_factory.mktemp("unlent") / "bank",
            ignore=shutil.ignore_patterns("published", "store*"),
        )
    )
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        warehouse.execute("DELETE FROM credit_months")
        warehouse.execute("UPDATE transactions SET counterparty_token = NULL")
    assert run("publish", "--home", home).code == 0
    check_start(open_home(home))
    return home


@pytest.fixture(scope="session")
def partial_home(tmp_path_factory) -> Path:
    """A bank that delivered customers, accounts with their owners, and transactions as amounts and days; no more."""
    home = tmp_path_factory.mktemp("partial")
    raw = home / "raw"
    raw.mkdir()
    keys = [f"K{n}" for n in range(4)]
    people = "".join(f"{key},19{60 + n}-05-01\n" for n, key in enumerate(keys))
    (raw / "people.csv").write_text(f"ID,BORN\n{people}", encoding="utf-8")
    (raw / "held.csv").write_text("ACCOUNT,ID\n" + "".join(f"A{key},{key}\n" for key in keys), encoding="utf-8")
    moved = (f"{key}{day},A{key},2024-05-{day:02},{100 - 7 * day}.50\n" for key in keys for day in range(1, 28))
    (raw / "moved.csv").write_text("NO,ACCOUNT,DAY,AMOUNT\n" + "".join(moved), encoding="utf-8")
    since, long_ago = {"constant": "2020-01-01"}, {"known_time": {"constant": "2020-01-01"}}
    files = {
        "customers": {
            "pattern": "people.csv", **long_ago,
            "columns": {"customer_id": "ID", "type": {"constant": "person"}, "birth_date": "BORN",
                        "onboarded_on": since},
        },
        "accounts": {
            "pattern": "held.csv", **long_ago,
            "columns": {"account_id": "ACCOUNT", "product_id": {"constant": "CUR"}, "opened_on": since},
        },
        "account_parties": {
            "pattern": "held.csv", **long_ago,
            "columns": {"account_id": "ACCOUNT", "customer_id": "ID", "role": {"constant": "owner"},
                        "liability_share": {"constant": "1"}, "valid_from": since},
        },
        "transactions": {
            "pattern": "moved.csv", "known_after": "0d",
            "columns": {"transaction_id": "NO", "account_id": "ACCOUNT", "event_time": "DAY", "amount": "AMOUNT"},
        },
    }  # fmt: skip
    settings = {
        "bank": {"name": "Partial", "zone": "Europe/London", "currency": "GBP"}, "demo": True,
        "clock": "2024-06-01T00:00:00Z", "engine": {"threads": 1, "memory": "500MB"},
        "sources": [{"name": "core", "kind": "mapped", "folder": "raw", "mapping": {"files": files}}],
    }  # fmt: skip
    (home / "bank360.yaml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    assert run("nightly", "--home", home).code == 0
    check_start(open_home(home))
    return home


@pytest.fixture(scope="module")
def served_home(published_home) -> Iterator[Path]:
    """The home as pages open it, for one file of tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(published_home))
        yield published_home
        close_banks()


def riskiest(place: int) -> str:
    """Return the customer at a place of the list of risks, 0 for the riskiest."""
    with bank().published.current() as version:
        return found_customers(version, most=place + 1).rows[place].customer_id


def _cases(first: str, second: str) -> list[FoundCase]:
    """Return two cases that the night did not find, with more at stake than any that it did."""
    evidence = "4 direct debits returned in a row"
    return [
        FoundCase(CaseKind.ALERT, "of_tests", first, evidence, AlertSeverity.HIGH, 90_000_000, 9_000_000),
        FoundCase(CaseKind.TIER, "of_tests", second, "risk tier high", AlertSeverity.MEDIUM, 80_000_000, 8_000_000),
    ]
