"""One card line, from a bank's own CSV file to the feature value at an application (ARCHITECTURE.md, the first walk).

Each test is one step, in order: file -> canonical row -> accepted or refused by name -> findings -> who it was ->
histories -> the value at the application's as_of, derived here by hand -> the same value from a build at that instant.

The bank writes semicolons and decimal commas, counts debits as positive, and stamps its lines in London time. What
the customer did, by local day (amounts in pounds; money that leaves is positive in these files):

::

    line  local time          what          merchant  amount     known to the bank (local)
    L1    2024-04-16 00:30    groceries     M1           12,34   at once; 15 April 23:30 in UTC
    L2    2024-04-15 23:59    groceries     M2          500,00   at once
    L3    2024-05-20 13:00    shopping      M2        1.234,50   at once; by the cardholder K-77
    L4    2024-06-03 09:15    shopping      M2          -34,50   at once: a refund
    L5    2024-06-10 18:00    restaurants   M9           45,00   at once; M9 is in no merchant file
    L6    2024-07-10 12:00    groceries     M1           80,00   2024-07-20 08:00: late
    L7    2024-07-12 20:00    shopping      M3          100,00   at once; corrected to 60,00 on 2024-07-16 09:00
    L8    2024-07-15 00:15    groceries     M1            7,77   at once: the day of the first application
    L9    2024-07-13 22:00    to savings    -           300,00   at once: no spending

    applications: P1 on 2024-07-15 00:30 (the 14th in UTC) and P2 on 2024-07-25 10:30, local
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml

from bank360.bank.calendar import instant
from bank360.bank.errors import DataRefused
from bank360.features.compute import compute
from bank360.features.families import ALL_FEATURES
from bank360.features.spine import Spine
from bank360.pipeline.build import build, packed_histories
from bank360.pipeline.check import check
from bank360.pipeline.identify import identify
from bank360.pipeline.ingest import IngestReport, ingest
from bank360.settings import Settings
from bank360.sources.registry import Told, source_of_kind
from bank360.storage.ledger import content_hashes
from bank360.storage.spines import application_spine
from bank360.storage.warehouse import Warehouse, open_warehouse

SETTINGS = """
bank: {name: Walk, zone: Europe/London, currency: GBP}
sources:
  - name: core
    kind: mapped
    folder: raw
    mapping:
      files:
        clients: &people
          table: customers
          pattern: clients.csv
          csv: {delimiter: ";"}
          known_after: 0d
          columns: &person
            customer_id: CLIENT
            type: {constant: person}
            birth_date: {column: BORN, format: "%d.%m.%Y"}
            onboarded_on: {column: SINCE, format: "%d.%m.%Y"}
        cardholders: {<<: *people, pattern: cardholders.csv}
        clients_personal: &identifiers
          table: customer_personal
          pattern: clients.csv
          csv: {delimiter: ";"}
          known_after: 0d
          columns: &identifying
            customer_id: CLIENT
            valid_from: {column: SINCE, format: "%d.%m.%Y"}
            given_name: FIRST
            family_name: LAST
            birth_date: {column: BORN, format: "%d.%m.%Y"}
            address_line: STREET
            postcode: POSTCODE
            email: EMAIL
            source: {constant: core}
        cardholders_personal:
          <<: *identifiers
          pattern: cardholders.csv
          columns: {<<: *identifying, source: {constant: cards}}
        products:
          pattern: products.csv
          csv: {delimiter: ";"}
          known_time: {constant: "2010-01-01"}
          columns:
            product_id: CODE
            valid_from: {constant: "2010-01-01"}
            family: {column: KIND, codes: {CUR: deposits, LOAN: lending}}
            line: {column: KIND, codes: {CUR: current_account, LOAN: personal_loan}}
            name: NAME
            secured: {constant: false}
            revolving: {constant: false}
            rate_type: {constant: fixed}
            fee: {constant: 0}
            transfer_rate: {constant: 0}
        accounts:
          pattern: accounts.csv
          csv: {delimiter: ";"}
          known_after: 0d
          columns: {account_id: ACCT, product_id: CODE, opened_on: {column: OPENED, format: "%d.%m.%Y"}}
        account_parties:
          pattern: accounts.csv
          csv: {delimiter: ";"}
          known_after: 0d
          columns:
            account_id: ACCT
            customer_id: OWNER
            role: {constant: owner}
            valid_from: {column: OPENED, format: "%d.%m.%Y"}
            liability_share: {constant: 1}
        merchants:
          pattern: merchants.csv
          csv: {delimiter: ";"}
          known_time: {constant: "2010-01-01"}
          columns: {merchant_id: SHOP, valid_from: {constant: "2010-01-01"}, name: NAME}
        transactions:
          pattern: lines-*.csv
          csv: {delimiter: ";"}
          decimal: ","
          thousands: "."
          sign: debit_positive
          known_time: {column: KNOWN, format: "%d.%m.%Y %H:%M"}
          columns:
            transaction_id: LINE
            account_id: ACCT
            actor_customer_id: HOLDER
            event_time: {column: AT, format: "%d.%m.%Y %H:%M"}
            amount: AMOUNT
            channel: {constant: pos}
            scheme: {constant: card}
            category: {column: WHAT, codes: {G: groceries, S: shopping, R: restaurants, OWN: own_transfer}}
            merchant_id: SHOP
            country: {constant: GB}
        applications:
          pattern: applications.csv
          csv: {delimiter: ";"}
          known_after: 0d
          columns: &applied
            application_id: APP
            product_id: CODE
            channel: {constant: online}
            requested_amount: WANTED
            submitted_at: {column: AT, format: "%d.%m.%Y %H:%M"}
            outcome: {constant: pending}
        application_parties:
          pattern: applications.csv
          csv: {delimiter: ";"}
          known_time: {column: AT, format: "%d.%m.%Y %H:%M"}
          columns: {application_id: APP, seq: {constant: 1}, customer_id: WHO}
