"""The mapping proposed for a file with one row per customer or application, and for how any file is written.

Guessed from names and first rows; whatever the rows looked at cannot settle becomes a remark.
"""

import re
from collections.abc import Sequence

from bank360.sources.birth_guess import looks_like_births
from bank360.sources.file_look import (
    ISO_PATTERN,
    MOSTLY,
    Look,
    date_patterns,
    day_named,
    is_date,
    is_number,
    like_dates,
)
from bank360.sources.identifier_columns import CUSTOMER, names_a_party
from bank360.sources.label_guess import GuessedLabel, guessed_label, outcome_columns, speaks_of_outcome
from bank360.sources.late_columns import late_remark
from bank360.sources.mapped_flat import FLAT_NULLS, is_reason
from bank360.sources.mapped_protected import holds_protected, name_words, protected_kind
from bank360.sources.mapped_useless import is_clock_name
from bank360.sources.personal_columns import personal_kind
from bank360.sources.reason_guess import guessed_wording

_ISO = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", ISO_PATTERN)
_KEY_WORDS = frozenset({"id", "key", "nr", "no", "num", "number", "token", "ref", "reference", "uuid", "guid"})
_KEY_FIRST = frozenset({"nr", "numer", "numero", "nummer"})  # Nr operacji, numero di operazione
# Without marks between its words: loanref, custno. "paid" and "valid" end so too and name nothing.
_KEY_END = re.compile(
    r"(id|ref|num|nummer|nr)$|^(acct?|account|appl?|application|case|client|contract|cust|customer|deal|file|loan|member)"
    r"(no|nr|key|number|code)$"
)
_NO_KEY = re.compile(r"paid|valid|void|fluid|hybrid|pref$|rapid")
_KEY_SHAPE = re.compile(r"[A-Za-z]{1,6}[-_/. ]?[0-9]{2,}|[0-9]{2,}[-_/. ]?[A-Za-z]{1,6}")
_LEAST_KEYS = 10  # rows, to take a column for a key by its cells alone
_APPLICATION = re.compile(r"appl|loan|contract|credit|deal|antrag|vertrag|kredit|darlehen|pret|dossier|solicit")
_PERCENT = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?\s*%")
_MONEY_SIGN = re.compile(r"^([+-]?)\s*[£$€¥]\s*|\s*[£$€¥]$")
# Words that stand for nothing among numbers; elsewhere they may be kinds of their own, so no default.
_NOTHING = re.compile(
    r"none|nil|missing|unknown|n[./]?[ad]\.?|not available|not applicable|-+|\*+|#n/a|<na>|nat|"
    r"k\. ?a\.|keine angaben?|unbekannt|fehlt|inconnu|n\.?c\.|desconocido|ohne",
    re.IGNORECASE,
)
_SUBJECT_UNTOLD = (
    "nothing says what a row is, so no row is loaded as a customer: write 'subject: customer' if each is one, or map "
    "the file below 'files' to the table that it is"
)
_MOST_SHOWN = 8
_SHORT_DAY = re.compile(r"[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])")
# Epoch seconds of 2000 and 2040: numbers between them in a column named for a moment are instants.
_EPOCH = (946_684_800, 2_208_988_800)


