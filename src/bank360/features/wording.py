"""A feature's declaration in words: its window, and what an event must be to count.

Pure text for the reference page and ``bank360 features``; nothing is computed from it. `source_columns.py` has the
columns that it is made of.
"""

from collections.abc import Mapping

from bank360.bank.counted import counted
from bank360.bank.holidays import HOLIDAY_COUNTRIES
from bank360.features.derived import FORMULA
from bank360.features.feature import AnyFeature, Condition, Derived, Feature, Months, Rolling, SpineColumn, Window
from bank360.features.scan import EARNED, FRAUD_STREAMS, HOLDINGS
from bank360.features.source_columns import made_of

_A_SALARY = (
    "one of three credits of the same payer a cycle apart (7, 14, 28 days or a month), the largest less than 30 % "
    "above the smallest, and not taken back; a pay day without business is paid on the business day before (bank "
    f"holidays are known of a bank in {' and '.join(HOLIDAY_COUNTRIES)}, of any other weekends alone)"
)
_EARNED = f"the ledger calls it {', '.join(EARNED)}, or it is a salary, as detected, that the ledger calls otherwise"
_RECEIPT = f"{_EARNED}; and reversals leave something of it, as known at the moment described"
_OF_JOINT = (
    "; of a joint account the holder's share, rounded to the minor unit for each holder, and what is below zero in full"
)
_A_FRAUD = "a case about the payment is closed as confirmed fraud"
_HELD = "the account is not closed and the holder's part in it not ended, as known at the moment described"
_AS_SUBMITTED = "what was known when the application was submitted"
_TOLD_BY = {  # by table, the first that is read
    "identifier_tokens": "counted over keyed identifiers of applications and customers",
    "bureau_reports": "the newest report of the credit bureau",
    "application_facts": "what the form saw",
    "application_parties": "what the first applicant declared",
    "applications": "what was applied for, where and when",
}
_YES_NO = {
    ("home_currency", True): "in the bank's own currency",
    ("home_currency", False): "not in the bank's own currency",
    ("abroad", True): "outside the bank's country",
    ("abroad", False): "in the bank's country",
    ("outgoing", True): "money leaves, or what left comes back as a reversal",
    ("salary", True): _A_SALARY,
    ("earned", True): _EARNED,
    ("receipt", True): _RECEIPT,
    ("outgoing", False): "money comes in, or what came in goes back as a reversal",
}


def window_said(window: Window) -> str:
    """Return a window in words; every kind ends before the moment that is described.

    >>> from bank360.features.feature import Calendar
    >>> window_said(Calendar(90)), window_said(Rolling(86_400))
    ('the 90 whole local days before the day described', 'the 24 hours before the moment described')
    >>> window_said(Calendar(30, ago=7))
    'the 30 whole local days that ended 7 days before the day described'
    >>> window_said(Months(1))
    'the 1 whole calendar month before the month described'
    """
    if isinstance(window, Rolling):
        delay = f"that ended {_span(window.ago)} before" if window.ago else "before"
        return f"the {_span(window.seconds)} {delay} the moment described"
    if isinstance(window, Months):
        return f"the {counted(window.months, 'whole calendar month')} before the month described"
    delay = f" that ended {counted(window.ago, 'day')}" if window.ago else ""
    if window.days is None:
        return f"everything{delay} before the day described"
    return f"the {window.days} whole local days{delay} before the day described"


def _span(seconds: int) -> str:
    return counted(seconds // 3600, "hour") if seconds % 3600 == 0 else counted(seconds, "second")


def windows_said(feature: AnyFeature, catalogue: Mapping[str, AnyFeature]) -> str:
    """Return the window of a feature in words; of a derived one those of what it is made of, named where they differ.

    Parameters
    ----------
    catalogue
        Features by name, among them the inputs of derived ones.
    """
    by_window: dict[str, list[str]] = {}
    for one in made_of(feature, catalogue):
        names = by_window.setdefault(window_said(one.window) if isinstance(one, Feature) else _AS_SUBMITTED, [])
        names += [] if one.name in names else [one.name]
    if len(by_window) == 1:
        return next(iter(by_window))
    return "; ".join(f"{' and '.join(names)}: {window}" for window, names in by_window.items())


def told_said(column: SpineColumn) -> str:
    """Return who told what an application says."""
    tables = {name.split(".")[0] for name in column.columns}
    return next((said for table, said in _TOLD_BY.items() if table in tables), "stated by the request")


def counts_said(feature: Feature) -> str:
    """Return what the feature does with which events: the op, the measure and its conditions in words."""
    measure = feature.measure
    conditions = [_condition_said(condition) for condition in measure.where]
    if measure.table in FRAUD_STREAMS:
        conditions.insert(0, _A_FRAUD)
    if measure.table == HOLDINGS:
        conditions.insert(0, _HELD)
    read = "events" if measure.column is None else f"'{measure.column}'" + (" negated" if measure.sign < 0 else "")
    which = f" where {'; '.join(conditions)}" if conditions else ""
    which += _OF_JOINT if measure.table == "balances" and measure.column is not None else ""
    return f"{feature.op.value.replace('_', ' ')} of {read} in {feature.measure.table.replace('_', ' ')}{which}"


def formula_said(feature: Derived) -> str:
    """Return a derived feature's formula with the names of its inputs.

    >>> formula_said(Derived("s", "share", ("part", "whole"), "1", "a share"))
    'part / whole; no value unless whole > 0'
    """
    first, second = feature.inputs
    factor = "" if feature.factor == 1 else f"{feature.factor:.6g} * "
    return FORMULA[feature.kind].format(a=f"{factor}{first}", b=second)


def _condition_said(condition: Condition) -> str:
    name, comparison, values = condition
    if len(values) == 1 and isinstance(values[0], bool) and (name, values[0]) in _YES_NO:
        return _YES_NO[name, values[0]]
    if comparison in ("is null", "not null"):
        return f"{_named(name)} is {'not ' if comparison == 'is null' else ''}given"
    listed = ", ".join(("yes" if v else "no") if isinstance(v, bool) else str(v) for v in values)
    if comparison in ("in", "not in"):
        one = "is" if len(values) == 1 else "is one of"
        return f"{_named(name)} {one if comparison == 'in' else one.replace('is', 'is not', 1)} {listed}"
    return f"{_named(name)} {comparison} {listed}"


def _named(name: str) -> str:
    return "hour in the bank's zone" if name == "local_hour" else f"'{name}'"
