"""What is held before a server starts: a key, no sample secrets outside the demonstration bank, a log with its end."""

import shutil

import pytest

from bank360.api.startup import check_start
from bank360.bank.errors import ChainBroken, NotReady, SettingsError
from bank360.bank.vocabulary import Role
from bank360.home import fresh_id, log_of, open_home
from bank360.pipeline.demo_users import DEMO_USERS, users_with_sample_password
from bank360.pipeline.users import add_user, change_password
from bank360.storage.users import all_users

KEY = "audit_key: 0123456789abcdef0123456789abcdef\n"


def settings(home, text):
    (home / "bank360.yaml").write_text(f"bank: {{name: Own}}\n{text}", encoding="utf-8")
    return open_home(home)


def test_the_demonstration_bank_is_given_its_users_once(tmp_path):
    home = settings(tmp_path, "demo: true\n")
    for _ in range(2):
        check_start(home)
    with log_of(home) as log, log.store.reading() as connection:
        assert {(user.name, user.role) for user in all_users(connection)} == set(DEMO_USERS)


def test_a_bank_of_its_own_does_not_start_with_a_password_that_everybody_knows(tmp_path):
    check_start(settings(tmp_path, f"demo: true\n{KEY}"))
    home = settings(tmp_path, KEY)
    with pytest.raises(SettingsError, match=r"ann.*everybody knows"):
        check_start(home)
    with log_of(home) as log:
        for name, _ in DEMO_USERS:
            change_password(log, name, f"a password of {name} alone", fresh_id(), "operator:x", 1)
        assert users_with_sample_password(log.store) == ()
    check_start(home)


def test_without_a_key_or_a_store_nothing_starts(tmp_path):
    with pytest.raises(SettingsError, match="BANK360_AUDIT_KEY"):
        check_start(settings(tmp_path, ""))
    with pytest.raises(NotReady, match=r"There is no store.*'bank360 user add NAME --role viewer'"):
        check_start(settings(tmp_path, KEY))


def test_where_nobody_may_log_in_nothing_starts_and_the_way_out_is_said(tmp_path):
    home = settings(tmp_path, KEY)
    with log_of(home, new=True) as log:
        with pytest.raises(NotReady, match=r"no user yet. Run 'bank360 user add NAME --role ROLE'.*viewer, .*admin"):
            check_start(home)
        add_user(log, "anna", Role.VIEWER, "a password of hers", (fresh_id(), fresh_id()), "operator:x", 1)
    check_start(home)


def test_a_log_whose_end_is_missing_does_not_start(tmp_path):
    home = settings(tmp_path, "demo: true\n")
    check_start(home)
    kept = {path: path.read_bytes() for path in tmp_path.glob("store.sqlite3*")}
    with log_of(home) as log:
        change_password(log, "ann", "another long password", fresh_id(), "operator:x", 1)
    for path in tmp_path.glob("store.sqlite3*"):
        path.unlink()
    for path, content in kept.items():
        path.write_bytes(content)
    with pytest.raises(ChainBroken, match="the end is missing"):
        check_start(home)
    shutil.rmtree(tmp_path)
