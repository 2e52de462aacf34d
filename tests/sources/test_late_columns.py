"""Columns that an outcome brings with it are asked about, by their names in several languages; others are not."""

import pytest

from bank360.sources.file_look import Head
from bank360.sources.late_columns import known_late, late_remark
from bank360.sources.mapping_template import proposal


@pytest.mark.parametrize(
    "name",
    [
        "Verzugstage", "Restschuld", "Rückstand EUR", "DaysPastDue", "dpd", "arrears_amount", "closed_on", "end_date",
        "outstanding_balance", "out_prncp", "recoveries", "total_pymnt", "Mahnstufe", "jours_impayés", "dias_mora",
        "saldo residuo", "default_date", "kündigungsdatum",
    ],
)  # fmt: skip
def test_a_name_that_speaks_of_what_comes_with_the_outcome_is_asked_about(name):
    assert known_late([name]) == [name]


@pytest.mark.parametrize(
    "name",
    ["income", "Einkommen", "loan_amount", "term", "Laufzeit", "memory", "gender", "opened_on", "Zweck", "spend_date"],
)
def test_what_is_known_at_the_request_is_not(name):
    assert known_late([name]) == []


def test_many_columns_make_one_line():
    said = late_remark([f"arrears_{n}" for n in range(15)], "bad")
    assert said is not None
    assert "'arrears_11' and 3 more" in said


def test_a_loans_file_has_the_question_to_check_and_not_of_dates_that_no_model_reads():
    header = "Vertragsnr;Antragsdatum;Einkommen;Verzugstage;Restschuld;closed_on;Gekündigt\n"
    rows = "".join(
        f"V{n};{n + 1:02}.01.2024;{2000 + n};{n % 3 * 30};{n * 100};{n + 1:02}.03.2024;{'ja' if n % 3 else 'nein'}\n"
        for n in range(12)
    )
    (source,) = proposal("B", [Head("kredite.csv", (header + rows).encode(), whole=True)]).sources
    assert source.mapping["flat"]["label"]["column"] == "Gekündigt"
    (said,) = [one for one in source.unsettled if "known only after the outcome?" in one]
    assert "? 'Verzugstage', 'Restschuld': where" in said
