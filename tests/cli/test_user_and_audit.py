"""`user` and `audit` as an operator runs them: on SQLite, with a key in the settings file."""

import io
import json
import sqlite3
import sys

import pytest

KEY = "0123456789abcdef0123456789abcdef"
PASSWORD = "correct horse battery"


@pytest.fixture
def home(tmp_path):
    (tmp_path / "bank360.yaml").write_text(f"bank: {{name: Sealed}}\naudit_key: {KEY}\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def typed(monkeypatch):
    """Let standard input be a pipe with this text."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def add(bank360, typed, home, name="ann", role="risk_analyst"):
    typed(f"{PASSWORD}\n")
    return bank360("user", "add", name, "--role", role, "--home", home)


def test_a_user_is_added_listed_checked_and_given_another_password(bank360, typed, home):
    assert add(bank360, typed, home).out == "ann may log in as risk_analyst.\n"
    assert json.loads(bank360("user", "list", "--json", "--home", home).out) == [
        {"name": "ann", "role": "risk_analyst"}
    ]
    typed("another long password\n")
    assert bank360("user", "password", "ann", "--home", home).code == 0
    for password, code in ((PASSWORD, 1), ("another long password", 0)):
        typed(f"{password}\n")
        assert bank360("user", "check", "ann", "--home", home).code == code


def test_an_unknown_name_is_answered_as_a_wrong_password(bank360, typed, home):
    add(bank360, typed, home)
    said = []
    for name in ("ann", "nobody"):
        typed("not the password\n")
        said.append(bank360("user", "check", name, "--home", home))
    assert said[0] == said[1]


def test_no_password_stands_anywhere_in_the_home(bank360, typed, home):
    add(bank360, typed, home)
    for path in home.iterdir():
        assert PASSWORD.encode() not in path.read_bytes()


def test_each_act_is_sealed_and_the_log_verifies(bank360, typed, home):
    add(bank360, typed, home)
    assert bank360("audit", "note", "C1", "fee returned", "--home", home).out == "Sealed as record 2.\n"
    assert bank360("audit", "note", "C1", "and again", "--home", home).code == 0
    verdict = json.loads(bank360("audit", "verify", "--json", "--home", home).out)
    assert (verdict["records"], verdict["end"]["sequence"], verdict["faults"]) == (3, 3, [])
    with sqlite3.connect(home / "store.sqlite3") as raw:
        rows = raw.execute("SELECT kind, subject, principal, record FROM decisions ORDER BY sequence").fetchall()
        ((user_id,),) = raw.execute("SELECT user_id FROM users").fetchall()
    raw.close()
    assert [row[0] for row in rows] == ["user.added", "customer.note", "customer.note"]
    assert rows[0][1] == user_id
    assert rows[1][1] == rows[2][1] != "C1"
    assert all(row[2].startswith("operator:") for row in rows)
    assert json.loads(rows[0][3]) == {"role": "risk_analyst"}


def test_a_forgotten_customer_leaves_records_that_verify_and_lead_nowhere(bank360, home):
    bank360("audit", "note", "C1", "fee returned", "--home", home)
    assert bank360("audit", "forget", "C1", "--yes", "--home", home).code == 0
    assert bank360("audit", "verify", "--home", home).code == 0
    for path in home.iterdir():
        if path.name != "bank360.yaml":
            assert b"C1" not in path.read_bytes().replace(b"SQLite", b"")
    bank360("audit", "note", "C1", "a new customer again", "--home", home)
    with sqlite3.connect(home / "store.sqlite3") as raw:
        subjects = [subject for (subject,) in raw.execute("SELECT subject FROM decisions ORDER BY sequence")]
    raw.close()
    assert subjects[0] == subjects[1] != subjects[2]


def test_nobody_is_forgotten_before_what_it_takes_was_said_and_the_id_typed(bank360, typed, home):
    bank360("audit", "note", "C1", "fee returned", "--home", home)
    for answer in ("", "y\n", "C2\n"):
        typed(answer)
        ran = bank360("audit", "forget", "C1", "--home", home)
        assert (ran.code, ran.err.splitlines()) == (
            2, ["bank360: Nothing was erased: that is not the customer's id. Type it, or add --yes."]
        )  # fmt: skip
        assert "from the store only:\n  records in the log that will lead to nobody  1\n  cases" in ran.out
        assert "Not erased: backups of the store, files in the landing zone, the warehouse" in ran.out
    assert json.loads(bank360("audit", "verify", "--json", "--home", home).out)["records"] == 1
    typed("C1\n")
    ran = bank360("audit", "forget", "C1", "--home", home)
    assert ran.code == 0
    assert ran.out.endswith("Erased from the store: C1; sealed as record 2.\n")


def test_a_changed_byte_is_told_with_its_record(bank360, typed, home):
    add(bank360, typed, home)
    with sqlite3.connect(home / "store.sqlite3") as raw:
        raw.execute("DROP TRIGGER decisions_refuse_update")
        raw.execute("UPDATE decisions SET principal = 'operator:somebody else'")
    raw.close()
    ran = bank360("audit", "verify", "--home", home)
    assert ran.code == 1
    assert ran.out.startswith("record 1: is not what was sealed\n")


def test_a_lost_anchor_is_set_anew_only_after_the_log_verifies(bank360, refused, typed, home):
    add(bank360, typed, home)
    (home / "store.anchor").unlink()
    assert "no anchor" in refused("audit", "note", "C1", "x", "--home", home)
    assert bank360("audit", "anchor", "--home", home).out == "1 record verified; anchored after record 1.\n"
    assert bank360("audit", "verify", "--home", home).code == 0
    with sqlite3.connect(home / "store.sqlite3") as raw:
        raw.execute("DROP TRIGGER decisions_refuse_update")
        raw.execute("UPDATE decisions SET kind = 'x' WHERE sequence = 1")
    raw.close()
    assert "Not anchored: record 1 is not what was sealed" in refused("audit", "anchor", "--home", home)


def test_an_operators_mistakes_end_in_one_line(bank360, refused, typed, home):
    add(bank360, typed, home)
    typed(f"{PASSWORD}\n")
    assert "There is a user 'ann' already" in refused("user", "add", "ann", "--role", "viewer", "--home", home)
    typed("short\n")
    assert "12 to 128 characters" in refused("user", "add", "bob", "--role", "viewer", "--home", home)
    typed(f"{PASSWORD}\n")
    assert "Choose another" in refused("user", "add", "b b", "--role", "viewer", "--home", home)
    typed(f"{PASSWORD}\n")
    assert "There is no user 'bob'" in refused("user", "password", "bob", "--home", home)
    assert "knows no customer 'C9'" in refused("audit", "forget", "C9", "--home", home)


def test_without_a_store_or_a_key_it_says_what_to_do(refused, tmp_path):
    settings = tmp_path / "bank360.yaml"
    settings.write_text("bank: {name: New}\n", encoding="utf-8")
    assert "BANK360_AUDIT_KEY" in refused("audit", "verify", "--home", tmp_path)
    settings.write_text(f"audit_key: {KEY}\n", encoding="utf-8")
    said = refused("audit", "verify", "--home", tmp_path)
    assert "There is no store at" in said
    assert f"Run 'bank360 nightly --home {tmp_path}'" in said
    assert [path.name for path in tmp_path.iterdir()] == ["bank360.yaml"]


def test_doctor_tells_of_the_store_and_the_sqlite_under_it(bank360, typed, home):
    add(bank360, typed, home)
    facts = json.loads(bank360("doctor", "--json", "--home", home).out)["facts"]
    assert facts["store"] == "readable, 1 record in the log"
    assert facts["sqlite"].startswith(sqlite3.sqlite_version)
