"""One refusal tells all faults of a delivery, as a reading row by row finds them, and repeats nothing personal."""

import csv
import io
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank360.bank.errors import FAULTS_TOLD, DataRefused
from bank360.bank.fault import Fault, Faults
from bank360.pipeline.delivery_rows import DeliveryRows
from bank360.pipeline.ingest import ingest
from bank360.sources.mapped import mapped_source
from bank360.storage import csv_files
from bank360.storage.files import open_file
from bank360.storage.landing import LandedFile, Landing
from bank360.storage.ledger import content_hashes
from bank360.storage.warehouse import open_warehouse

NOW = datetime(2024, 6, 30, 12, tzinfo=UTC)
KEY = "sources.core.mapping.files"
MAPPING: dict[str, Any] = {
    "files": {
        "transactions": {
            "pattern": "ledger.csv",
            "known_after": "1d",
            "currency": {"column": "CUR"},
            "sign": {"indicator": "DC", "debit": ["S"], "credit": ["H"]},
            "columns": {
                "transaction_id": "ID",
                "account_id": "ACC",
                "event_time": {"column": "AT", "format": "%d/%m/%Y"},
                "amount": "SUM",
                "channel": {"column": "CH", "codes": {"A": "atm", "P": "pos"}},
                "country": {"constant": "GB"},
            },
        },
        "customers": {
            "pattern": "clients.csv",
            "known_time": {"constant": "2020-01-01"},
            "columns": {
                "customer_id": "NO",
                "type": {"constant": "person"},
                "birth_date": "BORN",
                "sex": {"column": "SEX", "codes": {"M": "male", "F": "female"}},
            },
        },
        "merchants": {
            "pattern": "shops.csv",
            "known_after": "0d",
            "optional": True,
            "columns": {
                "merchant_id": {"constant": "M1"},
                "valid_from": {"constant": "2020-01-01"},
                "name": {"constant": "Shop"},
                "category_version": {"constant": "1"},
                "mcc": "MCC",
            },
        },
    }
}
# What may stand in a column, and what is wrong with it.
EMPTY_KEY = "is empty, and '{}' is needed"
CELLS = {
    "ledger.csv": {
        "ID": {"t1": None, "": EMPTY_KEY.format("transaction_id")},
        "ACC": {"A1": None, "": EMPTY_KEY.format("account_id")},
        "AT": {"31/12/2023": None, "31/02/2023": "day", "soon": "day", "01/01/1066": "beyond", "": "nobody"},
        "SUM": {"1.50": None, "1.505": "decimals", "1.2.3": "neither", "ten": "amount", "-1": "sign",
                "": EMPTY_KEY.format("amount"), "1" * 20: "large"},
        "CUR": {"GBP": None, "JPY": None, "gbp": "iso", "": EMPTY_KEY.format("currency")},
        "DC": {"S": None, "H": None, "X": "code", "": "does not say debit or credit"},
        "CH": {"A": None, "": EMPTY_KEY.format("channel"), "Z": "code", "Q": "code"},
    },
    "clients.csv": {
        "NO": {"C1": None, "": EMPTY_KEY.format("customer_id")},
        "BORN": {"1990-01-31": None, "": None, "31.01.1990": "date", "1990-02-31": "iso_date", "1066-01-01": "beyond"},
        "SEX": {"M": None, "": None, "D": "code"},
    },
    "shops.csv": {
        "MCC": {"5411": None, "": None, "two": "number", "2.5": "whole", "nan": "number", "-1": "range", "1e4": "range"}
    },
}  # fmt: skip
WORDS = {
    "day": "is not a date or time like '%d/%m/%Y'",
    "beyond": "does not lie between 1900 and 9999",
    "nobody": "is empty, so nobody can say when the row was known",
    "amount": "is not an amount",
    "neither": "is not an amount, whether a comma or a point marks the decimals",
    "sign": "has a sign although another column says debit or credit",
    "large": "is too large for an amount",
    "iso": "is not an ISO 4217 code such as GBP",
    "code": "is not a known code",
    "date": "is not a date like 2024-01-31",
    "iso_date": "is not a date or time like 2024-01-31",
    "number": "is not a number",
    "whole": "is not a whole number",
    "range": "lies outside the range of 'mcc'",
}


