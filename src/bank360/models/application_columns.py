"""What an application itself says: the spine columns both application models read, and the thin file.

All are known at submission: declared by the applicant, seen by the form, or answered by the bureau. `storage/spines.py`
reads them under these names, from the ``columns`` that each declares. Amounts are minor units; what is not known is
missing. No model may score age, nor what is age under another name: `without_age` is what becomes of a declared
employment before any model sees it.
"""

import re
import unicodedata

import numpy as np
import numpy.typing as npt

from bank360.features.feature import NEITHER, AnyFeature, Derived, Sign, SpineColumn
from bank360.learning.arrays import Bools, Floats

_ROW = ("applications.application_id", "applications.submitted_at")
_OWN = (*_ROW, "applications.decided_at")  # what else came with it counts until its decision
_PARTY = ("application_parties.application_id", "application_parties.seq")
_LINE = ("applications.product_id", "products.product_id", "products.valid_from", "products.line")
_IDENTIFIERS = (
    *_OWN, *_PARTY, "application_parties.customer_id", "source_keys.source_key", "source_keys.customer_id",
    "source_keys.valid_to", "identifier_tokens.subject", "identifier_tokens.kind", "identifier_tokens.token",
)  # fmt: skip


def _asked(name: str) -> tuple[str, ...]:
    return (*_ROW, f"applications.{name}")


def _declared(*names: str) -> tuple[str, ...]:
    return (*_OWN, *_PARTY, *(f"application_parties.{name}" for name in names))


def _of_bureau(name: str) -> tuple[str, ...]:
    return (*_ROW, *(f"bureau_reports.{one}" for one in ("subject", "pulled_at", "report_id", name)))


def _fact(name: str, unit: str, meaning: str, sign: Sign, reason: str) -> SpineColumn:
    columns = (*_OWN, *(f"application_facts.{one}" for one in ("application_id", "fact", "number")))
    return SpineColumn(name, unit, meaning, owner="fraud", sign=sign, reason=reason, columns=columns)


LINE = SpineColumn("product_line", "code", "line of credit applied for", categorical=True, sign=NEITHER, reason="R29",
                   columns=(*_ROW, *_LINE))  # fmt: skip
CHANNEL = SpineColumn("channel", "code", "where the application was made", categorical=True, sign=NEITHER, reason="R24",
                      columns=_asked("channel"))  # fmt: skip
PURPOSE = SpineColumn("purpose", "code", "declared purpose", categorical=True, sign=NEITHER, reason="R24",
                      columns=_asked("purpose"))  # fmt: skip
EMPLOYMENT = SpineColumn(
    "employment",
    "code",
    "declared employment; the retired stand with the employed",
    categorical=True,
    sign=NEITHER,
    reason="R09",
    columns=_declared("employment"),
)
EMPLOYED = SpineColumn("employed_months", "months", "declared months in that employment", sign=-1, reason="R08",
                       columns=_declared("employed_months"))  # fmt: skip
AMOUNT = SpineColumn("requested_amount", "minor units", "amount applied for", sign=NEITHER, reason="R06",
                     columns=_asked("requested_amount"))  # fmt: skip
TERM = SpineColumn("term_months", "months", "term applied for", sign=NEITHER, reason="R06",
                   columns=_asked("term_months"))  # fmt: skip
INCOME = SpineColumn("declared_income", "minor units a month", "declared net income", sign=-1, reason="R30",
                     columns=_declared("declared_income"))  # fmt: skip
COMMITMENTS = SpineColumn("commitments", "minor units a month", "declared housing and outgoings", sign=1, reason="R07",
                          columns=_declared("housing_cost", "outgoings"))  # fmt: skip
BUREAU_SCORE = SpineColumn("bureau_score", "points", "score of the credit bureau", sign=-1, reason="R01",
                           columns=_of_bureau("score"))  # fmt: skip
SEARCHES = SpineColumn("searches_6m", "count", "credit searches in six months", sign=1, reason="R02",
                       columns=_of_bureau("searches_6m"))  # fmt: skip
DEBT = SpineColumn("external_debt", "minor units", "unsecured debt elsewhere", sign=1, reason="R03",
                   columns=_of_bureau("external_debt"))  # fmt: skip
WORST = SpineColumn("worst_status", "months", "worst months in arrears elsewhere", sign=1, reason="R04",
                    columns=_of_bureau("worst_status"))  # fmt: skip
HOUR = SpineColumn("submitted_hour", "hour", "local hour of the application", owner="fraud", sign=NEITHER, reason="R31",
                   columns=_asked("event_precision"))  # fmt: skip
FORM_SECONDS = _fact("form_seconds", "seconds", "time taken to fill in the form", NEITHER, "R31")
EMAIL_AGE = _fact("email_age_days", "days", "age of the e-mail address", -1, "R23")
IP_DISTANCE = _fact("ip_distance_km", "km", "distance of the connection from the address", 1, "R32")
SHARED = tuple(
    SpineColumn(
        f"shared_{kind}",
        "count",
        f"others' applications with the same {kind} in 90 days",
        owner="fraud",
        sign=1,
        reason="R21",
        columns=_IDENTIFIERS,
    )
    for kind in ("device", "address", "phone", "email")
)
MATCHES = SpineColumn("contact_matches", "count", "contact details that we know of an applicant", owner="fraud",
                      sign=-1, reason="R22", columns=_IDENTIFIERS)  # fmt: skip

AMOUNT_TO_INCOME = Derived("amount_to_income", "share", ("requested_amount", "declared_income"), "months",
                           "amount applied for against declared income", sign=1, reason="R05")  # fmt: skip
COMMITMENTS_TO_INCOME = Derived("commitments_to_income", "share", ("commitments", "declared_income"), "1",
                                "declared commitments against declared income", sign=1, reason="R07")  # fmt: skip
DEBT_TO_INCOME = Derived("debt_to_income", "share", ("external_debt", "declared_income"), "months",
                         "debt elsewhere against declared income", sign=1, reason="R03")  # fmt: skip
DECLARED_TO_DETECTED = Derived("declared_to_detected_income", "share", ("declared_income", "income_90d"), "1",
                               "declared income against what came in during 90 days", owner="fraud", sign=1,
                               reason="R22", factor=3.0)  # fmt: skip

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
