"""Which column of a flat file says how it ended, and which of its values are bad: a guess from names and values.

By the column's name only: a two-valued column of any other name may be anything. What the first rows cannot settle is
said in a remark; `flat_guess` puts both into the proposed mapping.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bank360.sources.file_look import Look, date_patterns
from bank360.sources.mapped_protected import looks_protected, name_words

_LABEL = re.compile(
    r"default|fraud|churn|attrit|delinq|dlq|outcome|credit_?ability|write_?off|written_?off|charge_?off|charged_?off"
    r"|ausfall|ausgefallen|zahlungsausfall|notleidend|gekuendigt|gekundigt|storniert|verzug|betrug|defaut|defaill"
    r"|incumpl|inadempi|sofferenz|impaye|resilie|impago|moros|mora$|wanbetal|insolv|inadimpl"
    r"|insolut|frode|fallid|incumpriment|nao_?pag|wanprestat|niesplac|niewyplac|zalegl|przeterminowan|windykac|oszust"
    r"|wyludz|nesplac|selhan|prodlen|podvod"
)
_LABEL_WORDS = frozenset(
    {
        "label",
        "target",
        "bad",
        "risk",
        "status",
        "class",
        "y",
        "ziel",
        "cible",
        "objetivo",
        "obiettivo",
        "doel",
        "cel",
        "cil",
    }
)
_YES = re.compile(r"^(1|1\.0|yes|y|true|t|j|ja|oui|si|sí|tak|ano|sim)$")
_GOOD_WORDS = frozenset({"good", "paid", "ok", "repaid", "kept", "success", "approved", "retained"})
_BAD_WORDS = frozenset({"not", "un", "non", "bad", "default", "unpaid"})
_BAD_VALUES = re.compile(
    r"^(1|1\.0|2|yes|y|true|t|bad|b|default(ed)?|fraud(ulent)?|churn\w*|attrited.*|j|ja|oui|si|sí|tak|ano|sim|charged.?off|"
    r"written.?off|write.?off|late.*|delinquent|in arrears|npl|unpaid|not paid|left|gone)$"
)
_GOOD_VALUES = re.compile(
    r"^(0|0\.0|no|n|false|f|good|g|nein|non|nie|ne|nee|nao|não|fully.?paid|paid.*|repaid|settled|existing.*|performing|legit\w*|genuine|"
    r"clean|ok|stayed|retained|not.?default.*|non.?default.*|no.?default)$"
)
_MOST_VALUES = 12


@dataclass(frozen=True)
class GuessedLabel:
    """The column of the outcome and its values, as the mapping would state them, and what is to be checked."""

    column: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    leave_out: tuple[str, ...]
    unlabelled: bool
    remarks: tuple[str, ...]


def guessed_label(look: Look) -> GuessedLabel | None:
    """Return the last column whose name speaks of an outcome and whose values can be told apart; None for none.

    Two values make a label whatever they are; more of them only where words such as "Charged Off" and "Fully Paid" say
    which are bad and good. A single value of one that is rare (a fraud flag that is 0 in all rows looked at) will do.
    """
    named = outcome_columns(look)
    for wanted in (_of_two, _of_many, _of_one):
        for name in named:
            found = wanted(look, name)
            if found is not None:
                return found
    return None


def outcome_columns(look: Look) -> tuple[str, ...]:
    """Return the columns whose names speak of an outcome, the last first; protected ones and dates are none."""
    named = [name for name in reversed(look.header) if _speaks_of_outcome(name) and not looks_protected(name)]
    return tuple(name for name in named if not date_patterns(look.column(name)))


def speaks_of_outcome(name: str) -> bool:
    """Return whether a column's name speaks of how something ended.

    >>> speaks_of_outcome("SeriousDlqin2yrs"), speaks_of_outcome("Défaut"), speaks_of_outcome("income")
    (True, True, False)
    """
    return _speaks_of_outcome(name)


def names_little(name: str) -> bool:
    """Return whether a column's name may mean an outcome and may mean anything: a customer's status is none.

    >>> names_little("Status"), names_little("loan_default")
    (True, False)
    """
    words = name_words(name)
    return not (_LABEL.search(name.lower()) or _LABEL.search("_".join(words)))


def _speaks_of_outcome(name: str) -> bool:
    words = name_words(name)
    spoken = _LABEL.search(name.lower()) or _LABEL.search("_".join(words))
    return bool(spoken or {*words} & (_LABEL_WORDS | _GOOD_WORDS))


def _of_two(look: Look, name: str) -> GuessedLabel | None:
    cells = look.column(name)
    values = sorted(sorted(set(cells)), key=cells.count)
    if len(values) != 2:
        return None
    bad = _bad_of(values, good_word=_speaks_good(name))
    (good,) = (value for value in values if value != bad)
    remarks = []
    said = _BAD_VALUES.match(bad.lower()) or _GOOD_VALUES.match(good.lower()) or _speaks_good(name)
    if not said or {*values} == {"1", "2"}:
        remarks.append(f"whether '{bad}' of '{name}' is the bad value is a guess, for it is the rarer one: check it")
    if 2 * cells.count(bad) > len(cells):
        remarks.append("more than half of the rows looked at would be bad: check which value of the label is")
    return _label(look, name, (bad,), (good,), (), remarks)


def _of_many(look: Look, name: str) -> GuessedLabel | None:
    values = tuple(sorted(set(look.column(name))))
    if not 2 < len(values) <= _MOST_VALUES:
        return None
    bad = tuple(value for value in values if _BAD_VALUES.match(value.lower()))
    good = tuple(value for value in values if _GOOD_VALUES.match(value.lower()))
    if not bad or not good or {*bad} & {*good} or all(value.isdigit() for value in values):
        return None
    left = tuple(value for value in values if value not in {*bad, *good})
    said = f" and rows with {', '.join(left)} are left out" if left else ""
    remark = f"'{name}' has {len(values)} values: {', '.join(bad)} would be bad, {', '.join(good)} good{said}: check it"
    return _label(look, name, bad, good, left, [remark])


def _of_one(look: Look, name: str) -> GuessedLabel | None:
    values = {*look.column(name)}
    pairs = {"0": "1", "no": "yes", "n": "y", "false": "true", "No": "Yes", "N": "Y", "False": "True", "FALSE": "TRUE"}
    if len(values) != 1 or (good := values.pop()) not in pairs or look.whole or _speaks_good(name):
        return None
    remark = f"every row looked at has '{good}' in '{name}': that '{pairs[good]}' is its bad value is a guess"
    return _label(look, name, (pairs[good],), (good,), (), [remark])


def _label(
    look: Look, name: str, bad: tuple[str, ...], good: tuple[str, ...], left: tuple[str, ...], remarks: Sequence[str]
) -> GuessedLabel:
    empty = not look.filled(name)
    if empty:
        remarks = [*remarks, f"rows without '{name}' are left out"]
    return GuessedLabel(name, bad, good, left, empty, tuple(remarks))


def _speaks_good(name: str) -> bool:
    words = {*name_words(name)}
    return bool(words & _GOOD_WORDS) and not words & _BAD_WORDS


def _bad_of(values: Sequence[str], *, good_word: bool) -> str:
    """Return the bad one of two values, the rarer first: by what they say, else the rarer one.

    Under a name that speaks of good, such as REPAID, 1 and yes are good.
    """
    said = [value for value in values if _BAD_VALUES.match(value.lower())]
    kept = [value for value in values if _GOOD_VALUES.match(value.lower())]
    bad = said[0] if said else values[1 - values.index(kept[0])] if len(kept) == 1 else values[0]
    if {"1", "0"} == {*values}:
        bad = "1"
    if good_word and _YES.match(bad.lower()):
        bad = next(value for value in values if value != bad)
    return bad
