"""The mapping proposed for a file of balances: what stood on each account at the end of a day.

Such a file says an account, a day, one or two balances, perhaps their currency and the customer. A column of anything
else, such as a key or a text, is of a booking, or of rows to learn from, and makes it another file. Used by
`ledger_guess`.
"""

import re

from bank360.sources.file_look import MOSTLY, Look
from bank360.sources.flat_guess import date_format, named_for_a_key, row_date, written_of
from bank360.sources.identifier_columns import CUSTOMER
from bank360.sources.ledger_columns import ACCOUNT, LedgerGuess, named
from bank360.sources.mapped_protected import name_words
from bank360.sources.money_guess import currency_seen, is_amount

_BOOKED = re.compile(
    r"((konto|buchungs|buch|end|tages|tagesend|monatsend|schluss|abschluss|ist)_?|gebuchter_)?saldo|konto_?stand|"
    r"((account|booked|ledger|closing|current|end|eod|month_end|day_end|actual)_)?balance|"
    r"solde(_(comptable|final))?|saldo_(contable|final|contabile)"
)
_AVAILABLE = re.compile(
    r"available(_(balance|amount|funds))?|verfugbar(er|es)?(_(saldo|betrag|guthaben))?|verfuegbar(er|es)?(_(saldo|betrag|"
    r"guthaben))?|(solde_|saldo_)?disponib(le|ile)"
)
_IN_A_CURRENCY = re.compile(r"_(in_)?([a-z]{3}|euro)$")
_OF_THE_ACCOUNT = re.compile(
    r"open|eroeff|eroff|start|since|seit|begin|creat|clos|schl(ie|o)ss(ung|en)|ouvert|apertura"
)


def balances(look: Look) -> LedgerGuess | None:
    """Propose a mapping to 'balances'; None for any other file."""
    account, day = named(look, ACCOUNT), row_date(look, look.header)
    days = [name for name in look.header if date_format(look, name) is not None]
    if account is None or day is None or len(days) != 1 or _OF_THE_ACCOUNT.search("_".join(name_words(days[0]))):
        return None
    booked, available = _amounts_named(look, _BOOKED), _amounts_named(look, _AVAILABLE)
    if booked is None or booked == account or not _by_day(look, account, days[0]):
        return None
    code, currency = currency_seen(look)
    others = {*look.header} - {account, days[0], booked, available, code, named(look, CUSTOMER)}
    if others:
        return None
    columns: dict[str, object] = {"account_id": account, "date": day[0], "booked": booked}
    columns |= {} if available is None else {"available": available}
    said = {"currency": {"column": code}} if code is not None else {"currency": currency} if currency else {}
    entry = {**written_of(look), **said, "sign": "credit_positive", "known_after": "1d", "columns": columns}
    owed = any(re.search(r"[-(\u2212]", cell) for cell in look.column(booked))
    none = "" if owed else "no balance looked at is negative: "
    sign = f"{none}a negative balance of '{booked}' is taken to be owed to the bank: else write sign: debit_positive"
    known = (
        f"balances of '{days[0]}' are taken to stand at its end and to be known a day after: else correct known_after"
    )
    return LedgerGuess({"balances": entry}, (*day[1], sign, known))


def _amounts_named(look: Look, pattern: re.Pattern[str]) -> str | None:
    """Return the first column of amounts that is named so, whatever currency its name ends in."""
    for name in look.header:
        words = "_".join(name_words(name))
        named_so = pattern.fullmatch(words) or pattern.fullmatch(_IN_A_CURRENCY.sub("", words))
        cells = look.column(name)
        if named_so and not named_for_a_key(name) and cells and sum(map(is_amount, cells)) >= MOSTLY * len(cells):
            return name
    return None


def _by_day(look: Look, account: str, day: str) -> bool:
    """Return whether rows are of another account and day each, and days repeat from account to account.

    Where no account repeats the rows are of accounts: of balances only if all stand on one and the same day.
    """
    places = look.header.index(account), look.header.index(day)
    pairs = {(row[places[0]].strip(), row[places[1]].strip()) for row in look.rows}
    accounts, days = {*look.column(account)}, {*look.column(day)}
    if len(look.rows) < 2 or len(pairs) < MOSTLY * len(look.rows):
        return False
    return len(days) == 1 or (2 * len(accounts) <= len(pairs) and 2 * len(days) <= len(pairs))
