"""``bank360 sources``: every kind that a bank360.yaml may name, and the columns that its file must have."""

import json
from typing import get_args

import pytest

from bank360.settings import SourceEntry

TEN = [
    "customer_id", "age", "gender", "marital_status", "income", "credit_score", "account_balance", "loan_amount",
    "num_transactions", "fraud_risk",
]  # fmt: skip


def test_every_kind_that_settings_take_is_listed_with_what_it_is(bank360):
    kinds = json.loads(bank360("sources", "list", "--json").out)
    assert set(kinds) == set(get_args(SourceEntry.model_fields["kind"].annotation))
    assert all(kinds.values())
    lines = bank360("sources", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == ["kind", *kinds]


def test_the_ten_columns_are_printed_in_the_files_order_with_what_they_say(bank360):
    head, *lines = bank360("sources", "show", "loan_applications_csv").out.splitlines()
    assert head == "loan_applications_csv: *.csv; fills customers, customer_facts"
    assert [line.split()[0] for line in lines] == TEN
    assert lines[8].split(maxsplit=1)[1] == "transactions in the last 90 days"
    assert "Male, Female, Other or Unknown" in lines[2]


@pytest.mark.parametrize("column", TEN[:-1])
def test_a_file_without_one_of_them_is_refused_by_that_name(refused, tmp_path, column):
    kept = [name for name in TEN if name != column]
    (tmp_path / "in.csv").write_text(",".join(kept) + "\n" + ",".join("1" for _ in kept) + "\n", encoding="utf-8")
    line = refused("score", "--in", tmp_path / "in.csv", "--out", tmp_path / "out.csv")
    assert f"column '{column}', row 1: the column is missing" in line


def test_files_of_several_parts_and_of_a_mapping_are_told_too_and_no_other_kind_is_known(bank360, refused):
    parts = json.loads(bank360("sources", "show", "berka", "--json").out)
    assert {part["pattern"] for part in parts} >= {"account.asc", "client.asc", "trans_union.csv"}
    cards = bank360("sources", "show", "creditcard_csv").out
    assert [line.split()[0] for line in cards.splitlines()[1:]] == ["Time", *[f"V{n}" for n in range(1, 29)],
                                                                   "Amount", "Class"]  # fmt: skip
    assert "'bank360 init FOLDER' proposes one" in bank360("sources", "show", "mapped").out
    assert "There is no kind of source 'arrived_events'. There are: synthetic," in refused(
        "sources", "show", "arrived_events"
    )
