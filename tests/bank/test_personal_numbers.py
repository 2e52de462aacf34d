"""Which keys are personal numbers, against check digits worked out by hand and another way round."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.bank.finding import Finding
from bank360.bank.personal_numbers import HIDDEN, PersonalNumber, looked_for, masked_key, masked_keys, personal_number
from bank360.bank.vocabulary import Severity

# The registry's own examples of four countries, and the test numbers that card schemes publish.
IBANS = (
    "DE89370400440532013000", "GB29NWBK60161331926819", "NO9386011117947", "MT84MALT011000012345MTLCAST001S",
)  # fmt: skip
CARDS = ("4111111111111111", "378282246310005", "5555555555554444", "4222222222222", "6304000000000000000")


@pytest.mark.parametrize("iban", IBANS)
def test_an_iban_is_one_however_its_groups_are_parted_and_one_wrong_digit_makes_it_none(iban):
    groups = " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
    assert {personal_number(said) for said in (iban, groups, iban.lower())} == {PersonalNumber.IBAN}
    wrong = iban[:2] + str((int(iban[2]) + 1) % 10) + iban[3:]
    assert personal_number(wrong) is None


@pytest.mark.parametrize("card", CARDS)
def test_a_card_number_is_one_however_its_groups_are_parted_and_one_wrong_digit_makes_it_none(card):
    assert {personal_number(said) for said in (card, f"{card[:4]}-{card[4:]}")} == {PersonalNumber.CARD}
    assert personal_number(card[:-1] + str((int(card[-1]) + 1) % 10)) is None


def luhn(digits):
    """By ISO/IEC 7812-1 as it is told: from the right, every second digit twice, 9 taken off what is over 9."""
    total = 0
    for place, one in enumerate(reversed(digits)):
        twice = 2 * int(one) if place % 2 else int(one)
        total += twice - 9 if twice > 9 else twice
    return total % 10 == 0


@given(st.text(string.digits, min_size=1, max_size=22))
def test_a_number_is_a_cards_where_its_length_and_its_check_digit_say_so(digits):
    expected = PersonalNumber.CARD if 13 <= len(digits) <= 19 and luhn(digits) else None
    assert personal_number(digits) is expected


@given(st.text(string.ascii_uppercase, min_size=2, max_size=2), st.text(string.ascii_uppercase + string.digits,
       min_size=11, max_size=30))  # fmt: skip
def test_of_all_check_digits_that_an_account_may_have_one_makes_it_an_iban(country, account):
    # 98 less what is left of the account, the country and 00 by 97: as a bank works them out (ISO 13616).
    number = "".join(str(string.digits.find(c)) if c.isdigit() else str(ord(c) - 55) for c in account + country)
    right = 98 - int(number + "00") % 97
    found = [n for n in range(2, 99) if personal_number(f"{country}{n:02}{account}") is PersonalNumber.IBAN]
    assert found == [right]


@pytest.mark.parametrize(
    "key", ["A0001234", "C0000118", "100234", "20-00-00 55779911", "", " ", "0049", "١٢٣٤٥٦٧٨٩٠١٢٣٤"]
)
def test_a_key_of_the_banks_own_stays_as_it_is(key):
    assert personal_number(key) is None
    assert masked_key(key) == key


@given(st.sampled_from([*IBANS, *CARDS, "+49 1511 2345678", "Ann.Marsden@home.example", "ANN@X.DE "]))
def test_a_masked_key_shows_four_characters_at_most_and_no_length(key):
    shown = masked_key(key)
    assert HIDDEN in shown
    assert len(shown.replace(HIDDEN, "").replace("@", "")) <= 4
    assert key not in shown


@given(st.lists(st.sampled_from([*IBANS, *CARDS, "DE28370400440532023000", "A1", "ann@x.de", "amy@x.de"])))
def test_of_keys_shown_beside_one_another_no_two_look_alike(keys):
    shown = masked_keys(keys)
    assert set(shown) == set(keys)
    assert len(set(shown.values())) == len(shown)


def test_a_findings_example_is_never_a_personal_number():
    def finding(example):
        return Finding("balances", "booked", "does_not_follow", Severity.WARNING, 1, example, "look")

    assert [finding(key).example for key in (IBANS[0], "A1", None)] == ["•••3000", "A1", None]


@given(st.sampled_from((*IBANS, *CARDS, "40478470872490", "+4915112345678")), st.data())
def test_a_number_is_looked_for_alike_however_its_groups_are_parted_and_whatever_its_case(number, data):
    between = data.draw(st.lists(st.sampled_from(["", " ", "-", "\N{NO-BREAK SPACE}"]), min_size=40, max_size=40))
    typed = " " + "".join(letter + gap for letter, gap in zip(number.lower(), between, strict=False))
    assert looked_for(typed) == number == looked_for(number)


@given(st.text(alphabet="Ab1- ", max_size=8))
def test_what_has_no_form_of_a_number_is_looked_for_as_it_stands(key):
    bare = key.replace("-", "").replace(" ", "")
    assert looked_for(key) == (bare if bare.isdigit() else key.strip())
