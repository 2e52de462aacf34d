"""A bank's PostgreSQL as a source, from ``bank360.yaml`` to values: what is new, late, corrected or changed back."""

import psycopg
import pytest
import yaml

OWN = {"clock": "2024-06-30T12:00:00Z", "engine": {"threads": 1, "memory": "500MB"}}
SINCE = {"ledger.bookings": {"column": "booking_id", "again": 3}}
SCHEMA = """
CREATE SCHEMA ledger;
CREATE TABLE ledger.clients (client_no text, kind char(10), born date, since date);
CREATE TABLE ledger.accounts (account_no int, client_no text, product text, opened date, closed date);
CREATE TABLE ledger.bookings (
    booking_id bigserial, account_no int, at timestamptz, value_date date, amount numeric(14,2), channel text,
    purpose text);
INSERT INTO ledger.clients VALUES ('K1', 'person', '1980-02-29', '2020-01-01'), ('K2', 'person', NULL, '2021-01-01');
INSERT INTO ledger.accounts VALUES (1, 'K1', 'GIRO', '2020-01-01', 'infinity'), (2, 'K2', 'GIRO', '2021-01-01', NULL);
INSERT INTO ledger.bookings (account_no, at, value_date, amount, channel, purpose) VALUES
    (1, '2024-06-03 10:00+02', '2024-06-03', -12.30, 'P', 'groceries'),
    (1, '2024-06-09 23:30+02', '2024-06-10', -20.00, 'P', 'groceries'),
    (1, '2024-06-12 08:00+02', '2024-06-12', 2500.00, NULL, 'salary'),
    (2, '2024-06-20 08:00+02', '2024-06-20', -7.77, 'A', 'cash');
"""


def settings(address, since=None, **bookings):
    accounts = {"relation": "ledger.accounts", "known_after": "0d"}
    files = {
        "customers": {
            "relation": "ledger.clients", "known_after": "0d",
            "columns": {"customer_id": "client_no", "type": "kind", "birth_date": "born", "onboarded_on": "since"},
        },
        "accounts": {**accounts, "columns": {
            "account_id": "account_no", "product_id": "product", "opened_on": "opened", "closed_on": "closed"}},
        "account_parties": {**accounts, "columns": {
            "account_id": "account_no", "customer_id": "client_no", "role": {"constant": "owner"},
            "valid_from": "opened", "liability_share": {"constant": 1.0}}},
        "transactions": {
            "relation": "ledger.bookings", "known_after": "0d",
            "columns": {
                "transaction_id": "booking_id", "account_id": "account_no", "event_time": "at", "amount": "amount",
                "channel": {"column": "channel", "codes": {"P": "pos", "A": "atm"}, "missing": "unknown"},
                "category": {"column": "purpose", "codes": {"groceries": "groceries", "salary": "salary"},
                             "other": "unknown", "missing": "unknown"},
            },
            **bookings,
        },
    }  # fmt: skip
    entry = {"name": "core", "kind": "mapped", "database": address, "mapping": {"files": files}}
    bank = {"name": "B", "zone": "Europe/Berlin", "currency": "EUR", "country": "DE"}
    return {**OWN, "bank": bank, "sources": [{**entry, **({} if since is None else {"since": since})}]}


@pytest.fixture
def database(postgres_url):
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(SCHEMA)
        yield connection


@pytest.fixture
def home(tmp_path, database, postgres_url):
    def written(since=None, address=postgres_url, **bookings):
        (tmp_path / "bank360.yaml").write_text(
            yaml.safe_dump(settings(address, since, **bookings), sort_keys=False), encoding="utf-8"
        )
        return tmp_path

    return written


def ingested(bank360, folder):
    ran = bank360("ingest", "--home", folder)
    assert ran.code == 0, ran.err
    return ran.out


def value(bank360, folder, customer, feature):
    assert bank360("build", "--home", folder).code == 0
    ran = bank360("features", "value", customer, "--feature", feature, "--home", folder)
    assert ran.code == 0, ran.err
    return ran.out


def rows(folder, sql):
    from bank360.storage.warehouse import open_warehouse

    with open_warehouse(folder / "warehouse.duckdb", 1, "500MB") as opened:
        return [tuple(row.values()) for row in opened.query(sql).to_pylist()]


STANDING = "SELECT transaction_id, amount FROM transactions WHERE superseded_time IS NULL ORDER BY transaction_id"


