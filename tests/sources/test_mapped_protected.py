"""Names of columns that speak of a protected attribute, and those that only seem to."""

import pytest

from bank360.sources.mapped_protected import protected_kind


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("group", "sex CODE_GENDER Geschlecht sexe sexo sesso is_female isMale Title Anrede salutation MARITAL_STATUS"),
        ("group", "marst married familienstand NAME_FAMILY_STATUS état_civil EstadoCivil civil_status partner Spouse"),
        ("group", "race ethnicity religion country_of_birth Staatsangehörigkeit staatsangehoerigkeit nationality"),
        ("group", "foreign_worker foreign.worker migrant personal_status_and_sex Disability MARRIAGE"),
        ("birth", "DAYS_BIRTH date_of_birth dateOfBirth dob born birthday Geburtsdatum date_naissance nacimiento"),
        ("age", "age AGE Customer_Age alter edad age_in_years age2"),
        (None, "essex_branch raceway_spend wage average usage stage job_title loan_title account_age_months balance"),
        (None, "renaissance_fund email remale alternative page mileage months_on_book international"),
    ],
)
def test_a_name_is_read_by_its_words(kind, names):
    assert {name: protected_kind(name) for name in names.split()} == dict.fromkeys(names.split(), kind)
