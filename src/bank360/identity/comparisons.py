"""How two records are compared: the Fellegi-Sunter model's comparisons, levels and probabilities.

For each attribute the agreement of two records falls into one of a few **levels**. With m = P(level | the pair is a
match) and u = P(level | it is not), a level adds log2(m / u) bits to the pair's **match weight**; an absent value adds
nothing; the prior odds start it (Fellegi & Sunter 1969, "A Theory for Record Linkage"; Winkler 1990 for levels by
string similarity). The numbers written here are used while the data are too few to estimate better (`parameters`).

The model assumes that attributes agree independently of each other given match or non-match. In a household they do
not: twins share surname, birth date, address and telephone. Hence the two attributes that belong to the person alone,
given name and birth date, can be `CONTRADICTED`, which bars a link whatever its weight; and a link needs to be
`CORROBORATED`: agreement on the person and not only on the home.

Conditions are SQL over columns ``<name>_l`` and ``<name>_r``; the first that holds gives the level, counted down from
the number of levels to 0 for "anything else".
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """One level of agreement: its SQL condition, and m and u while nothing better is known."""

    label: str
    condition: str
    m: float
    u: float
    term_frequency: bool = False


@dataclass(frozen=True)
class Comparison:
    """One attribute's comparison.

    Parameters
    ----------
    name
        The attribute.
    needs
        Columns read; the comparison is left out where one of ``any_of`` has no value in any record.
    null
        Condition under which the pair says nothing about it.
    levels
        From the strongest agreement down; "anything else" is added below them.
    else_m, else_u
        m and u of "anything else".
    """

    name: str
    any_of: tuple[str, ...]
    null: str
    levels: tuple[Level, ...]
    else_m: float
    else_u: float

    def level_sql(self) -> str:
        """Return SQL for the level: -1 where the pair says nothing, 0 for anything else, rising with agreement."""
        cases = " ".join(
            f"WHEN {level.condition} THEN {len(self.levels) - position}" for position, level in enumerate(self.levels)
        )
        return f"CASE WHEN {self.null} THEN -1 {cases} ELSE 0 END"

    def level_said(self, level: int) -> str:
        """Return in words what `level_sql` gave."""
        if level < 0:
            return "not known"
        return self.levels[len(self.levels) - level].label if level else "different"


def _absent(column: str) -> str:
    return f"{column}_l IS NULL OR {column}_r IS NULL"


def _close(column: str, least: float) -> str:
    """Jaro-Winkler similarity: made for names; misspellings keep it high, a shared beginning counts more."""
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}"


# Either name may be misspelt as well, and the order as recorded must fit worse.
_SWAPPED = (
    "(jaro_winkler_similarity(given_name_l, family_name_r) >= 0.9"
    " AND jaro_winkler_similarity(family_name_l, given_name_r) >= 0.9"
    " AND jaro_winkler_similarity(given_name_l, given_name_r) < 0.8)"
)
# "mary" and "mary ann" may be one person; "mary ann" and "mary jane" are not.
_FIRST_NAME_ONLY = "(starts_with(given_name_l, given_name_r || ' ') OR starts_with(given_name_r, given_name_l || ' '))"
_INITIAL = "((length(given_name_l) = 1 OR length(given_name_r) = 1) AND left(given_name_l, 1) = left(given_name_r, 1))"
_SHORT_FORM = (
    "(list_has_any(full_names_l, full_names_r) AND NOT contains(given_name_l, ' ') AND NOT contains(given_name_r, ' '))"
)
# A misspelling is rare: where both spellings are common in the bank they are two names (Anna and Anne, Mark and Marc).
_MISSPELT = "NOT (given_common_l AND given_common_r)"
# In a short name one wrong letter is a low similarity: allowed where one is known for a name and the other is not.
_ONE_LETTER = (
    "(given_common_l <> given_common_r AND left(given_name_l, 1) = left(given_name_r, 1)"
    " AND abs(length(given_name_l) - length(given_name_r)) <= 1"
    " AND damerau_levenshtein(given_name_l, given_name_r) <= 1)"
)

GIVEN_NAME = Comparison(
    "given_name",
    ("given_name",),
    _absent("given_name"),
    (
        Level("same", "given_name_l = given_name_r", 0.78, 0.008, term_frequency=True),
        Level("given and family name swapped", _SWAPPED, 0.01, 0.00001),
        Level("short form", f"({_SHORT_FORM} OR {_FIRST_NAME_ONLY} OR {_INITIAL})", 0.08, 0.004),
        Level("misspelt", f"{_MISSPELT} AND {_close('given_name', 0.90)}", 0.08, 0.004),
        Level("badly misspelt", f"({_MISSPELT} AND {_close('given_name', 0.80)}) OR {_ONE_LETTER}", 0.03, 0.02),
    ),
    else_m=0.02,
    else_u=0.96399,
)  # fmt: skip

_ONE_SURNAME = "list_has_any(string_split(family_name_l, ' '), string_split(family_name_r, ' '))"

FAMILY_NAME = Comparison(
    "family_name",
    ("family_name",),
    # Swapped names are counted once, with the given name.
    f"{_absent('family_name')} OR {_SWAPPED}",
    (
        Level("same", "family_name_l = family_name_r", 0.84, 0.003, term_frequency=True),
        # One of two surnames kept: a hyphenated or married name.
        Level("one surname of two", _ONE_SURNAME, 0.02, 0.0005),
        Level("misspelt", _close("family_name", 0.90), 0.08, 0.003),
        Level("badly misspelt", _close("family_name", 0.80), 0.01, 0.01),
    ),
    else_m=0.05,  # a change of name
    else_u=0.9835,
)  # fmt: skip

# One fault leaves the year or the rest whole; asking that first spares the dear distance for nearly every pair.
_ONE_DIGIT = (
    "((left(birth_date_l, 4) = left(birth_date_r, 4) OR right(birth_date_l, 4) = right(birth_date_r, 4))"
    " AND damerau_levenshtein(birth_date_l, birth_date_r) <= 1)"
)
_DAY_MONTH_SWAPPED = (
    "(left(birth_date_l, 4) = left(birth_date_r, 4) AND substr(birth_date_l, 5, 2) = right(birth_date_r, 2)"
    " AND right(birth_date_l, 2) = substr(birth_date_r, 5, 2))"
)
# Father and son may share names, home and telephone, but not a generation.
_GENERATION_YEARS = 13
_SAME_GENERATION = f"abs(left(birth_date_l, 4)::INT - left(birth_date_r, 4)::INT) < {_GENERATION_YEARS}"
_TWO_PARTS_OF_THREE = (
    "(left(birth_date_l, 4) = left(birth_date_r, 4))::INT"
    " + (substr(birth_date_l, 5, 2) = substr(birth_date_r, 5, 2))::INT"
    " + (right(birth_date_l, 2) = right(birth_date_r, 2))::INT = 2"
)

BIRTH_DATE = Comparison(
    "birth_date",
    ("birth_date",),
    _absent("birth_date"),
    (
        # By frequency as well: a date that forms or migrations favour says less.
        Level("same", "birth_date_l = birth_date_r", 0.92, 0.00005, term_frequency=True),
        Level("one digit or a transposition", f"{_ONE_DIGIT} OR {_DAY_MONTH_SWAPPED}", 0.05, 0.002),
        Level("two of year, month, day", _TWO_PARTS_OF_THREE, 0.018, 0.004),
        Level("other, within a generation", _SAME_GENERATION, 0.01, 0.3),
    ),
    else_m=0.002,
    else_u=0.69395,
)  # fmt: skip

# Or any home that both are known to have had: one system hears of a move years before another, or never.
_HOME_SHARED = "list_has_any(homes_l, homes_r)"
_SAME_PLACE = "(postcode_l = postcode_r OR city_l = city_r)"

ADDRESS = Comparison(
    "address",
    ("address_line", "postcode", "city"),
    "(address_line_l IS NULL OR address_line_r IS NULL) AND (postcode_l IS NULL OR postcode_r IS NULL)"
    " AND (city_l IS NULL OR city_r IS NULL)",
    (
        Level("same home", f"(address_line_l = address_line_r AND {_SAME_PLACE}) OR {_HOME_SHARED}", 0.55, 0.00003),
        Level("same home, misspelt", f"{_SAME_PLACE} AND {_close('address_line', 0.90)}", 0.10, 0.0002),
        Level("same postcode", "postcode_l = postcode_r", 0.05, 0.0003),
        Level("same town", "city_l = city_r", 0.08, 0.01),
    ),
    else_m=0.22,  # people move
    else_u=0.98947,
)  # fmt: skip

_LIKE_EMAIL = "(abs(length(email_l) - length(email_r)) <= 2 AND left(email_l, 2) = left(email_r, 2))"

EMAIL = Comparison(
    "email",
    ("email",),
    _absent("email"),
    (
        Level("same", "email_l = email_r", 0.60, 0.00001),
        Level("same before the @", "split_part(email_l, '@', 1) = split_part(email_r, '@', 1)", 0.08, 0.0002),
        # Not by similarity: two addresses made of one name are alike whoever owns them.
        Level("misspelt", f"{_LIKE_EMAIL} AND damerau_levenshtein(email_l, email_r) <= 2", 0.05, 0.0005),
    ),
    else_m=0.27,
    else_u=0.99929,
)

_HALF_OF_PHONE = "(left(phone_l, 5) = left(phone_r, 5) OR right(phone_l, 4) = right(phone_r, 4))"

PHONE = Comparison(
    "phone",
    ("phone",),
    _absent("phone"),
    (
        Level("same", "phone_l = phone_r", 0.60, 0.00001),
        Level("one digit", f"{_HALF_OF_PHONE} AND damerau_levenshtein(phone_l, phone_r) <= 1", 0.05, 0.0001),
    ),
    else_m=0.35,
    else_u=0.99989,
)

COMPARISONS: tuple[Comparison, ...] = (GIVEN_NAME, FAMILY_NAME, BIRTH_DATE, ADDRESS, EMAIL, PHONE)

# Over the levels ``level_<comparison>``, -1 where the pair or the whole bank says nothing about it.
_SAME_GIVEN = "level_given_name >= 3"  # the same, swapped, or a short form
_LIKE_GIVEN = "level_given_name >= 2"  # or misspelt
_LIKE_FAMILY = "(level_family_name >= 2 OR level_given_name = 4)"  # the same, misspelt, one of two, or swapped
_CONTACT = "(level_address >= 3 OR level_email >= 2 OR level_phone >= 1)"

# Two people, however much else agrees: another given name, a birth date a generation away, or another birth date
# without the same names and a contact that is one person's own.
_OWN_CONTACT = "(level_email = 3 OR level_phone = 2)"
CONTRADICTED = (
    "level_given_name = 0 OR level_birth_date = 0"
    f" OR (level_birth_date = 1 AND NOT ({_SAME_GIVEN} AND {_LIKE_FAMILY} AND {_OWN_CONTACT}))"
)

# What a link needs beside its weight: two attributes of the person; or both names and a contact; or, where no given
# name was recorded, family name, birth date and a contact.
CORROBORATED = (
    f"({_LIKE_GIVEN} AND level_birth_date >= 3)"
    f" OR ({_LIKE_GIVEN} AND {_LIKE_FAMILY} AND {_CONTACT})"
    f" OR (level_given_name = -1 AND level_family_name >= 2 AND level_birth_date = 4 AND {_CONTACT})"
    # Badly misspelt, but everything else of the person is the same to the letter.
    f" OR (level_given_name = 1 AND level_family_name = 4 AND level_birth_date = 4)"
)
