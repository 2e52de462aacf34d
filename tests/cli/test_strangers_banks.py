"""A bank's tables as strangers bring them, in several files: `init` makes one source of them, which loads."""

import csv

import yaml


def table(path, header, rows, delimiter=","):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])


def sources_of(home):
    return yaml.safe_load((home / "bank360.yaml").read_text(encoding="utf-8"))["sources"]


def bank(folder):
    """A bank of three kinds of file, its ledger in monthly parts, with names of its own."""
    table(folder / "kunden.csv", ["ClientNo", "First Name", "DOB", "Gender", "Marital status", "City", "Member since"],
          [[f"{k:06d}", f"Ann{k}", f"{1 + k % 28:02d}/03/1970", "MF"[k % 2], ("Single", "Married")[k % 2], "Leeds",
            f"{1 + k % 28:02d}/05/2015"] for k in range(40)])  # fmt: skip
    table(
        folder / "accts.csv",
        ["AcctNo", "ClientNo", "Type", "Opened", "Ccy"],
        [[f"00{k:05d}", f"{k % 40:06d}", "CS"[k % 2], f"{1 + k % 28:02d}/03/2019", "GBP"] for k in range(60)],
    )
    (folder / "tx").mkdir()
    for month in (1, 2):
        table(folder / "tx" / f"ledger-2024-0{month}.csv", ["Txn Ref", "AcctNo", "Posted", "Paid out", "Paid in"],
              [[f"T{month}-{k}", f"00{k % 60:05d}", f"{1 + k % 28:02d}/0{month}/2024",
                *(("1,000.50", "") if k % 3 else ("", "20.00"))] for k in range(300)])  # fmt: skip


def test_a_banks_tables_are_proposed_as_one_source_and_walk_to_a_profile(bank360, tmp_path):
    bank(tmp_path)
    ran = bank360("init", tmp_path)
    assert "source 'core': a proposed ledger mapping of accts.csv, kunden.csv, tx/ledger-2024-01.csv" in ran.out
    (core,) = sources_of(tmp_path)
    files = core["mapping"]["files"]
    assert set(files) == {"accounts", "account_parties", "customers", "customer_personal", "transactions"}
    assert files["transactions"]["pattern"] == "tx/ledger-*-*.csv"
    assert files["transactions"]["sign"] == {"debit": "Paid out", "credit": "Paid in"}
    assert files["accounts"]["columns"]["currency"] == "Ccy"
    ran = bank360("ingest", "--home", tmp_path)
    assert ran.code == 0, ran.err
    assert "transactions                 600 rows accepted" in ran.out
    # Of a file that fills two tables, what either reads is read.
    assert "'kunden.csv'" not in ran.out
    assert "'accts.csv'" not in ran.out
    for step in ("check", "build"):
        assert bank360(step, "--home", tmp_path).code == 0
    shown = bank360("profile", "show", "000001", "--home", tmp_path).out
    # Known from the moment it came, not from midnight on: the first look at a new bank shows who they are.
    assert "female" in shown
    assert "-1,000.50" in shown


def test_who_holds_what_may_stand_in_a_file_of_its_own(bank360, tmp_path):
    table(tmp_path / "account.csv", ["account_id", "opened_date"], [[k, "930705"] for k in range(30)], ";")
    table(
        tmp_path / "disp.csv",
        ["disp_id", "client_id", "account_id", "type"],
        [[k, k + 100, k % 30, ("OWNER", "JOINT")[k >= 30]] for k in range(40)],
        ";",
    )
    bank360("init", tmp_path)
    (core,) = sources_of(tmp_path)
    files = core["mapping"]["files"]
    assert files["accounts"]["columns"]["opened_on"] == {"column": "opened_date", "format": "%y%m%d"}
    assert files["account_parties"]["columns"]["role"] == {
        "column": "type", "codes": {"JOINT": "joint_holder", "OWNER": "owner"},
    }  # fmt: skip
