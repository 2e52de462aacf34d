"""Columns of strangers' files that may not mean what they seem to: `init` or `train` says so, or refuses them."""

import csv
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

N = 400
RNG = np.random.default_rng(3)
SCORE = RNG.integers(300, 850, N).tolist()
INCOME = [round(float(one), 2) for one in RNG.lognormal(7.6, 0.5, N)]
BAD = [int(one) for one in RNG.random(N) < 1 / (1 + np.exp((np.array(SCORE) - 430) / 60))]
DAYS = [date(2021, 1, 14) + timedelta(days=k) for k in range(N)]
IDS = [f"A{k:04d}" for k in range(N)]


def table(path, header, *columns):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *zip(*columns, strict=True)])


def sources_of(home):
    return yaml.safe_load((home / "bank360.yaml").read_text(encoding="utf-8"))["sources"]


def checks(ran):
    return [line.strip() for line in ran.out.splitlines() if line.strip().startswith("check: ")]


def test_nan_stand_ins_and_a_scored_age_are_printed_and_stand_in_the_card(bank360, tmp_path):
    told = [float("nan") if k % 40 < 2 else -999.0 if k % 40 == 2 else one for k, one in enumerate(INCOME)]
    ages = [20 + 7 * k % 50 for k in range(N)]
    pq.write_table(pa.table({"id": IDS, "income": told, "score": SCORE, "age": ages, "default": BAD}),
                   tmp_path / "a.parquet")  # fmt: skip
    said = checks(bank360("init", tmp_path))
    assert "check: not scored unless listed under 'numeric', where your jurisdiction allows: age" in said
    text = (tmp_path / "bank360.yaml").read_text(encoding="utf-8")
    text = text.replace("pattern: a.parquet", "pattern: a.parquet\n        numeric: [age]", 1)
    (tmp_path / "bank360.yaml").write_text(text, encoding="utf-8")
    ran = bank360("train", "--source", "a", "--home", tmp_path)
    assert ran.code == 0, ran.err
    assert "[not out of time; age is scored: age]" in ran.out
    card = " ".join(bank360("models", "show", "a", "--version", "challenger", "--home", tmp_path).out.split())
    for remark in ("cells that say NaN are taken for missing, by column: income (20)", "by column: income -999 (10)"):
        assert remark in ran.out
        assert remark in card
    assert "age is scored: age" in card


def test_a_sex_listed_as_an_input_is_refused_with_the_key_to_write(bank360, refused, tmp_path):
    table(tmp_path / "g.csv", ["id", "income", "gender", "kind", "default"],
          IDS, INCOME, ["m", "f"] * (N // 2), ["Male", "Female"] * (N // 2), BAD)  # fmt: skip
    said = checks(bank360("init", tmp_path))
    assert any("'kind' holds sexes or marital states" in line for line in said)
    home = tmp_path / "bank360.yaml"
    text = home.read_text(encoding="utf-8")
    assert "protected: [gender, kind]" in text
    for name in ("gender", "kind"):
        other = "gender" if name == "kind" else "kind"
        home.write_text(
            text.replace("protected: [gender, kind]", f"categorical: [{name}]\n        protected: [{other}]")
        )
        line = refused("train", "--source", "g", "--home", tmp_path)
        assert f"write 'not_protected: [{name}]'" in line
    home.write_text(text.replace("protected: [gender, kind]", "protected: [gender]\n        not_protected: [kind]"))
    ran = bank360("train", "--source", "g", "--home", tmp_path)
    assert ran.code == 0, ran.err
    assert "scored as not protected, by the mapping's word: kind" in ran.out


@pytest.mark.parametrize(
    "form", ["{}T10:00:00Z", "{} 10:00:00+00:00", "{}T10:00:00.250", "{}T10:00:00.1234567+01:00", "mixed"]
)
def test_instants_as_machines_write_them_date_the_rows_and_test_out_of_time(bank360, tmp_path, form):
    forms = ("{}T10:00:00Z", "{}T10:00:00.5Z", "{}T11:00:00+01:00") if form == "mixed" else (form,)
    told = [forms[k % len(forms)].format(day) for k, day in enumerate(DAYS)]
    table(tmp_path / "i.csv", ["id", "applied", "income", "default"], IDS, told, INCOME, BAD)
    bank360("init", tmp_path)
    (entry,) = sources_of(tmp_path)
    assert entry["mapping"]["flat"]["date"] == {"column": "applied"}
    ran = bank360("train", "--source", "i", "--home", tmp_path)
    assert ran.code == 0, ran.err
    assert "bad, out of time" in ran.out


def test_every_column_of_dates_that_is_not_used_is_said(bank360, tmp_path):
    days = [day.isoformat() for day in DAYS]
    some = [day if k % 9 else "" for k, day in enumerate(days)]
    odd = [day if k % 2 else f"{k % 28 + 1}/3/2021" for k, day in enumerate(days)]
    table(tmp_path / "d.csv", ["id", "dob", "odd", "seen", "applied", "closed", "income", "default"],
          IDS, days, odd, some, days, [f"{day}T08:00:00Z" for day in days], INCOME, BAD)  # fmt: skip
    said = checks(bank360("init", tmp_path))
    for start in (
        "'dob' holds days of birth", "'odd' looks like dates that no one pattern reads", "'seen' holds dates and",
        "'closed' holds dates and is not used",
    ):  # fmt: skip
        assert sum(line.startswith(f"check: {start}") for line in said) == 1, start
    assert not any("'applied'" in line for line in said)
    table(tmp_path / "d.csv", ["id", "seen", "income", "default"], IDS, some, INCOME, BAD)
    (line,) = checks(bank360("init", tmp_path, "--force"))
    assert line.endswith("state it as date if it dates the rows, with undated: leave_out for its empty cells")


def test_an_outcome_whose_values_cannot_be_told_apart_is_said_with_what_to_write(bank360, tmp_path):
    told = [("low", "medium", "hi\ngh")[k % 3] for k in range(N)]
    table(tmp_path / "r.csv", ["id", "income", "risk"], IDS, INCOME, told)
    said = checks(bank360("init", tmp_path))
    (line,) = (line for line in said if "outcome" in line)
    assert "'risk' speaks of an outcome, and which of its values (hi gh, low, medium) are bad could not be told" in line
    assert "label: {column: 'risk', bad: […], good: […]}" in line
    assert len(sources_of(tmp_path)) == 1
