"""Column names that speak of a protected attribute: sex, marital status, birth, origin, religion, health, age.

Names are read in several languages, without case and accents, as the words they are made of. Used by `mapped_supplied`
for columns that nobody assigned a part, and by `mapping_template`: better not scored and said so, than scored
unnoticed.
"""

import re
import unicodedata
from typing import Literal

Protected = Literal["group", "birth", "age"]

# Whole words; as a part of another word they would catch too much (essex, raceway, renaissance).
_WORDS = frozenset((
    "sex", "sexe", "sexo", "sesso", "female", "male", "females", "males", "woman", "frau", "femme", "homme",
    "anrede", "salutation", "civilite", "marriage", "matrimonial", "marst", "partner", "zivilstand", "race",
    "rasse", "nationalite", "konfession", "foreign", "foreigner", "citizen", "citizenship", "migrant",
    "immigrant", "auslaender", "auslander",
))  # fmt: skip
# Parts of words that are safe anywhere, also where a name is written without marks between its words.
_PARTS = (
    "gender", "geschlecht", "sexual", "marital", "married", "familienstand", "spouse", "familystatus", "etatcivil",
    "estadocivil", "civilstatus", "statocivile", "personalstatus", "ethnic", "religio", "nationalit", "nacionalidad",
    "nazionalita", "staatsang", "citizenship", "foreignworker", "migrationshintergrund",
)  # fmt: skip
_STARTS = ("national", "foreign", "disab", "pregnan", "schwanger", "behinder")
_BIRTH_WORDS = frozenset({"dob", "born", "yob", "naissance"})
_BIRTH_PARTS = ("birth", "geburt", "nacimiento", "nascita", "datenaissance", "geboorte")
_AGE_WORDS = frozenset({"age", "ages", "alter", "edad", "eta"})
_OF_COUNTRY = ("country", "countr", "place", "land", "pays", "pais")
# Things that have an age or a title of their own.
_NO_PERSON = frozenset((
    "account", "acct", "acc", "card", "loan", "vehicle", "car", "house", "home", "building", "property",
    "file", "tradeline", "trade", "history", "relationship", "relation", "credit", "contract", "debt",
    "arrears", "invoice", "device", "company", "business", "firm", "oldest", "newest",
))  # fmt: skip
_NO_ADDRESS = frozenset((
    "job", "emp", "employee", "employment", "employer", "position", "product", "loan", "book", "role",
    "occupation",
))  # fmt: skip


def protected_kind(name: str) -> Protected | None:
    """Return what a column's name speaks of: a protected group, a day of birth, an age; None for neither.

    >>> protected_kind("maritalStatus"), protected_kind("DAYS_BIRTH"), protected_kind("Alter")
    ('group', 'birth', 'age')
    >>> protected_kind("Essex branch"), protected_kind("account_age"), protected_kind("job_title")
    (None, None, None)
    """
    words = name_words(name)
    joined, known = "".join(words), frozenset(words)
    if any(part in joined for part in _BIRTH_PARTS) or known & _BIRTH_WORDS:
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


def name_words(name: str) -> tuple[str, ...]:
    """Return the words of a column's name, in small letters without accents.

    >>> name_words("codeGender_2 Né-le")
    ('code', 'gender', 'ne', 'le')
    """
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", name) if not unicodedata.combining(mark))
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    return tuple(re.findall(r"[a-z]+", parted.lower()))
