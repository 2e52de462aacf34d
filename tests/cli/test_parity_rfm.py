"""``bank360 parity rfm``: the tutorial's forms by hand, a scaler that saw training rows only, and one stored model."""

import csv
import json

import numpy as np
import pytest

HEADER = ["Sl_No", "Customer Key", "Avg_Credit_Limit", "Total_Credit_Cards", "Total_visits_bank",
          "Total_visits_online", "Total_calls_made"]  # fmt: skip


@pytest.fixture
def file(tmp_path):
    rng = np.random.default_rng(4)
    path = tmp_path / "cards.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(HEADER)
        for n in range(1, 61):
            rows.writerow([n, 10_000 + n, f" {1000 * n:,.2f} ", 2, n % 5, n % 7, n % 4 if n > 3 else rng.integers(1)])
    return path


def written(folder):
    with (folder / "rfm.csv").open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows)), json.loads((folder / "model.json").read_bytes())


def test_the_forms_are_the_tutorials_and_only_training_rows_tell_the_scale(bank360, file, tmp_path):
    ran = bank360("parity", "rfm", "--data", file, "--out", tmp_path / "out")
    assert ran.code == 0, ran.err
    rows, model = written(tmp_path / "out")
    nine = rows[8]  # visits 4 and 2, one call, a limit of 9,000
    assert [float(nine[f"{name}_seed004"]) for name in ("recency", "frequency", "monetary")] == pytest.approx(
        [1 / 1.000001, 6, 9000]
    )
    assert "18 customers never called" in ran.out  # 1 to 3, and the fifteen from 4 to 60 by fours
    names = model["scaler"]["names"]
    train = np.array([[float(row[name]) for name in names] for row in rows if row["part"] == "train"])
    assert (len(rows), len(train)) == (60, 48)
    assert model["scaler"]["low"] == pytest.approx(train.min(axis=0))
    assert model["scaler"]["high"] == pytest.approx(train.max(axis=0))
    every = np.array([[float(row[f"{name}_scaled"]) for name in names] for row in rows])
    own = np.array([[float(row[name]) for name in names] for row in rows])
    low, high = np.array(model["scaler"]["low"]), np.array(model["scaler"]["high"])
    np.testing.assert_allclose(every, (own - low) / (high - low), atol=2e-6)
    # The stored piece alone gives each row its cluster.
    centres = np.array(model["centres"])
    nearest = ((((own - low) / (high - low))[:, None, :] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert [int(row["cluster"]) for row in rows] == nearest.tolist()


def test_the_same_seed_gives_the_same_files_and_a_row_left_out_moves_no_scale(bank360, file, tmp_path):
    for name in ("one", "two"):
        assert bank360("parity", "rfm", "--data", file, "--out", tmp_path / name).code == 0
    assert (tmp_path / "one" / "rfm.csv").read_bytes() == (tmp_path / "two" / "rfm.csv").read_bytes()
    rows, model = written(tmp_path / "one")
    out = next(row["Sl_No"] for row in rows if row["part"] == "test")
    text = file.read_text(encoding="utf-8").splitlines()
    text[int(out)] = f'{out},1,"9,000,000.00",2,90,90,90'
    file.write_text("\n".join(text) + "\n", encoding="utf-8")
    assert bank360("parity", "rfm", "--data", file, "--out", tmp_path / "three").code == 0
    assert written(tmp_path / "three")[1] == model


def test_a_file_without_a_column_or_with_too_few_rows_is_refused(refused, file, tmp_path):
    few = tmp_path / "few.csv"
    few.write_text("\n".join(file.read_text(encoding="utf-8").splitlines()[:12]) + "\n", encoding="utf-8")
    assert "fewer than 30 rows" in refused("parity", "rfm", "--data", few, "--out", tmp_path / "o")
    file.write_text(file.read_text(encoding="utf-8").replace("Total_calls_made", "Calls"), encoding="utf-8")
    line = refused("parity", "rfm", "--data", file, "--out", tmp_path / "o")
    assert "column 'Total_calls_made'" in line
    assert not (tmp_path / "o").exists()
