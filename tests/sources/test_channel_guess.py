"""Which column of a ledger's file says where and how money moved; what no part of a proposal reads is named."""

import yaml

from bank360.sources.file_look import Head
from bank360.sources.mapped import mapped_source
from bank360.sources.mapping_template import proposal


def proposed(name, head):
    """Return the entries proposed for one file, accepted as they stand, and what is to be checked."""
    found = proposal("b", [Head(name, text=head.encode())])
    (entry,) = yaml.safe_load(found.text)["sources"]
    mapped_source("s", entry["mapping"], "Europe/London", "GBP", country="GB")
    return entry["mapping"]["files"], " | ".join(found.sources[0].to_check)


def ledger(header, *cells):
    rows = "".join(f"t{n},{n % 2},2024-01-{n + 1:02d},-{n}.50,{cell}\n" for n, cell in enumerate(cells))
    files, checks = proposed("ledger.csv", f"txn_id,account,day,amount,{header}\n{rows}")
    return files["transactions"]["columns"], checks


def test_a_column_of_known_channels_is_mapped_and_what_is_not_known_is_said():
    columns, checks = ledger("Channel", "ATM", "Web", "Branch", "KIOSK")
    assert columns["channel"] == {
        "column": "Channel", "codes": {"ATM": "atm", "Branch": "branch", "Web": "online"}, "other": "unknown",
        "missing": "unknown",
    }  # fmt: skip
    assert "KIOSK of 'Channel' become unknown" in checks
    assert "'scheme' and 'category' are not mapped" in checks


def test_a_column_of_another_name_needs_most_of_its_values_known():
    assert ledger("how", "direct debit", "Standing Order", "Card", "x")[0]["scheme"]["column"] == "how"
    columns, checks = ledger("how", "ATM", "x", "y", "z")
    assert "channel" not in columns
    assert "not used: 'how'." in checks


def test_single_letters_are_channels_only_under_a_name_that_says_so():
    assert "channel" not in ledger("class", "A", "B", "P", "M")[0]
    assert ledger("kanal", "A", "B", "P", "M")[0]["channel"]["codes"]["P"] == "pos"


def test_what_no_part_of_an_account_file_reads_is_named():
    _, checks = proposed(
        "accounts.csv",
        "AccountNo,CustomerNo,OpenDate,CreditLimit,Branch\n1,7,2020-01-31,500,X\n2,8,2020-02-01,900,Y\n",
    )
    assert "accounts.csv: not used: 'CreditLimit', 'Branch'." in checks
