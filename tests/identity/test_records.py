import random
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from bank360.identity.records import (
    IDENTIFYING,
    PERSONAL_SCHEMA,
    RECORD_SCHEMA,
    SHARED_CONTACT_LIMIT,
    comparable_records,
)

AS_OF = date(2026, 1, 1)
Personal = Callable[..., pa.Table]


def row(records: pa.Table, key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(r for r in records.to_pylist() if r["source_key"] == key)
    return found


def test_each_column_keeps_its_last_known_value(personal: Personal) -> None:
    records = comparable_records(
        personal(
            {"source_key": "a", "valid_from": date(2021, 5, 1), "family_name": "New", "email": "unknown"},
            {"source_key": "a", "valid_from": date(2020, 1, 1), "family_name": "Old", "email": "a@b.org"},
        ),
        AS_OF,
    )
    # The later row has a new name and, "unknown" saying nothing, the earlier address of mail.
    assert (row(records, "a")["family_name"], row(records, "a")["email"]) == ("new", "a@b.org")


def test_of_rows_of_one_day_the_one_known_later_counts(personal: Personal) -> None:
    rows = [
        {"source_key": "a", "known_time": datetime(2022, 1, second), "city": city}  # noqa: DTZ001 - naive UTC
        for second, city in ((2, "Bath"), (1, "York"))
    ]
    assert row(comparable_records(personal(*rows), AS_OF), "a")["city"] == "bath"


def test_the_order_of_rows_does_not_matter(planted: Any, personal: Personal) -> None:
    rows, _ = planted(300, 3)
    rows += [r | {"family_name": "Other"} for r in rows[:50]]  # ties: same key, day and instant
    expected = comparable_records(personal(*rows), AS_OF)
    random.Random(1).shuffle(rows)
    assert comparable_records(personal(*rows), AS_OF).equals(expected)


def test_a_contact_of_many_identifies_nobody(personal: Personal) -> None:
    many = [{"source_key": f"k{i:02}", "email": "noreply@bank.example"} for i in range(SHARED_CONTACT_LIMIT + 1)]
    family = [{"source_key": f"f{i}", "email": "us@home.example"} for i in range(SHARED_CONTACT_LIMIT)]
    records = comparable_records(personal(*many, *family), AS_OF)
    assert row(records, "k00")["email"] is None
    assert row(records, "f0")["email"] == "us@home.example"


def test_listed_and_frequent_names_are_common(personal: Personal) -> None:
    names = ["Mary", "Xim", *["Aaravi"] * 5]
    records = comparable_records(
        personal(*({"source_key": f"{i}", "given_name": name} for i, name in enumerate(names))), AS_OF
    )
    assert [r["given_common"] for r in records.to_pylist()] == [True, False, True, True, True, True, True]


def test_no_rows_and_rows_of_nothing_are_fine(personal: Personal) -> None:
    assert comparable_records(PERSONAL_SCHEMA.empty_table(), AS_OF).schema == RECORD_SCHEMA
    blank = comparable_records(personal({"source_key": "a"}), AS_OF)
    assert all(row(blank, "a")[column] is None for column in IDENTIFYING)
