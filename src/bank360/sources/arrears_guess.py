"""The mapping proposed for a file of months of credit: how far each account is past due at a month's end.

Such a file often says the days past due and no more. Whoever is in default, what credit we have out and what a customer
has to pay a month rest on the other columns of 'credit_months', where nothing told would read as 0: so a mapping that
lacks one waits, and what the file has to say besides is named. Used by `ledger_guess`.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date

from bank360.bank.tables_lending import CREDIT_MONTHS
from bank360.bank.vocabulary import CreditStatus
from bank360.sources.file_look import MOSTLY, Look, day_named, is_date
from bank360.sources.flat_guess import date_format, dated, day_and_month, named_for_a_key, written_of
from bank360.sources.identifier_columns import CUSTOMER
from bank360.sources.label_guess import guessed_label, names_little
from bank360.sources.ledger_columns import ACCOUNT, LedgerGuess, named
from bank360.sources.mapped_protected import name_words
from bank360.sources.money_guess import currency_seen, is_amount
from bank360.sources.odd_cells import rows_named

_CREDIT = re.compile(r"loan|kredit|darlehen|vertrag|contract|pret|prestamo|facility")
_MONTH = re.compile(r"monat|month|period|ultimo|mois|mes$|stichtag|as_?of|datum|date|^(per|zum|tag)$")
_LATE = re.compile(
    r"verzug|u(e)?berfallig|u(e)?berfaellig|ru(e)?ckst|past_?due|overdue|late|arrears|delinq|retard|mora|atraso"
)
_DAYS = re.compile(r"dpd|tage|days|jours|dias")
_OTHER_DAYS = re.compile(r"since|seit|depuis|desde|last|letzt")  # days since it was late last
_MONEY: dict[str, re.Pattern[str]] = {
    "arrears": re.compile(
        r"arrears(_amount)?|amount_(in_arrears|past_due|overdue)|past_due_(amount|amt|balance)|overdue(_amount|_amt)?|"
        r"(ruckstand|rueckstand|ruckstaende|rueckstaende)(s_?betrag)?|offene_?(rate|raten|posten)|impayes?|arrieres?|"
        r"(uberfalliger|ueberfaelliger)_?betrag|(importe|saldo)_vencido"),
    "balance": re.compile(
        r"(current_|closing_|outstanding_|loan_|principal_)?balance|outstanding(_amount|_principal)?|amount_owed|saldo|"
        r"rest_?schuld|(kredit|darlehens)_?(saldo|stand|schuld)|(rest)?kapital|obligo|exposure|capital_restant(_du)?|encours"),
    "amount_due": re.compile(
        r"amount_due|due_amount|due|instal?ment(_due|_amount)?|(monats|soll|faellige)_?rate|soll_?betrag|"
        r"(faelliger|falliger)_?betrag|annuitaet|annuitat|echeance|cuota"),
    "paid": re.compile(
        r"paid(_amount)?|amount_paid|payments?(_received|_made)?|(be|ge)zahlt(er_?betrag)?|ist_?(betrag|rate|zahlung)|"
        r"zahlung(en|s_?eingang)?|paye|pagado"),
    "written_off": re.compile(
        r"(amount_)?(written_?off|write_?off|charged_?off|charge_?off)(_amount)?|abschreibung|abgeschrieben(er_?betrag)?|"
        r"ausgebucht"),
    "credit_limit": re.compile(r"(credit_)?limite?|(kredit_?)?(rahmen|linie)"),
}  # fmt: skip
_STATUS = re.compile(r"(\w+_)?(status|state|zustand)")
_EASED = re.compile(r"forbearance|forborne|stundung|gestundet|restructured|umgeschuldet|umschuldung|eased|modified")
_YES, _NO = (
    frozenset(("1", "j", "ja", "y", "yes", "true", "oui", "si")),
    frozenset(("0", "n", "nein", "no", "false", "non")),
)
_STATES: dict[CreditStatus, frozenset[str]] = {
    CreditStatus.PERFORMING: frozenset(("performing", "current", "ok", "laufend", "normal", "aktiv", "active")),
    CreditStatus.ARREARS: frozenset(("arrears", "inarrears", "verzug", "inverzug", "ruckstand", "rueckstand", "late",
                                     "imruckstand", "delinquent", "pastdue", "uberfallig", "ueberfaellig")),
    CreditStatus.DEFAULT: frozenset(("default", "defaulted", "ausfall", "ausgefallen", "npl", "notleidend")),
    CreditStatus.CHARGED_OFF: frozenset(("chargedoff", "writtenoff", "abgeschrieben", "ausgebucht")),
    CreditStatus.CLOSED: frozenset(("closed", "geschlossen", "beendet", "getilgt", "settled", "repaid")),
}  # fmt: skip
_BARE_MONTH = re.compile(r"[0-9]{4}[-/.]?(0[1-9]|1[0-2])|(0[1-9]|1[0-2])[-/.][0-9]{4}")


def credit_months(look: Look) -> LedgerGuess | None:
    """Propose a mapping to 'credit_months'; None for any other file.

    A row is of an account, or a customer, and a month, and says the days past due or the arrears.
    """
    spoken = {name: "_".join(name_words(name)) for name in look.header if look.column(name)}
    late = next(
        (name for name, words in spoken.items() if _says_days_late(words) and _mostly(look, name, _is_count)), None
    )
    money = {ours: _first(look, spoken, pattern, is_amount) for ours, pattern in _MONEY.items()}
    account, customer = named(look, ACCOUNT), named(look, CUSTOMER)
    account = account or next(
        (one for one in look.header if _CREDIT.search(one.lower()) and named_for_a_key(one)), None
    )
    whose = account or customer
    if whose is None or (late is None and money["arrears"] is None):
        return None
    month = _month(look, spoken, whose)
    if month is None:
        return None
    columns: dict[str, object] = {} if account is None else {"account_id": account}
    remarks: list[str] = []
    ends = _ends(look, month)
    if ends is not None:
        columns["month_end"] = ends
        remarks += [*day_and_month(look, month), *_odd_days(look, month)]
    columns |= {} if late is None else {"days_past_due": late}
    columns |= {ours: name for ours, name in money.items() if name is not None and name != late}
    status, said_of_it = _status(look, spoken)
    columns |= status | _eased(look, spoken)
    remarks += said_of_it
    label = guessed_label(look)
    if label is not None and not names_little(label.column) and label.column not in _read(columns):
        return None  # months as rows to learn from, with an outcome of their own
    code, currency = currency_seen(look)
    said = (
        {"currency": {"column": code}} if code is not None else {"currency": currency} if currency is not None else {}
    )
    entry = {**written_of(look), **said, "known_after": "1d", "columns": columns}
    lacking = tuple(one.name for one in CREDIT_MONTHS.columns if not one.nullable and one.name not in columns)
    if not lacking:
        taken = ", ".join(f"{ours} from '{name}'" for ours, name in money.items() if name is not None)
        remarks.append(f"amounts of a month are taken so: {taken}. Check that each says that")
        known = f"a month's row is taken to be known a day after '{month}': correct known_after if it comes later"
        return LedgerGuess({"credit_months": entry}, (*remarks, known))
    asked = _asked(look, month, account, customer, ends)
    return LedgerGuess({}, (*asked, *remarks), (), {"credit_months": entry}, {"credit_months": lacking})


def _asked(look: Look, month: str, account: str | None, customer: str | None, ends: object) -> tuple[str, ...]:
    """Return what of a file's own columns does not fit, where more is lacking than columns."""
    asked = []
    if account is None:
        asked.append(f"its rows are of customers ('{customer}'), and a month of credit is of an account")
    if ends is None:
        asked.append(f"'{month}' holds no last days of months, and month_end is one: write 31.01.2024, not 01.2024")
    return tuple(asked)


