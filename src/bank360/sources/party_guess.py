"""Which column of a customer file tells persons from companies, and which of its codes are which: a guess.

A company taken for a person is scored as one. So a column that tells them apart is mapped where all of its codes can be
told, and named where they cannot; in both cases somebody has to settle it. Words of several languages, as in
`mapped_protected`; used by `ledger_guess`.
"""

import re
from collections.abc import Mapping

from bank360.bank.vocabulary import PartyType
from bank360.sources.file_look import Look
from bank360.sources.mapped_protected import name_words

_PARTY = (
    r"(customers?|clients?|cust|kunden?|kd|party|partner|person(en)?|entity|legal|members?|holders?|inhaber|cliente)"
)
_KIND = r"(types?|typ|art|kind|class|klasse|category|kategorie|gruppe|group|segment|form|status)"
_NAMED = re.compile(
    rf"{_PARTY}_?{_KIND}|rechtsform|(type|typ|nature|categorie|forme)_?(de_?)?(client|personne|juridique)|"
    r"(tipo|clase)_?(de_?)?(cliente|persona)|forma_?(juridica|giuridica)|soort_?klant|klant_?(type|soort)"
)
_FLAG = re.compile(
    r"(is_?|ist_?|flag_?)?(company|business|corporate|firma|gewerbe|gewerblich|geschaeftlich|juristisch|organisation|"
    r"organization|empresa|entreprise)_?(flag|kz|kennzeichen|yn)?"
)
_SALUTATION = re.compile(r"(kunden_?)?anrede|salutation|title|titel|civilite|tratamiento|appellativo|aanhef")
_NAME_OF_ONE = re.compile(
    r"(company|business|firm|firmen|firma|organisation|organization|trading|unternehmens?|handels)_?name|firma|"
    r"raison_?sociale|razon_?social|ragione_?sociale|bedrijfsnaam"
)
_YES, _NO = frozenset(("1", "y", "yes", "t", "true", "j", "ja", "oui", "si", "sí")), frozenset(
    ("0", "n", "no", "f", "false", "nein", "non")
)  # fmt: skip
_PERSON = frozenset((
    "person", "persons", "private person", "privat", "private", "privatkunde", "privatperson", "individual", "natural",
    "natural person", "natürliche person", "natuerliche person", "np", "retail", "consumer", "personal", "verbraucher",
    "particulier", "personne physique", "persona", "persona física", "persona fisica", "particular", "privato", "herr",
    "frau", "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "miss", "monsieur", "madame", "mme", "familie", "eheleute",
))  # fmt: skip
_COMPANY = frozenset((
    "company", "companies", "corporate", "corporation", "business", "organisation", "organization", "legal",
    "legal entity", "legal person", "juridical person", "jp", "firma", "firmenkunde", "geschäftskunde",
    "geschaeftskunde", "gewerbe", "gewerbekunde", "gewerblich", "unternehmen", "juristische person", "verein", "sme",
    "entreprise", "société", "societe", "personne morale", "professionnel", "empresa", "persona jurídica",
    "persona juridica", "azienda", "impresa", "persona giuridica", "bedrijf", "zakelijk", "gmbh", "ag", "ltd", "plc",
    "llc", "inc",
))  # fmt: skip
# Letters mean this only in a column that is named for what kind of customer somebody is.
_LETTERS: Mapping[str, PartyType] = {
    "p": PartyType.PERSON, "i": PartyType.PERSON, "n": PartyType.PERSON, "pk": PartyType.PERSON,
    "c": PartyType.COMPANY, "b": PartyType.COMPANY, "g": PartyType.COMPANY, "f": PartyType.COMPANY,
    "gk": PartyType.COMPANY, "fk": PartyType.COMPANY, "j": PartyType.COMPANY, "o": PartyType.COMPANY,
}  # fmt: skip
_MOST_VALUES = 12


def guessed_type(look: Look) -> tuple[object, list[str]]:
    """Return the mapping of ``customers.type``, and what of it somebody has to settle.

    A constant, ``person``, where no column tells persons from companies or its codes cannot be told.
    """
    persons: object = {"constant": PartyType.PERSON.value}
    for name in sorted(look.header, key=lambda one: _SALUTATION.fullmatch("_".join(name_words(one))) is not None):
        values = sorted({*look.column(name)})
        spoken = "_".join(name_words(name))
        if not values or len(values) > _MOST_VALUES:
            continue
        codes = _codes(values, spoken)
        companies = [value for value, kind in codes.items() if kind is PartyType.COMPANY]
        if not companies:
            continue
        if _SALUTATION.fullmatch(spoken):  # any other word there, such as Dr, is before a person's name
            codes = dict.fromkeys(companies, PartyType.COMPANY)
            rest = {"other": PartyType.PERSON.value, "missing": PartyType.PERSON.value}
        elif len(codes) < len(values):
            continue
        else:
            rest = {} if look.filled(name) else {"missing": PartyType.PERSON.value}
        told = ", ".join(f"'{value}'" for value in companies)
        said = f"by '{name}' customers with {told} are taken for companies, the others for persons: check the codes"
        return {"column": name, "codes": {value: kind.value for value, kind in codes.items()}, **rest}, [said]
    return persons, _untold(look)


def _codes(values: list[str], spoken: str) -> dict[str, PartyType]:
    """Return what each value means; one that nobody knows is left out."""
    kinds: dict[str, PartyType] = dict.fromkeys(_PERSON, PartyType.PERSON) | dict.fromkeys(_COMPANY, PartyType.COMPANY)
    if _NAMED.fullmatch(spoken):
        kinds |= _LETTERS
    elif _FLAG.fullmatch(spoken):
        kinds |= dict.fromkeys(_YES, PartyType.COMPANY) | dict.fromkeys(_NO, PartyType.PERSON)
    return {value: kinds[value.strip().lower()] for value in values if value.strip().lower() in kinds}


def _untold(look: Look) -> list[str]:
    """Return a line on each column that may tell persons from companies, though which is which could not be told."""
    lines = []
    for name in look.header:
        values = sorted({*look.column(name)})
        spoken = "_".join(name_words(name))
        assumed = "'type: {constant: person}' is assumed, every customer a person"
        if _NAME_OF_ONE.fullmatch(spoken) and values and not look.filled(name):
            lines.append(
                f"{assumed}, though '{name}' names companies in some rows: map a column that says which is one"
            )
        elif (_NAMED.fullmatch(spoken) or _FLAG.fullmatch(spoken)) and 0 < len(values) <= _MOST_VALUES:
            shown = ", ".join(values)
            lines.append(
                f"{assumed}, though '{name}' ({shown}) may tell persons from companies: if so, map it, "
                f"type: {{column: '{name}', codes: {{…: person, …: company}}}}"
            )
    return lines
