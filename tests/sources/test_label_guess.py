"""Which column of a file is its outcome and which value is bad, in several languages."""

import pytest

from bank360.sources.file_look import Head, look_at
from bank360.sources.label_guess import guessed_label


@pytest.mark.parametrize(
    ("language", "name", "bad", "good"),
    [
        ("pl", "Niespłacony", "tak", "nie"),
        ("pl", "Niewypłacalność", "TAK", "NIE"),
        ("it", "Insoluto", "sì", "no"),
        ("it", "In sofferenza", "si", "no"),
        ("es", "Fallido", "Sí", "No"),
        ("pt", "Incumprimento", "sim", "não"),
        ("nl", "Wanprestatie", "ja", "nee"),
        ("cs", "Nesplaceno", "ano", "ne"),
        ("cs", "Selhání", "1", "0"),
    ],
)
def test_each_language_has_words_for_an_outcome_and_for_yes_and_no(language, name, bad, good):
    # As many of one as of the other, so that it is not the rarer one that tells.
    rows = "\n".join(f"{n};{bad if n % 2 else good};{900 + n}" for n in range(10))
    found = guessed_label(look_at(Head("f.csv", text=f"nr;{name};kwota\n{rows}\n".encode())))
    assert found is not None, language
    assert (found.column, found.bad, found.good, found.remarks) == (name, (bad,), (good,), ())


@pytest.mark.parametrize("name", ["Dochód", "Kwota kredytu", "Reddito", "Ingresos", "Rendimento", "Inkomen", "Příjem"])
def test_what_a_customer_earns_or_borrows_is_none(name):
    rows = "\n".join(f"{n};{n % 2}" for n in range(10))
    assert guessed_label(look_at(Head("f.csv", text=f"nr;{name}\n{rows}\n".encode()))) is None
