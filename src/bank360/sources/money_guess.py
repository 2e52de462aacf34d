"""What a file says of its money: which amounts leave an account, and in which currency they are. A guess.

Amounts whose direction nothing tells get the sign ``unsettled``, which a load refuses: a bank whose debits are credits
would look sound. Used by `ledger_guess` and `mapping_template`.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable

from bank360.sources.file_look import MOSTLY, Look
from bank360.sources.flat_guess import date_format, named_for_a_key
from bank360.sources.mapped_protected import name_words, protected_kind
from bank360.sources.mapped_sign import UNSETTLED

_WORDS = "amount amt betrag value sum montant importe umsatz kwota bedrag importo valor castka"
_AMOUNT = re.compile(_WORDS.replace(" ", "|"))
_AMOUNT_WORDS = frozenset(_WORDS.split())
_LEAST_RUNNING = 5  # rows, to take whole numbers that follow each other for running numbers
_OUT = re.compile(r"debit|withdraw|paid_?out|money_?out|soll|retrait|cargo|outflow|^out$")
_IN = re.compile(r"credit|deposit|paid_?in|money_?in|haben|versement|abono|inflow|^in$")
# Numbers as ledgers write them: with groups of thousands, a currency sign, a minus behind, or in brackets.
_AMOUNTS = re.compile(r"\(?[+-]?\s*[£$€¥]?\s*[0-9]+([.,' ][0-9]{3})*([.,][0-9]+)?\s*[£$€¥]?-?\)?")
# What a column says of money out and money in, in several languages.
_PAIRS = (
    ("debit", "credit"), ("dr", "cr"), ("db", "cr"), ("d", "c"), ("soll", "haben"), ("s", "h"), ("debe", "haber"),
    ("dare", "avere"), ("cargo", "abono"), ("belastung", "gutschrift"), ("lastschrift", "gutschrift"),
    ("wn", "ma"), ("winien", "ma"), ("obciazenie", "uznanie"), ("af", "bij"), ("debet", "credit"),
    ("debito", "credito"), ("ausgang", "eingang"), ("ausgabe", "einnahme"), ("out", "in"),
    ("withdrawal", "deposit"), ("-", "+"),
)  # fmt: skip
_LETTERS_ELSEWHERE = (("d", "h"), ("d", "a"))  # debe and haber, dare and avere: in a column named for it only
_INDICATOR = re.compile(
    r"soll.?haben|^s.?h$|^s.?h.?(kz|kennz)|^d.?c$|dr.?cr|^d.?[ch]$|debit.?credit|haben.?kenn|^wn.?ma$|af.?bij|debito.?credito|kennzeichen|vorzeichen|"
    r"indicator|direction|richtung|sens$|signo|segno|^sign$|debe.?haber|dare.?avere"
)
_CURRENCY = re.compile(r"curr|ccy|waehr|wahr|whrg|devise|moneda|divisa|valuta|^iso")
_ISO = re.compile(r"[A-Z]{3}")
_CODES = frozenset((
    "EUR", "GBP", "USD", "CHF", "SEK", "NOK", "DKK", "ISK", "PLN", "CZK", "HUF", "RON", "BGN", "TRY", "UAH", "JPY",
    "CNY", "INR", "KRW", "AUD", "NZD", "CAD", "ZAR", "BRL", "MXN", "ILS", "AED", "SGD", "HKD", "KES", "NGN",
))  # fmt: skip
_SYMBOLS = {"€": "EUR", "£": "GBP", "zł": "PLN", "Kč": "CZK"}  # $ and ¥ are several currencies


def guessed_sign(look: Look, taken: Collection[str] = ()) -> tuple[object | None, str | None, str | None]:
    """Return the sign convention, the column of amounts (None where two hold them), and what is unsettled of it.

    The sign is None where no column holds amounts. Of several such columns the one named with the very word is it
    (``Betrag`` before ``Kundenumsatz``); one that is named for a number or an id, that numbers the rows or holds days
    is never it.

    Parameters
    ----------
    taken
        Columns that mean something else already: keys, the day.
    """
    numeric = [name for name in look.header if name not in taken and _holds_amounts(look, name)]
    words = {name: "_".join(name_words(name)) for name in numeric}
    amounts = [name for name in numeric if _AMOUNT.search(words[name]) and look.filled(name)]
    amounts.sort(key=lambda name: _distance_from_the_word(name_words(name)))
    out = next((name for name in numeric if _OUT.search(words[name])), None)
    into = next((name for name in numeric if _IN.search(words[name]) and name != out), None)
    if out is not None and into is not None and not (look.filled(out) or look.filled(into)):
        return {"debit": out, "credit": into}, None, None
    if not amounts:
        return None, None, None
    if any("-" in cell or "(" in cell for cell in look.column(amounts[0])):
        return "credit_positive", amounts[0], None
    indicators = [found for name in look.header if (found := _indicator(look, name)) is not None]
    named = [one for one in indicators if _named_for_it(str(one["indicator"]))]
    if indicators:
        return (named or indicators)[0], amounts[0], None
    unsigned = (
        "all amounts are positive and no column tells debit from credit: state the sign (credit_positive, "
        "debit_positive, two columns, or an indicator) in place of 'unsettled', which refuses the load"
    )
    return UNSETTLED, amounts[0], unsigned


def currency_seen(look: Look) -> tuple[str | None, str | None]:
    """Return the column that holds currency codes, or else the one currency that headers and amounts name.

    >>> currency_seen(Look("k.csv", "csv", ";", "utf-8", 1, ",", ("Betrag (EUR)",), (("1,50",),)))
    (None, 'EUR')
    """
    for name in look.header:
        named = _CURRENCY.search("".join(name_words(name)))
        if named and look.filled(name) and all(map(_ISO.fullmatch, look.column(name))):
            return name, None
    for name in look.header:  # whatever it is called: no other column holds nothing but codes of currencies
        if look.filled(name) and _CODES.issuperset(look.column(name)):
            return name, None
    told = {code for name in look.header for code in _codes_in(name)}
    told |= {
        _SYMBOLS[mark]
        for name in look.header
        for cell in look.column(name)
        for mark in _SYMBOLS
        if mark in cell and _AMOUNTS.fullmatch(cell.replace(mark, ""))
    }
    return None, told.pop() if len(told) == 1 else None


def commonest_currency(looks: Iterable[Look]) -> str | None:
    """Return the currency of most of the rows looked at, of those that say one; None where none does."""
    rows: Counter[str] = Counter()
    for look in looks:
        column, code = currency_seen(look)
        if column is not None:
            rows.update(look.column(column))
        elif code is not None:
            rows[code] += len(look.rows)
    return rows.most_common(1)[0][0] if rows else None


def is_amount(cell: str) -> bool:
    """Return whether a cell is an amount as ledgers write them.

    >>> is_amount("1.234,56-"), is_amount("(12)"), is_amount("ten")
    (True, True, False)
    """
    return _AMOUNTS.fullmatch(cell) is not None


def _holds_amounts(look: Look, name: str) -> bool:
    cells = look.column(name)
    if not cells or named_for_a_key(name) or sum(map(is_amount, cells)) < MOSTLY * len(cells):
        return False
    return not _numbers_rows(cells) and date_format(look, name) is None


def _numbers_rows(cells: Collection[str]) -> bool:
    """Return whether cells are whole numbers that follow each other, in whatever order the rows stand."""
    if len(cells) < _LEAST_RUNNING or not all(map(re.compile(r"[0-9]{1,18}").fullmatch, cells)):
        return False
    found = {int(cell) for cell in cells}
    return len(found) == len(cells) == max(found) - min(found) + 1


def _distance_from_the_word(words: tuple[str, ...]) -> int:
    """Return 0 for a name that is a word for amounts, 1 for one that has such a word, 2 for a part of a word."""
    if len(words) == 1 and words[0] in _AMOUNT_WORDS:
        return 0
    return 1 if _AMOUNT_WORDS.intersection(words) else 2


def _codes_in(header: str) -> set[str]:
    words = {word.upper() for word in re.findall(r"[A-Za-z]{3,}", re.sub(r"(?<=[a-z])(?=[A-Z]{3}\b)", " ", header))}
    marks = {code for mark, code in _SYMBOLS.items() if mark in header}
    return words & _CODES | marks


def _indicator(look: Look, name: str) -> dict[str, object] | None:
    """Return the sign by a column that says debit or credit beside each amount; None where it says neither."""
    if protected_kind(name) is not None or not look.filled(name):
        return None
    values = {_plain(cell): cell for cell in look.column(name)}
    spellings = {*look.column(name)}
    pairs = (*_PAIRS, *_LETTERS_ELSEWHERE) if _named_for_it(name) else _PAIRS
    pair = next((one for one in pairs if {*values} == {*one}), None)
    if pair is None and len(values) == 1 and _named_for_it(name):  # the rows looked at are all of one kind
        (only,) = values
        pair = next((one for one in pairs if only in one), None)
    if pair is None:
        return None
    out, into = (sorted(one for one in spellings if _plain(one) == word) or [_like(spellings, word)] for word in pair)
    return {"indicator": name, "debit": out, "credit": into}


def _like(spellings: set[str], word: str) -> str:
    """Return a word that no row looked at has, in capitals where the others are."""
    return word.upper() if all(one.isupper() for one in spellings) else word


def _plain(cell: str) -> str:
    return cell if cell in ("+", "-") else "".join(name_words(cell))


def _named_for_it(name: str) -> bool:
    return _INDICATOR.search("_".join(name_words(name))) is not None