def naive(name, rows):
    """Return by column and kind the lines that have it, reading row by row and cell by cell."""
    found = {}
    for line, row in enumerate(rows, start=2):
        for column, cell in row.items():
            kind = CELLS[name][column][cell]
            if name == "ledger.csv" and column == "SUM":
                # What no currency's decimals, or nobody's direction, can judge is not told of the amount.
                digits = {"GBP": 2, "JPY": 0}.get(row["CUR"])
                if kind in (None, "decimals", "sign", "large") and digits is None:
                    kind = None
                elif kind in (None, "decimals") and len(cell.partition(".")[2].rstrip("0")) > digits:
                    kind = f"has more than the {digits} decimals of its currency"
                elif kind == "decimals":
                    kind = None
            if kind is not None:
                found.setdefault((column, WORDS.get(kind, kind)), []).append(line)
    return found


def written(names, rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def rows_of(name):
    cells = CELLS[name]
    # Mostly good cells, as a delivery has; three in ten bad.
    good = {column: [cell for cell, kind in kinds.items() if kind is None] for column, kinds in cells.items()}
    one = st.fixed_dictionaries(
        {
            column: st.one_of(st.sampled_from(good[column]), st.sampled_from(good[column]), st.sampled_from([*kinds]))
            for column, kinds in cells.items()
        }
    )
    return st.lists(one, min_size=1, max_size=14)


@contextmanager
def batches_of(rows):
    whole, csv_files.ROWS_PER_BATCH = csv_files.ROWS_PER_BATCH, rows
    try:
        yield
    finally:
        csv_files.ROWS_PER_BATCH = whole


def faults_of(folder, files, mapping=MAPPING):
    source = mapped_source("core", mapping, "Europe/London", "GBP")
    parts = [part for part in source.files if part.pattern in files]
    opened = []
    for part in parts:
        (folder / part.pattern).write_text(files[part.pattern])
        opened.append(open_file(folder / part.pattern, part.pattern, part))
    reading = DeliveryRows(source, [LandedFile(part.name, part.pattern, "", 0) for part in parts], opened)
    accepted = sum(len(rows) for part in parts for _, rows, _ in reading.canonical(part))
    return reading.faults(), accepted


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows_of("ledger.csv"), rows_of("clients.csv"), rows_of("shops.csv"), st.integers(1, 5))
def test_every_planted_fault_is_told_once_with_its_count_and_first_rows(tmp_path, ledger, clients, shops, at_once):
    delivered = {"ledger.csv": ledger, "clients.csv": clients, "shops.csv": shops}
    expected = {(name, *kind): lines for name, rows in delivered.items() for kind, lines in naive(name, rows).items()}
    with batches_of(at_once):
        found, accepted = faults_of(tmp_path, {name: written(CELLS[name], rows) for name, rows in delivered.items()})
    told = {}
    for fault in found:  # of one kind, words without a digit and values written otherwise have each their remedy
        count, rows = told.get((fault.file, fault.column, fault.what), (0, ()))
        told[fault.file, fault.column, fault.what] = count + fault.count, tuple(sorted((*rows, *fault.rows)))
    assert {kind: count for kind, (count, _) in told.items()} == {kind: len(lines) for kind, lines in expected.items()}
    for kind, (_, rows) in told.items():
        assert set(rows) <= set(expected[kind])
        assert rows[:1] == tuple(expected[kind][:1])
    places = [(fault.file, list(CELLS[fault.file]).index(fault.column)) for fault in found]
    assert places == sorted(places, key=lambda place: (list(CELLS).index(place[0]), place[1]))
    if not found:
        assert accepted == len(ledger) + len(clients) + len(shops)
    said = str(DataRefused.of(found)) if found else ""
    for personal in ("31.01.1990", "1990-02-31", "1066-01-01", "'D'"):
        assert personal not in said


