"""A part whose rows others need is read first: Berka's cards and applicants are named by dispositions."""

from datetime import UTC, datetime

import pytest

from bank360.bank.errors import DataRefused
from bank360.pipeline.ingest import ingest
from bank360.pipeline.rebuild import rebuild
from bank360.sources.berka import berka_source
from bank360.storage.ledger import content_hashes
from bank360.storage.warehouse import open_warehouse

NOW = datetime(1999, 1, 2, tzinfo=UTC)
FILES = {
    "client.asc": "client_id;birth_number;district_id\n1;706213;18\n2;450204;1\n",
    "account.asc": "account_id;district_id;frequency;date\n576;55;POPLATEK MESICNE;930101\n",
    "disp.asc": "disp_id;client_id;account_id;type\n11;2;576;DISPONENT\n12;1;576;OWNER\n",
    "trans_union.csv": "trans_id;account_id;date;type;operation;amount;balance;k_symbol;bank;account\n"
    "1;576;930101;PRIJEM;VKLAD;700.00;700.00;;;\n",
    "loan.asc": "loan_id;account_id;date;amount;duration;payments;status\n5;576;930705;96396;12;8033.00;B\n",
    "card.asc": "card_id;disp_id;type;issued\n1;11;classic;931107 00:00:00\n",
}


def deliver(folder, **changed):
    folder.mkdir(exist_ok=True)
    for name, text in {**FILES, **changed}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def home(tmp_path):
    with open_warehouse(tmp_path / "warehouse.duckdb", 1, "500MB") as warehouse:
        ingest(berka_source(), deliver(tmp_path / "in"), tmp_path / "landing", warehouse, NOW)
        yield tmp_path, warehouse


def test_cards_and_applicants_are_found_by_their_dispositions(home):
    _, warehouse = home
    card = warehouse.query("SELECT account_id, customer_id FROM cards").to_pylist()
    assert card == [{"account_id": "576", "customer_id": "2"}]  # disposition 11
    applicant = warehouse.query("SELECT application_id, customer_id FROM application_parties").to_pylist()
    assert applicant == [{"application_id": "5", "customer_id": "1"}]  # the owner of account 576


def test_dispositions_that_came_before_are_still_known(home):
    folder, warehouse = home
    two = FILES["card.asc"] + "2;12;gold;940101 00:00:00\n"
    ingest(berka_source(), deliver(folder / "in", **{"card.asc": two}), folder / "landing", warehouse, NOW)
    rows = warehouse.query("SELECT customer_id FROM cards WHERE superseded_time IS NULL ORDER BY 1").to_pylist()
    assert rows == [{"customer_id": "1"}, {"customer_id": "2"}]


def test_a_card_of_no_disposition_refuses_the_delivery(tmp_path):
    card = FILES["card.asc"].replace("1;11;", "1;99;")
    with open_warehouse(tmp_path / "warehouse.duckdb", 1, "500MB") as warehouse:
        folder = deliver(tmp_path / "in", **{"card.asc": card})
        with pytest.raises(DataRefused, match=r"file 'card\.asc', column 'disp_id', row 2: '99' is not in disp\.asc"):
            ingest(berka_source(), folder, tmp_path / "landing", warehouse, NOW)
        assert warehouse.number("SELECT count(*) FROM customers") == 0


def test_a_rebuild_looks_up_what_each_delivery_looked_up(home):
    folder, warehouse = home
    before = content_hashes(warehouse)
    warehouse.close()
    rebuild(folder / "warehouse.duckdb", folder / "landing", lambda delivery: berka_source(), {}, NOW, 1, "500MB")
    with open_warehouse(folder / "warehouse.duckdb", 1, "500MB") as again:
        assert content_hashes(again) == before
