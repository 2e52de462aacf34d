"""Bad input never half-loads: each is refused with file, column, row and remedy, and nothing at all was written."""

import gzip
import io

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from bank360.bank.errors import DataRefused
from bank360.sources.source import CsvDialect
from bank360.storage.landing import Landing


@pytest.fixture
def refused(bank):
    """Deliver files that must be refused; check that nothing of them stayed, and return the refusal."""

    def deliver(files, source=None):
        before = bank.hashes(), Landing(bank.landing).deliveries(), copies(bank.landing)
        with pytest.raises(DataRefused) as caught:
            bank.deliver(files, source)
        assert (bank.hashes(), Landing(bank.landing).deliveries(), copies(bank.landing)) == before
        refusal = caught.value
        assert str(refusal).endswith("Nothing was loaded.")
        assert "\n" not in str(refusal)
        assert refusal.remedy.endswith(".")
        return refusal

    return deliver


def copies(landing):
    """Return the content-addressed copies in a landing zone."""
    return sorted(path.name for path in landing.glob("??/*"))


def place(refusal):
    """Return what a refusal points at."""
    return refusal.file, refusal.column, refusal.row


def test_a_missing_column(refused, header, line):
    refusal = refused({"transactions.csv": (header + line(1)).replace("amount", "sum")})
    assert place(refusal) == ("transactions.csv", "amount", 1)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("event_time", "2020-02-31T10:00:00"),
        ("event_time", "yesterday"),
        ("event_time", "1066-10-14T09:00:00"),
        ("booked_on", "31/02/2020"),
        ("booked_on", "2020-02-30"),
        ("booked_on", ""),
        ("amount", "ten"),
        ("amount", "NaN"),
        ("amount", "inf"),
        ("amount", "1e308"),
        ("amount", "-1000.5"),
        ("amount", "0x10"),
        ("amount", "9223372036854775808"),
        ("channel", "pigeon"),
        ("channel", ""),
        ("transaction_id", ""),
        ("known_time", "9999-12-31T00:00:00"),
    ],
)
def test_a_cell_that_is_no_value_of_its_column(refused, header, line, column, cell):
    refusal = refused({"transactions.csv": header + line(1) + line(2) + line(3, **{column: cell}) + line(4)})
    assert place(refusal) == ("transactions.csv", column, 4)


@pytest.mark.parametrize("cell", ["nan", "NaN", "inf", "-Infinity", "1e308", "1e309", "0,01", "5"])
def test_a_number_that_is_none_or_out_of_its_range(refused, cell):
    head = "product_id,valid_from,family,line,name,secured,revolving,rate_type,fee,transfer_rate,known_time\n"
    row = f'P2,2020-01-01,deposits,savings,Save,false,true,none,0,"{cell}",2020-01-01T00:00:00\n'
    refusal = refused({"products.csv": head + row})
    assert place(refusal) == ("products.csv", "transfer_rate", 2)


def test_a_key_twice_in_one_file(refused, header, line):
    refusal = refused({"transactions.csv": header + line(1) + line(2) + line(1, amount="5")})
    assert place(refusal) == ("transactions.csv", "transaction_id", 4)


def test_a_key_twice_in_two_files_of_one_load(refused, header, line):
    files = {"transactions-1.csv": header + line(1) + line(2), "transactions-2.csv": header + line(3) + line(2)}
    assert place(refused(files)) == ("transactions-2.csv", "transaction_id", 3)


def test_a_version_twice_in_one_load_of_a_versioned_source(refused, header, line, source):
    content = header + line(1) + line(1, amount="5")
    assert place(refused({"transactions.csv": content}, source(versioned=True)))[2] == 3


def test_a_dangling_key(refused):
    files = {"accounts.csv": "account_id,product_id,opened_on,currency,known_time\nA3,P1,2020-01-02,GBP,2020-01-02\n"
                             "A4,P7,2020-01-02,GBP,2020-01-02\n"}  # fmt: skip
    refusal = refused(files)
    assert place(refusal) == ("accounts.csv", "product_id", 3)
    assert "'P7' is not in table 'products'" in refusal.problem


def test_a_byte_that_is_not_of_the_encoding(refused, header, line):
    content = (header + line(1) + line(2, merchant_id="Café")).encode("latin-1")
    refusal = refused({"transactions.csv": content})
    assert (refusal.file, refusal.row) == ("transactions.csv", 3)
    assert "0xE9 is not utf-8" in refusal.problem


def test_another_encoding_may_be_declared(bank, header, line, source):
    content = (header + line(1, merchant_id="Café")).encode("latin-1")
    bank.deliver({"transactions.csv": content}, source(CsvDialect(encoding="latin-1")))
    assert bank.rows("SELECT merchant_id FROM transactions") == [("Café",)]


def test_an_empty_file(refused):
    assert refused({"transactions.csv": b""}).problem == "the file is empty"


def test_a_file_that_ends_before_its_header(refused, header, line, source):
    refusal = refused({"transactions.csv": "one line\n"}, source(CsvDialect(header_rows=2)))
    assert "ends before its header line 2" in refusal.problem


def test_a_row_cut_in_the_middle(refused, header, line):
    refusal = refused({"transactions.csv": (header + line(1) + line(2))[:-40]})
    assert (refusal.file, refusal.row) == ("transactions.csv", 3)