def bank(tmp_path, files, mapping=MAPPING):
    delivery = tmp_path / "raw"
    delivery.mkdir(exist_ok=True)
    for name, content in files.items():
        path = delivery / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    source = mapped_source("core", mapping, "Europe/London", "GBP")
    with open_warehouse(tmp_path / "warehouse.duckdb", 1, "500MB") as warehouse:
        try:
            return ingest(source, delivery, tmp_path / "landing", warehouse, NOW)
        finally:
            assert all(rows.startswith("0:") for rows in content_hashes(warehouse).values())
            assert Landing(tmp_path / "landing").deliveries() == ()


LEDGER = "ID,ACC,AT,SUM,CUR,DC,CH\n"
CLIENTS = "NO,BORN,SEX\n"


def test_a_refused_delivery_is_told_in_whole_and_nothing_of_it_is_loaded(tmp_path):
    ledger = LEDGER + "t1,A1,31/12/2023,1.50,GBP,S,Z\nt2,A1,2023-12-31,ten,GBP,S,NO\nt3,A1,n/a,1.50,GBP,S,Z\n"
    with pytest.raises(DataRefused) as refused:
        bank(tmp_path, {"ledger.csv": ledger, "clients.csv": CLIENTS + "C1,31.12.1985,D\n"})
    head, *lines, end = str(refused.value).split("\n")
    assert (head, end) == ("6 faults in 2 files:", "Nothing was loaded.")
    day, format_ = "is not a date or time like '%d/%m/%Y'. Correct it, or", 'format: "%d/%m/%Y"}.'
    assert lines == [
        f"  file 'ledger.csv', column 'AT', row 3: '2023-12-31' {day} the format. In the mapping, "
        + KEY + '.transactions.columns.event_time: {column: "AT", format: …}.',
        f"  file 'ledger.csv', column 'AT', row 4: 'n/a' {day} name it in nulls. In the mapping, "
        + KEY + '.transactions: {csv: {nulls: ["", "n/a"]}}.',
        "  file 'ledger.csv', column 'SUM', row 3: 'ten' is not an amount. Correct it, or name it in nulls. In the "
         "mapping, " + KEY + '.transactions: {csv: {nulls: ["", ten]}}.',
        "  file 'ledger.csv', column 'CH', rows 2, 3, 4: 'Z' is not a known code (likewise 'NO'). The mapping knows "
         "'A', "
         "'P': add it there, or correct the cell. In the mapping, "
        + KEY + '.transactions.columns.channel: {column: "CH", codes: {Z: …, "NO": …}}.',
        "  file 'clients.csv', column 'BORN', row 2: the value is not a date like 2024-01-31. Correct it, or state the "
         "column's format. In the mapping, " + KEY + '.customers.columns.birth_date: {column: "BORN", ' + format_,
        "  file 'clients.csv', column 'SEX', row 2: the value is not a known code. The mapping knows 'M', 'F': add it "
         "there, or correct the cell. In the mapping, " + KEY
        + '.customers.columns.sex: {column: "SEX", codes: {…}}.',
    ]  # fmt: skip
    (kept,) = (tmp_path / "landing" / "refused").glob("*.json")
    assert "31.12.1985" not in kept.read_text()


def test_a_file_that_lacks_a_column_is_told_together_with_the_cells_of_the_others(tmp_path):
    ledger = LEDGER.replace("CUR", "CCY") + "t1,A1,31/12/2023,1.50,GBP,S,A\n"
    with pytest.raises(DataRefused) as refused:
        bank(tmp_path, {"ledger.csv": ledger, "clients.csv": CLIENTS + "C1,,D\n"})
    assert [(fault.file, fault.column) for fault in refused.value.faults] == [
        ("ledger.csv", "CUR"),
        ("clients.csv", "SEX"),
    ]
    assert not (tmp_path / "landing" / "refused").exists()


def test_a_file_that_is_cut_is_told_together_with_the_cells_before_and_of_the_others(tmp_path):
    ledger = LEDGER + "t1,A1,31/12/2023,ten,GBP,S,A\n" * 3 + "t2,A1\n"
    with batches_of(2), pytest.raises(DataRefused) as refused:
        bank(tmp_path, {"ledger.csv": ledger, "clients.csv": CLIENTS + "C1,,D\n"})
    assert ("clients.csv", "SEX", (2,)) in [(one.file, one.column, one.rows) for one in refused.value.faults]
    assert ("ledger.csv", None, (5,)) in [(one.file, one.column, one.rows) for one in refused.value.faults]


