"""Relations of a real PostgreSQL as Parquet: each value as a driver of its own reads it, each fault in its words."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank360.bank.errors import DataRefused, NotFound, NotReady
from bank360.storage.postgres_relations import From, snapshot

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["", " ", "NULL", "\\N", "\\.", '"', '""', "a,b", "a\nb", "\r\n", "ü€𝄞", "t", "f", "1e5", "=1+1"]
)
DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))
TIMES = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59))  # noqa: DTZ001 - wall-clock ones too
ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.decimals(-(10**9), 10**9, places=4, allow_nan=False),
        st.none() | st.booleans(),
        st.none() | DAYS,
        st.none() | TIMES,
        st.none() | TIMES.map(lambda at: at.replace(tzinfo=UTC)),
        st.none() | TEXTS,
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
    ),
    max_size=30,
)
NAMES = ("whole", "Exact one", "yes", "day", "wall", "instant", "said, so", "double")
TYPES = ("int8", "numeric(20, 4)", "bool", "date", "timestamp", "timestamptz", "text", "float8")
NOTHING_TOLD = lambda rows: None  # noqa: E731


def unloaded(address, relation, path, rows_from=None, before=None):
    with snapshot(address, "core") as opened:
        opened.unload(relation, path, rows_from, before, NOTHING_TOLD)
    return pq.read_table(path)


@pytest.fixture
def database(postgres_url):
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


@given(rows=ROWS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_every_value_comes_as_a_driver_of_its_own_reads_it(database, postgres_url, tmp_path, rows):
    columns = ", ".join(f'"{name}" {kind}' for name, kind in zip(NAMES, TYPES, strict=True))
    database.execute(f'DROP TABLE IF EXISTS "Odd"; CREATE TABLE "Odd" (nth serial, {columns})')
    places = ", ".join(["%s"] * len(NAMES))
    quoted = ", ".join(f'"{name}"' for name in NAMES)
    with database.cursor() as cursor:
        cursor.executemany(f'INSERT INTO "Odd" ({quoted}) VALUES ({places})', rows)
    table = unloaded(postgres_url, "Odd", tmp_path / "odd.parquet")
    read = database.execute(f'SELECT nth, {quoted} FROM "Odd" ORDER BY nth').fetchall()
    assert table.column_names == ["nth", *NAMES]
    assert [tuple(row.values()) for row in table.to_pylist()] == read


def test_types_are_kept_and_what_has_none_of_ours_is_text(database, postgres_url, tmp_path):
    database.execute(
        "CREATE TYPE kind AS ENUM ('debit', 'credit');"
        "CREATE TABLE many (a int2, b numeric(12,2), c numeric, d char(6), e kind, f uuid, g jsonb, h int[], i time)"
    )
    database.execute(
        "INSERT INTO many VALUES (1, 12.30, 1.234567890123456789012345678901234567890123, 'ab', 'debit',"
        " '6ecd8c99-4036-403d-bf84-cf8400f67836', '{\"a\": 1}', '{1,2}', '10:30')"
    )
    table = unloaded(postgres_url, "many", tmp_path / "many.parquet")
    assert [str(table.schema.field(name).type) for name in "ab"] == ["int64", "decimal128(12, 2)"]
    assert tuple(table.to_pylist()[0].values()) == (
        1, Decimal("12.30"), "1.234567890123456789012345678901234567890123", "ab", "debit",
        "6ecd8c99-4036-403d-bf84-cf8400f67836", '{"a": 1}', "{1,2}", "10:30:00",
    )  # fmt: skip


def test_until_further_notice_is_the_last_day(database, postgres_url, tmp_path):
    database.execute(
        "CREATE TABLE terms (ends date, at timestamptz); INSERT INTO terms VALUES ('infinity', 'infinity')"
    )
    (row,) = unloaded(postgres_url, "terms", tmp_path / "terms.parquet").to_pylist()
    assert row == {"ends": date(9999, 12, 31), "at": datetime(9999, 12, 31, tzinfo=UTC)}


def test_instants_and_views_are_those_of_the_databases_own_zone(database, postgres_url, tmp_path):
    database.execute(f"ALTER DATABASE {database.info.dbname} SET timezone = 'Europe/Berlin'")
    database.execute(
        "CREATE TABLE b (at timestamptz); INSERT INTO b VALUES ('2026-10-31 23:30+00'), ('1850-05-01 12:00+00');"
        "CREATE VIEW v AS SELECT at, at::date AS day FROM b"
    )
    assert unloaded(postgres_url, "v", tmp_path / "v.parquet").to_pylist() == [
        {"at": datetime(2026, 10, 31, 23, 30, tzinfo=UTC), "day": date(2026, 11, 1)},
        {"at": datetime(1850, 5, 1, 12, tzinfo=UTC), "day": date(1850, 5, 1)},
    ]


def test_a_row_of_one_null_is_a_row(database, postgres_url, tmp_path):
    database.execute("CREATE TABLE one (said text); INSERT INTO one VALUES (NULL), (''), ('x'), (NULL)")
    assert unloaded(postgres_url, "one", tmp_path / "one.parquet")["said"].to_pylist() == [None, "", "x", None]


@pytest.mark.parametrize(("column", "value"), [("date", "-infinity"), ("numeric(5, 2)", "NaN")])
def test_what_no_file_of_ours_holds_is_refused_by_its_column_and_not_repeated(
    database, postgres_url, tmp_path, column, value
):
    database.execute(f"CREATE TABLE odd (id int, born {column}); INSERT INTO odd VALUES (1, '{value}')")
    with pytest.raises(DataRefused, match=r"'odd', column 'born': a value is none that a column of type") as refused:
        unloaded(postgres_url, "odd", tmp_path / "odd.parquet")
    assert f"'{value}'" not in str(refused.value)


def test_relations_of_one_load_are_of_one_moment(database, postgres_url, tmp_path):
    database.execute("CREATE TABLE first (a int); CREATE TABLE second (a int); INSERT INTO first VALUES (1)")
    with snapshot(postgres_url, "core") as opened:
        opened.unload("first", tmp_path / "first.parquet", None, None, NOTHING_TOLD)
        database.execute("INSERT INTO first VALUES (2); INSERT INTO second VALUES (2)")
        opened.unload("second", tmp_path / "second.parquet", None, None, NOTHING_TOLD)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            opened._connection.execute("INSERT INTO first VALUES (3)")
    assert pq.read_table(tmp_path / "second.parquet").num_rows == 0


def landed(path: Path, name: str) -> Path:
    return path.rename(path.with_name(name))


def test_the_same_rows_are_the_same_bytes_and_rows_that_came_back_are_not(database, postgres_url, tmp_path):
    database.execute("CREATE TABLE states (id int, state text); INSERT INTO states VALUES (1, 'open')")
    path = tmp_path / "states.parquet"
    unloaded(postgres_url, "states", path)
    first = landed(path, "1")
    unloaded(postgres_url, "states", path, before=first)
    assert path.read_bytes() == first.read_bytes()
    database.execute("UPDATE states SET state = 'blocked'")
    unloaded(postgres_url, "states", path, before=first)
    second = landed(path, "2")
    database.execute("UPDATE states SET state = 'open'")
    again = unloaded(postgres_url, "states", path, before=second)
    assert again.to_pylist() == [{"id": 1, "state": "open"}]
    assert path.read_bytes() != first.read_bytes()


@pytest.mark.parametrize(
    ("kind", "values", "lowest", "expected"),
    [
        ("int8", ["1", "5", "9", None], 5, {"1": False, "5": True, "9": True, None: True}),
        ("date", ["2024-01-01", "2024-01-03", None], date(2024, 1, 2), {"2024-01-01": False, "2024-01-03": True}),
        ("timestamptz", ["2024-01-01T00:00Z", "2024-01-02T00:00Z"], datetime(2024, 1, 1, 12, tzinfo=UTC),
         {"2024-01-01T00:00Z": False, "2024-01-02T00:00Z": True}),
    ],
)  # fmt: skip
def test_rows_from_a_value_on_and_those_that_say_nothing(
    database, postgres_url, tmp_path, kind, values, lowest, expected
):
    database.execute(f"CREATE TABLE grown (nth serial, upto {kind}, said text)")
    for value in values:
        database.execute("INSERT INTO grown (upto, said) VALUES (%s, %s)", (value, value))
    table = unloaded(postgres_url, "grown", tmp_path / "grown.parquet", From("upto", lowest))
    assert {one: one in table["said"].to_pylist() for one in expected} == expected


def test_more_rows_than_are_parsed_at_a_time(database, postgres_url, tmp_path):
    database.execute("CREATE TABLE long AS SELECT g AS id, repeat('x', 300) AS said FROM generate_series(1, 60000) g")
    table = unloaded(postgres_url, "long", tmp_path / "long.parquet")
    assert table["id"].to_pylist() == list(range(1, 60001))
    assert pq.ParquetFile(tmp_path / "long.parquet").num_row_groups > 1


def test_a_relation_that_is_not_there_is_told_with_its_like(database, postgres_url, tmp_path):
    database.execute('CREATE SCHEMA ledger; CREATE TABLE ledger."Bookings" (a int)')
    with pytest.raises(DataRefused, match=r"'ledger.bookings': there is no such table .*; there is 'ledger.Bookings'"):
        unloaded(postgres_url, "ledger.bookings", tmp_path / "b.parquet")


def test_a_column_that_is_not_there_names_those_that_are(database, postgres_url, tmp_path):
    database.execute("CREATE TABLE bookings (id int, at date)")
    with pytest.raises(DataRefused, match=r"column 'upto': it has no such column; it has id, at\. Correct 'since'"):
        unloaded(postgres_url, "bookings", tmp_path / "b.parquet", From("upto", 1))


def test_a_relation_that_may_not_be_read_says_which_grant(database, postgres_url, tmp_path):
    name = f"reader_{database.info.dbname}"
    database.execute(f"CREATE TABLE secret (a int); CREATE ROLE {name} LOGIN")
    address = postgres_url.replace("//postgres", f"//{name}", 1)
    with pytest.raises(DataRefused, match=r"the database's user may not read it\. GRANT SELECT ON secret"):
        unloaded(address, "secret", tmp_path / "s.parquet")


def test_a_server_that_does_not_answer_is_said_without_the_password(tmp_path):
    address = f"postgresql://reader:geheim@/core?host={tmp_path}"
    with pytest.raises(NotFound, match="Source 'core': its database cannot be opened") as refused:
        unloaded(address, "b", tmp_path / "b.parquet")
    assert "geheim" not in str(refused.value)


def test_a_connection_that_ends_midway_asks_for_another_run(database, postgres_url, tmp_path):
    database.execute("CREATE TABLE bookings (id int); INSERT INTO bookings VALUES (1)")
    with snapshot(postgres_url, "core") as opened:
        database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bank360'"
            " AND datname = current_database()"
        )
        with pytest.raises(NotReady, match=r"reading bookings ended: .*\. Nothing was loaded; run 'bank360 ingest'"):
            opened.unload("bookings", tmp_path / "b.parquet", None, None, NOTHING_TOLD)
