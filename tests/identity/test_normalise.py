from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.identity import normalise

RULES: tuple[Callable[[str | None], str | None], ...] = (
    normalise.plain_words,
    normalise.name,
    normalise.address_line,
    normalise.postcode,
    normalise.email,
    normalise.phone,
)


@pytest.mark.parametrize("rule", RULES)
@given(text=st.one_of(st.none(), st.text(max_size=40), st.text("abMr.'-+@ 0123456789éÉß", max_size=40)))
def test_a_rule_never_fails_never_gives_an_empty_text_and_is_idempotent(
    rule: Callable[[str | None], str | None], text: str | None
) -> None:
    once = rule(text)
    assert once is None or once.strip() == once != ""
    assert rule(once) == once


@pytest.mark.parametrize("rule", RULES)
@given(text=st.text("abcXYZ .'-@0123456789", max_size=30))
def test_case_and_outer_space_do_not_matter(rule: Callable[[str | None], str | None], text: str) -> None:
    assert rule(f"  {text.upper()} ") == rule(text.lower())


def test_accents_apostrophes_and_hyphens_are_spelling() -> None:
    assert normalise.name("D'Ångelo-Müller") == normalise.name("dangelo muller") == "dangelo muller"
    assert normalise.name("Søren Straße") == "soren strasse"
    assert normalise.name("王小明") == "王小明"


def test_honorifics_and_digits_are_not_names() -> None:
    assert normalise.name("Mrs. Jane 2") == "jane"
    assert normalise.name("Dr") is None


@pytest.mark.parametrize("nothing", [None, "", "  ", "N/A", "unknown", "None", "---"])
def test_what_says_nothing_is_absent_everywhere(nothing: str | None) -> None:
    assert [rule(nothing) for rule in RULES] == [None] * len(RULES)


def test_an_address_is_one_in_its_usual_abbreviations() -> None:
    assert normalise.address_line("Apt 2, 7 Mill Rd.") == normalise.address_line("Flat 2 7 MILL ROAD")


def test_a_telephone_number_is_its_last_nine_digits() -> None:
    written = ("07700 900123", "+44 7700 900123", "0044 (0)7700-900-123", "7700900123")
    assert {normalise.phone(text) for text in written} == {"700900123"}
    assert normalise.phone("12345") is None
    assert normalise.phone("9999999999") is None


def test_an_address_of_mail_loses_what_its_provider_ignores() -> None:
    assert normalise.email("Ann.Lee+shop@gmail.com") == "annlee@gmail.com"
    assert normalise.email("Ann.Lee@example.org") == "ann.lee@example.org"
    assert [normalise.email(text) for text in ("ann", "@b.c", "a@b", "a b@c.d", "a@b@c.d")] == [None] * 5


def test_placeholder_future_and_impossible_birth_dates_are_absent() -> None:
    as_of = date(2026, 1, 1)
    days = (None, date(1900, 1, 1), date(2026, 1, 2), date(1890, 5, 5))
    assert [normalise.birth_date(day, as_of) for day in days] == [None] * 4
    assert normalise.birth_date(date(1999, 12, 31), as_of) == "19991231"