def test_relations_fill_tables_by_their_types(bank360, home, postgres_url):
    folder = home()
    said = ingested(bank360, folder)
    assert "transactions" in said
    assert "4 rows accepted" in said
    name = postgres_url.split("/")[-1].split("?")[0]
    assert f"core  localhost/{name}  customers" in said
    assert rows(folder, STANDING) == [("1", -1230), ("2", -2000), ("3", 250000), ("4", -777)]
    assert rows(folder, "SELECT CAST(closed_on AS VARCHAR) FROM accounts ORDER BY account_id") == [
        ("9999-12-31",), (None,),
    ]  # fmt: skip
    assert rows(folder, "SELECT CAST(booked_on AS VARCHAR) FROM transactions WHERE transaction_id = '2'") == [
        ("2024-06-09",)
    ]
    assert not (folder / "unloaded" / "core").exists()
    assert "32.30" in value(bank360, folder, "K1", "spend_90d")


def test_what_did_not_change_is_known_already(bank360, home):
    folder = home()
    ingested(bank360, folder)
    assert "3 files known already, nothing changed by them" in ingested(bank360, folder)
    assert len([*(folder / "landing" / "deliveries").iterdir()]) == 1


def test_new_corrected_and_late_rows_come_in_and_the_past_stays(bank360, home, database):
    folder = home(SINCE)
    ingested(bank360, folder)
    # Number 6 is committed, and read, before 5: read from the highest on, 5 would never come.
    database.execute("SELECT nextval('ledger.bookings_booking_id_seq')")
    database.execute("INSERT INTO ledger.bookings (account_no, at, amount) VALUES (1, '2024-06-21 10:00+02', -6)")
    assert "1 rows accepted" in ingested(bank360, folder).replace("1 row ", "1 rows ")
    database.execute(
        "INSERT INTO ledger.bookings VALUES (5, 1, '2024-06-21 09:00+02', '2024-06-21', -5, 'P', 'groceries');"
        "UPDATE ledger.bookings SET amount = -7.70 WHERE booking_id = 4"
    )
    ingested(bank360, folder)
    assert rows(folder, STANDING) == [
        ("1", -1230), ("2", -2000), ("3", 250000), ("4", -770), ("5", -500), ("6", -600),
    ]  # fmt: skip
    assert rows(folder, "SELECT amount FROM transactions WHERE superseded_time IS NOT NULL") == [(-777,)]
    last = max((folder / "landing" / "deliveries").iterdir())
    assert '"part": "customers"' not in last.read_text()  # nothing of it had changed
    ran = bank360("rebuild", "--home", folder)
    assert ran.code == 0, ran.err
    assert len(rows(folder, STANDING)) == 6


def test_what_changes_and_changes_back_does_not_stay_as_it_was_between(bank360, home, database):
    folder = home()
    ingested(bank360, folder)
    for amount in (-1, -12.30):
        database.execute("UPDATE ledger.bookings SET amount = %s WHERE booking_id = 1", (amount,))
        said = ingested(bank360, folder)
        assert "1 rows accepted (1 of them corrections, 3 unchanged)" in said.replace("1 row ", "1 rows ")
    assert rows(folder, STANDING)[0] == ("1", -1230)
    assert rows(folder, "SELECT count(*) FROM transactions WHERE transaction_id = '1'") == [
        (3,)
    ]  # nothing is forgotten
    assert "4 unchanged" not in ingested(bank360, folder)  # known by its bytes


def test_what_a_killed_load_had_unloaded_is_not_loaded(bank360, home, database):
    folder = home()
    left = folder / "unloaded" / "core"
    left.mkdir(parents=True)
    (left / "ledger.bookings.parquet").write_bytes(b"half a file")
    (left / "ledger.clients.parquet").write_bytes(b"half a file")
    ingested(bank360, folder)
    assert len(rows(folder, STANDING)) == 4
    assert not left.exists()


def test_files_of_a_folder_that_was_unloaded_elsewhere_are_read_alike(bank360, home, tmp_path):
    folder = home()
    ingested(bank360, folder)
    before = rows(folder, STANDING)
    by_hand = tmp_path / "by-hand"
    by_hand.mkdir()
    import shutil

    from bank360.storage.landing import Landing

    landing = Landing(folder / "landing")
    for file in landing.received()[0].files:
        shutil.copy(landing.path_of(file), by_hand / file.name)
    (folder / "warehouse.duckdb").unlink()
    shutil.rmtree(folder / "landing")
    assert bank360("ingest", by_hand, "--source", "core", "--home", folder).code == 0
    assert rows(folder, STANDING) == before


def test_a_database_that_does_not_answer_stops_no_other_source_and_says_no_password(bank360, home, tmp_path):
    address = f"postgresql://reader:geheim@/core?host={tmp_path}"
    ran = bank360("ingest", "--home", home(address=address))
    assert ran.code == 2
    assert "Source 'core': its database cannot be opened" in ran.err
    assert "geheim" not in ran.out + ran.err


