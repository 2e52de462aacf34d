"""`models promote`: who may, what is recorded of it, and that a bank with users takes nobody at their word."""

import io
import json
import shutil
import sqlite3
import sys

import pytest

from bank360.pipeline.promote import BY_PASSWORD, BY_WORD
from bank360.storage.registry import Registry

KEY = "0123456789abcdef0123456789abcdef"
PASSWORD = "correct horse battery"
PROMOTE = ("models", "promote", "application_pd", "challenger", "--by")


@pytest.fixture
def own(scored, tmp_path):
    """A home with the bank's registry, in which the trainer is called trainer, and without a store."""
    (tmp_path / "bank360.yaml").write_text(f"audit_key: {KEY}\n", encoding="utf-8")
    shutil.copytree(scored / "registry", tmp_path / "registry")
    return tmp_path


@pytest.fixture
def version(own):
    (found,) = Registry(own / "registry").versions("application_pd")
    return found


def last_promotion(home):
    return Registry(home / "registry").aliases("application_pd")["promotions"][-1]


def test_without_users_a_promotion_takes_a_word_and_says_so_and_what_was_replaced(bank360, own, version):
    ran = bank360(*PROMOTE, "Ann", "--home", own)
    said, no_users, after = ran.out.splitlines()
    assert said == f"application_pd {version} is champion, as it was before; approved by Ann."
    assert f"'bank360 user add NAME --role model_approver --home {own}'" in no_users
    assert after == f"Next: 'bank360 score --home {own}' scores with it."
    found = last_promotion(own)
    assert found.pop("at").startswith("20")
    assert found.pop("terminal").startswith("operator:")
    assert found == {
        "version": version, "replaced": version, "approved_by": "Ann", "trained_by": "trainer",
        "role": "model_approver", "known_by": BY_WORD,
    }  # fmt: skip


def test_the_first_champion_and_one_that_takes_anothers_place_are_told_apart(bank360, own, version):
    aliases = own / "registry" / "application_pd" / "aliases.json"
    aliases.write_text(json.dumps({"challenger": version, "promotions": []}), encoding="utf-8")
    assert "is champion, there was none before;" in bank360(*PROMOTE, "Ann", "--home", own).out
    assert "replaced" not in last_promotion(own)
    other = "0123456789abcdef"
    aliases.write_text(json.dumps({"challenger": version, "champion": other, "promotions": []}), encoding="utf-8")
    assert f"{version} is champion, in place of {other};" in bank360(*PROMOTE, "Ann", "--home", own).out
    assert last_promotion(own)["replaced"] == other


def test_where_the_bank_has_users_a_model_approver_approves_by_password_and_it_is_sealed(
    bank360, refused, own, version, monkeypatch
):
    def typed(text):
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{text}\n"))

    for name, role in (("mo", "model_approver"), ("ria", "risk_analyst"), ("Trainer", "model_approver")):
        typed(PASSWORD)
        assert bank360("user", "add", name, "--role", role, "--home", own).code == 0
    before = last_promotion(own)
    for name, password, why in (
        ("mo", "another password", "opens no account of 'mo'"),
        ("nobody", PASSWORD, "opens no account of 'nobody'"),
        ("ria", PASSWORD, "The role risk_analyst may not approve model (ordinary fields); who may: model_approver."),
        ("Trainer", PASSWORD, "a second person must"),
    ):
        typed(password)
        assert why in refused(*PROMOTE, name, "--home", own)
    assert last_promotion(own) == before

    typed(PASSWORD)
    ran = bank360(*PROMOTE, "mo", "--home", own)
    assert (ran.code, ran.err) == (0, "")
    assert "approved by mo." in ran.out
    assert "No password" not in ran.out
    assert last_promotion(own)["known_by"] == BY_PASSWORD

    with sqlite3.connect(own / "store.sqlite3") as store:
        (approver,) = store.execute("SELECT user_id FROM users WHERE name = 'mo'").fetchone()
        ((principal, subject, sealed),) = store.execute(
            "SELECT principal, subject, record FROM decisions WHERE CAST(kind AS TEXT) = 'model.approved'"
        ).fetchall()
    loaded = Registry(own / "registry").load("application_pd", version)
    assert (as_text(principal), as_text(subject)) == (approver, version)
    told = json.loads(sealed)
    assert told.pop("terminal").startswith("operator:")
    assert told == {"model": "application_pd", "manifest": loaded.hash, "replaced": version}
    assert bank360("audit", "verify", "--home", own).code == 0


def as_text(value):
    return value.decode() if isinstance(value, bytes) else value


def test_the_demonstration_bank_approves_by_itself(bank360, own):
    (own / "bank360.yaml").write_text("demo: true\n", encoding="utf-8")
    assert "approved by DEMO." in bank360(*PROMOTE, "trainer", "--home", own).out
    assert last_promotion(own)["approved_by"] == "DEMO"
