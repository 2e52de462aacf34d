"""A user corrects a mapping: `ingest` and `doctor` say what stands as read before, `rebuild` reads it again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bank360.cli.readings import said_of
from bank360.pipeline.readings import Changed

SETTINGS = """
bank: {{name: Corrected, zone: Europe/London, currency: GBP}}
clock: "2024-07-01T12:00:00Z"
audit_key: 0123456789abcdef0123456789abcdef
engine: {{threads: 1, memory: 500MB}}
sources:
  - name: core
    kind: mapped
    mapping:
      files:
        customers: {{pattern: clients.csv, known_after: 0d,
                    columns: {{customer_id: id, type: {{constant: person}}, onboarded_on: since}}}}
        accounts: {{pattern: accounts.csv, known_after: 0d,
                   columns: {{account_id: acc, product_id: {{constant: CUR}}, opened_on: opened}}}}
        account_parties: {{pattern: accounts.csv, known_after: 0d,
                          columns: {{account_id: acc, customer_id: owner, role: {{constant: owner}}, valid_from: opened,
                                    liability_share: {{constant: 1.0}}}}}}
        transactions: {{pattern: ledger.csv, known_after: 1d, sign: {sign},
                       columns: {{transaction_id: id, account_id: acc, event_time: at, amount: {amount},
                                 country: {{constant: GB}}}}}}