def test_keys_that_stand_twice_are_told_of_all_tables_with_their_rows(tmp_path):
    ledger = LEDGER + "t1,A1,31/12/2023,1.50,GBP,S,A\n" * 5
    with pytest.raises(DataRefused) as refused:
        bank(tmp_path, {"ledger.csv": ledger, "clients.csv": CLIENTS + "C1,,\nC1,,\n"})
    assert sorted((one.file, one.rows, one.count) for one in refused.value.faults) == [
        ("clients.csv", (3,), 1),
        ("ledger.csv", (3, 4, 5), 4),
    ]


def test_a_file_that_fills_two_tables_has_its_faults_once(tmp_path):
    columns = {
        "account_parties": {"customer_id": "O", "role": {"constant": "owner"}, "liability_share": {"constant": 1}},
        "accounts": {"product_id": {"constant": "P"}},
    }
    dated = {"account_parties": "valid_from", "accounts": "opened_on"}
    mapping = {
        "files": {
            name: {
                "pattern": "accounts.csv",
                "known_after": "0d",
                "columns": {**own, "account_id": "A", dated[name]: "D"},
            }
            for name, own in columns.items()
        }
    }
    with pytest.raises(DataRefused) as refused:
        bank(tmp_path, {"accounts.csv": "A,O,D\n,C1,2020-01-01\nA2,C1,2020-01-01\n"}, mapping)
    assert [(one.column, one.rows, one.count) for one in refused.value.faults] == [("A", (2,), 1)]


def test_stored_doubles_and_days_are_gathered_like_texts(tmp_path):
    mapping: dict[str, Any] = {
        "files": {"transactions": {**MAPPING["files"]["transactions"], "pattern": "ledger.parquet"}}
    }
    mapping["files"]["transactions"]["columns"] = {
        **MAPPING["files"]["transactions"]["columns"], "event_time": "AT",
    }  # fmt: skip
    table = pa.table(
        {
            "ID": ["t1", "t2", "t3"], "ACC": ["A1"] * 3, "SUM": [1.5, float("nan"), 1.505], "CUR": ["GBP"] * 3,
            "AT": pa.array([datetime(2023, 12, 31), datetime(1500, 1, 1), None], pa.timestamp("us")),  # noqa: DTZ001
            "DC": ["S", None, "S"], "CH": ["A", "Z", "A"],
        }
    )  # fmt: skip
    sink = io.BytesIO()
    pq.write_table(table, sink)
    with pytest.raises(DataRefused) as refused:
        bank(tmp_path, {"ledger.parquet": sink.getvalue()}, mapping)
    assert [(one.column, one.rows, one.what.split(",")[0]) for one in refused.value.faults] == [
        ("SUM", (2,), "is not a finite amount that fits"),
        ("SUM", (3,), "has more decimals than its currency"),
        ("AT", (2,), "does not lie between 1900 and 2100"),
        ("AT", (3,), "is empty"),
        ("DC", (2,), "does not say debit or credit"),
        ("CH", (2,), "is not a known code"),
    ]


def test_a_refusal_is_bounded_and_says_how_many_faults_it_leaves_out():
    faults = [Fault("a.csv", f"c{n}", "is not a number", "Correct it.", (1,)) for n in range(FAULTS_TOLD + 3)]
    lines = str(DataRefused.of(faults)).split("\n")
    assert len(lines) == FAULTS_TOLD + 3
    assert lines[-2:] == ["  and 3 more faults, the next in 'a.csv': mend these first.", "Nothing was loaded."]


def test_what_is_kept_of_a_fault_does_not_grow_with_its_rows():
    faults = Faults()
    for n in range(1000):
        faults.add([Fault("a.csv", "c", "is not a known code", "Add it.", (n,), 1, (f"v{n}",))])
    (fault,) = faults.found()
    assert (fault.count, fault.rows, len(fault.values)) == (1000, (0, 1, 2), 13)
    assert "'v11' and others" in Fault(**{**vars(fault), "line": "{codes}"}).problem