"""
HEAD = "LINE;ACCT;HOLDER;AT;WHAT;SHOP;AMOUNT;KNOWN"
FIRST_DELIVERY = {
    "clients.csv": """CLIENT;FIRST;LAST;BORN;STREET;POSTCODE;EMAIL;SINCE
1001;Margaret;Okonkwo;03.05.1979;12 Quarry Lane;LS6 4QX;margaret.okonkwo@example.org;02.01.2020
1002;Tom;Fairweather;21.11.1990;3 Mill Street;YO1 7AB;tom.fw@example.org;02.01.2020
""",
    # The card system knows the first client under a key of its own, and with another spelling.
    "cardholders.csv": """CLIENT;FIRST;LAST;BORN;STREET;POSTCODE;EMAIL;SINCE
K-77;MARGARET;OKONKWO;03.05.1979;12 Quarry Ln;LS64QX;margaret.okonkwo@example.org;09.02.2021
""",
    "products.csv": "CODE;KIND;NAME\nC1;CUR;Everyday\nLOAN;LOAN;Personal loan\n",
    "accounts.csv": "ACCT;CODE;OWNER;OPENED\nA1;C1;1001;06.01.2020\nA2;C1;1002;06.01.2020\n",
    "merchants.csv": "SHOP;NAME\nM1;Grocer\nM2;Outfitter\nM3;Bookshop\n",
    "applications.csv": """APP;CODE;WHO;WANTED;AT
P1;LOAN;1001;5000;15.07.2024 00:30
P2;LOAN;1001;5000;25.07.2024 10:30
""",
    "lines-1.csv": f"""{HEAD}
