"""What runs on the public data sets beside the project; skipped with a printed reason where they are absent.

The ranges are sanity, wide enough for the interval of the metric: outside them something is wrong, inside nothing is
proven. Every test prints its metrics past pytest's capture.
"""

import sys
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from bank360.bank.calendar import local_days
from bank360.bank.errors import NotReady
from bank360.pipeline import parity_berka as parity
from bank360.pipeline.progress import silent
from bank360.pipeline.score_file import score_file
from bank360.pipeline.train_table import read_flat, register_table, table_mapping, train_table
from bank360.sources.berka import ZONE
from bank360.storage.registry import Registry

pytestmark = pytest.mark.real
DATA = Path(__file__).parents[3] / "shared" / "data"


def folder(name):
    path = DATA / name
    if not path.is_dir():
        pytest.skip(f"the public data set '{name}' is not beside the project (looked for {path})")
    return path


@pytest.fixture
def say(capsys):
    """Write lines to the terminal, whatever pytest captures."""

    def write(lines):
        with capsys.disabled():
            sys.stdout.write("\n" + "".join(f"{line}\n" for line in lines))

    return write


@cache
def trained(name, which):
    flat = table_mapping(name, {"flat": MAPPINGS[which]}, "Europe/London")
    return flat, train_table(flat, folder(name), seed=42)


def aucs(report):
    return {one.candidate: one.measured.auc.value for one in report.found.metrics}


UCI = {
    "pattern": "default of credit card clients.csv",
    "csv": {"header_rows": 2},
    "id": "ID",
    "label": {"column": "default payment next month", "bad": [1], "good": [0]},
    "protected": ["SEX", "MARRIAGE"],
}
GERMAN = {
    "pattern": "germancredit.csv",
    "label": {"column": "creditability", "bad": ["bad"], "good": ["good"]},
    "protected": ["personal_status_and_sex", "foreign_worker"],
    "numeric": ["age_in_years"],  # stated, or it would be left out by its name
}
GERMAN_RAW = {
    "pattern": "german.data",
    "csv": {"delimiter": "tab", "header_rows": 0},
    "label": {"column": "column_21", "bad": [2], "good": [1]},
    "protected": ["column_9", "column_20"],
}


CHURNERS = {
    "pattern": "*.csv",
    "id": "CLIENTNUM",
    "label": {"column": "Attrition_Flag", "bad": ["Attrited Customer"], "good": ["Existing Customer"]},
}
MAPPINGS = {"uci": UCI, "german_raw": GERMAN_RAW, "churners": CHURNERS}


def test_uci_default_trains_by_its_mapping_alone_in_spite_of_two_header_rows(say):
    _, (report, _, _) = trained("uci_default_credit_card", "uci")
    say(report.lines())
    assert (report.found.rows, report.found.events) == (30_000, 6_636)
    assert report.stamps == ("not out of time",)
    assert not {"ID", "SEX", "MARRIAGE"} & set(report.inputs)
    assert 0.76 <= aucs(report)["scorecard"] <= aucs(report)["lightgbm"] <= 0.79


def test_german_credit_trains_without_id_date_or_header(say):
    _, (report, _, _) = trained("german_credit", "german_raw")
    say(report.lines())
    assert (report.found.rows, report.found.events, len(report.inputs)) == (1_000, 300, 18)
    assert all(0.75 <= auc <= 0.80 for auc in aucs(report).values())


def test_german_credit_in_words_is_the_same_bank():
    flat = table_mapping("german_credit", {"flat": GERMAN}, "Europe/London")
    rows = read_flat(flat, folder("german_credit") / GERMAN["pattern"], GERMAN["pattern"])
    _, (_, _, raw) = trained("german_credit", "german_raw")
    assert rows.bad is not None
    assert raw.bad is not None
    assert rows.bad.tolist() == raw.bad.tolist()
    assert (len(rows.numeric), len(rows.categorical)) == (len(raw.numeric), len(raw.categorical)) == (7, 11)


def test_a_registered_flat_model_scores_its_file_again(tmp_path):
    flat, answer = trained("german_credit", "german_raw")
    file, registry = folder("german_credit") / "german.data", Registry(tmp_path)
    for candidate in ("scorecard", "lightgbm"):
        version = register_table(
            answer, flat, candidate, registry, "german_credit", "2026-01-01T00:00:00+00:00", 42, "tester"
        )
        done = score_file(file, tmp_path / "out.csv", flat, registry.load("german_credit", version))
        lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
        assert done.rows == len(lines) - 1 == 1_000
        assert lines[0].startswith("row,score,reason_1")
        _, models, rows = answer
        columns = {**rows.numeric, **rows.categorical}
        model = models[candidate]
        expected = model.probability(model.margin(model.design(columns)))
        assert [line.split(",")[1] for line in lines[1:]] == [f"{one:.6f}" for one in expected]


def test_a_file_that_holds_its_own_answer_is_refused():
    with pytest.raises(NotReady, match="Naive_Bayes_Classifier"):
        trained("bank_churners", "churners")


@cache
def czech_tables():
    return parity._tables(folder("berka"), silent)


def test_the_czech_bank_by_the_split_of_the_literature(say):
    report = parity.parity_berka(folder("berka"))
    say(report.lines())
    assert (report.train, report.test, report.running) == ((328, 46), (354, 30), 311)
    for _, auc in report.auc:
        assert auc.low < auc.value < auc.high
    assert "incomplete" in report.lines()[-1]


def test_what_followed_a_loan_changes_no_feature_of_it():
    tables = czech_tables()
    spine, _ = parity._spine(tables)
    ledger, owners = tables["transactions"], parity._owners(tables)
    loan_day = dict(zip(spine.customer.tolist(), local_days(spine.as_of, ZONE).tolist(), strict=True))
    never = 10**6
    days = np.asarray(ledger["booked_on"].combine_chunks().cast(pa.int32()))
    limit = np.array([loan_day.get(owners.get(account, -1), never) for account in ledger["account_id"].to_pylist()])
    before = {**tables, "transactions": ledger.filter(pa.array(days < limit))}
    assert len(before["transactions"]) < len(ledger)
    np.testing.assert_array_equal(parity._features(before, spine, 1), parity._features(tables, spine, 1))


def test_the_czech_bank_keeps_every_row_and_both_sides_of_every_reference():
    tables = czech_tables()
    counts = {name: len(table) for name, table in tables.items()}
    assert counts["transactions"] == 97_005
    assert (counts["customers"], counts["account_parties"], counts["cards"], counts["applications"]) == (
        5_369, 5_369, 892, 682,
    )  # fmt: skip
    assert counts["accounts"] == 4_500 + 682
    accounts = set(tables["accounts"]["account_id"].to_pylist())
    assert set(tables["transactions"]["account_id"].to_pylist()) <= accounts
    assert set(tables["cards"]["customer_id"].to_pylist()) <= set(tables["customers"]["customer_id"].to_pylist())
