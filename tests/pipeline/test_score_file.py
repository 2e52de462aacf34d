"""Scoring a flat file: the committed sample byte for byte, reasons, refusals, neutralised cells."""

import csv
from pathlib import Path

import pytest

from bank360.bank.errors import ArtefactRefused, DataRefused
from bank360.bank.reasons import REASON_BY_CODE
from bank360.models.card import card_markdown
from bank360.pipeline.sample_scorecard import ZONE, write_sample
from bank360.pipeline.score_file import SAMPLE_REGISTRY, OutsideColumn, sample_model, score_file
from bank360.sources.loan_applications_csv import COLUMNS, MAPPING, loan_applications_map
from bank360.sources.loan_applications_sample import HEADER, SAMPLE_ROWS, SAMPLE_SEED, TRAINING_SEED, sample_rows
from bank360.sources.mapped_flat import flat_mapping
from bank360.sources.mapped_node import Node
from bank360.storage.csv_output import number_cell, write_csv

DATA = Path(__file__).parents[2] / "data"
FLAT = loan_applications_map(ZONE)


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def scored(tmp_path, text, flat=FLAT):
    source = tmp_path / "in.csv"
    source.write_text(text, encoding="utf-8")
    score_file(source, tmp_path / "out.csv", flat, sample_model())
    return rows_of(tmp_path / "out.csv")


def line(**cells):
    values = {"customer_id": "A", "age": "40", "gender": "Male", "marital_status": "Single", "income": "2000",
              "credit_score": "650", "account_balance": "100", "loan_amount": "5000", "num_transactions": "30",
              "fraud_risk": "0"} | cells  # fmt: skip
    return ",".join(values[name] for name in HEADER) + "\n"


HEAD = ",".join(HEADER) + "\n"


def test_the_sample_output_is_reproduced_byte_for_byte(tmp_path):
    score_file(DATA / "sample_input.csv", tmp_path / "out.csv", FLAT, sample_model())
    assert (tmp_path / "out.csv").read_bytes() == (DATA / "sample_output.csv").read_bytes()


def test_the_sample_input_is_what_its_generator_makes(tmp_path):
    write_sample(tmp_path / "in.csv", SAMPLE_SEED, SAMPLE_ROWS)
    assert (tmp_path / "in.csv").read_bytes() == (DATA / "sample_input.csv").read_bytes()
    assert len(rows_of(tmp_path / "in.csv")) == 500
    assert not {row[0] for row in sample_rows(TRAINING_SEED, 600)} & {row[0] for row in sample_rows(SAMPLE_SEED, 500)}


def test_the_sample_scorecard_says_that_it_was_fitted_on_other_generated_rows():
    loaded = sample_model()
    assert loaded.card["notes"][0].startswith("A sample: fitted on 20000 generated rows (seed 7), other than those of")
    assert "not out of time" in loaded.card["notes"]


def test_the_sample_card_is_what_a_card_of_today_says():
    """After a change of the card: `make sample`. That a fit of today is the committed one is a proof."""
    (committed,) = SAMPLE_REGISTRY.glob("*/*/card.md")
    assert "## Scorecard: all applicants" in committed.read_text("utf-8")
    assert committed.read_text("utf-8") == card_markdown(sample_model().card, sample_model().model)


def test_gender_marital_status_and_age_are_not_among_what_it_reads():
    read = {i.name for i in sample_model().model.inputs}
    assert read == {"income", "credit_score", "account_balance", "loan_amount", "num_transactions"}


def test_the_same_applicant_of_another_sex_has_the_same_score_and_reasons(tmp_path):
    variants = [("Male", "Single"), ("Female", "Married"), ("Other", "Widowed"), ("Unknown", ""), ("", "Divorced")]
    text = HEAD + "".join(
        line(customer_id=f"A{n}", gender=gender, marital_status=status) for n, (gender, status) in enumerate(variants)
    )
    answers = scored(tmp_path, text)
    assert len({tuple(row[name] for name in row if name != "customer_id") for row in answers}) == 1


def test_each_reason_is_of_the_list_and_scores_have_six_decimals():
    rows = rows_of(DATA / "sample_output.csv")
    assert len(rows) == 500
    for row in rows:
        assert len(row["score"].split(".")[1]) == 6
        assert 0 < float(row["score"]) < 1
        for n in range(1, 5):
            code, _, wording = row[f"reason_{n}"].partition(" ")
            assert code == "" or REASON_BY_CODE[code].wording == wording


