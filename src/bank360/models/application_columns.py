"""What an application itself says: the spine columns both application models read, and the thin file.

All are known at submission: declared by the applicant, seen by the form, or answered by the bureau. `storage/spines.py`
reads them under these names. Amounts are minor units; what is not known is missing. No model may score age, nor what is
age under another name: `without_age` is what becomes of a declared employment before any model sees it.
"""

import re
import unicodedata

import numpy as np
import numpy.typing as npt

from bank360.features.feature import NEITHER, AnyFeature, Derived, SpineColumn
from bank360.learning.arrays import Bools, Floats

LINE = SpineColumn("product_line", "code", "line of credit applied for", categorical=True, sign=NEITHER, reason="R29")
CHANNEL = SpineColumn("channel", "code", "where the application was made", categorical=True, sign=NEITHER, reason="R24")
PURPOSE = SpineColumn("purpose", "code", "declared purpose", categorical=True, sign=NEITHER, reason="R24")
EMPLOYMENT = SpineColumn(
    "employment",
    "code",
    "declared employment; the retired stand with the employed",
    categorical=True,
    sign=NEITHER,
    reason="R09",
)
EMPLOYED = SpineColumn("employed_months", "months", "declared months in that employment", sign=-1, reason="R08")
AMOUNT = SpineColumn("requested_amount", "minor units", "amount applied for", sign=NEITHER, reason="R06")
TERM = SpineColumn("term_months", "months", "term applied for", sign=NEITHER, reason="R06")
INCOME = SpineColumn("declared_income", "minor units a month", "declared net income", sign=-1, reason="R30")
COMMITMENTS = SpineColumn("commitments", "minor units a month", "declared housing and outgoings", sign=1, reason="R07")
BUREAU_SCORE = SpineColumn("bureau_score", "points", "score of the credit bureau", sign=-1, reason="R01")
SEARCHES = SpineColumn("searches_6m", "count", "credit searches in six months", sign=1, reason="R02")
DEBT = SpineColumn("external_debt", "minor units", "unsecured debt elsewhere", sign=1, reason="R03")
WORST = SpineColumn("worst_status", "months", "worst months in arrears elsewhere", sign=1, reason="R04")
HOUR = SpineColumn("submitted_hour", "hour", "local hour of the application", sign=NEITHER, reason="R31")
FORM_SECONDS = SpineColumn("form_seconds", "seconds", "time taken to fill in the form", sign=NEITHER, reason="R31")
EMAIL_AGE = SpineColumn("email_age_days", "days", "age of the e-mail address", sign=-1, reason="R23")
IP_DISTANCE = SpineColumn("ip_distance_km", "km", "distance of the connection from the address", sign=1, reason="R32")
SHARED = tuple(
    SpineColumn(
        f"shared_{kind}", "count", f"others' applications with the same {kind} in 90 days", sign=1, reason="R21"
    )
    for kind in ("device", "address", "phone", "email")
)
MATCHES = SpineColumn(
    "contact_matches", "count", "contact details that we know of the applicant", sign=-1, reason="R22"
)

AMOUNT_TO_INCOME = Derived("amount_to_income", "share", ("requested_amount", "declared_income"), "months",
                           "amount applied for against declared income", sign=1, reason="R05")  # fmt: skip
COMMITMENTS_TO_INCOME = Derived("commitments_to_income", "share", ("commitments", "declared_income"), "1",
                                "declared commitments against declared income", sign=1, reason="R07")  # fmt: skip
DEBT_TO_INCOME = Derived("debt_to_income", "share", ("external_debt", "declared_income"), "months",
                         "debt elsewhere against declared income", sign=1, reason="R03")  # fmt: skip
DECLARED_TO_DETECTED = Derived("declared_to_detected_income", "share", ("declared_income", "income_90d"), "1",
                               "declared income against what came in during 90 days", sign=1, reason="R22",
                               factor=3.0)  # fmt: skip

NO_BUREAU_FILE = {"bureau_score": "R33", "external_debt": "R33", "worst_status": "R33", "debt_to_income": "R33"}

# A history shorter than this tells too little to be read as one.
LEAST_HISTORY_DAYS = 90
DAYS_KNOWN = "days_since_first_account"


# Who is retired is old: as a category of its own it would score age by another name. Both have a regular income.
EMPLOYED_OR_RETIRED = "employed_or_retired"
# How the words for it begin in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish; accents left out.
# A bank's own code (R, 07) tells nobody but the bank: its mapping has to give it a word, and `bank360 check` finds by
# the applicants' ages a code that needs one (`quality/rules.py`, codes_for_age).
_RETIRED = re.compile(
    r"\b(retire|retrait|pension|rentner|ruhestand|altersrent|jubila|aposentad|reformad|gepension|emeryt)"
)


def without_age(employment: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return declared employments of which no word known here tells who is of pension age; None stays None.

    >>> without_age(np.array(["Retired", "employed", "Retraité", "student", None], dtype=object)).tolist()
    ['employed_or_retired', 'employed_or_retired', 'employed_or_retired', 'student', None]
    """
    joined = {word for word in set(employment.tolist()) if word is not None and _with_the_employed(word)}
    answer = employment.copy()
    answer[[word in joined for word in employment]] = EMPLOYED_OR_RETIRED
    return answer


def _with_the_employed(word: str) -> bool:
    letters = unicodedata.normalize("NFKD", word.strip().lower())
    plain = "".join(mark for mark in letters if not unicodedata.combining(mark)).replace("_", " ")
    return plain == "employed" or _RETIRED.search(plain) is not None


def thin_file(days_since_first_account: Floats) -> Bools:
    """Return which applicants have no history with us: no account known before the application, or a very young one."""
    return np.asarray(np.isnan(days_since_first_account) | (days_since_first_account < LEAST_HISTORY_DAYS))


def with_parts(inputs: tuple[AnyFeature, ...], catalogue: tuple[AnyFeature, ...]) -> tuple[AnyFeature, ...]:
    """Return what ``inputs`` are derived from and are not inputs themselves, each once, from ``catalogue``."""
    by_name = {feature.name: feature for feature in (*catalogue, *inputs)}
    have = {feature.name for feature in inputs}
    parts: dict[str, AnyFeature] = {}

    def add(feature: AnyFeature) -> None:
        for name in feature.inputs if isinstance(feature, Derived) else ():
            add(by_name[name])
            if name not in have:
                parts[name] = by_name[name]

    for feature in inputs:
        add(feature)
    return tuple(parts.values())