def _first(look: Look, spoken: dict[str, str], pattern: re.Pattern[str], fits: Callable[[str], bool]) -> str | None:
    """Return the first column that is named so and of which most cells fit."""
    return next(
        (name for name, words in spoken.items() if pattern.fullmatch(words) and _mostly(look, name, fits)), None
    )


def _mostly(look: Look, name: str, fits: Callable[[str], bool]) -> bool:
    cells = look.column(name)
    return sum(map(fits, cells)) >= MOSTLY * len(cells)


def _says_days_late(words: str) -> bool:
    """Return whether a column's name says that it counts the days past due.

    >>> _says_days_late("tage_verzug"), _says_days_late("days_past_due"), _says_days_late("dpd_eom")
    (True, True, True)
    >>> _says_days_late("days_since_last_late"), _says_days_late("ruckstand")
    (False, False)
    """
    if _OTHER_DAYS.search(words) or not _DAYS.search(words):
        return False
    return "dpd" in words.split("_") or _LATE.search(words) is not None


def _is_count(cell: str) -> bool:
    return re.fullmatch(r"[0-9]{1,5}", cell) is not None


def _month(look: Look, spoken: dict[str, str], whose: str) -> str | None:
    """Return the column of whose months the rows are: last or first days of months, or months under a name for one.

    Loans may be paid out on first days too: the column is the one by which an account's rows differ.
    """
    found = [name for name, words in spoken.items() if _says_month(look, name, words) and _by_month(look, whose, name)]
    return next((name for name in found if _MONTH.search(spoken[name])), next(iter(found), None))