"""
FILES = {
    "clients.csv": "id,since\n1,2020-01-05\n",
    "accounts.csv": "acc,owner,opened\nA1,1,2020-02-03\n",
    "ledger.csv": "id,acc,at,spent,fee\nt1,A1,2024-06-03T10:00:00,12.30,0.10\nt2,A1,2024-06-04T10:00:00,-1000,0\n",
}


@pytest.fixture
def home(tmp_path) -> Path:
    """A bank whose mapping takes the fee for the amount, and credits for debits; ingested and built."""
    (tmp_path / "raw").mkdir()
    for name, text in FILES.items():
        (tmp_path / "raw" / name).write_text(text)
    told(tmp_path, "credit_positive", "fee")
    return tmp_path


def told(home, sign, amount):
    """Write the settings."""
    (home / "bank360.yaml").write_text(SETTINGS.format(sign=sign, amount=amount))


def amounts(home):
    from bank360.storage.warehouse import open_warehouse

    with open_warehouse(home / "warehouse.duckdb", 1, "500MB", read_only=True) as warehouse:
        return warehouse.query("SELECT amount FROM transactions ORDER BY transaction_id").column(0).to_pylist()


def test_a_corrected_mapping_is_told_then_applied_by_one_command(bank360, home):
    assert bank360("nightly", "--home", home).code == 0
    assert amounts(home) == [10, 0]
    assert "Nothing needs mending" in bank360("doctor", "--home", home).out

    told(home, "debit_positive", "spent")
    again = bank360("ingest", "--home", home)
    assert again.code == 0
    assert "3 files known already, nothing changed by them" in again.out
    (line,) = again.err.splitlines()
    assert line == (
        f"bank360: source 'core' has another mapping than when files were read: 'bank360 rebuild --home {home}' reads "
        f"them anew (or keeps them, with --as-loaded); 'bank360 doctor --home {home}' says what."
    )
    (entry,) = json.loads(bank360("ingest", "--home", home, "--json").out)
    assert "ledger.csv (delivery 1 of 2024-07-01)" in entry["read_before_the_mapping_changed"]
    doctor = bank360("doctor", "--home", home)
    assert doctor.code == 1
    (told_by_doctor,) = (line for line in doctor.out.splitlines() if "source 'core' has changed (" in line)
    assert "mapping.files.transactions.columns.amount, mapping.files.transactions.sign" in told_by_doctor
    assert "ledger.csv (delivery 1 of 2024-07-01)" in told_by_doctor
    assert f"'bank360 rebuild --home {home}'" in told_by_doctor
    assert amounts(home) == [10, 0], "nobody asked for it to be read again"

    rebuilt = bank360("rebuild", "--home", home)
    assert (rebuilt.code, rebuilt.err) == (0, "")
    assert "source 'core': 3 files were read again by the mapping as it is now (mapping.files" in rebuilt.out
    assert amounts(home) == [-1230, 100_000]
    assert "of 1 customer built" in rebuilt.out
    after = bank360("ingest", "--home", home)
    assert (after.code, after.err) == (0, "")
    assert "Nothing needs mending" in bank360("doctor", "--home", home).out


def test_a_wrong_column_name_is_told_by_ingest_and_doctor_though_every_file_is_known(bank360, home):
    assert bank360("ingest", "--home", home).code == 0
    assert "mappings        fit the files that are there" in bank360("doctor", "--home", home).out
    told(home, "credit_positive", "spend")
    said = (
        "source 'core' does not fit its files: file 'ledger.csv', column 'spend': the column is missing; the file has"
    )
    assert f"bank360: {said} id, acc, at, spent, fee." in bank360("ingest", "--home", home).err
    doctor = bank360("doctor", "--home", home)
    assert doctor.code == 1
    assert said in doctor.out
    assert "mappings        do not fit their files (1 fault)" in doctor.out
    bank360("rebuild", "--as-loaded", "--home", home)
    assert bank360("ingest", "--home", home).err == "", "these files are meant to be read by the earlier mapping"
    told(home, "sideways", "fee")
    wrong = bank360("doctor", "--home", home)
    assert wrong.code == 1
    assert wrong.out.count("sources.core.mapping.files.transactions.sign") == 1
    assert "mappings        not looked at, for a mapping is wrong" in wrong.out


def test_a_flat_files_names_are_held_to_its_header_too(bank360, home):
    (home / "raw" / "flat.csv").write_text("nr,einkommen,vorname,ausfall\n1,5,Uwe,ja\n2,6,Ute,nein\n")
    flat = "{pattern: flat.csv, exclude: [vornahme], label: {column: ausfall, bad: [ja], good: [nein]}}"
    with (home / "bank360.yaml").open("a") as file:
        file.write(f"  - {{name: flat, kind: mapped, mapping: {{flat: {flat}}}}}\n")
    doctor = bank360("doctor", "--home", home)
    assert (
        "file 'flat.csv', column 'vornahme': the mapping names vornahme, and the file has nr, einkommen" in doctor.out
    )
    text = (home / "bank360.yaml").read_text()
    (home / "bank360.yaml").write_text(
        text.replace("vornahme", "vorname").replace("column: ausfall", "column: Ausfall")
    )
    assert "file 'flat.csv', column 'Ausfall': the column is missing" in bank360("doctor", "--home", home).out


def test_as_loaded_keeps_what_was_loaded_and_ends_the_question(bank360, home):
    assert bank360("ingest", "--home", home).code == 0
    told(home, "debit_positive", "spent")
    kept = bank360("rebuild", "--as-loaded", "--home", home)
    assert (kept.code, kept.err) == (0, "")
    assert "source 'core': 3 files were kept as read before" in kept.out
    assert amounts(home) == [10, 0]
    assert bank360("ingest", "--home", home).err == ""
    plain = bank360("rebuild", "--home", home)
    assert f"3 files stay as read before, as 'bank360 rebuild --as-loaded --home {home}' decided" in plain.out
    assert amounts(home) == [10, 0]
    assert bank360("rebuild", "--as-loaded", "--reread", "--home", home).code == 2
    again = bank360("rebuild", "--reread", "--home", home)
    assert "source 'core': 3 files were read again by the mapping as it is now" in again.out
    assert amounts(home) == [-1230, 100_000]


def test_a_delivery_that_was_received_and_not_loaded_is_a_problem_for_doctor(bank360, home, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("bank360.storage.load.Load.finish", killed)
        assert bank360("ingest", "--home", home).code == 130
    doctor = bank360("doctor", "--home", home)
    assert doctor.code == 1
    said = "1 delivery is in the landing zone and not loaded: number 1 of source 'core', received 2024-07-01 12:00 UTC."
    assert f"{said} Run 'bank360 ingest --home {home}' to load what was received." in doctor.out
    (home / "warehouse.duckdb").unlink()
    assert said in bank360("doctor", "--home", home).out
    assert bank360("ingest", "--home", home).code == 0
    assert "Nothing needs mending" in bank360("doctor", "--home", home).out


def test_a_warehouse_of_an_earlier_version_is_made_anew_on_being_told(bank360, refused, home):
    assert bank360("ingest", "--home", home).code == 0
    from bank360.storage.warehouse import open_warehouse

    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        warehouse.execute("ALTER TABLE loads DROP COLUMN reading")
    said = refused("ingest", "--home", home)
    assert "its table 'loads' lacks reading" in said
    assert f"'bank360 rebuild --home {home}'" in said
    assert said.removeprefix("bank360: ") in bank360("doctor", "--home", home).out
    assert bank360("rebuild", "--home", home).code == 0
    assert bank360("ingest", "--home", home).code == 0


def test_a_customers_file_moved_into_the_bank_is_applied_by_one_rebuild(bank360, home):
    text = (home / "bank360.yaml").read_text()
    start, end = text.index("        customers: {pattern"), text.index("        accounts: {pattern")
    customers, parties = (
        text[start:end],
        text[text.index("        account_parties") : text.index("        transactions")],
    )
    wrong = text.replace(customers, "").replace(parties, "")
    flat = "  - {name: clients, kind: mapped, mapping: {flat: {pattern: clients.csv, id: id, subject: customer}}}\n"
    (home / "bank360.yaml").write_text(wrong + flat)
    assert bank360("ingest", "--home", home).code == 0
    (home / "bank360.yaml").write_text(text)
    told = bank360("ingest", "--home", home)
    assert "sources 'core', 'clients' have another mapping than when files were read" in told.err
    assert "source 'clients' has changed (source 'core' reads clients.csv now)" in bank360("doctor", "--home", home).out
    rebuilt = bank360("rebuild", "--home", home)
    assert (rebuilt.code, rebuilt.err) == (0, "")
    assert "source 'clients': 1 file was read again by the mapping as it is now (clients.csv as source 'core')" in (
        rebuilt.out
    )
    assert "of 1 customer built" in rebuilt.out
    after = bank360("ingest", "--home", home)
    assert (after.code, after.err) == (0, "")


def test_what_to_do_is_said_once_however_many_mappings_have_changed():
    changed = [Changed(name, (), (f"mapping.files.{name}.sign",)) for name in ("core", "cards", "loans")]
    first, second, last = said_of(changed)
    assert ["'core'" in first, "'cards'" in second, "'loans'" in last] == [True, True, True]
    assert ["bank360 rebuild" in line for line in (first, second, last)] == [False, False, True]
    assert said_of([]) == []


def test_what_is_said_of_mappings_comes_after_the_result_and_once(home):
    """As a terminal shows it, both outputs in one: the answer first, then one line."""
    command = [sys.executable, "-c", "from bank360.cli.main import main; main()", "ingest", "--home", str(home)]
    subprocess.run(command, check=True, capture_output=True)
    told(home, "debit_positive", "spent")
    for _ in range(2):
        shown = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
        lines = shown.splitlines()
        assert [line.startswith("bank360: ") for line in lines] == [False] * (len(lines) - 1) + [True]
        assert any("3 files known already" in line for line in lines[:-1])


def findings(home):
    from bank360.storage.findings import stored_findings
    from bank360.storage.warehouse import open_warehouse

    with open_warehouse(home / "warehouse.duckdb", 1, "500MB", read_only=True) as warehouse:
        return {one.rule for one in stored_findings(warehouse)}


def test_after_a_rereading_only_what_holds_of_what_is_loaded_now_is_found(bank360, home):
    """What was found of the rows as they were read before is in no list any more, neither of loads nor of a check."""
    path = home / "bank360.yaml"
    right = path.read_text()
    path.write_text(right.replace("constant: GB", "constant: UK"))
    (home / "raw" / "ledger.csv").write_text(FILES["ledger.csv"].replace("t2,A1", "t2,A9"))
    bank360("ingest", "--home", home)
    before = bank360("check", "--home", home).out
    assert "with a country that is none, such as 'UK'" in " ".join(before.split())
    assert {"no_country", "dangling_reference"} <= findings(home)
    path.write_text(
        right.replace("account_id: acc, event_time", "account_id: {column: acc, codes: {A1: A1, A9: A1}}, event_time")
    )
    assert bank360("rebuild", "--home", home).code == 0
    after = " ".join(bank360("check", "--home", home).out.split())
    assert "country that is none" not in after
    assert not {"no_country", "dangling_reference"} & findings(home)