def flat_proposal(look: Look) -> tuple[dict[str, object], tuple[str, ...], tuple[str, ...]]:
    """Return what may stand under ``flat`` for a file, what is assumed of its meaning, and what else to know."""
    found = written_of(look)
    assumed: list[str] = []
    remarks: list[str] = []
    label = guessed_label(look)
    personal = [name for name in look.header if personal_kind(name, look.column(name)) is not None]
    free = [name for name in look.header if name not in personal and (label is None or name != label.column)]
    key = row_key(look, free)
    if key is None:
        key = _key_by_shape(look, free)
        remarks += [] if key is None else [f"'{key}' has another code in every row looked at and is proposed as id"]
    if key is not None:
        found |= _subject(key, label) | {"id": key}
        remarks += [] if label is not None or "subject" in found else [_SUBJECT_UNTOLD]
    numbers = [
        name for name in free if name != key and not protected_kind(name) and names_a_party(name, look.column(name))
    ]
    free = [name for name in free if name not in numbers]
    births = [
        name
        for name in free
        if name != key and protected_kind(name) != "birth" and looks_like_births(look, name, date_format)
    ]
    dated = row_date(look, [name for name in free if name not in (key, *births)])
    if dated is not None:
        found["date"] = dated[0]
        assumed += dated[1]
    if label is not None:
        found["label"] = _label(label)
        assumed += label.remarks
        day = None if dated is None else dated[0]
        read = [one for one in free if one != key and (date_format(look, one) is None or _is_day(day, one))]
        late = late_remark(read, label.column)
        assumed += [] if late is None else [late]
    else:
        remarks += _no_label(look)
    remarks += _unused_dates(look, [name for name in free if name not in (key, *births)], date=found.get("date"))
    remarks += [
        f"the dates of '{name}' are decades apart, as days of birth are, and it is not used: list it under 'exclude' "
        f"if they are, or state it as date: {_dated_said(look, name)} if they date the rows"
        for name in births
    ]
    protected = [name for name in free if protected_kind(name) == "group"]
    for name in free:
        holds = "no" if name in (*protected, key) else holds_protected(name, {*look.column(name)})
        if holds == "surely":
            protected.append(name)
            remarks.append(f"'{name}' holds sexes or marital states: it is proposed as protected, never scored")
        elif holds == "perhaps":
            remarks.append(f"the letters of '{name}' may mean a sex: if so, list it under 'protected'")
    if protected:
        found["protected"] = protected
    if personal or numbers:
        found["exclude"] = [*personal, *numbers]
    if personal:
        remarks.append(
            f"{_few(personal)} {'says' if len(personal) == 1 else 'say'} who or where somebody is and "
            f"{'is' if len(personal) == 1 else 'are'} left out: take out of 'exclude' what does not"
        )
    if numbers:
        one = len(numbers) == 1
        remarks.append(
            f"{_few(numbers)} {'numbers' if one else 'number'} people, accounts or contracts and "
            f"{'is' if one else 'are'} left out: take out of 'exclude' what does not"
        )
    percent = [name for name in free if look.column(name) and all(map(_PERCENT.fullmatch, look.column(name)))]
    if percent:
        found["percent"] = [name for name in percent if name not in protected]
    ages = [name for name in look.header if protected_kind(name) == "age"]
    if ages:
        remarks.append(f"not scored unless listed under 'numeric', where your jurisdiction allows: {', '.join(ages)}")
    told, untold = _reasons(look, [name for name in free if name not in (*protected, *ages, key)])
    if told:
        found["reasons"] = told
    if untold:
        remarks.append(
            f"the names of {_few(untold)} say nothing to a customer: write under 'reasons' what they are, or a decline "
            "names them as information supplied in the application"
        )
    return found, tuple(assumed), tuple(remarks)


def _subject(key: str, label: GuessedLabel | None) -> dict[str, object]:
    """Return what a row is, where its key says so; rows that are not to be learnt from are customers by that alone."""
    if _APPLICATION.search("".join(name_words(key))):
        return {"subject": "application"}
    return {"subject": "customer"} if label is None and CUSTOMER.search(key.lower()) else {}


def _is_day(day: object, name: str) -> bool:
    return isinstance(day, dict) and day["column"] == name


def written_of(look: Look) -> dict[str, object]:
    """Return how a file is written: its pattern, and what differs from a plain CSV file."""
    found: dict[str, object] = {"pattern": exact_pattern(look.name)}
    if look.format == "csv":
        dialect = {
            "delimiter": {"\t": "tab"}.get(look.delimiter, look.delimiter),
            "encoding": look.encoding,
            "header_rows": look.header_rows,
        }
        plain = {"delimiter": "tab" if look.name.lower().endswith(".tsv") else ",", "encoding": "utf-8"}
        told: dict[str, object] = {key: value for key, value in dialect.items() if value != plain.get(key, 1)}
        nothing = _words_for_nothing(look)
        if nothing:
            told["nulls"] = [*FLAT_NULLS, *nothing]
        if told:
            found["csv"] = told
    if look.decimal != ".":
        found["decimal"] = look.decimal
    marks = [mark for mark in (",", ".", " ", "'") if mark != look.decimal and _grouped(look, mark)]
    if len(marks) == 1:
        found["thousands"] = marks[0]
    return found


