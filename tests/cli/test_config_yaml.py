"""A config.yaml of flat keys: trained by as it stands, each change of it in the record of the run and nothing else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERBATIM = """\
data_path: data/sample_input.csv
model_path: outputs/model.pkl
random_state: 42
scoring_metric: roc_auc
"""
QUICK = "hyperparameters: {max_rounds: 5}\n"


def home_with(folder, config):
    (folder / "data").mkdir(parents=True)
    shutil.copy(ROOT / "data" / "sample_input.csv", folder / "data")
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    return folder


def record(folder, model="model"):
    return json.loads((folder / "outputs" / model / "run.json").read_bytes())


@pytest.fixture(scope="module")
def quick(bank360, tmp_path_factory):
    home = home_with(tmp_path_factory.mktemp("quick"), VERBATIM + QUICK)
    ran = bank360("train", "--trained-by", "t", "--home", home)
    assert ran.code == 0, ran.err
    return home


def test_the_repositorys_own_config_is_the_documents(tmp_path):
    lines = (ROOT / "config.yaml").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == VERBATIM.splitlines()


def test_the_old_script_trains_by_it_and_no_pickle_is_written(tmp_path):
    home = home_with(tmp_path, VERBATIM)
    path = os.pathsep.join(filter(None, (str(ROOT / "src"), os.environ.get("PYTHONPATH"))))
    ran = subprocess.run(
        [sys.executable, ROOT / "src" / "train_model.py", "--trained-by", "t"],
        cwd=home, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "it is the better by roc_auc" in ran.stdout
    assert [path for path in home.rglob("*") if path.suffix in (".pkl", ".pickle")] == []
    auc = {one["candidate"]: one["auc"]["value"] for one in record(home)["found"]["metrics"]}
    assert record(home)["found"]["challenger"] == max(auc, key=lambda name: auc[name])
    assert (record(home)["settings"]["seed"], record(home)["settings"]["trees"]["leaves"]) == (42, 8)


def differing(one, other, path=""):
    """Return the places at which two JSON values differ; a list is one value."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted({*one, *other})
        return [place for key in keys for place in differing(one.get(key), other.get(key), f"{path}.{key}")]
    return [] if one == other else [path.removeprefix(".")]


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        ("data/sample_input.csv", "data/other.csv", ["mapping.flat.pattern"]),
        ("outputs/model.pkl", "elsewhere/model.pkl", ["registry"]),
        ("random_state: 42", "random_state: 43", ["seed"]),
        ("scoring_metric: roc_auc", "scoring_metric: ks", ["metric"]),
        ("max_rounds: 5", "max_rounds: 6", ["trees.max_rounds"]),
        ("{max_rounds: 5}", "{max_rounds: 5}\npreprocessing: {score_age: true}",
         ["mapping.flat.numeric", "mapping.flat.unscored"]),
    ],
)  # fmt: skip
def test_a_change_shows_in_the_record_and_nothing_else_does(bank360, quick, tmp_path, before, after, differs):
    home = home_with(tmp_path, (VERBATIM + QUICK).replace(before, after))
    shutil.copy(home / "data" / "sample_input.csv", home / "data" / "other.csv")
    ran = bank360("train", "--trained-by", "t", "--home", home)
    assert ran.code == 0, ran.err
    found = home / ("elsewhere" if "elsewhere" in after else "outputs") / "model" / "run.json"
    told = json.loads(found.read_bytes())["settings"]
    assert differing(record(quick)["settings"], told) == differs


def test_a_column_that_is_excluded_is_no_input_and_the_folder_is_a_home_like_any(bank360, refused, tmp_path):
    home = home_with(tmp_path, VERBATIM + QUICK + "preprocessing: {exclude: [num_transactions]}\n")
    assert "Model 'model' is not trained yet" in refused(
        "score", "--in", home / "data" / "sample_input.csv", "--out", home / "o.csv", "--source", "model",
        "--home", home,
    )  # fmt: skip
    trained = json.loads(bank360("train", "--trained-by", "t", "--json", "--home", home).out)
    assert trained["inputs"] == ["income", "credit_score", "account_balance", "loan_amount"]
    assert bank360("models", "promote", "model", "challenger", "--by", "other", "--home", home).code == 0
    scored = bank360("score", "--in", home / "data" / "sample_input.csv", "--out", home / "o.csv",
                     "--source", "model", "--home", home)  # fmt: skip
    assert "500 rows scored by model" in scored.out


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (VERBATIM.replace("42", "-1"), "random_state: it should be greater than or equal to 0"),
        (VERBATIM.replace("roc_auc", "accuracy"), "scoring_metric: it should be 'roc_auc', 'average_precision' or"),
        (VERBATIM + "colour: red\n", "there is no key 'colour'; there are data_path, model_path"),
        (VERBATIM + "preprocessing: {scale: true}\n", "preprocessing: there is no key 'scale'"),
        (VERBATIM + "preprocessing: {exclude: [gender]}\n", "preprocessing.exclude: 'gender' is no input"),
        (VERBATIM + "preprocessing: {exclude: income}\n", "preprocessing.exclude: 'income'"),
        (VERBATIM + "preprocessing: true\n", "preprocessing: must hold exclude and score_age"),
        (VERBATIM + "preprocessing: {score_age: 2}\n", "preprocessing.score_age: write true or false"),
        (VERBATIM + "hyperparameters: {depth: 3}\n", "Trees have no rule 'depth'; they have max_rounds"),
        (VERBATIM + "hyperparameters: {leaves: 2.5}\n", "The rule 'leaves' of the trees must be a whole number"),
        (VERBATIM + "hyperparameters: {l2: -1}\n", "The rule 'l2' of the trees must be a number above 0"),
        ("model_path: outputs/model.pkl\n", "'data_path' must name a file"),
        (VERBATIM.replace("model.pkl", "My-Model.pkl"), "model_path: 'My-Model' must be small letters"),
        ("data_path: [\n", "config.yaml, line 2: is not YAML"),
    ],
)
def test_what_is_wrong_in_it_is_told_in_its_own_words(refused, tmp_path, config, said):
    assert said in refused("train", "--home", home_with(tmp_path, config))


def test_a_bank360_yaml_beside_it_is_what_counts_and_an_unnamed_folder_is_not_taken_by_it(
    refused, tmp_path, monkeypatch
):
    home = home_with(tmp_path, VERBATIM)
    monkeypatch.chdir(home)
    assert "No bank360.yaml in this folder" in refused("train")
    (home / "bank360.yaml").write_text("bank: {name: Own}\n", encoding="utf-8")
    assert "The warehouse in" in refused("train", "--home", home)