def test_a_cell_that_does_not_read_is_told_by_the_relation(bank360, home, database):
    database.execute("UPDATE ledger.bookings SET channel = 'Z' WHERE booking_id = 2")
    ran = bank360("ingest", "--home", home())
    assert ran.code == 2
    assert "file 'ledger.bookings.parquet', column 'channel', row 4: 'Z' is not a known code" in ran.err


def test_a_day_of_an_instant_is_the_banks_own(bank360, home, database):
    database.execute(
        "ALTER TABLE ledger.accounts ALTER opened TYPE timestamptz;"
        "UPDATE ledger.accounts SET opened = '2020-01-31 23:30+00'"
    )
    folder = home()
    ingested(bank360, folder)
    assert rows(folder, "SELECT DISTINCT CAST(opened_on AS VARCHAR) FROM accounts") == [("2020-02-01",)]


def test_a_row_without_end_hides_no_new_one(bank360, home, database):
    database.execute("ALTER TABLE ledger.bookings ADD changed_at timestamptz DEFAULT '2024-06-01'")
    database.execute("UPDATE ledger.bookings SET changed_at = 'infinity' WHERE booking_id = 1")
    folder = home({"ledger.bookings": {"column": "changed_at", "again": "1d"}})
    ingested(bank360, folder)
    database.execute(
        "INSERT INTO ledger.bookings (booking_id, account_no, at, amount, changed_at)"
        " VALUES (9, 1, '2024-06-28', -1, '2024-06-28')"
    )
    ingested(bank360, folder)
    assert len(rows(folder, STANDING)) == 5


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("nidd", "column 'nidd': it has no such column; it has booking_id, "),
        ("purpose", "Name a column of whole numbers, days or times"),
    ],
)
def test_a_since_that_cannot_be_followed_is_refused(bank360, home, column, said):
    folder = home({"ledger.bookings": {"column": column, "again": "1d"}})
    first, second = bank360("ingest", "--home", folder), bank360("ingest", "--home", folder)
    assert second.code == 2
    assert said in first.err + second.err


def test_doctor_looks_into_the_database(bank360, home, database, tmp_path):
    folder = home()
    assert "fit the files that are there" in bank360("doctor", "--home", folder).out
    database.execute("ALTER TABLE ledger.bookings RENAME amount TO betrag; DROP TABLE ledger.clients")
    said = bank360("doctor", "--home", folder)
    assert said.code == 1
    told = " ".join((said.out + said.err).split())
    assert "file 'ledger.bookings', column 'amount': the relation has no such column; it has booking_id, " in told
    assert "file 'ledger.clients': there is no such table or view in the database" in told
    away = bank360("doctor", "--home", home(address=f"postgresql://reader:geheim@/core?host={tmp_path}"))
    assert "its database cannot be opened" in " ".join((away.out + away.err).split())
    assert "geheim" not in away.out + away.err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"database": None}, "source 'core' reads relations: state its 'database'"),
        ({"database": "mysql://x/y"}, "is not an address such as postgresql://reader@db.internal/core"),
        ({"kind": "berka"}, "only a source of kind 'mapped' reads a database"),
        ({"since": {"bookings": SINCE["ledger.bookings"]}}, "no file of its mapping has the relation 'bookings'"),
        ({"since": {"ledger.bookings": {"column": "at", "again": "2 days"}}}, "is neither a time such as 2d or 12h"),
        ({"mapping": {"files": {"customers": {"pattern": "c.csv"}}}}, "file 'customers' names no 'relation'"),
    ],
)
def test_settings_that_do_not_fit_are_refused_by_name(refused, home, change, said):
    folder = home()
    told = yaml.safe_load((folder / "bank360.yaml").read_text())
    told["sources"][0] = {key: one for key, one in (told["sources"][0] | change).items() if one is not None}
    (folder / "bank360.yaml").write_text(yaml.safe_dump(told))
    assert said in refused("ingest", "--home", folder)


def test_since_of_another_type_than_its_column_is_refused(bank360, home):
    folder = home({"ledger.bookings": {"column": "booking_id", "again": "2d"}})
    ingested(bank360, folder)
    ran = bank360("ingest", "--home", folder)
    assert ran.code == 2
    assert "column 'booking_id': its values cannot be counted back by 2 days, 0:00:00" in ran.err
    assert "as a number, such as 10000" in ran.err


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"pattern": "b.csv"}, "a relation has no such settings"),
        ({"relation": "a.b.c"}, "'a.b.c' is not TABLE or SCHEMA.TABLE"),
        ({"relation": "../b"}, "is not TABLE or SCHEMA.TABLE"),
    ],
)
def test_a_relation_that_is_none_is_refused_by_its_key(refused, home, keys, said):
    assert said in refused("ingest", "--home", home(**keys))
