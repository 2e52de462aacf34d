"""What an application says, as models may see it."""

import numpy as np
import pytest

from bank360.models.application_columns import EMPLOYED_OR_RETIRED, without_age


@pytest.mark.parametrize(
    "word",
    [
        "retired", "Retired ", "PENSIONER", "pension", "retiree", "retirement", "employed", "semi_retired",
        "Rentnerin", "Pensionär", "im Ruhestand", "retraité", "RETRAITÉE", "pensionista", "jubilado", "pensionato",
        "aposentada", "reformado", "gepensioneerd", "emerytka",
    ],
)  # fmt: skip
def test_who_is_retired_cannot_be_told_from_the_employed(word):
    assert without_age(np.array([word], dtype=object)).tolist() == [EMPLOYED_OR_RETIRED]


def test_other_employments_and_none_stay_and_what_was_declared_is_not_changed():
    declared = np.array(
        ["student", "self_employed", None, "unemployed", "retired", "part_time", "Employed abroad"], dtype=object
    )
    assert without_age(declared).tolist() == [
        "student", "self_employed", None, "unemployed", EMPLOYED_OR_RETIRED, "part_time", "Employed abroad",
    ]  # fmt: skip
    assert declared[4] == "retired"
    assert without_age(declared[:0]).tolist() == []