def test_a_ragged_row_after_blank_and_multi_line_rows_is_named_by_its_line(refused, header, line):
    content = header + line(1) + "\n" + line(2, merchant_id='"two\nlines"') + line(3).strip() + ",more\n"
    assert refused({"transactions.csv": content}).row == 6


def test_a_bad_cell_after_blank_and_multi_line_rows_is_named_by_its_line(refused, header, line):
    content = header + "\n\n" + line(1, merchant_id='"two\nlines"') + line(2) + line(3, amount="x")
    assert place(refused({"transactions.csv": content})) == ("transactions.csv", "amount", 7)


def test_a_bad_code_after_blank_and_multi_line_rows_is_named_by_its_line(refused, header, line):
    content = header + "\n\n" + line(1, merchant_id='"two\nlines"') + line(2) + line(3, channel="pigeon")
    assert place(refused({"transactions.csv": content})) == ("transactions.csv", "channel", 7)


def test_a_quote_that_is_never_closed(refused, header, line):
    refusal = refused({"transactions.csv": header + line(1) + line(2, merchant_id='"M1') + line(3)})
    assert (refusal.file, refusal.row) == ("transactions.csv", 3)
    assert "never closed" in refusal.problem


def test_zero_bytes_of_a_torn_copy(refused, header, line):
    refusal = refused({"transactions.csv": header + line(1) + "\0" * 100})
    assert "zero bytes" in refusal.problem
    assert refusal.row == 3


def test_a_truncated_archive(refused, header, line, source):
    whole = gzip.compress((header + "".join(line(n) for n in range(2000))).encode())
    refusal = refused({"transactions.csv.gz": whole[:-2000]}, source(suffix="csv.gz"))
    assert "cut or damaged" in refusal.problem


def test_a_whole_archive_is_read(bank, header, line, source):
    content = gzip.compress((header + line(1)).encode())
    assert bank.deliver({"transactions.csv.gz": content}, source(suffix="csv.gz")).rows == 1


def test_a_column_named_twice(refused, header, line):
    refusal = refused({"transactions.csv": header.replace("merchant_id", "amount") + line(1)})
    assert place(refusal) == ("transactions.csv", "amount", 1)


def parquet(text: str, **changes: pa.Array) -> bytes:
    """Return the rows of a delimited text as a Parquet file, some columns replaced."""
    rows = arrow_csv.read_csv(io.BytesIO(text.encode()))
    for name, values in changes.items():
        rows = rows.set_column(rows.schema.get_field_index(name), name, values)
    file = io.BytesIO()
    pq.write_table(rows, file)
    return file.getvalue()


@pytest.fixture
def in_parquet(source):
    return source(suffix="parquet")


def test_a_parquet_file_is_read_by_its_stored_types(bank, header, line, in_parquet):
    content = parquet(header + line(1) + line(2))
    assert bank.deliver({"transactions.parquet": content}, in_parquet).rows == 2
    assert bank.rows("SELECT source_line, amount FROM transactions ORDER BY 1") == [(1, -1000), (2, -1000)]


@pytest.mark.parametrize("length", [0, 3, 4, 100, -1, -8, -200])
def test_a_truncated_parquet_file(refused, header, line, in_parquet, length):
    whole = parquet(header + "".join(line(n) for n in range(500)))
    assert refused({"transactions.parquet": whole[:length]}, in_parquet).file == "transactions.parquet"


def test_a_parquet_file_with_damaged_pages(refused, header, line, in_parquet):
    whole = bytearray(parquet(header + "".join(line(n) for n in range(500))))
    whole[100:400] = bytes(300)
    assert refused({"transactions.parquet": bytes(whole)}, in_parquet).file == "transactions.parquet"


def test_a_parquet_file_without_a_column(refused, header, line, in_parquet):
    content = parquet((header + line(1)).replace("amount", "sum"))
    assert place(refused({"transactions.parquet": content}, in_parquet))[:2] == ("transactions.parquet", "amount")


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e308, 0.5])
def test_a_number_in_parquet_that_is_no_amount(refused, header, line, in_parquet, bad):
    content = parquet(header + line(1) + line(2) + line(3), amount=pa.array([1.0, bad, 2.0]))
    assert place(refused({"transactions.parquet": content}, in_parquet)) == ("transactions.parquet", "amount", 2)


def test_a_null_in_parquet_where_a_value_must_be(refused, header, line, in_parquet):
    content = parquet(header + line(1) + line(2), channel=pa.array(["pos", None]))
    assert place(refused({"transactions.parquet": content}, in_parquet)) == ("transactions.parquet", "channel", 2)


def test_a_later_bad_file_undoes_the_good_ones_of_its_delivery(refused, header, line):
    good = "customer_id,type,region,known_time\nC3,person,North,2020-01-01\n"
    refusal = refused({"customers.csv": good, "transactions.csv": header + line(1, channel="pigeon")})
    assert place(refusal) == ("transactions.csv", "channel", 2)


def test_a_refused_delivery_is_remembered_with_its_reason_and_may_come_again(bank, header, line):
    with pytest.raises(DataRefused):
        bank.deliver({"transactions.csv": header + line(1, channel="pigeon")})
    kept = list((bank.landing / "refused").glob("*.json"))
    assert len(kept) == 1
    assert "'pigeon' is an unknown code" in kept[0].read_text()
    assert bank.deliver({"transactions.csv": header + line(1)}).rows == 1
