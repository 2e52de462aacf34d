from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.bank.personal_numbers import HIDDEN
from bank360.bank.table import Tag
from bank360.bank.tables_customers import CUSTOMER_PERSONAL, CUSTOMERS
from bank360.pipeline.masking import MASKS, masked


@pytest.mark.parametrize("column", sorted(MASKS))
def test_what_is_absent_stays_absent(column: str) -> None:
    assert masked(column, None) is None


@given(st.sampled_from(sorted(MASKS)), st.text("abcxyz0123456789 @.", min_size=8))
def test_a_mask_hides_all_but_two_characters_and_the_length(column: str, text: str) -> None:
    shown = masked(column, text)
    assert shown is not None
    assert HIDDEN in shown
    kept = shown.replace(HIDDEN, "").replace("@", "")
    assert len(kept) <= 2
    assert masked(column, text + text) is not None
    assert len(shown) == len(masked(column, text + text) or "") or column == "postcode"


def test_each_mask_by_hand() -> None:
    assert masked("family_name", "O'Brien") == "O•••"
    assert masked("birth_date", date(1985, 3, 7)) == "1985-••-••"
    assert masked("postcode", "E1 6AN") == "E•••"
    assert masked("email", "zoe@x.org") == "z•••@•••"
    assert masked("phone", "+44 7700 900123") == "•••23"


def test_a_personal_column_without_a_mask_shows_nothing() -> None:
    assert masked("passport_number", "123") == HIDDEN


def test_every_text_that_identifies_a_person_has_a_mask_or_shows_nothing() -> None:
    personal = {c.name for table in (CUSTOMERS, CUSTOMER_PERSONAL) for c in table.columns if Tag.PII in c.tags}
    assert personal - set(MASKS) == {"deceased_on"}
