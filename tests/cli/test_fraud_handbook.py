"""The fraud handbook's files as a bank of the product: loaded, built, and a terminal's fraud seen once it is known."""

import json
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

SETTINGS = {
    "bank": {"zone": "UTC", "currency": "EUR", "country": "BE"},
    "clock": "data",
    "engine": {"threads": 1, "memory": "500MB"},
    "sources": [{"name": "handbook", "kind": "fraud_handbook", "folder": "raw"}],
}


def test_the_files_load_as_a_bank_and_a_fraud_is_seen_at_its_terminal_a_week_later(bank360, tmp_path):
    (tmp_path / "raw").mkdir()
    rows = {
        "TRANSACTION_ID": [0, 1, 2],
        "TX_DATETIME": [datetime(2018, 4, 1, 0, 0, 31), datetime(2018, 4, 1, 10, 17, 43), datetime(2018, 4, 9)],  # noqa: DTZ001
        "CUSTOMER_ID": [596, 12, 596],
        "TERMINAL_ID": [3156, 3156, 9],
        "TX_AMOUNT": [57.16, 85.64999999999999, 7.0],
        "TX_FRAUD": [0, 1, 0],
        "TX_FRAUD_SCENARIO": [0, 2, 0],
    }
    pq.write_table(pa.table(rows), tmp_path / "raw" / "transactions_2018.parquet")
    (tmp_path / "bank360.yaml").write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")
    loaded = bank360("ingest", "--home", tmp_path)
    assert loaded.code == 0, loaded.err
    asked = ("features", "value", "3156", "--of", "terminal", "--feature", "days_since_terminal_fraud")
    for as_of, told in (("2018-04-08T10:17:43", "no data"), ("2018-04-08T10:17:44", "7 days")):
        ran = bank360(*asked, "--as-of", as_of, "--home", tmp_path)
        assert ran.code == 0, ran.err
        assert told in ran.out
    assert bank360("build", "--home", tmp_path).code == 0
    again = bank360("ingest", "--home", tmp_path)
    assert again.code == 0, again.err


def test_the_parity_run_tells_what_it_measured_beside_what_was_published(bank360, tmp_path):
    """Forty payments a day; two a day of more than 200 are fraud, each by somebody new: easily told."""
    first, days, rng = datetime(2018, 7, 1), 45, np.random.default_rng(4)  # noqa: DTZ001
    at = [first + timedelta(days=day, seconds=2_000 * k) for day in range(days) for k in range(40)]
    fraud = np.tile(np.arange(40) >= 38, days)
    rows = {
        "TRANSACTION_ID": list(range(len(at))),
        "TX_DATETIME": at,
        "CUSTOMER_ID": np.where(fraud, 1_000 + np.arange(len(at)), rng.integers(0, 60, len(at))),
        "TERMINAL_ID": rng.integers(0, 9, len(at)),
        "TX_AMOUNT": np.where(fraud, 230.5, np.round(rng.uniform(1, 199, len(at)), 2)),
        "TX_FRAUD": fraud.astype(np.int64),
    }
    pq.write_table(pa.table(rows), tmp_path / "transactions_2018.parquet")
    ran = bank360("parity", "fraud-handbook", "--data", tmp_path, "--seeds", "2", "--json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert (found["train"], found["test"], found["seeds"]) == ([280, 14], [280, 14], 2)
    assert [one[0] for one in found["measures"]] == ["AUC ROC", "average precision", "card precision@100"]
    assert [round(one[1]["value"], 3) for one in found["measures"]] == [1.0, 1.0, 0.02]  # two of a hundred a day
    missing = bank360("parity", "fraud-handbook", "--data", tmp_path / "nowhere")
    assert missing.code == 2
    assert "There is no folder" in missing.err