@pytest.mark.parametrize("missing", [name for name, _ in COLUMNS if name != "fraud_risk"])
def test_a_missing_column_is_refused_by_name(tmp_path, missing):
    names = [name for name in HEADER if name != missing]
    with pytest.raises(DataRefused, match=f"column '{missing}'"):
        scored(tmp_path, ",".join(names) + "\n" + ",".join("1" for _ in names) + "\n")
    assert not (tmp_path / "out.csv").exists()


def test_the_outcome_may_be_lacking_in_a_file_to_be_scored(tmp_path):
    text = ",".join(HEADER[:-1]) + "\nA,40,Male,Single,2000,650,100,5000,30\n"
    assert len(scored(tmp_path, text)) == 1


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"gender": "M"}, "gender"),
        ({"marital_status": "Complicated"}, "marital_status"),
        ({"age": "4000"}, "age"),
        ({"age": "old"}, "age"),
        ({"income": "-1"}, "income"),
        ({"income": "1e308"}, "income"),
        ({"credit_score": "nan%"}, "credit_score"),
        ({"loan_amount": "inf"}, "loan_amount"),
        ({"customer_id": ""}, "customer_id"),
    ],
)
def test_a_bad_cell_refuses_the_file_and_writes_nothing(tmp_path, cells, column):
    with pytest.raises(DataRefused) as refused:
        scored(tmp_path, HEAD + line() + line(customer_id="B") + line(**({"customer_id": "C"} | cells)))
    assert (refused.value.column, refused.value.row) == (column, 4)
    assert not (tmp_path / "out.csv").exists()


def test_a_customer_who_stands_twice_is_refused(tmp_path):
    with pytest.raises(DataRefused, match="row 3: the value stands twice"):
        scored(tmp_path, HEAD + line() + line())


def test_a_value_outside_training_is_named(tmp_path):
    (row,) = scored(tmp_path, HEAD + line(loan_amount="900000000"))
    assert row["outside_training"] == "loan_amount"


def test_columns_outside_training_are_counted_with_their_values_and_the_range_those_of_most_rows_first(tmp_path):
    (tmp_path / "in.csv").write_text(
        HEAD
        + line(income="800000000")
        + line(customer_id="B", loan_amount="900000000")
        + line(customer_id="C", loan_amount="700000000")
        + line(customer_id="D"),
        encoding="utf-8",
    )
    done = score_file(tmp_path / "in.csv", tmp_path / "out.csv", FLAT, sample_model())
    ((part),) = sample_model().model.parts
    seen = {
        one.name: (low, high) for one, low, high in zip(part.model.inputs, part.model.low, part.model.high, strict=True)
    }
    assert done.outside == 3
    assert done.outside_columns == (
        OutsideColumn("loan_amount", 2, 700_000_000.0, 900_000_000.0, *seen["loan_amount"]),
        OutsideColumn("income", 1, 800_000_000.0, 800_000_000.0, *seen["income"]),
    )


def test_an_id_that_a_spreadsheet_would_run_is_neutralised(tmp_path):
    text = HEAD + "".join(line(customer_id=one) for one in ("=1+1", "+1", "-1", "@x", "plain"))
    assert [row["customer_id"] for row in scored(tmp_path, text)] == ["'=1+1", "'+1", "'-1", "'@x", "plain"]
    write_csv(tmp_path / "cells.csv", ["a"], [["\tx"], ["\rx"], [number_cell("-1.5")], [-2], [None]])
    assert (tmp_path / "cells.csv").read_bytes() == b"a\n'\tx\n\"'\rx\"\n-1.5\n-2\n\n"


def test_a_model_that_reads_what_the_mapping_protects_is_refused(tmp_path):
    mapping = {**MAPPING, "numeric": MAPPING["numeric"][1:], "protected": ["gender", "marital_status", "income"]}
    mapping["ranges"] = {}
    with pytest.raises(ArtefactRefused, match=r"reads \['income'\]"):
        scored(tmp_path, HEAD + line(), flat_mapping("f", Node("f", mapping), ZONE))


def test_a_changed_scorecard_is_refused_before_it_is_read(tmp_path):
    import shutil

    from bank360.storage.registry import Registry

    shutil.copytree(SAMPLE_REGISTRY, tmp_path / "registry")
    (model,) = (tmp_path / "registry").glob("*/*/model.json")
    model.write_bytes(model.read_bytes().replace(b"0.0", b"0.1", 1))
    with pytest.raises(ArtefactRefused):
        Registry(tmp_path / "registry").load("application_fraud")