L1;A1;;16.04.2024 00:30;G;M1;12,34;16.04.2024 00:31
L2;A1;;15.04.2024 23:59;G;M2;500,00;16.04.2024 00:00
L3;A1;K-77;20.05.2024 13:00;S;M2;1.234,50;20.05.2024 13:01
L4;A1;;03.06.2024 09:15;S;M2;-34,50;03.06.2024 09:16
L5;A1;;10.06.2024 18:00;R;M9;45,00;10.06.2024 18:01
L6;A1;;10.07.2024 12:00;G;M1;80,00;20.07.2024 08:00
L7;A1;;12.07.2024 20:00;S;M3;100,00;12.07.2024 20:01
L8;A1;;15.07.2024 00:15;G;M1;7,77;15.07.2024 00:16
L9;A1;;13.07.2024 22:00;OWN;;300,00;13.07.2024 22:01
X1;A2;;13.07.2024 22:00;G;M1;999,99;13.07.2024 22:01
""",
}
CORRECTION = f"{HEAD}\nL7;A1;;12.07.2024 20:00;S;M3;60,00;16.07.2024 09:00\n"
BROKEN = f"""{HEAD}
L20;A1;;20.07.2024 10:00;G;M1;5,00;20.07.2024 10:01
L21;A1;;20.07.2024 11:00;G;M1;12,3x;20.07.2024 11:01
"""

ZONE = "Europe/London"
FEATURES = (
    "spend_90d", "spend_365d", "purchases_90d", "purchase_max_90d", "refunds_365d", "merchants_90d",
    "days_since_transaction", "payments_24h", "paid_24h",
)  # fmt: skip


def local(month: int, day: int, hour: int, minute: int = 0) -> int:
    """Return an instant of summer 2024, given in London: one hour before it in UTC."""
    return instant(datetime(2024, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=1))


P1, P2 = local(7, 15, 0, 30), local(7, 25, 10, 30)
RECEIVED = datetime(2024, 7, 31, 12, tzinfo=UTC)


def source():
    (entry,) = Settings(**yaml.safe_load(SETTINGS)).sources
    return source_of_kind(entry.kind, Told(entry.name, ZONE, "GBP", date(2024, 7, 31), entry.mapping))


def values(warehouse: Warehouse, customer: int, *as_ofs: int) -> list[dict[str, float]]:
    """Return the features of one customer at some instants, from histories packed anew."""
    n = len(as_ofs)
    spine = Spine(np.arange(n), np.full(n, customer, dtype=np.int32), np.array(as_ofs, dtype=np.int64))
    wanted = tuple(feature for feature in ALL_FEATURES if feature.name in FEATURES)
    matrix = compute(packed_histories(warehouse, ZONE, "GBP", "GB", wanted, 1), spine, wanted, threads=1)
    return [dict(zip(matrix.names, row, strict=True)) for row in matrix.values.tolist()]


@dataclass(frozen=True)
class Walk:
    """What stands at the end of the walk, and what stood half-way."""

    warehouse: Warehouse
    folder: Path
    reports: tuple[IngestReport, IngestReport]
    customer_ids: dict[str, str]
    customer: int
    at_p1_before_the_correction: dict[str, float]

    def ingest(self) -> IngestReport:
        return ingest(source(), self.folder / "raw", self.folder / "landing", self.warehouse, RECEIVED)


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("walk")
    raw = folder / "raw"
    raw.mkdir()
    for name, text in FIRST_DELIVERY.items():
        (raw / name).write_text(text, encoding="utf-8")
    with open_warehouse(folder / "warehouse.duckdb", 1, "500MB") as warehouse:
        first = ingest(source(), raw, folder / "landing", warehouse, RECEIVED)
        identify(warehouse, ZONE, RECEIVED)
        keys = warehouse.query("SELECT source_key, customer_id FROM source_keys").to_pylist()
        ids = {row["source_key"]: row["customer_id"] for row in keys}
        customer = warehouse.number("SELECT customer FROM customer_index WHERE customer_id = ?", [ids["1001"]])
        (before,) = values(warehouse, customer, P1)
        (raw / "lines-2.csv").write_text(CORRECTION, encoding="utf-8")
        second = ingest(source(), raw, folder / "landing", warehouse, RECEIVED)
        yield Walk(warehouse, folder, (first, second), ids, customer, before)


def test_a_raw_line_becomes_one_canonical_row():
    mapped = source()
    (part,) = (file for file in mapped.files if file.name == "transactions")
    cells = dict(zip(HEAD.split(";"), FIRST_DELIVERY["lines-1.csv"].splitlines()[3].split(";"), strict=True))
    raw = pa.RecordBatch.from_pydict({column.name: pa.array([cells[column.name]]) for column in part.columns})
    (row,) = mapped.convert["transactions"](raw, 4).rows["transactions"].to_pylist()
    assert row["transaction_id"] == "L3"
    assert row["amount"] == -123_450  # 1.234,50 leaves the account: minor units, negative
    assert instant(row["event_time"].replace(tzinfo=UTC)) == local(5, 20, 13)  # 12:00 in UTC
    assert (row["event_precision"], row["booked_on"]) == ("second", date(2024, 5, 20))
    assert (row["category"], row["currency"], row["source_line"]) == ("shopping", "GBP", 4)


def test_the_delivery_is_accepted_table_by_table(walk):
    first, second = walk.reports
    assert {load.table: load.accepted for load in first.tables} == {
        "customers": 3, "customer_personal": 3, "products": 2, "accounts": 2, "account_parties": 2, "merchants": 3,
        "transactions": 10, "applications": 2, "application_parties": 2,
    }  # fmt: skip
    (load,) = second.tables
    assert (load.table, load.accepted, load.corrections) == ("transactions", 1, 1)
    assert set(second.known_files) == set(FIRST_DELIVERY)  # what came before changes nothing


def test_a_correction_closes_the_old_row_and_leaves_it_standing(walk):
    rows = walk.warehouse.query(
        "SELECT amount, known_time, superseded_time FROM transactions WHERE transaction_id = 'L7' ORDER BY known_time"
    ).to_pylist()
    assert [row["amount"] for row in rows] == [-10_000, -6_000]
    assert instant(rows[0]["superseded_time"].replace(tzinfo=UTC)) == local(7, 16, 9)
    assert rows[1]["superseded_time"] is None


def test_the_unknown_merchant_is_a_finding_and_its_line_a_fact(walk):
    (finding,) = [one for one in walk.reports[0].findings if one.rule == "dangling_reference"]
    assert (finding.table, finding.column, finding.rows, finding.example) == ("transactions", "merchant_id", 1, "M9")
    assert "lines-1.csv" in finding.message
    found = {(one.table, one.column, one.rule) for one in check(walk.warehouse, "Europe/London", RECEIVED)}
    assert ("transactions", "merchant_id", "dangling_reference") in found
    assert walk.warehouse.number("SELECT count(*) FROM transactions WHERE transaction_id = 'L5'") == 1


def test_the_card_systems_key_and_the_clients_number_are_one_customer(walk):
    assert walk.customer_ids["K-77"] == walk.customer_ids["1001"]
    assert walk.customer_ids["1002"] != walk.customer_ids["1001"]


def test_the_values_at_the_first_application_are_those_derived_by_hand(walk):
    applications = application_spine(walk.warehouse, instant(RECEIVED), ZONE)
    assert applications.application_id.tolist() == ["P1", "P2"]
    assert applications.submitted_at.tolist() == [P1, P2]
    assert applications.customer.tolist() == [walk.customer] * 2
    (at_p1,) = values(walk.warehouse, walk.customer, int(applications.submitted_at[0]))
    # 90 whole local days before 15 July are 16 April to 14 July. L1 lies in the first of them by London's clock (in UTC
    # it would not), L2 a minute before it; L6 is not known yet, L7 not yet corrected, L8 is of the day itself.
    assert at_p1["spend_90d"] == 1_234 + 123_450 - 3_450 + 4_500 + 10_000  # L1 + L3 - L4 + L5 + L7
    assert at_p1["spend_365d"] == at_p1["spend_90d"] + 50_000  # and L2
    assert at_p1["purchases_90d"] == 4  # L1, L3, L5, L7: a refund is none, nor is a transfer to oneself
    assert at_p1["merchants_90d"] == 4  # M1, M2, M9, M3: in no merchant file is still somebody
    assert at_p1["purchase_max_90d"] == 123_450  # L3, which the card system knows as K-77's
    assert at_p1["refunds_365d"] == 1  # L4
    assert at_p1["days_since_transaction"] == 2  # L9 on the 13th; whose own money moved all the same
    # The last 24 hours reach into the day itself, up to the instant: L8 alone.
    assert (at_p1["payments_24h"], at_p1["paid_24h"]) == (1, 777)


def test_the_correction_does_not_rewrite_the_past(walk):
    (now,) = values(walk.warehouse, walk.customer, P1)
    assert now == walk.at_p1_before_the_correction


def test_ten_days_later_the_late_line_and_the_correction_are_seen(walk):
    (at_p2,) = values(walk.warehouse, walk.customer, P2)
    # 26 April to 24 July: L1 has left the window, L8 has come in, L6 is known, L7 is 60,00.
    assert at_p2["spend_90d"] == 123_450 - 3_450 + 4_500 + 8_000 + 6_000 + 777  # L3 - L4 + L5 + L6 + L7 + L8
    assert at_p2["purchases_90d"] == 5
    assert at_p2["merchants_90d"] == 4  # M2, M9, M1, M3
    assert at_p2["days_since_transaction"] == 10  # L8 on the 15th
    assert at_p2["payments_24h"] == 0


@pytest.mark.parametrize(
    ("known", "change"),
    [(local(7, 20, 8), 8_000), (local(7, 16, 9), 6_000 - 10_000)],
    ids=["the late line", "the correction"],
)
def test_a_line_counts_from_just_after_it_was_known(walk, known, change):
    at, after = values(walk.warehouse, walk.customer, known, known + 1)
    assert after["spend_90d"] - at["spend_90d"] == change


@pytest.mark.parametrize("as_of", [P1, P2], ids=["P1", "P2"])
def test_a_build_at_the_same_instant_stores_the_same_values(walk, as_of):
    build(walk.warehouse, as_of, ZONE, "GBP", "GB", threads=1)
    found = walk.warehouse.query("SELECT * FROM customer_features WHERE customer_id = ?", [walk.customer_ids["1001"]])
    (stored,) = found.to_pylist()
    (told,) = values(walk.warehouse, walk.customer, as_of)
    assert {name: stored[name] for name in told} == told


def test_an_amount_that_is_none_refuses_the_whole_delivery(walk):
    before = content_hashes(walk.warehouse)
    broken = walk.folder / "raw" / "lines-3.csv"
    broken.write_text(BROKEN, encoding="utf-8")
    try:
        with pytest.raises(DataRefused) as refused:
            walk.ingest()
    finally:
        broken.unlink()
    assert (refused.value.file, refused.value.column, refused.value.row) == ("lines-3.csv", "AMOUNT", 3)
    assert "12,3x" in str(refused.value)
    assert "Nothing was loaded." in str(refused.value)
    assert content_hashes(walk.warehouse) == before
    assert walk.ingest().batch_id is None  # nor does the refused delivery stand in the way of the next
