"""Applications of which the bank's file tells the day alone, from the file to what models and the night read of them.

Each value is derived here by hand. One file comes from the branches, by date; the other from online, with times:

::

    id   who    file     submitted (London)    known to the bank
    D1   1001   branch   15 July 2024          16 July 00:00, when the day is over
    D2   1001   branch   20 July               21 July 00:00
    D3   1002   branch   20 July               21 July 00:00
    T1   1002   online   20 July 22:30         at once
    T2   1002   online   21 July 09:00         at once

1003 never applied.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from bank360.bank.calendar import instant
from bank360.features.compute import compute
from bank360.features.families import ALL_FEATURES
from bank360.features.history_bytes import customer_bytes, history_of
from bank360.features.latest import latest
from bank360.features.layout import layouts
from bank360.features.needs import data_from
from bank360.features.one_customer import describing_one
from bank360.features.spine import Snapshots
from bank360.pipeline.build import build, packed_histories
from bank360.pipeline.check import check
from bank360.pipeline.feature_value import Described, describe_customer
from bank360.pipeline.identify import identify
from bank360.pipeline.ingest import ingest
from bank360.pipeline.kept import kept_histories
from bank360.sources.registry import Told, source_of_kind
from bank360.storage.spines import application_spine
from bank360.storage.warehouse import Warehouse, open_warehouse
from tests.features.bits import assert_same_bits

ZONE = "Europe/London"
OWN = (ZONE, "GBP", "GB")
RECEIVED = datetime(2024, 7, 31, 12, tzinfo=UTC)
ASKED = ("applications_24h", "applications_90d", "days_since_application")
FEATURES = tuple(feature for feature in ALL_FEATURES if feature.name in ASKED)
HEAD = "APP;WHO;AT\n"
FILES = {
    "clients.csv": "CLIENT;SINCE\n1001;02.01.2020\n1002;02.01.2020\n1003;02.01.2020\n",
    "branch.csv": HEAD + "D1;1001;15.07.2024\nD2;1001;20.07.2024\nD3;1002;20.07.2024\n",
    "online.csv": HEAD + "T1;1002;20.07.2024 22:30\nT2;1002;21.07.2024 09:00\n",
}


def local(month: int, day: int, hour: int, minute: int = 0) -> int:
    """Return an instant of summer 2024, given in London: one hour before it in UTC."""
    return instant(datetime(2024, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=1))


def applications(pattern: str, form: str) -> dict[str, dict[str, object]]:
    """Return the entries of one file: its applications, and who made them."""
    at = {"column": "AT", "format": form}
    of = {"pattern": pattern, "csv": {"delimiter": ";"}}
    asked = {
        "application_id": "APP", "product_id": {"constant": "LOAN"}, "channel": {"constant": "branch"},
        "requested_amount": {"constant": 500}, "submitted_at": at, "outcome": {"constant": "pending"},
    }  # fmt: skip
    who = {"application_id": "APP", "seq": {"constant": 1}, "customer_id": "WHO"}
    name = pattern.removesuffix(".csv")
    return {
        name: {"table": "applications", "known_after": "0d", "columns": asked} | of,
        f"{name}_parties": {"table": "application_parties", "known_time": at, "columns": who} | of,
    }


MAPPING = {
    "files": {
        "customers": {
            "pattern": "clients.csv", "csv": {"delimiter": ";"}, "known_after": "0d",
            "columns": {"customer_id": "CLIENT", "type": {"constant": "person"},
                        "onboarded_on": {"column": "SINCE", "format": "%d.%m.%Y"}},
        },
        **applications("branch.csv", "%d.%m.%Y"),
        **applications("online.csv", "%d.%m.%Y %H:%M"),
    }
}  # fmt: skip


@dataclass(frozen=True)
class Walk:
    """The bank as loaded, and the number of each of its customers."""

    warehouse: Warehouse
    folder: Path
    numbers: dict[str, int]

    def values(self, customer: str, at: int) -> dict[str, float | None]:
        """Return what the night would store of a customer, None for no value."""
        found = compute(packed_histories(self.warehouse, *OWN, FEATURES, 1), Snapshots(3, np.array([at])), FEATURES)
        row = found.values[self.numbers[customer]].tolist()
        return {name: None if np.isnan(value) else value for name, value in zip(found.names, row, strict=True)}


def loaded(folder: Path, **files: str) -> Warehouse:
    """Return a warehouse with the files loaded; without one that ``files`` says is empty."""
    raw = folder / "raw"
    raw.mkdir()
    for name, text in (FILES | files).items():
        (raw / name).write_text(text, encoding="utf-8")
    warehouse = open_warehouse(folder / "warehouse.duckdb", 1, "500MB")
    source = source_of_kind("mapped", Told("core", ZONE, "GBP", date(2024, 7, 31), MAPPING))
    ingest(source, raw, folder / "landing", warehouse, RECEIVED)
    identify(warehouse, ZONE, RECEIVED)
    return warehouse


def numbered(warehouse: Warehouse) -> dict[str, int]:
    rows = warehouse.query(
        "SELECT k.source_key AS key, i.customer FROM source_keys k JOIN customer_index i USING (customer_id)"
    )
    return {row["key"]: row["customer"] for row in rows.to_pylist()}


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("walk")
    with loaded(folder) as warehouse:
        yield Walk(warehouse, folder, numbered(warehouse))


def test_each_row_says_whether_its_time_of_day_is_known(walk):
    rows = walk.warehouse.query(
        "SELECT application_id, submitted_at, event_precision, known_time FROM applications ORDER BY application_id"
    ).to_pylist()
    at = {row["application_id"]: instant(row["submitted_at"].replace(tzinfo=UTC)) for row in rows}
    known = {row["application_id"]: instant(row["known_time"].replace(tzinfo=UTC)) for row in rows}
    assert [row["event_precision"] for row in rows] == ["day", "day", "day", "second", "second"]
    assert (at["D2"], at["T1"]) == (local(7, 20, 0), local(7, 20, 22, 30))
    assert (known["D2"], known["T1"]) == (local(7, 21, 0), local(7, 20, 22, 30))


def test_the_check_counts_the_rows_without_a_time_of_day(walk):
    (found,) = [one for one in check(walk.warehouse, ZONE, RECEIVED) if one.rule == "date_only"]
    assert (found.table, found.column, found.rows) == ("applications", "submitted_at", 3)


def test_an_hour_is_read_of_those_with_a_time_alone(walk):
    spine = application_spine(walk.warehouse, instant(RECEIVED), ZONE)
    assert spine.application_id.tolist() == ["D1", "D2", "D3", "T1", "T2"]
    hours = spine.columns["submitted_hour"]
    assert np.isnan(hours[:3]).all()
    assert hours[3:].tolist() == [22.0, 9.0]


@pytest.mark.parametrize(
    ("customer", "at", "expected"),
    [
        # At 10:00 on the 21st: D1 and D2, of both the day alone.
        ("1001", local(7, 21, 10), (None, 2, 1)),
        # T1 and T2 lie in [20 July 10:00, 21 July 10:00); D3 is in no hour, and in the 90 days before the 21st with T1.
        ("1002", local(7, 21, 10), (2, 2, 1)),
        ("1003", local(7, 21, 10), (0, 0, None)),
        # T2 is to come.
        ("1002", local(7, 21, 0, 1), (1, 2, 1)),
        # Before the first with a time is known nobody can say whether anything was submitted in any 24 hours.
        ("1001", local(7, 20, 22, 30), (None, 1, 5)),
        ("1002", local(7, 20, 22, 30), (None, 0, None)),
        ("1003", local(7, 20, 22, 30), (None, 0, None)),
        # At its own application, and at one of the same day: what the day brings is not known when it begins.
        ("1001", local(7, 20, 0), (None, 1, 5)),
        ("1001", local(7, 15, 0), (None, None, None)),
    ],
)
def test_values_are_those_derived_by_hand(walk, customer, at, expected):
    assert walk.values(customer, at) == dict(zip(ASKED, expected, strict=True))


def test_online_kept_and_at_once_it_is_the_same_to_the_bit(walk):
    packed = packed_histories(walk.warehouse, *OWN, FEATURES, 1)
    kept = kept_histories(walk.warehouse, walk.folder / "h", *OWN, FEATURES, 1)
    own = layouts(FEATURES)
    describe = describing_one(FEATURES, own, ZONE, data_from(FEATURES, packed.known_from or {}))
    online = [history_of(data, own) for data in customer_bytes(packed)]
    everybody = np.arange(3, dtype=np.int32)
    for at in range(local(7, 14, 0), local(7, 23, 0), 3_600_000_000 // 2):
        night = compute(packed, Snapshots(3, np.array([at])), FEATURES)
        assert_same_bits(latest(kept, everybody, at, FEATURES).values, night.values)
        for customer, history in enumerate(online):
            told = describe(history, at, {})
            assert_same_bits(np.array([told[name] for name in night.names]), night.values[customer])


def asked(warehouse: Warehouse, customer: str, at: int) -> Described:
    build(warehouse, at, *OWN, FEATURES, 1)
    return describe_customer(warehouse, customer, "applications_24h", at, *OWN)


def test_features_value_says_none_or_names_the_rows_that_it_counted(walk):
    at = local(7, 21, 10)
    for customer, value, rows in (("1001", None, []), ("1002", 2.0, ["T1", "T2"]), ("1003", 0.0, [])):
        found = asked(walk.warehouse, customer, at)
        assert (found.values[0].value, found.values[0].no_data) == (value, ())
        assert [one.event["application_id"] for one in found.behind[0].events] == rows


def test_a_bank_that_tells_days_alone_has_no_data_for_it_and_says_for_want_of_what(tmp_path):
    with loaded(tmp_path, **{"online.csv": HEAD}) as warehouse:
        for customer in ("1001", "1002", "1003"):
            found = asked(warehouse, customer, local(7, 25, 10))
            assert (found.values[0].value, found.values[0].no_data) == (
                None, ("applications.event_precision: second",),
            )  # fmt: skip
        spine = application_spine(warehouse, instant(RECEIVED), ZONE)
        assert np.isnan(spine.columns["submitted_hour"]).all()
