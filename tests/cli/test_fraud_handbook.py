"""The fraud handbook's files as a bank of the product: loaded, built, and a terminal's fraud seen once it is known."""

from datetime import datetime

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
