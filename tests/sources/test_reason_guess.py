"""What `init` proposes a declined customer to be told of each column, and which column names the rows."""

import csv
import io

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from bank360.bank.errors import SettingsError
from bank360.bank.reasons import REASON_BY_CODE
from bank360.sources.file_look import Head
from bank360.sources.mapped_flat import flat_mapping
from bank360.sources.mapped_node import Node
from bank360.sources.mapping_template import proposal
from bank360.sources.reason_guess import guessed_wording


def flat_of(head):
    """Return what is proposed under ``flat`` for a file, read back from the YAML, and what is to be checked."""
    found = proposal("b", [Head("f.csv", text=head.encode())])
    (entry,) = yaml.safe_load(found.text)["sources"]
    return entry["mapping"]["flat"], found.sources[0].to_check


def mapped(**flat):
    return flat_mapping("f", Node("flat", {"pattern": "f.csv", **flat}), "Europe/London")


@pytest.mark.parametrize(
    ("name", "wording"),
    [
        ("LoanAmt", "Loan amount"),
        ("credit_history", "Credit history"),
        ("NO_OF_ENQUIRIES", "Number of enquiries"),
        ("PAY_0", "Pay 0"),
        ("Kontostände", "Kontostände"),
        ("кредит", "Кредит"),
        ("Verw_Zweck", "Verwendungszweck"),
        ("Anz_Kredite", "Anzahl Kredite"),
        ("Kreditsumme (EUR)", "Kreditsumme (EUR)"),
        ("Anzahl Rückläufer", "Anzahl Rückläufer"),
        ("Monatl. Nettoeinkommen", "Monatl. Nettoeinkommen"),
        ("Laufzeit_Mon", "Laufzeit in Monaten"),
        ("Schufa-Score", "Schufa-Score"),
        ("Wohnsituation", "Wohnsituation"),
        ("credit hist (months)", "Credit history (months)"),
        ("CREDIT HIST", "Credit history"),
        ("X1", None),
        ("var_12", None),
        ("7", None),
        ("", None),
    ],
)
def test_a_name_is_put_in_plain_words_or_into_none(name, wording):
    assert guessed_wording(name) == wording


def test_every_column_that_a_model_may_read_gets_a_text_and_no_other():
    flat, checks = flat_of(
        "LoanRef,AppliedOn,Gender,AgeInYears,LoanAmt,x7,Defaulted\n"
        "L1,2024-01-31,F,30,100,1,0\nL2,2024-02-01,M,40,200,2,1\nL3,2024-02-02,M,50,300,3,0\n"
    )
    assert flat["reasons"] == {"LoanAmt": "Loan amount"}
    assert (flat["id"], flat["subject"]) == ("LoanRef", "application")
    (said,) = (one for one in checks if "say nothing to a customer" in one)
    assert "'x7'" in said
    assert mapped(**{key: flat[key] for key in ("id", "reasons")}).reasons == {"LoanAmt": "Loan amount"}


# Headers as files have them: codes of two letters, sentences, other alphabets, YAML's own words, marks.
NAMES = st.one_of(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=160).map(str.strip),
    st.sampled_from(["os", "hh", "pd", "no", "on", "null", "R01", "S99", "2020-01-01", "Was ist " * 20 + "es"]),
)


@given(NAMES.filter(lambda name: name not in ("", "bad")))
@example("os")
@example("the amount " * 12)
def test_whatever_is_proposed_is_a_mapping_that_is_taken(name):
    head = io.StringIO()
    csv.writer(head, lineterminator="\n").writerows([[name, "bad"], ["ab", 0], ["cd", 1], ["ab", 1]])
    flat, checks = flat_of(head.getvalue())
    taken = flat_mapping("f", Node("flat", flat), "Europe/London")
    unsaid = any("say nothing to a customer" in one for one in checks)
    assert not (name in taken.reasons and unsaid), "either a text or the word that there is none"


@pytest.mark.parametrize("name", ["os", "hh", "pd", "amount of the monthly salary " * 5])
def test_a_name_too_short_or_too_long_for_a_reason_is_one_that_says_nothing(name):
    flat, checks = flat_of(f"income,{name},bad\n1,x,0\n2,y,1\n3,x,0\n")
    assert flat["reasons"] == {"income": "Income"}
    assert any(f"'{name.strip()}'" in one and "say nothing to a customer" in one for one in checks)


def test_texts_stand_one_to_a_line():
    text = proposal("b", [Head("f.csv", text=b"income,job,bad\n1,x,0\n2,y,1\n3,z,0\n")]).text
    assert "          income: Income\n          job: Job\n" in text


@pytest.mark.parametrize("name", ["ID", "LoanRef", "loanref", "Customer ID", "custno", "CONTRACT_NO", "clientnum", "#"])
def test_a_unique_column_that_is_named_for_a_key_is_the_id(name):
    flat, _ = flat_of(f"income,{name},bad\n1,a1,0\n2,b2,1\n2,c3,0\n")
    assert flat["id"] == name


@pytest.mark.parametrize("name", ["AmountPaid", "valid", "income", "note"])
def test_a_column_of_another_name_is_not_the_id_for_being_unique(name):
    flat, _ = flat_of(f"{name},bad\n11,0\n12,1\n13,0\n")
    assert "id" not in flat


def test_codes_that_differ_in_every_row_are_the_id_whatever_their_name():
    rows = "".join(f"LN-{n:05d},{n % 3},{n % 2}\n" for n in range(12))
    flat, checks = flat_of("Facility,dependants,bad\n" + rows)
    assert flat["id"] == "Facility"
    assert any("'Facility' has another code in every row" in one for one in checks)
    few, _ = flat_of("Facility,dependants,bad\n" + "".join(rows.splitlines(keepends=True)[:9]))
    assert "id" not in few


def test_a_code_stays_a_code_and_a_text_is_kept_in_one_line():
    assert mapped(reasons={"a": "R01", "b": "Debt  compared\twith income"}).reasons == {
        "a": "R01", "b": "Debt compared with income",
    }  # fmt: skip


@pytest.mark.parametrize("said", ["R99", "P01", "S01", "", "no", "x" * 121, "a\x00bc", True, None, ["R01"]])
def test_what_is_neither_a_code_nor_a_text_to_read_is_refused_by_its_column(said):
    assert "P01" in REASON_BY_CODE  # a reason of policy: no column speaks by it
    with pytest.raises(SettingsError, match=r"flat\.reasons\.income"):
        mapped(reasons={"income": said})
