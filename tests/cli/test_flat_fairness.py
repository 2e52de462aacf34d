"""``models fairness`` of a flat file's model: its protected columns' groups, counted again by a loop over the file."""

import csv
import json
from collections import Counter

import numpy as np
import pytest
import yaml

from bank360.learning.estimators.boosting import BoostingRules
from bank360.pipeline.fairness import _BANDS
from bank360.pipeline.train_flat import out_of_fold
from bank360.sources.loan_applications_csv import COLUMNS
from bank360.storage.registry import Registry

CUT = 0.3
GENDERS = ("Male", "Female", "Other", "Unknown", "")
MAPPING = {
    "pattern": "loans.csv",
    "label": {"column": "bad", "bad": [1], "good": [0]},
    "protected": ["gender", "age", "note"],
}


def write(folder, mapping, training=None):
    """Write a file of 800 loans, riskier with less income and alike in all genders, and the bank's settings."""
    rng = np.random.default_rng(11)
    rows = 800
    income = rng.normal(2000, 500, rows)
    bad = rng.random(rows) < 1 / (1 + np.exp((income - 1600) / 250))
    with (folder / "loans.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("income", "gender", "age", "note", "day", "bad"))
        for n in range(rows):
            day = np.datetime64("2023-01-01") + n // 2
            age = "" if n % 7 == 0 else 18 + n % 60
            out.writerow((f"{income[n]:.0f}", GENDERS[n % 5], age, f"note {n}", day, int(bad[n])))
    settings = {
        "bank": {"name": "Flat"},
        "engine": {"threads": 1},
        "training": {"trees": {"max_rounds": 20} | (training or {})},
        "sources": [{"name": "loans", "kind": "mapped", "folder": ".", "mapping": {"flat": mapping}}],
    }
    (folder / "bank360.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def home(bank360, tmp_path_factory):
    folder = write(tmp_path_factory.mktemp("undated"), MAPPING | {"exclude": ["day"]})
    assert bank360("train", "--source", "loans", "--home", folder).code == 0
    return folder


@pytest.fixture(scope="module")
def dated(bank360, tmp_path_factory):
    folder = write(tmp_path_factory.mktemp("dated"), MAPPING | {"date": {"column": "day"}})
    assert bank360("train", "--source", "loans", "--home", folder).code == 0
    return folder


def asked(home, *more):
    return ("models", "fairness", "loans", "--cut", CUT, "--version", "challenger", "--home", home, *more)


def found(bank360, home):
    ran = bank360(*asked(home, "--json"))
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def file_rows(home):
    with (home / "loans.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def told(table):
    return {one["name"]: one["rows"] for one in table["groups"]} | dict(table["small"])


def group(row):
    return {"": "unknown", "Unknown": "unknown"}.get(row["gender"], row["gender"])


def band(row):
    if row["age"] == "":
        return "unknown"
    return _BANDS[sum(int(row["age"]) >= edge for edge in (25, 40, 55, 65))]


def test_every_row_of_an_undated_file_is_in_its_group_three_genders_and_the_unknown(bank360, home):
    report = found(bank360, home)
    rows = file_rows(home)
    by_gender = report["attributes"]["gender"]
    assert told(by_gender) == Counter(map(group, rows)) == {"Male": 160, "Female": 160, "Other": 160, "unknown": 320}
    assert {one["name"]: one["events"] for one in by_gender["groups"]} == Counter(
        group(row) for row in rows if row["bad"] == "1"
    )
    assert told(report["attributes"]["age"]) == Counter(map(band, rows))
    assert list(report["attributes"]) == ["gender", "age"]
    assert report["left"] == ["'note' makes no groups: it has more than 40 different values"]
    assert (report["rows"], report["stamps"]) == (800, ["not out of time"])


def test_an_undated_files_rows_are_scored_by_what_was_not_fitted_on_them(bank360, home):
    report = found(bank360, home)
    loaded = Registry(home / "registry").load("loans", "challenger")
    rows = file_rows(home)
    income = np.array([float(row["income"]) for row in rows])
    bad = np.array([int(row["bad"]) for row in rows])
    unseen = out_of_fold("lightgbm", ("income",), {"income": income}, bad, 42, boosting=BoostingRules(max_rounds=20))
    seen = loaded.model.score({"income": income}, np.zeros(len(rows), dtype=bool)).probability

    def passing(probability, name):
        return np.mean([p < CUT for p, row in zip(probability, rows, strict=True) if group(row) == name])

    said = {one["name"]: one["passing"]["value"] for one in report["attributes"]["gender"]["groups"]}
    assert said == pytest.approx({name: passing(unseen, name) for name in said})
    assert said != pytest.approx({name: passing(seen, name) for name in said})


def test_of_a_dated_file_those_it_was_tested_on_are_counted_by_the_registered_model(bank360, dated):
    report = found(bank360, dated)
    loaded = Registry(dated / "registry").load("loans", "challenger")
    later = [row for row in file_rows(dated) if row["day"] >= loaded.card["test"]["first"]]
    assert (report["rows"], report["stamps"]) == (len(later), [])
    assert len(later) == loaded.card["test"]["rows"] == 240
    income = np.array([float(row["income"]) for row in later])
    scored = loaded.model.score({"income": income}, np.zeros(len(later), dtype=bool)).probability
    for one in report["attributes"]["gender"]["groups"]:
        own = [p for p, row in zip(scored, later, strict=True) if group(row) == one["name"]]
        assert one["rows"] == len(own)
        assert one["passing"]["value"] == pytest.approx(np.mean([p < CUT for p in own]))


def test_the_table_says_what_its_rows_are_and_what_makes_no_groups(bank360, home):
    ran = bank360(*asked(home))
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0].startswith("loans, lightgbm ")
    assert ": 800 rows that it was not fitted on, " in lines[0]
    assert lines[0].endswith("refused from 30.0% on [not out of time]")
    assert lines[1] == "'note' makes no groups: it has more than 40 different values"
    assert any(line.startswith("By gender (ratios over those of ") for line in lines)
    assert any(line.startswith("  Other ") for line in lines)


def test_codes_are_read_for_groups_as_for_customers(bank360, tmp_path):
    """A number where a cell of its column is empty is written 1.0 by many; 1 and 1.0 are one code, 9 is 'other'.

    An empty cell is what 'missing' says.
    """
    sex = {"column": "gender", "codes": {1: "male", 2: "female"}, "other": "unknown", "missing": "female"}
    more = {"id": "note", "subject": "customer", "profile": {"sex": sex}, "protected": ["gender"], "exclude": ["day"]}
    folder = write(tmp_path, MAPPING | more)
    text = (folder / "loans.csv").read_text(encoding="utf-8")
    for name, code in (("Male", "1.0"), ("Female", "2"), ("Other", "1"), ("Unknown", "9")):
        text = text.replace(f",{name},", f",{code},")
    (folder / "loans.csv").write_text(text, encoding="utf-8")
    ran = bank360("train", "--source", "loans", "--home", folder)
    assert ran.code == 0, ran.err
    assert told(found(bank360, folder)["attributes"]["gender"]) == {"male": 320, "female": 320, "unknown": 160}


def test_without_a_cut_no_policy_says_where_it_refuses(refused, home):
    line = refused("models", "fairness", "loans", "--version", "challenger", "--home", home)
    assert "no policy declines by 'loans'" in line
    assert "--cut 0.1" in line


def test_what_no_version_was_trained_on_is_refused_with_what_to_do(bank360, refused, tmp_path):
    home = write(tmp_path, MAPPING | {"exclude": ["day"]})
    assert bank360("train", "--source", "loans", "--home", home).code == 0
    assert "has no champion yet" in refused("models", "fairness", "loans", "--cut", CUT, "--home", home)
    write(home, MAPPING | {"exclude": ["day"]}, {"leaves": 2})
    assert "was trained by other rules than training.trees says now" in refused(*asked(home))
    write(home, {**MAPPING, "protected": [], "exclude": ["day", "gender", "age", "note"]})
    assert "No column of 'loans.csv' is protected" in refused(*asked(home))
    write(home, MAPPING | {"exclude": ["day"]})
    text = (home / "loans.csv").read_text(encoding="utf-8")
    (home / "loans.csv").write_text(text + "100,Male,40,x,2024-06-01,1\n", encoding="utf-8")
    assert "its rows or its mapping have changed" in refused(*asked(home))


def test_a_home_of_a_config_yaml_has_the_documents_three_genders(bank360, tmp_path):
    rng = np.random.default_rng(3)
    (tmp_path / "data").mkdir()
    lines = [",".join(name for name, _ in COLUMNS)]
    for n in range(400):
        score = int(rng.normal(650, 60))
        bad = int(rng.random() < 1 / (1 + np.exp((score - 600) / 30)))
        gender = ("Male", "Female", "Other", "Unknown")[n % 4]
        lines.append(f"S{n},40,{gender},Single,2500.00,{score},100.00,4000,{n % 30},{bad}")
    (tmp_path / "data" / "sample_input.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    config = "data_path: data/sample_input.csv\nmodel_path: outputs/model.pkl\nhyperparameters: {max_rounds: 5}\n"
    (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
    assert bank360("train", "--home", tmp_path).code == 0
    ran = bank360("models", "fairness", "model", "--cut", CUT, "--version", "challenger", "--json", "--home", tmp_path)
    assert ran.code == 0, ran.err
    gender = json.loads(ran.out)["attributes"]["gender"]
    assert told(gender) == {"male": 100, "female": 100, "other": 100, "unknown": 100}
