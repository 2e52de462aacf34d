"""Data frames in and out: what a file of the same rows gives, cell by cell, and the same refusals."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from bank360 import frames
from bank360.bank.errors import DataRefused, NotReady

ROOT = Path(__file__).parents[1]
INPUTS = ["income", "credit_score", "account_balance", "loan_amount", "num_transactions"]


@pytest.fixture
def sample():
    return pd.read_csv(ROOT / "data" / "sample_input.csv")


def test_a_frame_scores_as_the_file_of_its_rows(sample):
    found = frames.scored(sample)
    with (ROOT / "data" / "sample_output.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(found.columns) == list(rows[0])
    assert [f"{one:.6f}" for one in found["score"]] == [row["score"] for row in rows]
    for name in found.columns.drop("score"):
        assert found[name].fillna("").tolist() == [row[name] for row in rows]


def test_an_arrow_table_is_a_frame_too_and_the_outcome_may_lack_to_be_scored(sample):
    without = pa.Table.from_pandas(sample.drop(columns="fraud_risk"), preserve_index=False)
    pd.testing.assert_frame_equal(frames.scored(without), frames.scored(sample))


def test_cleaned_is_id_inputs_and_outcome_and_a_missing_value_stays_missing(sample):
    sample.loc[2, "credit_score"] = None
    found = frames.cleaned(sample.assign(note="passed over"))
    assert list(found.columns) == ["customer_id", *INPUTS, "fraud_risk"]
    assert np.isnan(found.loc[2, "credit_score"])
    kept = sample.loc[0, INPUTS].astype(float).tolist()
    assert found.loc[0, INPUTS].tolist() == kept
    assert set(found["fraud_risk"]) == {0, 1}
    # A value far out is the model's to weigh, and is told: nothing is cut off or averaged away.
    sample.loc[1, "income"] = 999_999.0
    assert frames.cleaned(sample).loc[1, "income"] == 999_999.0
    assert frames.scored(sample).loc[1, "outside_training"] == "income"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: f.drop(columns="income"), "column 'income': the column is missing"),
        (lambda f: f.assign(gender="Woman"), "column 'gender', row 1: the value is not a known code"),
        (lambda f: f.assign(age=[200, *f["age"][1:]]), "column 'age', row 1: the value lies outside 16 to 120"),
        (lambda f: f.assign(income=["much", *f["income"][1:].astype(str)]), "row 1: 'much' is not a number"),
        (lambda f: f.assign(age=["old", *f["age"][1:]]), "a column holds values of several types"),
        (lambda f: pd.concat([f, f.head(1)]), "column 'customer_id', row 501: the value stands twice"),
        (lambda f: f.assign(customer_id=[None, *f["customer_id"][1:]]), "column 'customer_id', row 1: is empty"),
    ],
)
def test_what_a_file_would_be_refused_for_a_frame_is_refused_for(sample, spoil, said):
    with pytest.raises(DataRefused) as refused:
        frames.cleaned(spoil(sample))
    assert said in str(refused.value)


@pytest.mark.parametrize("code", ["Male", "Female", "Other", "Unknown"])
def test_each_known_code_of_gender_is_taken_and_none_is_an_input(sample, code):
    pd.testing.assert_frame_equal(frames.cleaned(sample.assign(gender=code)), frames.cleaned(sample))


def test_the_old_scripts_are_other_names(sample):
    said = "import preprocessing, fraud_detection, bank360.frames as f; "
    said += "assert preprocessing.preprocess is f.cleaned and fraud_detection.predict is f.scored"
    path = os.pathsep.join(filter(None, (str(ROOT / "src"), os.environ.get("PYTHONPATH"))))
    ran = subprocess.run(
        [sys.executable, "-c", said], env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


def test_a_bank_that_is_not_there_is_told(tmp_path):
    (tmp_path / "bank360.yaml").write_text("bank: {name: Empty}\n", encoding="utf-8")
    with pytest.raises(NotReady, match="is empty"):
        frames.features(tmp_path)
