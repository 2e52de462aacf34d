"""`score`: the sample file byte for byte, and the customers of a bank."""

import json
from pathlib import Path

from bank360.pipeline.score_file import sample_model

(PART,) = (part.model for part in sample_model().model.parts)
DATA = Path(__file__).parents[2] / "data"


def test_the_sample_output_comes_out_byte_for_byte(bank360, tmp_path):
    out = tmp_path / "scored.csv"
    ran = bank360("score", "--in", DATA / "sample_input.csv", "--out", out)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("500 rows scored by application_fraud ")
    assert out.read_bytes() == (DATA / "sample_output.csv").read_bytes()


def test_values_outside_training_are_told_by_column_range_and_rows(bank360, tmp_path):
    """The sample was drawn as its training rows were; one income is made a thousandfold of the largest."""
    text = (DATA / "sample_input.csv").read_text(encoding="utf-8").splitlines()
    place = text[0].split(",").index("income")
    cells = text[1].split(",")
    cells[place] = "90000000"
    (tmp_path / "in.csv").write_text("\n".join([text[0], ",".join(cells)]) + "\n", encoding="utf-8")
    ran = bank360("score", "--in", tmp_path / "in.csv", "--out", tmp_path / "scored.csv")
    low, high = (getattr(PART, end)[[one.name for one in PART.inputs].index("income")] for end in ("low", "high"))
    _, said, column = ran.out.splitlines()[:3]
    assert said == "1 row has a value outside what training saw; the file names its column in each:"
    assert column == f"  income: 1 row, 90,000,000; training had {low:,.15g} to {high:,.15g}"


def test_a_file_is_scored_as_json_too(bank360, tmp_path):
    ran = bank360("score", "--in", DATA / "sample_input.csv", "--out", tmp_path / "scored.csv", "--json")
    told = json.loads(ran.out)
    assert (told["rows"], told["model"]) == (500, "application_fraud")


def test_customers_scored_once_are_up_to_date(bank360, scored):
    assert bank360("score", "--home", scored).out == "Scores are up to date.\n"


def test_an_in_without_an_out_and_an_out_that_cannot_be_are_told(refused, tmp_path):
    sample = DATA / "sample_input.csv"
    assert "--in and --out go together" in refused("score", "--in", sample)
    assert "--in and --out go together" in refused("score", "--out", tmp_path / "x.csv")
    nowhere = tmp_path / "no" / "such" / "x.csv"
    assert str(nowhere) in refused("score", "--in", sample, "--out", nowhere)
    assert "name a file" in refused("score", "--in", sample, "--out", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_there_or_not_text_is_told(refused, tmp_path):
    assert "there is no such file" in refused("score", "--in", tmp_path / "no.csv", "--out", tmp_path / "x.csv")
    folder = refused("score", "--in", tmp_path, "--out", tmp_path / "x.csv")
    assert f"file '{tmp_path}': it is a folder, not a file. Name the file in it." in folder
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"\xff\xfe\x00\x01,\x80\n\x81\n")
    assert "broken.csv" in refused("score", "--in", broken, "--out", tmp_path / "x.csv")
    assert not (tmp_path / "x.csv").exists()