def _says_month(look: Look, name: str, words: str) -> bool:
    bare = _MONTH.search(words) is not None and _mostly(look, name, lambda cell: bool(_BARE_MONTH.fullmatch(cell)))
    return bare or _mostly_days(look, name, _is_first) or _mostly_days(look, name, _is_last)


def _mostly_days(look: Look, name: str, fits: Callable[[date], bool]) -> bool:
    """Return whether most cells of a column are local days that fit."""
    pattern = _day_pattern(look, name)
    return pattern is not None and _mostly(look, name, lambda cell: _day_fits(cell, pattern, fits))


def _day_pattern(look: Look, name: str) -> str | None:
    """Return the pattern by which a column's days are read; None where it holds none, or instants of a zone."""
    pattern = date_format(look, name)
    return pattern if pattern is not None and pattern.startswith("%") and "%z" not in pattern else None


def _day_fits(cell: str, pattern: str, fits: Callable[[date], bool]) -> bool:
    day = day_named(cell, pattern)
    return day is not None and fits(day)


def _is_first(day: date) -> bool:
    return day.day == 1


def _is_last(day: date) -> bool:
    return day.day == monthrange(day.year, day.month)[1]


def _ends(look: Look, name: str) -> object | None:
    """Return the mapping of a column of last days of months; None where most are others."""
    pattern = _day_pattern(look, name)
    return dated(name, pattern) if pattern is not None and _mostly_days(look, name, _is_last) else None


def _odd_days(look: Look, name: str) -> list[str]:
    """Return a remark on the rows of a column of last days of months that hold another day."""
    pattern = _day_pattern(look, name)
    assert pattern is not None
    odd: Callable[[str], bool] = lambda cell: is_date(cell, pattern) and not _day_fits(cell, pattern, _is_last)  # noqa: E731
    rows = look.rows_where(name, odd)
    if not rows:
        return []
    return [f"'{name}' holds last days of months, but not in {rows_named(rows)}: correct them, or 'check' tells them"]


def _by_month(look: Look, whose: str, month: str) -> bool:
    """Return whether most rows are of another account and month, and months repeat from account to account."""
    places = look.header.index(whose), look.header.index(month)
    pairs = {(row[places[0]].strip(), row[places[1]].strip()) for row in look.rows}
    months = {*look.column(month)}
    return len(pairs) >= MOSTLY * len(look.rows) and 2 * len(months) <= len(look.rows)


def _status(look: Look, spoken: dict[str, str]) -> tuple[dict[str, object], list[str]]:
    """Return the mapping of where an account stands, none where no column says it, and what is to be checked of it."""
    known = {word: state.value for state, words in _STATES.items() for word in words}
    for name, words in spoken.items():
        values = sorted({*look.column(name)})
        codes = {value: known[word] for value in values if (word := "".join(name_words(value))) in known}
        if _STATUS.fullmatch(words) and codes:
            taken = ", ".join(f"{value} {state}" for value, state in codes.items())
            remarks = [f"where an account stands is taken from '{name}' ({taken}): check the codes"]
            strange = [f"'{value}'" for value in values if value not in codes]
            if strange:
                ours = ", ".join(one.value for one in CreditStatus)
                remarks.append(
                    f"{', '.join(strange)} of '{name}' {'is' if len(strange) == 1 else 'are'} not known: say under its "
                    f"codes which of {ours} each is, or the load will be refused"
                )
            return {"status": {"column": name, "codes": codes}}, remarks
    return {}, []


def _eased(look: Look, spoken: dict[str, str]) -> dict[str, object]:
    for name, words in spoken.items():
        values = sorted({*look.column(name)})
        if any(map(_EASED.fullmatch, words.split("_"))) and {one.lower() for one in values} <= _YES | _NO:
            return {"forbearance": {"column": name, "codes": {one: one.lower() in _YES for one in values}}}
    return {}


def _read(columns: dict[str, object]) -> set[object]:
    return {one.get("column") if isinstance(one, dict) else one for one in columns.values()}
