"""A bank whose account ids are IBANs: no screen and no file has one whole, unless identity is asked for."""

import json
import shutil

import duckdb
import pytest

from bank360.bank.personal_numbers import PersonalNumber, personal_number
from bank360.storage.warehouse import open_warehouse
from tests.cli.ibans import number_by_ibans


@pytest.fixture(scope="module")
def home(built, tmp_path_factory):
    """The built bank, every account of it under an IBAN."""
    folder = shutil.copytree(built, tmp_path_factory.mktemp("ibans") / "bank", ignore=shutil.ignore_patterns("export"))
    with (folder / "bank360.yaml").open("a", encoding="utf-8") as settings:
        settings.write("audit_key: 0123456789abcdef0123456789abcdef\n")
    with open_warehouse(folder / "warehouse.duckdb") as warehouse:
        number_by_ibans(warehouse)
    return folder


@pytest.fixture(scope="module")
def accounts(home):
    """Every account id as the bank has it."""
    with open_warehouse(home / "warehouse.duckdb", read_only=True) as warehouse:
        rows = warehouse.query("SELECT DISTINCT account_id FROM accounts ORDER BY 1").to_pylist()
    found = [row["account_id"] for row in rows]
    assert {personal_number(one) for one in found} == {PersonalNumber.IBAN}
    return found


def whole(text, accounts):
    return [one for one in accounts if one in text]


def test_no_command_prints_one_whole_but_a_reveal(bank360, home, accounts):
    customer = json.loads(bank360("profile", "list", "--home", home, "--json").out)[0]["customer_id"]
    show = ("profile", "show", customer, "--all", "--home", home)
    asked = (
        show, (*show, "--json"), ("profile", "list", "--limit", 1000, "--home", home), ("alerts", "--home", home),
        ("check", "--home", home), ("features", "value", customer, "--feature", "balance_mean_90d", "--home", home),
    )  # fmt: skip
    for words in asked:
        ran = bank360(*words)
        assert ran.code == 0, ran.err
        assert not whole(ran.out, accounts), words
    assert "•••" in bank360(*show).out
    assert whole(bank360(*show, "--reveal").out, accounts)


def test_an_export_names_accounts_by_pseudonyms_that_meet_in_every_file(bank360, home, accounts, tmp_path):
    files = {}
    for name, words in (("masked", ()), ("revealed", ("--reveal", "identity"))):
        ran = bank360("export", "--out", tmp_path / name, "--home", home, *words)
        assert ran.code == 0, ran.err
        files[name] = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / name).iterdir()}
        told = f"{len(accounts):,} accounts under a pseudonym of this export" in ran.out
        assert told is (name == "masked")
        renamed = json.loads(files[name]["export.json"])["renamed_accounts"]
        assert renamed == (len(accounts) if name == "masked" else 0)
    assert not [name for name, text in files["masked"].items() if whole(text, accounts)]
    assert whole(files["revealed"]["DimAccount.csv"], accounts) == accounts
    with duckdb.connect() as connection:
        sums = (
            "SELECT a.opened_on, a.holders, count(*), sum(f.amount) FROM '{0}/FactTransactions.csv' f JOIN"
            " '{0}/DimAccount.csv' a USING (account_id) JOIN '{0}/BridgeAccountHolder.csv' USING (account_id)"
            " GROUP BY a.account_id, 1, 2 ORDER BY ALL"
        )
        masked, revealed = (connection.execute(sums.format(tmp_path / name)).fetchall() for name in files)
        ids = [
            [
                row[0]
                for row in connection.execute(f"SELECT account_id FROM '{tmp_path / name}/DimAccount.csv'").fetchall()
            ]
            for name in files
        ]
    assert masked == revealed != []  # the same money on the same accounts, whatever they are called
    assert ids[0] == sorted(ids[0])
    assert len(set(ids[0])) == len(accounts)
    # The order of the pseudonyms is not that of what they stand for.
    opened = [[line.split(",")[6] for line in files[name]["DimAccount.csv"].splitlines()[1:]] for name in files]
    assert sorted(opened[0]) == sorted(opened[1])
    assert opened[0] != opened[1]
