"""Lines of products on their day as known at an instant, of one product and of applications."""

from datetime import date

import pytest

from bank360.storage.product_lines import product_line
from bank360.storage.spines import application_spine
from tests.rows import fill, micros, stored
from tests.storage.applied import applied

ZONE = "Europe/London"


@pytest.fixture
def bank(tmp_path):
    with applied(tmp_path) as warehouse:
        yield warehouse


def _spine(bank, until="2025-01-01"):
    return application_spine(bank, micros(until), ZONE)


def test_a_product_has_the_line_of_the_day_as_known_or_is_not_there(bank):
    later = {
        "product_id": "LOAN",
        "valid_from": date(2024, 3, 5),
        "line": "mortgage",
        "known_time": stored("2024-03-09"),
    }
    fill(bank, "products", later)

    def line(instant, day):
        return product_line(bank, "LOAN", micros(instant), day)

    assert line("2024-03-09 00:00", "2024-03-09") == "personal_loan"
    assert line("2024-03-09 00:01", "2024-03-09") == "mortgage"
    assert line("2024-03-09 00:01", "2024-03-04") == line("2024-03-09 00:01", "2019-01-01") == "personal_loan"
    assert product_line(bank, "NONE", micros("2024-03-09"), "2024-03-09") is None
    # p1 and p3 were submitted after the change was known, p2 before.
    assert _spine(bank).columns["product_line"].tolist() == ["mortgage", "personal_loan", "mortgage"]


def test_a_product_told_of_only_after_the_application_has_its_first_line(bank):
    bank.execute("UPDATE products SET known_time = '2024-05-01'")
    assert _spine(bank).columns["product_line"].tolist() == ["personal_loan"] * 3
    assert _spine(bank, "2024-05-01").columns["product_line"].tolist() == [None] * 3