def exact_pattern(name: str) -> str:
    """Return the pattern that a file's name alone matches.

    >>> exact_pattern("loans [v2].csv")
    'loans [[]v2].csv'
    """
    return re.sub(r"([*?[])", r"[\1]", name)


def row_key(look: Look, names: Sequence[str]) -> str | None:
    """Return the first column that is named for a key and names every row looked at; None for none."""
    return next((name for name in names if named_for_a_key(name) and names_rows(look, name)), None)


def named_for_a_key(name: str) -> bool:
    """Return whether a column is named for what names something: an id, a number, a reference.

    >>> named_for_a_key("UmsatzNr"), named_for_a_key("loanref"), named_for_a_key("Betrag"), named_for_a_key("paid")
    (True, True, False, False)
    """
    words = name_words(name)
    if name.strip().endswith("#") or name.strip().lower() == "n°":
        return True
    return bool(words) and (
        words[-1] in _KEY_WORDS
        or words[0] in _KEY_FIRST
        or (_KEY_END.search(words[-1]) is not None and not _NO_KEY.search(words[-1]))
    )


def _key_by_shape(look: Look, names: Sequence[str]) -> str | None:
    """Return the first column of codes such as LN-00017, another one in every row looked at; None for none."""
    if len(look.rows) < _LEAST_KEYS:
        return None
    shaped = (name for name in names if look.column(name) and all(map(_KEY_SHAPE.fullmatch, look.column(name))))
    return next((name for name in shaped if names_rows(look, name)), None)


