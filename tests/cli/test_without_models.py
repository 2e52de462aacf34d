"""A bank with nothing to train on is published and served; once a model has scored, the next publish has the rest."""

import json
import re
import shutil
from datetime import UTC, datetime

import pytest

from bank360.api.startup import what_is_refused
from bank360.bank.calendar import instant
from bank360.home import open_home, store_of
from bank360.pipeline.portfolio import published_portfolio
from bank360.pipeline.published_rows import published_profile
from bank360.pipeline.take_interactions import ArrivedInteraction, take_interactions
from bank360.storage.published import open_published
from bank360.storage.published_lists import found_customers
from bank360.storage.queue_pages import QueueFilter, queue_page
from bank360.storage.reads_credit import credit_standings
from bank360.storage.registry import Registry
from bank360.storage.warehouse import open_warehouse
from tests.cli.conftest import register_scorecard

NOON = instant(datetime(2024, 6, 30, 12, tzinfo=UTC))  # now, of what `client_home` makes
KEY = "audit_key: 0123456789abcdef0123456789abcdef\n"


@pytest.fixture
def home(built, tmp_path):
    """A copy of the small bank, built, as if it had no model."""
    copy = shutil.copytree(built, tmp_path / "bank", ignore=shutil.ignore_patterns("registry", "published", "store*"))
    with (copy / "bank360.yaml").open("a", encoding="utf-8") as settings:
        settings.write(KEY)
    with open_warehouse(copy / "warehouse.duckdb", 1, "500MB") as warehouse:
        for table in {"scores", "score_reasons", "score_outside"} & set(warehouse.tables()):
            warehouse.execute(f"DROP TABLE {table}")
    return copy


def test_a_list_of_no_models_says_what_training_lacks_as_a_sentence(bank360, home):
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        warehouse.execute("DELETE FROM applications")
    assert "No model is registered yet. The bank has no applications" in bank360("models", "list", "--home", home).out


def look(home, read):
    """Return what is read of the version that is published."""
    with (
        store_of(open_home(home)) as store,
        open_published(store, home / "published") as published,
        published.current() as version,
    ):
        return read(version)


def cases(home):
    with store_of(open_home(home)) as store, store.reading() as connection:
        return queue_page(connection, QueueFilter(), limit=200).rows


def test_a_night_without_a_model_publishes_and_says_why_nobody_is_scored(bank360, client_home, tmp_path):
    bank = client_home(tmp_path, core="id,since\n1,2024-01-05\n2,2024-02-01\n")
    told = json.loads(bank360("nightly", "--home", bank, "--json").out)
    assert "the bank has no applications for credit" in told["score"]["not_scored"]
    assert told["publish"] == {
        "version": 1, "without_scores": "version 1, without scores, tiers and decisions",
    }  # fmt: skip
    again = bank360("nightly", "--home", bank)
    assert (again.code, again.out.splitlines()[-1]) == (0, "publish   up to date")
    assert look(bank, lambda version: len(found_customers(version).rows)) == 2
    (bank / "core" / "clients.csv").write_text("id,since\n1,2024-01-05\n2,2024-02-01\n3,2024-03-01\n", "utf-8")
    later = bank360("nightly", "--home", bank)
    assert later.out.splitlines()[-1] == "publish   version 2, without scores, tiers and decisions"
    assert look(bank, lambda version: len(found_customers(version).rows)) == 3


def test_a_night_drains_what_arrived_at_a_bank_without_a_model(bank360, client_home, tmp_path):
    bank = client_home(tmp_path, core="id,since\n1,2024-01-05\n")
    assert bank360("nightly", "--home", bank).code == 0
    call = ArrivedInteraction("i1", "1", NOON - 3_600_000_000, "phone", "call")
    with (
        store_of(open_home(bank)) as store,
        open_published(store, bank / "published") as published,
        published.current() as version,
    ):
        assert take_interactions(store, version, [call], NOON).accepted == 1
    night = json.loads(bank360("nightly", "--home", bank, "--json").out)
    assert (night["ingest"]["arrived_interactions"], night["publish"]["version"]) == (1, 2)


