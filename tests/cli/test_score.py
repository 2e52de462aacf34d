"""`score`: the sample file byte for byte, and the customers of a bank."""

import json
from pathlib import Path

DATA = Path(__file__).parents[2] / "data"


def test_the_sample_output_comes_out_byte_for_byte(bank360, tmp_path):
    out = tmp_path / "scored.csv"
    ran = bank360("score", "--in", DATA / "sample_input.csv", "--out", out)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("500 rows scored by application_fraud ")
    assert out.read_bytes() == (DATA / "sample_output.csv").read_bytes()


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
