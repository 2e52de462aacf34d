"""Customers of a night: adults who are customers then, with what they declared last."""

from datetime import date

import pytest

from bank360.bank.tables import TABLE_BY_NAME
from bank360.quality.profile import AgeByCode
from bank360.storage.customer_spine import customer_spine
from bank360.storage.reads_quality import table_profile
from tests.rows import fill, micros, stored
from tests.storage.applied import applied


@pytest.fixture
def bank(tmp_path):
    with applied(tmp_path) as warehouse:
        yield warehouse


def test_the_night_finds_adults_who_are_customers_with_what_they_declared_last(bank):
    born = date(2006, 6, 1)
    common = {"type": "person", "known_time": stored("2020-01-01")}
    fill(bank, "customers", common | {"customer_id": "a1", "birth_date": date(1980, 1, 1), "left_on": date(2023, 1, 1)})
    fill(bank, "customers", common | {"customer_id": "a2", "birth_date": date(1980, 1, 1)})
    fill(bank, "customers", common | {"customer_id": "b1", "birth_date": born})
    night = customer_spine(bank, micros("2024-05-31 12:00"), "2024-05-31")
    assert night.customer_id.tolist() == ["CA"]  # Bob is 18 tomorrow; Ann left under one of her two keys only
    assert night.columns["declared_income"].tolist() == [200_000.0]
    assert night.columns["has_applied"].tolist() == [1.0]
    assert customer_spine(bank, micros("2024-06-01 12:00"), "2024-06-01").customer_id.tolist() == ["CA", "CB"]
    dead = common | {"customer_id": "a2", "birth_date": date(1980, 1, 1), "deceased_on": date(2024, 5, 1)}
    fill(bank, "customers", dead | {"known_time": stored("2024-05-03")})
    assert customer_spine(bank, micros("2024-06-01 12:00"), "2024-06-01").customer_id.tolist() == ["CB"]


@pytest.mark.parametrize(("day", "there"), [("2024-06-01", True), ("2024-12-30", True), ("2024-12-31", False)])
def test_whoever_has_two_records_has_left_with_the_last_of_them(bank, day, there):
    common = {"type": "person", "known_time": stored("2020-01-01"), "birth_date": date(1980, 1, 1)}
    for key, left in (("a1", date(2023, 3, 1)), ("a2", date(2024, 12, 31))):
        fill(bank, "customers", common | {"customer_id": key, "left_on": left})
    night = customer_spine(bank, micros(f"{day} 12:00"), day)
    assert night.customer_id.tolist() == (["CA"] if there else [])


def test_whose_birth_date_nobody_knows_is_scored_as_an_adult_and_counted(bank):
    common = {"type": "person", "known_time": stored("2020-01-01")}
    fill(bank, "customers", common | {"customer_id": "a1"}, common | {"customer_id": "b1"})
    fill(bank, "customers", common | {"customer_id": "a2", "birth_date": date(1980, 1, 1)})  # Ann by her other key
    night = customer_spine(bank, micros("2024-06-01 12:00"), "2024-06-01")
    assert night.customer_id.tolist() == ["CA", "CB"]
    assert night.unknown_age.tolist() == [False, True]
    assert "unknown_age" not in night.columns  # no model reads it


def test_persons_without_a_birth_date_are_counted_beside_all_persons(bank):
    rows = [("1", "person", None), ("2", "person", date(1980, 1, 1)), ("3", "company", None), ("4", "person", None)]
    fill(bank, "customers", *({"customer_id": key, "type": kind, "birth_date": born} for key, kind, born in rows))
    assert table_profile(bank, TABLE_BY_NAME["customers"]).without_age == (2, 3)


def test_employments_are_counted_with_those_who_were_sixty_when_they_applied_but_words_that_no_model_sees(bank):
    """p1 of a2, p2 of b1 on 1 March 2024; p3 is nobody's. Who is born on 1 March 1964 is 60 on that day."""
    born = {"a2": date(1964, 3, 11), "b1": date(1964, 3, 1)}
    fill(bank, "customers", *({"customer_id": key, "type": "person", "birth_date": day} for key, day in born.items()))
    bank.execute("UPDATE application_parties SET employment = if(application_id = 'p1', 'E', 'R')")
    table = TABLE_BY_NAME["application_parties"]
    assert table_profile(bank, table).employments == (AgeByCode("E", 1, 0, 1, 1), AgeByCode("R", 1, 1, 1, 0))
    bank.execute("UPDATE application_parties SET employment = 'retired' WHERE employment = 'R'")
    assert table_profile(bank, table).employments == (AgeByCode("E", 1, 0, 1, 1),)


def test_an_application_or_form_known_only_after_the_night_declares_nothing(bank):
    common = {"type": "person", "known_time": stored("2020-01-01"), "birth_date": date(1980, 1, 1)}
    fill(bank, "customers", common | {"customer_id": "a2"})
    at = stored("2024-05-01 10:00")
    request = {"application_id": "p9", "submitted_at": at, "known_time": stored("2024-06-10")}
    fill(bank, "applications", request)
    form = {"application_id": "p9", "seq": 1, "customer_id": "a2", "declared_income": 999}
    fill(bank, "application_parties", form | {"known_time": at})

    def declared(day):
        return customer_spine(bank, micros(day), day[:10]).columns["declared_income"].tolist()

    assert declared("2024-06-10") == [200_000.0]
    assert declared("2024-06-11") == [999.0]
    first = customer_spine(bank, micros("2024-03-10 09:30"), "2024-03-10")
    assert first.columns["has_applied"].tolist() == [0.0]
