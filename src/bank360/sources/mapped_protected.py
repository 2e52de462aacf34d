"""Columns that speak of a protected attribute: sex, marital status, birth, origin, religion, health, age.

Known by their name, and sex and marital status by their values too. Both are read in several languages, without case
and accents, as the words they are made of. Used by `mapped_flat` for columns that a mapping lists as inputs, by
`mapped_inputs` for those that nobody assigned a part, and by `flat_guess`: better not scored and said so, than
scored unnoticed.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

Protected = Literal["group", "birth", "age"]

# Whole words; as a part of another word they would catch too much (essex, raceway, renaissance).
_WORDS = frozenset((
    "sex", "sexe", "sexo", "sesso", "female", "male", "females", "males", "woman", "frau", "femme", "homme",
    "anrede", "salutation", "civilite", "marriage", "matrimonial", "marst", "partner", "zivilstand", "race",
    "rasse", "nationalite", "konfession", "foreign", "foreigner", "citizen", "citizenship", "migrant",
    "immigrant", "auslaender", "auslander",
    "genere", "razza", "etnia", "straniero", "straniera",  # it
    "genero", "raza", "extranjero", "extranjera", "raca", "estrangeiro", "estrangeira",  # es, pt
    "geslacht", "afkomst", "etniciteit", "buitenlander", "gehuwd", "echtgenoot", "aanhef",  # nl
    "plec", "rasa", "cudzoziemiec", "malzonek", "pochodzenie",  # pl
    "pohlavi", "cizinec", "manzel", "manzelka",  # cs
))  # fmt: skip
# Parts of words that are safe anywhere, also where a name is written without marks between its words.
_PARTS = (
    "gender", "geschlecht", "sexual", "marital", "married", "familienstand", "spouse", "familystatus", "etatcivil",
    "estadocivil", "civilstatus", "statocivile", "personalstatus", "ethnic", "religio", "nationalit", "nacionalidad",
    "nazionalita", "staatsang", "citizenship", "foreignworker", "migrationshintergrund", "cittadinanz", "ciudadania",
    "discapacid", "cidadania", "burgerlijkestaat", "godsdienst", "stancywiln", "obywatelstw", "narodowosc", "wyznani",
    "niepelnospraw", "rodinnystav", "statniprislusnost", "narodnost", "obcanstv", "nabozenstv",
)  # fmt: skip
_STARTS = ("national", "foreign", "disab", "pregnan", "schwanger", "behinder", "deficien", "etnicz", "etnick")
_BIRTH_WORDS = frozenset(
    {
        "dob",
        "born",
        "yob",
        "nasc",
        "dtnasc",
        "datanasc",
        "nata",
        "ur",
        "naissance",
        "geb",
        "gebdat",
        "gebdatum",
        "gebtag",
        "gebjahr",
        "nacido",
        "nato",
        "geboren",
    }
)
_BIRTH_PAIRS = ("nele", "neele", "natoil", "nacidoel")  # né le, nato il
_BIRTH_PARTS = (
    "birth",
    "geburt",
    "nacimiento",
    "nascita",
    "datenaissance",
    "geboorte",
    "nasciment",
    "urodz",
    "narozen",
)
_AGE_WORDS = frozenset({"age", "ages", "alter", "edad", "eta", "idade", "leeftijd", "wiek", "vek"})
_OF_COUNTRY = (
    "country",
    "countr",
    "place",
    "land",
    "pays",
    "pais",
    "luogo",
    "paese",
    "comune",
    "lugar",
    "local",
    "plaats",
    "miejsce",
    "kraj",
    "panstwo",
    "misto",
    "zeme",
)
# Things that have an age or a title of their own.
_NO_PERSON = frozenset((
    "account", "acct", "acc", "card", "loan", "vehicle", "car", "house", "home", "building", "property",
    "file", "tradeline", "trade", "history", "relationship", "relation", "credit", "contract", "debt",
    "konto", "konta", "rachunku", "uctu", "cuenta", "conta", "conto", "rekening", "umowy", "contrato", "contratto",
    "arrears", "invoice", "device", "company", "business", "firm", "oldest", "newest",
))  # fmt: skip
_NO_ADDRESS = frozenset((
    "job", "emp", "employee", "employment", "employer", "position", "product", "loan", "book", "role",
    "occupation",
))  # fmt: skip
# Values. Every one of a column's must be made of these words.
_SEXES = frozenset((
    "male", "female", "man", "woman", "men", "women", "mann", "frau", "mannlich", "weiblich", "maennlich", "herr",
    "homme", "femme", "masculin", "feminin", "hombre", "mujer", "masculino", "femenino", "feminino", "maschio",
    "femmina", "uomo", "donna", "mr", "mrs", "ms", "varon", "mulher", "homem", "vrouw", "kobieta", "mezczyzna", "zena",
    "muz", "vrouwelijk", "mannelijk", "zenske", "muzske",
))  # fmt: skip
_MARITAL = frozenset((
    "single", "married", "divorced", "widowed", "widow", "widower", "separated", "unmarried", "ledig", "verheiratet",
    "geschieden", "verwitwet", "celibataire", "marie", "mariee", "divorce", "divorcee", "veuf", "veuve", "soltero",
    "soltera", "casado", "casada", "divorciado", "divorciada", "viudo", "viuda", "celibe", "nubile", "sposato",
    "sposata", "coniugato", "coniugata", "divorziato", "divorziata", "vedovo", "vedova", "separato", "separata",
    "separado", "separada", "solteiro", "solteira", "viuvo", "viuva", "ongehuwd", "gehuwd", "gescheiden", "weduwe",
    "weduwnaar", "alleenstaand", "samenwonend", "panna", "kawaler", "zonaty", "mezatka", "zamezna", "rozwiedziony",
    "rozwiedziona", "wdowa", "wdowiec", "svobodny", "svobodna", "zenaty", "vdana", "rozvedeny", "rozvedena", "vdovec",
    "vdova",
))  # fmt: skip
_BESIDE = frozenset((
    "not", "or", "and", "never", "legally", "civil", "marriage", "union", "partnership", "partner", "registered",
    "cohabiting", "common", "law",
))  # fmt: skip
_UNTOLD = frozenset(("unknown", "other", "others", "undisclosed", "unspecified", "na", "xna", "none", "x", "u", "o"))
_LETTERS = (
    frozenset("mf"),
    frozenset("mw"),
    frozenset("hf"),
    frozenset("hm"),
    frozenset("km"),
    frozenset("mv"),
    frozenset("mz"),
)
_LETTER_NAMES = frozenset(
    ("g", "gen", "gdr", "gndr", "sx", "mf", "fm", "mw", "person", "applicant", "client", "customer")
)
# Letters that no accent is taken off: they are others.
_OTHER_LETTERS = str.maketrans({"ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i"})
_MOST_VALUES = 40
GROUP_REMEDY = (
    "list it under 'protected', or write 'not_protected: [{name}]' beside it if it is no attribute of a person that "
    "the law protects"
)


def protected_kind(name: str) -> Protected | None:
    """Return what a column's name speaks of: a protected group, a day of birth, an age; None for neither.

    >>> protected_kind("maritalStatus"), protected_kind("DAYS_BIRTH"), protected_kind("Alter")
    ('group', 'birth', 'age')
    >>> protected_kind("Essex branch"), protected_kind("account_age"), protected_kind("job_title")
    (None, None, None)
    """
    words = name_words(name)
    joined, known = "".join(words), frozenset(words)
    if any(part in joined for part in _BIRTH_PARTS) or known & _BIRTH_WORDS or joined in _BIRTH_PAIRS:
        return "group" if any(part in joined for part in _OF_COUNTRY) else "birth"
    if known & _WORDS or any(part in joined for part in _PARTS) or any(word.startswith(_STARTS) for word in words):
        return "group"
    if known & {"title", "titel"} and not known & _NO_ADDRESS:
        return "group"
    return "age" if known & _AGE_WORDS and not known & _NO_PERSON else None


def looks_protected(name: str) -> bool:
    """Return whether a column's name speaks of a protected attribute, age among them.

    >>> looks_protected("État civil"), looks_protected("branch")
    (True, False)
    """
    return protected_kind(name) is not None


def holds_protected(name: str, values: Iterable[str]) -> Literal["surely", "perhaps", "no"]:
    """Return whether a column's values are sexes or marital states; single letters are, under a name that hints at it.

    Parameters
    ----------
    name
        Of the column.
    values
        Its different values, empty ones apart.

    >>> holds_protected("x7", ["Male", "Female", "unknown"]), holds_protected("gdr", ["M", "F"])
    ('surely', 'surely')
    >>> holds_protected("plan", ["M", "F"]), holds_protected("account", ["single", "joint"])
    ('perhaps', 'no')
    """
    read = {name_words(value) for value in values}
    if len(read) > _MOST_VALUES:
        return "no"
    told = [frozenset(words) for words in read if words and not _UNTOLD.issuperset(words)]
    if not told or () in read:
        return "no"
    both = {word for words in told for word in words}
    if both in _LETTERS:
        return "surely" if {*name_words(name)} & _LETTER_NAMES else "perhaps"
    if not both <= _SEXES | _MARITAL | _BESIDE:
        return "no"
    return "surely" if both & _SEXES or len(both & _MARITAL) > 1 else "no"


def name_words(name: str) -> tuple[str, ...]:
    """Return the words of a column's name, in small letters without accents.

    >>> name_words("codeGender_2 Né-le"), name_words("Płeć")
    (('code', 'gender', 'ne', 'le'), ('plec',))
    """
    whole = name.translate(_OTHER_LETTERS)
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", whole) if not unicodedata.combining(mark))
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    return tuple(re.findall(r"[a-z]+", parted.lower()))
