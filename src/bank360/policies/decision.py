"""The sealed record of a decision: everything it rested on, as bytes that come out the same every time.

``parse(sealed_bytes(record)) == record``, and a record's bytes are always the same: canonical JSON in UTF-8 (keys
sorted, no spaces), every double by the shortest decimal that reads back to the same bits, and the three kinds of "no
value" apart: ``null`` for a code that is not known, ``{"double": "nan"}`` for a number that is not known, and a name in
``unasked`` for what was never asked. A MAC over these very bytes seals them in the log, so they are never made anew to
be checked.

The record holds pseudonymous ids only. What a canonical table tags as identifying or protected cannot be named in it:
it is refused when the record is made. Neighbours: `codec.py` writes and reads, `credit_record.py` makes and replays.
"""

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from bank360.bank.errors import ArtefactRefused
from bank360.bank.reasons import REASON_BY_CODE
from bank360.bank.table import Tag
from bank360.bank.tables import TABLES
from bank360.bank.vocabulary import CreditOutcome
from bank360.policies.affordability import Finances
from bank360.policies.codec import decoded, encoded
from bank360.policies.credit import Alternative
from bank360.policies.gates import CHARGED_OFF, Applicant, GateResult, Request

FORMAT: Final = "bank360-decision-1"
Value = float | str | None
_PSEUDONYM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
# What a record may not name: columns that identify a person or are protected.
WITHHELD = frozenset(
    column.name
    for table in TABLES
    for column in table.columns
    if {Tag.PII, Tag.PROTECTED, Tag.RESTRICTED} & set(column.tags)
)


@dataclass(frozen=True)
class ModelUse:
    """One model's answer and all that it read.

    Parameters
    ----------
    model, version, hash
        Which model: its name, version and the SHA-256 of its manifest.
    thin_file
        Whether it was asked as for an applicant without history.
    features
        By name, in the order of the names, each value as it was read: a double (NaN: not known), a code, or None (a
        code that is not known). Every NaN becomes the one NaN, so that equal records are equal.
    unasked
        Names of what was never asked for, and is neutral.
    margin, probability
        Log-odds before calibration, and the probability.
    reasons
        Reason codes that passed their counterfactual, strongest first.
    """

    model: str
    version: str
    hash: str
    thin_file: bool
    features: tuple[tuple[str, Value], ...]
    unasked: tuple[str, ...]
    margin: float
    probability: float
    reasons: tuple[str, ...]

    def __post_init__(self) -> None:
        names = [name for name, _ in self.features]
        if names != sorted(set(names)) or list(self.unasked) != sorted(set(self.unasked)):
            raise ValueError(f"model '{self.model}': names of features must be sorted, each once")
        withheld = sorted(WITHHELD & set(names))
        if withheld:
            raise ValueError(f"model '{self.model}' read {withheld}: identifying or protected, and never in a record")
        one_nan = tuple(
            (name, math.nan if isinstance(value, float) and math.isnan(value) else value)
            for name, value in self.features
        )
        object.__setattr__(self, "features", one_nan)


@dataclass(frozen=True)
class DecisionRecord:
    """One decision on a request for credit.

    Parameters
    ----------
    kind
        "decision", or "what-if": tried; no decision, and logged as an act of its own (`pipeline/try_logged.py`).
    decision_id, subject, application_id
        Pseudonymous ids of the decision, the customer and the application (None where there is none).
    principal
        Who or what asked, by pseudonymous user id.
    as_of
        The instant that it looks back from, microseconds UTC.
    policy, policy_version, policy_hash
        The policy's name, version and the SHA-256 of its text.
    request, applicant, finances
        The inputs besides the models'.
    models
        What the models read and said, in the order of their names.
    gates, outcome, reasons, alternatives
        The decision (`credit.py`).
    """

    kind: Literal["decision", "what-if"]
    decision_id: str
    subject: str
    application_id: str | None
    principal: str
    as_of: int
    policy: str
    policy_version: str
    policy_hash: str
    request: Request
    applicant: Applicant
    finances: Finances
    models: tuple[ModelUse, ...]
    gates: tuple[GateResult, ...]
    outcome: CreditOutcome
    reasons: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    format: Literal["bank360-decision-1"] = FORMAT

    def __post_init__(self) -> None:
        ids = {"decision_id": self.decision_id, "subject": self.subject, "principal": self.principal}
        if self.application_id is not None:
            ids["application_id"] = self.application_id
        wrong = sorted(name for name, value in ids.items() if not _PSEUDONYM.fullmatch(value))
        if wrong:  # not shown: it may be a name or an address
            raise ValueError(f"{wrong} must be pseudonymous ids: letters, digits and _ . : - only, at most 64")
        names = [use.model for use in self.models]
        if names != sorted(set(names)):
            raise ValueError("a record's models must be sorted by name, each once")


def reason_in_words(record: DecisionRecord, code: str) -> str:
    """Return a stated reason as it is read, with the day where it is of something that was: charged-off credit."""
    wording, day = REASON_BY_CODE[code].wording, record.applicant.charged_off_on
    if code != CHARGED_OFF or day is None:
        return wording
    on = date.fromisoformat(day)
    return f"{wording} on {on.day} {on:%B %Y}"


def sealed_bytes(record: DecisionRecord) -> bytes:
    """Return the record as the bytes that are stored, sealed and verified.

    Raises
    ------
    TypeError
        If a field holds another type than it declares: our own mistake, found before it is sealed.
    """
    return encoded(DecisionRecord, record)


def parse(data: bytes) -> DecisionRecord:
    """Return the record that `sealed_bytes` wrote.

    Raises
    ------
    ArtefactRefused
        If the bytes are not exactly what `sealed_bytes` writes of some record.
    """
    try:
        record = decoded(DecisionRecord, data)
        same = sealed_bytes(record) == data
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ArtefactRefused("these bytes are no decision record of this format. Do not use them.") from error
    if not same:
        raise ArtefactRefused("these bytes are not as a decision record is written. Do not use them.")
    return record
