"""Names of columns that speak of a protected attribute, and those that only seem to."""

import pytest

from bank360.sources.mapped_protected import holds_protected, protected_kind


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


KINDS = ("group", "group", "group", "birth", "group", "age")


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("pl", "Płeć|Stan cywilny|Obywatelstwo|Data urodzenia|Miejsce urodzenia|Wiek"),
        ("it", "Sesso|Stato civile|Cittadinanza|Data di nascita|Luogo di nascita|Età"),
        ("es", "Género|Estado civil|Nacionalidad|Fecha de nacimiento|Lugar de nacimiento|Edad"),
        ("pt", "Sexo|Estado civil|Nacionalidade|Data de nascimento|Local de nascimento|Idade"),
        ("nl", "Geslacht|Burgerlijke staat|Nationaliteit|Geboortedatum|Geboorteplaats|Leeftijd"),
        ("cs", "Pohlaví|Rodinný stav|Státní příslušnost|Datum narození|Místo narození|Věk"),
    ],
)
def test_each_language_has_words_for_what_the_law_protects(language, names):
    told = names.split("|")
    assert {name: protected_kind(name) for name in told} == dict(zip(told, KINDS, strict=True)), language


@pytest.mark.parametrize(
    ("language", "sexes", "states"),
    [
        ("pl", "kobieta mężczyzna", "panna kawaler żonaty zamężna rozwiedziony wdowa"),
        ("it", "maschio femmina", "celibe nubile coniugata divorziato vedova"),
        ("es", "varón mujer", "soltero casada divorciado viuda separada"),
        ("pt", "homem mulher", "solteiro casada divorciado viúva"),
        ("nl", "man vrouw", "ongehuwd gehuwd gescheiden weduwe"),
        ("cs", "muž žena", "svobodný ženatý vdaná rozvedený vdova"),
    ],
)
def test_each_languages_sexes_and_marital_states_are_known_by_their_values(language, sexes, states):
    assert holds_protected("x7", sexes.split()) == "surely", language
    assert holds_protected("x7", states.split()) == "surely", language


@pytest.mark.parametrize("letters", ["KM", "MV", "MŽ"])
def test_the_letters_of_sexes_in_polish_dutch_and_czech_are_known_under_a_name_that_hints(letters):
    assert holds_protected("gdr", [*letters]) == "surely"