def test_once_a_model_is_approved_and_has_scored_the_next_publish_has_the_rest(bank360, refused, home):
    assert bank360("nightly", "--home", home).code == 0
    assert look(home, lambda version: version.unscored).startswith("no model is champion yet.")
    assert "Loan applications are answered 409. No model decides here: no model" in what_is_refused(open_home(home))
    before = cases(home)
    assert {(case.kind, case.expected_loss) for case in before} == {("alert", None), ("tier", None)}
    in_default = {case.customer_id for case in before if case.kind == "tier"}
    assert {case.ground for case in before if case.kind == "tier"} == {"in default"}
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB", read_only=True) as warehouse:
        at = datetime.fromtimestamp(look(home, lambda version: version.meta.as_of) / 1e6, UTC)
        standings = credit_standings(warehouse, at, at.date(), "GBP")
    assert in_default == {customer for customer, one in standings.items() if one.in_default and one.exposure}

    registry = Registry(home / "registry")
    version = register_scorecard(registry)
    waiting = bank360("nightly", "--home", home).out
    assert "nobody has approved a model yet. Run 'bank360 models promote application_pd" in waiting
    assert look(home, lambda one: one.unscored).startswith("nobody has approved a model yet")
    registry.promote("application_pd", version, "approver")
    assert "Nobody has been scored yet. Run 'bank360 score" in refused("publish", "--home", home), "not as unscored"
    night = bank360("nightly", "--home", home)
    assert night.code == 0
    assert "without scores" not in night.out

    def scored(one):
        riskiest = found_customers(one, most=1).rows[0]
        found = published_portfolio(one)
        return (
            one.unscored, riskiest.tier is not None, len(published_profile(one, riskiest.customer_id).scores),
            found.scored, bool(found.tiers),
        )  # fmt: skip

    assert look(home, scored) == (None, True, 1, True, True)
    assert what_is_refused(open_home(home)) is None
    after = {case.case_id: case for case in cases(home)}
    assert {case.customer_id for case in after.values() if case.ground == "in default"} == in_default
    assert any(after[case.case_id].expected_loss is not None for case in before), "the same cases, with their figures"


def test_a_rebuild_publishes_anew_what_has_no_scores_and_never_takes_any_off_the_pages(bank360, home):
    assert bank360("nightly", "--home", home).code == 0
    rebuilt = bank360("rebuild", "--home", home)
    assert "Nobody is scored: no model is champion yet" in rebuilt.out
    assert "version 2 is what API and dashboard read now" in rebuilt.out
    assert look(home, lambda version: (version.number, version.unscored is None)) == (2, False)

    registry = Registry(home / "registry")
    registry.promote("application_pd", register_scorecard(registry), "approver")
    assert bank360("nightly", "--home", home).code == 0
    shutil.rmtree(home / "registry")
    assert "is what API" not in bank360("rebuild", "--home", home).out
    assert look(home, lambda version: (version.number, version.unscored)) == (3, None)


def test_the_queue_at_the_terminal_says_nothing_of_losses_until_there_is_a_model(bank360, home):
    assert bank360("nightly", "--home", home).code == 0
    listed = bank360("queue", "list", "--home", home).out
    heading, *_, by_case, by_debt = listed.splitlines()
    assert heading.split() == ["case", "kind", "urgency", "at", "stake", "age", "customer", "owner,", "or", "outcome"]
    for line, said in ((by_case, "each case"), (by_debt, "each customer's debt once")):
        assert re.fullmatch(rf"together, {said}: GBP [0-9.,]+ at stake", line)
    (first, *_) = cases(home)
    shown = bank360("queue", "show", first.case_id, "--home", home).out
    assert shown.splitlines()[0] == heading
    for said in ("expected loss", "probability", "not known", "tier of"):
        assert said not in listed + shown


def test_scores_of_a_model_that_is_gone_are_not_published_anew(bank360, scored, tmp_path):
    home = shutil.copytree(scored, tmp_path / "bank", ignore=shutil.ignore_patterns("registry", "*.damaged-*"))
    night = bank360("nightly", "--home", home)
    assert night.code == 0
    (said,) = (line for line in night.out.splitlines() if line.startswith("publish "))
    assert "there are scores, and no model that made them. What was published before stands." in said


def test_scores_that_are_published_stay_where_warehouse_and_model_are_made_anew(bank360, scored, tmp_path):
    home = shutil.copytree(scored, tmp_path / "bank", ignore=shutil.ignore_patterns("*.damaged-*"))
    assert bank360("publish", "--home", home).code == 0
    shutil.rmtree(home / "registry")
    assert "is what API and dashboard read now" not in bank360("rebuild", "--home", home).out
    assert "no model that made them" in bank360("nightly", "--home", home).out
    assert look(home, lambda version: version.unscored) is None


def test_what_is_not_built_is_not_published(bank360, refused, client_home, tmp_path):
    bank = client_home(tmp_path, core="id,since\n1,2024-01-05\n")
    assert bank360("ingest", "--home", bank).code == 0
    assert f"Run 'bank360 build --home {bank}' first" in refused("publish", "--home", bank)
