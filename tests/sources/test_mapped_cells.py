"""Cells read one by one against slow readings: decimals for money, datetime for dates."""

# ruff: noqa: DTZ001, DTZ007 - wall-clock times of a zone
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.bank.calendar import local_micros, wall_instants
from bank360.bank.errors import DataRefused
from bank360.sources.cell_faults import CellFaults
from bank360.sources.mapped_cells import Cells, booleans, text
from bank360.sources.mapped_numbers import NumberStyle, amounts, numbers, whole_numbers
from bank360.sources.mapped_times import dates, has_time, moments


def cells(values, kind=None):
    return Cells(pa.array(values, kind), "f.csv", "c", 2)


def two(count):
    return pa.array([2] * count, pa.int64())


DECIMALS = st.decimals(-(10**12), 10**12, places=4, allow_nan=False)


@settings(max_examples=200, deadline=None)
@given(st.lists(DECIMALS, min_size=1, max_size=8))
def test_rounded_amounts_agree_with_decimal_arithmetic(values):
    found = amounts(cells([format(v, "f") for v in values]), two(len(values)), excess="round").to_pylist()
    assert found == [int((v * 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)) for v in values]


@settings(max_examples=200, deadline=None)
@given(st.integers(-(2**50), 2**50))
def test_a_double_is_accepted_exactly_when_it_is_the_nearest_to_an_amount(minor):
    major = float(Decimal(minor) / 100)
    assert amounts(cells([major, None]), two(2)).to_pylist() == [minor, None]
    off = np.nextafter(major, np.inf)
    if Decimal(str(off)) * 100 != int(Decimal(str(off)) * 100):
        with pytest.raises(DataRefused):
            amounts(cells([off]), two(1))


@pytest.mark.parametrize(
    ("cell", "style", "minor"),
    [
        ("(1,234.50)", NumberStyle(thousands=","), -123450),
        ("12,34,567.00", NumberStyle(thousands=","), 123456700),
        ("1 234,50", NumberStyle(",", " "), 123450),
        ("1\u00a0234,50", NumberStyle(",", " "), 123450),
        ("1'234.5", NumberStyle(thousands="'"), 123450),
        ("12.50-", NumberStyle(), -1250),
        ("\u221212.50", NumberStyle(), -1250),
        ("£12.50", NumberStyle(), 1250),
        ("-€ 12.50", NumberStyle(), -1250),
        ("+0012.500", NumberStyle(), 1250),
        (".5", NumberStyle(), 50),
        ("7.", NumberStyle(), 700),
    ],
)
def test_amounts_as_banks_write_them(cell, style, minor):
    assert amounts(cells([cell]), two(1), style).to_pylist() == [minor]


@pytest.mark.parametrize("cell", ["", "-", ".", "1.2.3", "1e3", "NaN", "inf", "0x10", "1,5", "12 50", "()", "9" * 19])
def test_what_is_no_amount_is_refused_or_empty(cell):
    if cell == "":
        assert amounts(cells([cell]), two(1)).to_pylist() == [None]
    else:
        with pytest.raises(DataRefused):
            amounts(cells([cell]), two(1))


def test_a_currency_decides_how_many_decimals_an_amount_has():
    found = amounts(cells(["1.500", "1.50", "1"]), pa.array([3, 2, 0]))
    assert found.to_pylist() == [1500, 150, 1]


def test_numbers_refuse_what_a_double_cannot_hold():
    assert numbers(cells(["1e3", " 7 ", None])).to_pylist() == [1000, 7, None]
    for bad in (["1e16"], ["1e999"], ["abc"], ["1_000"]):
        with pytest.raises(DataRefused):
            numbers(cells(bad))
    for number in (float("nan"), float("inf"), 1e308):
        with pytest.raises(DataRefused, match="finite"):
            numbers(cells([1.0, number]))
    assert whole_numbers(cells(["12", "12.0"])).to_pylist() == [12, 12]
    with pytest.raises(DataRefused, match=r"row 3: '12\.5' is not a whole number"):
        whole_numbers(cells(["12", "12.5"]))


def test_text_and_booleans():
    assert text(cells([123456789012.0, 1.5, None])).to_pylist() == ["123456789012", "1.5", None]
    assert text(cells([" a ", "", "\u00a0"])).to_pylist() == ["a", None, None]
    assert booleans(cells(["TRUE", "0", None])).to_pylist() == [True, False, None]
    with pytest.raises(DataRefused, match="'ja' is not true or false"):
        booleans(cells(["ja"]))


PATTERNS = ["%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%y%m%d", "%d-%b-%Y", "%d %B %Y", "%d.%m.%y", "%j %Y"]


@settings(max_examples=200, deadline=None)
@given(st.dates(date(1970, 1, 1), date(2060, 12, 31)), st.sampled_from(PATTERNS), st.booleans())
def test_a_date_means_what_strptime_says(day, pattern, bare):
    cell = day.strftime(pattern)
    if bare and ("/" in cell or "." in cell):
        cell = "/".join(part.lstrip("0") or "0" for part in cell.split("/"))
    assert dates(cells([cell]), pattern).to_pylist() == [datetime.strptime(cell, pattern).date()]


@pytest.mark.parametrize("cell", ["30/02/2024", "31/04/2024", "00/01/2024", "1/1/24x", "2024-01-01", "29/02/2023"])
def test_a_day_that_is_not_in_the_calendar_is_refused(cell):
    with pytest.raises(DataRefused, match="row 3"):
        dates(cells(["01/01/2024", cell]), "%d/%m/%Y")