def _reasons(look: Look, names: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Return the text proposed for each column that a model may read, and the columns whose names say nothing."""
    told: dict[str, str] = {}
    untold: list[str] = []
    for name in names:
        if date_format(look, name) is not None or protected_kind(name) == "birth" or not look.column(name):
            continue
        wording = guessed_wording(name)
        if wording is None or not is_reason(wording):
            untold.append(name)
        else:
            told[name] = wording
    return told, untold


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:_MOST_SHOWN])
    return shown if len(names) <= _MOST_SHOWN else f"{shown} and {len(names) - _MOST_SHOWN} more"


def names_rows(look: Look, name: str) -> bool:
    """Return whether a column has another value in every row looked at."""
    cells = look.column(name)
    return len(cells) == len(look.rows) == len({*cells})


def row_date(look: Look, names: Sequence[str]) -> tuple[object, list[str]] | None:
    """Return the mapping of the first column that dates every row, with what is to be checked; None for none.

    A day of birth dates a person, the day of the outcome tells it, and one that may be 9999-12-31 is an end: none of
    them is the row's day.
    """
    for name in names:
        if protected_kind(name) == "birth" or not look.filled(name) or speaks_of_outcome(name):
            continue
        pattern = date_format(look, name)
        if pattern is not None and not open_ended(look, name):
            return dated(name, pattern), day_and_month(look, name)
    return None


def date_format(look: Look, name: str) -> str | None:
    """Return how a column's dates are written: a pattern, ``epoch_seconds``, or None where it holds no dates.

    Digits alone (seconds since 1970, 930705) are dates only in a column named for one.
    """
    cells = look.column(name)
    patterns = date_patterns(cells)
    if patterns:
        return patterns[0]
    if not cells or not is_clock_name(name):
        return None
    if all(re.fullmatch(r"[0-9]{9,10}", cell) and _EPOCH[0] <= int(cell) < _EPOCH[1] for cell in cells):
        return "epoch_seconds"
    if all(map(_SHORT_DAY.fullmatch, cells)):
        return "%y%m%d"
    return None


def open_ended(look: Look, name: str) -> bool:
    """Return whether a column of dates says of some rows that they have not ended: no row is dated by it."""
    likely = [cell for cell in look.column(name) if "9999" in cell]
    pattern = date_format(look, name) if likely else None
    return pattern is not None and any(is_date(cell, pattern) and day_named(cell, pattern) is None for cell in likely)


def dated(name: str, pattern: str) -> object:
    """Return the mapping of a column of dates."""
    return {"column": name} if pattern in _ISO else {"column": name, "format": pattern}


def _dated_said(look: Look, name: str) -> str:
    """Return the mapping of a column of dates as it is to be written."""
    pattern = date_format(look, name)
    told = "" if pattern is None or pattern in _ISO else f', format: "{pattern}"'
    return f"{{column: '{name}'{told}}}"


def day_and_month(look: Look, name: str) -> list[str]:
    """Return a remark where day and month of a column's dates cannot be told apart by the rows looked at."""
    patterns = date_patterns(look.column(name))
    day_first = [one for one in patterns if one.startswith("%d") and one.replace("%d", "%m", 1) != one]
    month_first = [one for one in patterns if one.startswith("%m")]
    if day_first and month_first:
        return [f"'{name}' reads as {day_first[0]} and as {month_first[0]} alike: check which of the two it is"]
    return []


def _no_label(look: Look) -> list[str]:
    """Return what to write where no label is proposed, with the values of the columns that may be it."""
    told = []
    for name in outcome_columns(look):
        values = sorted({" ".join(cell.split()) for cell in look.column(name)})
        if not values:
            continue
        shown = ", ".join(values) if len(values) <= _MOST_SHOWN else f"{', '.join(values[:_MOST_SHOWN])}, …"
        told.append(
            f"'{name}' speaks of an outcome, and which of its values ({shown}) are bad could not be told: if it is "
            f"what is to be predicted, add below 'flat': label: {{column: '{name}', bad: […], good: […]}} with the "
            "values that are bad and good, and those that are neither under leave_out"
        )
    if told:
        return told
    return [
        "no column's name speaks of an outcome",
        "add below 'flat' what is to be predicted: label: {column: …, bad: [1], good: [0]}",
    ]


def _unused_dates(look: Look, names: Sequence[str], date: object) -> list[str]:
    """Return a remark on every column of dates, or of what looks like dates, that no part of the mapping reads."""
    used = date["column"] if isinstance(date, dict) else None
    remarks = []
    for name in names:
        if name == used:
            continue
        pattern = date_format(look, name)
        if pattern is None:
            if like_dates(look.column(name)):
                remarks.append(
                    f"'{name}' looks like dates that no one pattern reads, and is not used: write them alike, then "
                    f"date: {{column: '{name}', format: …}} if they date the rows"
                )
        elif protected_kind(name) == "birth":
            remarks.append(f"'{name}' holds days of birth and is not used: an age is no date of the rows")
        elif used is not None or speaks_of_outcome(name) or open_ended(look, name):
            remarks.append(f"'{name}' holds dates and is not used: a model reads no dates; give it a number of days")
        else:
            gaps = "" if look.filled(name) else ", with undated: leave_out for its empty cells"
            remarks.append(f"'{name}' holds dates and is not used: state it as date if it dates the rows{gaps}")
    return remarks


def _label(label: GuessedLabel) -> dict[str, object]:
    found: dict[str, object] = {
        "column": label.column,
        "bad": [_scalar(value) for value in label.bad],
        "good": [_scalar(value) for value in label.good],
    }
    if label.leave_out:
        found["leave_out"] = [_scalar(value) for value in label.leave_out]
    if label.unlabelled:
        found["unlabelled"] = "leave_out"
    return found


def _scalar(value: str) -> object:
    return int(value) if re.fullmatch(r"0|[1-9][0-9]{0,8}", value) else value


def _words_for_nothing(look: Look) -> list[str]:
    """Return the words that stand for nothing in columns which otherwise hold numbers."""
    found: set[str] = set()
    for name in look.header:
        cells = look.column(name)
        stray = {cell for cell in cells if not is_number(_MONEY_SIGN.sub(r"\1", cell))}
        if stray and 2 * sum(cell in stray for cell in cells) < len(cells) and all(map(_NOTHING.fullmatch, stray)):
            found |= stray
    return sorted(found)


def _grouped(look: Look, mark: str) -> bool:
    """Return whether a column holds numbers in groups of thousands, and mostly what such a mark does not misplace."""
    point = re.escape(look.decimal)
    grouped = re.compile(rf"[+-]?[0-9]{{1,3}}({re.escape(mark)}[0-9]{{3}})+({point}[0-9]*)?")
    plain = re.compile(rf"[+-]?[0-9]+({point}[0-9]*)?")
    columns = [[_MONEY_SIGN.sub(r"\1", cell) for cell in look.column(name)] for name in look.header]
    return any(
        any(map(grouped.fullmatch, cells))
        and sum(bool(grouped.fullmatch(one) or plain.fullmatch(one)) for one in cells) >= MOSTLY * len(cells)
        for cells in columns
    )
