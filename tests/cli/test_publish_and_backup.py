"""The verbs around serving: publish, list, roll back; a decision replayed; the store copied and put back."""

import json

import pytest

from bank360.home import log_of, open_home
from bank360.pipeline.desk import open_desk
from bank360.pipeline.score_online import AskedBy, LoanApplication, decide
from bank360.storage import version_schema
from bank360.storage.policy_files import policy_text
from bank360.storage.published import open_published
from bank360.storage.registry import Registry

KEY = "a key of the tests, no shorter than a real one"


@pytest.fixture(scope="module")
def home(scored, tmp_path_factory):
    """The scored bank in a folder of its own, with an audit key."""
    import shutil

    folder = tmp_path_factory.mktemp("serving") / "bank"
    shutil.copytree(scored, folder)
    with (folder / "bank360.yaml").open("a", encoding="utf-8") as settings:
        settings.write(f"audit_key: {KEY}\n")
    return folder


def test_score_has_published_and_versions_are_listed_and_rolled_back_to(bank360, refused, home):
    def listed():
        rows = json.loads(bank360("publish", "list", "--home", home, "--json").out)
        return [(one["number"], one["current"]) for one in rows]

    before = listed()  # as often as other tests scored the bank that this is a copy of
    last = before[0][0]
    assert before[0] == (last, True)
    headings, first, *_ = bank360("publish", "list", "--home", home).out.splitlines()
    assert headings.split() == ["version", "as", "of", "(UTC)", "customers"]
    assert (first.split()[0], first.endswith("current")) == (str(last), True)
    assert bank360("publish", "--home", home).out.startswith(f"version {last + 1} ")
    assert listed()[:2] == [(last + 1, True), (last, False)]
    assert f"version {last} " in bank360("publish", "rollback", last, "--home", home).out
    assert listed()[:2] == [(last + 1, False), (last, True)]
    assert f"Version 99 is not kept: there are {', '.join(str(n) for n, _ in reversed(listed()))}." in refused(
        "publish", "rollback", 99, "--home", home
    )
    assert "Name the version" in refused("publish", "rollback", "--home", home)


def test_a_night_publishes_anew_what_is_published_in_another_format(bank360, home, monkeypatch):
    def night():
        return json.loads(bank360("nightly", "--home", home, "--json").out)["publish"]

    night()
    assert night() is None  # up to date
    monkeypatch.setattr(version_schema, "FORMAT", version_schema.FORMAT + 1)  # as a later bank360 would have it
    assert night() is not None


def test_a_decision_replays_and_the_store_comes_back_from_its_backup(bank360, refused, home, tmp_path):
    opened = open_home(home)
    registry = Registry(opened.registry)
    with log_of(opened, new=True) as log, open_published(log.store, opened.published) as published:
        desk = open_desk(log, published, registry, policy_text(None), 1)
        with published.current() as version:
            meta = version.meta
            with version.reading() as connection:
                customer = connection.exec_driver_sql("SELECT min(customer_id) FROM customers").scalar_one()
        asked = AskedBy("U1", meta.as_of, "D1", "S1")
        decide(desk, LoanApplication(customer, *meta.standard_request), asked, lambda record: b"{}")
    ran = bank360("audit", "replay", "D1", "--home", home)
    assert ran.code == 0
    assert "the same as sealed" in ran.out
    assert "There is no credit decision 'D2'. Name it by its id, or by" in refused(
        "audit", "replay", "D2", "--home", home
    )
    made = json.loads(bank360("backup", tmp_path / "copy", "--home", home, "--json").out)
    assert made["rows"]["decisions"] == 1
    assert "already" in refused("restore", tmp_path / "copy", "--home", home)
    for lost in home.glob("store.*"):
        lost.unlink()
    back = json.loads(bank360("restore", tmp_path / "copy", "--home", home, "--json").out)
    assert (back["sha256"], back["records_verified"]) == (made["sha256"], 1)
    assert bank360("audit", "verify", "--home", home).code == 0