@pytest.mark.parametrize(
    ("read", "texts", "pattern", "short"),
    [
        ("day", ["01.05.26", "30.04.26", "28.02.1926x"], "%d.%m.%Y", "%d.%m.%y"),
        ("day", ["260501", "991231", ""], "%Y%m%d", "%y%m%d"),
        ("moment", ["01.05.26", "30.04.26"], "%d.%m.%Y", "%d.%m.%y"),
        ("moment", ["01.05.26 10:00", "30.04.26 23:59"], "%d.%m.%Y %H:%M", "%d.%m.%y %H:%M"),
    ],
)
def test_years_of_two_digits_propose_the_pattern_that_reads_them_and_no_nulls(read, texts, pattern, short):
    faults = CellFaults()
    column = Cells(pa.array(texts), "u.csv", "Datum", 2, faults, key="sources.a.mapping.files.b.columns.c")
    found = dates(column, pattern) if read == "day" else moments(column, "UTC", "UTC", pattern).instants
    assert found.null_count == len(texts)
    with pytest.raises(DataRefused) as refused:
        faults.refuse()
    told = [fault for fault in refused.value.faults if "two digits" in fault.what]
    assert [(fault.count, "nulls" in str(fault)) for fault in told] == [(2, False)]
    assert f'{{column: "Datum", format: "{short}"}}' in told[0].remedies
    assert f"State the format '{short}'" in told[0].remedy
    assert not any("01.05.26" in str(fault) for fault in refused.value.faults if fault not in told)


def test_a_few_years_of_two_digits_among_others_are_to_be_written_out_and_real_oddities_may_be_nulls():
    with pytest.raises(DataRefused, match=r"reads four\. Others of the column have four: write it with four"):
        dates(cells(["01.05.2026", "30.04.26"]), "%d.%m.%Y")
    with pytest.raises(DataRefused, match=r"does not lie between 1900 and 9999\. Correct it, or name it in nulls"):
        dates(cells(["01.05.2026", "01.01.0001"]), "%d.%m.%Y")
    assert dates(cells(["01.05.26"]), "%d.%m.%y").to_pylist() == [date(2026, 5, 1)]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024-07-01T23:30:00Z", 2), ("2024-07-01 23:30:00.1234567+00:00", 2), ("2024-07-02T00:30+0200", 1),
        ("2024-07-01T00:00:00Z", 1), ("2024-07-02T00:00:00.000+02:00", 2), ("2024-07-01T23:30:00", 1),
        ("2024-07-01", 1), ("2024-07-01T22:59:59.999z", 1),
    ],
)  # fmt: skip
def test_the_day_of_an_instant_is_the_banks_and_the_day_of_a_date_the_written_one(cell, day):
    found = dates(cells([cell, None, "2024-07-05"]), zone="Europe/London").to_pylist()
    assert found == [date(2024, 7, day), None, date(2024, 7, 5)]
    assert dates(cells([cell])).to_pylist() == [date.fromisoformat(cell[:10])]


def test_instants_with_more_digits_than_microseconds_are_read():
    found = moments(cells(["2024-01-31T10:00:00.1234567Z", "2024-01-31T10:00:00.123456789z"]), "UTC", "UTC")
    assert found.instants.to_pylist() == [datetime(2024, 1, 31, 10, 0, 0, 123_456)] * 2


def test_instants_in_iso_form_may_carry_zone_and_fraction_or_be_dates_only():
    found = moments(
        cells(["2024-07-01", "2024-07-01T10:00:00", "2024-07-01 10:00:00.25+02:00", "2024-07-01T10:00Z", None]),
        "Europe/Prague",
        "Europe/London",
    )
    assert found.instants.to_pylist() == [
        datetime(2024, 6, 30, 23), datetime(2024, 7, 1, 8), datetime(2024, 7, 1, 8, 0, 0, 250000),
        datetime(2024, 7, 1, 10), None,
    ]  # fmt: skip
    assert found.days.to_pylist() == [date(2024, 7, 1), None, None, None, None]
    with pytest.raises(DataRefused, match="row 3: '2024-13-01' is not a date or time"):
        moments(cells(["2024-07-01", "2024-13-01"]), "UTC", "UTC")


def test_instants_by_epoch_and_with_fractions_and_meridian():
    assert moments(cells(["1720000000"]), "UTC", "UTC", "epoch_seconds").instants.to_pylist() == [
        datetime(2024, 7, 3, 9, 46, 40)
    ]
    read = moments(cells(["01/07/2024 10:00:01.25 PM"]), "UTC", "UTC", "%d/%m/%Y %I:%M:%S.%f %p")
    assert read.instants.to_pylist() == [datetime(2024, 7, 1, 22, 0, 1, 250000)]
    assert not has_time("%d%m%Y")


@settings(max_examples=300, deadline=None)
@given(
    st.datetimes(datetime(1950, 1, 1), datetime(2080, 1, 1)),
    st.sampled_from(["Europe/London", "Europe/Prague", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_wall_times_become_the_instants_that_the_zone_says(wall, zone):
    micros = (wall - datetime(1970, 1, 1)) // timedelta(microseconds=1)
    found = int(wall_instants([micros], zone)[0])
    aware = wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)  # the earlier of two; hypothesis draws either
    assert found == (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def test_a_wall_time_in_a_gap_moves_forward_and_a_doubled_one_is_the_earlier():
    def at(*parts):
        return int(np.datetime64(datetime(*parts), "us").astype(np.int64))

    assert wall_instants([at(2024, 3, 31, 1, 30)], "Europe/London")[0] == at(2024, 3, 31, 1, 30)
    assert local_micros([at(2024, 3, 31, 1, 30)], "Europe/London")[0] == at(2024, 3, 31, 2, 30)
    assert wall_instants([at(2024, 10, 27, 1, 30)], "Europe/London")[0] == at(2024, 10, 27, 0, 30)
