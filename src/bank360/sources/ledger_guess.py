"""The mappings proposed for the tables of a bank's ledger: customers, accounts and who holds them, transactions.

A file is one of them by what its columns are named and how often their values repeat: transactions have an account that
repeats, a day and an amount; an account file names each account once, with its holder and the day it was opened; a
customer file names each customer once and says something of the person. Keys are judged by their share, as all cells
are: a doubled one makes no other file. Whatever else a file has stays unread until somebody maps it. Neighbours:
`holder_guess`, `product_guess`, `balance_guess`, `arrears_guess`, `interaction_guess`, and what they share,
`ledger_columns`.
"""

import re
from collections.abc import Callable
from functools import partial

from bank360.bank.countries import COUNTRIES, COUNTRY_FORM
from bank360.sources.arrears_guess import credit_months
from bank360.sources.balance_guess import balances
from bank360.sources.channel_guess import guessed_codes
from bank360.sources.file_look import Look
from bank360.sources.flat_guess import (
    date_format,
    dated,
    day_and_month,
    exact_pattern,
    open_ended,
    row_date,
    written_of,
)
from bank360.sources.holder_guess import doubled_accounts, holders
from bank360.sources.identifier_columns import CUSTOMER
from bank360.sources.interaction_guess import interactions
from bank360.sources.label_guess import guessed_label, names_little
from bank360.sources.ledger_columns import (
    ACCOUNT,
    Entries,
    LedgerGuess,
    currency_of,
    dated_by,
    doubled,
    key_of,
    mostly_row_key,
    named,
    names_most_rows,
)
from bank360.sources.mapped_protected import name_words, protected_kind
from bank360.sources.money_guess import guessed_sign, is_amount
from bank360.sources.odd_cells import odd_rows
from bank360.sources.party_guess import guessed_type
from bank360.sources.personal_columns import personal_kind
from bank360.sources.product_guess import products

_OPENED = re.compile(r"open|start|since|creat|eroeff|eröff|begin|ouvert|apertura|from|inception")
_CLOSED = re.compile(r"clos|schlie|schlo(ss|ß)|aufgel|gek(ue|ü|u)nd|k(ue|ü|u)ndig|erlosch|ferm|cierre|cerrad|chius|end")
_JOINED = re.compile(r"join|since|onboard|regist|member|kunde_?seit|start|creat|open")
_PRODUCT = re.compile(r"product|produkt|produit|type|kind|typ\b|plan|(^|_)(konto)?art$")
_REGION = re.compile(r"^(region|county|state|province|kanton|bundesland|city|town|ort|ville)$")
_ROW_KEY = re.compile(r"id$|txn|trans|ref")
_OF_PLACE = re.compile(r"^(merchant_?)?(country|land|l(ae|ä)nder|pays|pa(i|í)s)(_?(code|kz|kennzeichen))?$")
_COUNTRY = (
    "every payment is taken to be in the bank's own country, bank.country: map the column that says where it was, or "
    "correct bank.country"
)
_SEX = {"f": "female", "female": "female", "w": "female", "woman": "female", "frau": "female", "femme": "female",
        "m": "male", "male": "male", "man": "male", "mann": "male", "herr": "male", "homme": "male"}  # fmt: skip
_MARITAL = {"single": "single", "married": "married", "divorced": "divorced", "widowed": "widowed", "s": "single",
            "m": "married", "d": "divorced", "w": "widowed"}  # fmt: skip


def ledger_proposal(look: Look) -> LedgerGuess | None:
    """Return what a file fills of the ledger's tables; None for no such file."""
    guesses: tuple[Callable[[Look], LedgerGuess | None], ...] = (
        credit_months,
        products,
        balances,
        _transactions,
        interactions,
        partial(holders, only_by_role=True),
        _accounts,
        partial(holders, only_by_role=False),
        _customers,
    )
    return next((found for guess in guesses if (found := guess(look)) is not None), None)


def unread(look: Look, entries: Entries) -> tuple[str, ...]:
    """Return the columns of a file that no part of the proposed entries reads."""
    read = {name for entry in entries.values() for name in _read_by(entry)}
    return tuple(name for name in look.header if name not in read)


def day_of(transactions: dict[str, object]) -> str:
    """Return the file's column that dates the rows of a proposed entry of transactions."""
    columns = transactions["columns"]
    assert isinstance(columns, dict)
    return str(columns["event_time"]["column"])


def _read_by(entry: dict[str, object]) -> set[object]:
    """Return every text below ``columns``, ``sign`` and ``currency`` that may name a column of the file."""
    columns, sign, currency = entry.get("columns", {}), entry.get("sign"), entry.get("currency")
    assert isinstance(columns, dict)
    maps = [*columns.values(), *(sign.values() if isinstance(sign, dict) else ())]
    maps += [currency] if isinstance(currency, dict) else []  # a text is a code, and no column
    return {one.get("column") if isinstance(one, dict) else one for one in maps if not isinstance(one, list)}


def _and(names: list[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def same_shape(one: Look, other: Look) -> bool:
    """Return whether two files are parts of one delivery: named alike but for digits, with the same columns."""
    return parts_pattern(one.name) == parts_pattern(other.name) and (one.header, one.delimiter, one.encoding) == (
        other.header, other.delimiter, other.encoding,
    )  # fmt: skip


def parts_pattern(name: str) -> str:
    """Return a pattern for files that are named alike but for digits.

    >>> parts_pattern("tx/2024-01.csv")
    'tx/*-*.csv'
    """
    folder, mark, last = name.rpartition("/")
    return exact_pattern(folder) + mark + re.sub(r"[0-9]+", "*", exact_pattern(last))


def _transactions(look: Look) -> LedgerGuess | None:
    account = named(look, ACCOUNT)
    day = row_date(look, look.header)
    key = mostly_row_key(look, [name for name in look.header if name != account])
    if account is None or day is None or len({*look.column(account)}) == len(look.column(account)):
        return None
    dates = [name for name in look.header if date_format(look, name) is not None]
    sign, amount, unsigned = guessed_sign(look, taken=(account, *dates, *([] if key is None else [key])))
    if sign is None:
        return None
    if key is None:
        told = sign.values() if isinstance(sign, dict) else ()
        spoken = {account, amount, *dates, *(one for one in told if isinstance(one, str))}
        key = next((name for name in look.header if name not in spoken and _ROW_KEY.search(name.lower())), None)
        if key is None or not names_most_rows(look, key):
            return None
    if len({*look.column(key)}) <= len({*look.column(account)}):  # a row for each account, one of them doubled
        return None
    columns: dict[str, object] = {"transaction_id": key, "account_id": account, "event_time": day[0]}
    if amount is not None:
        columns["amount"] = amount
    columns |= currency_of(look, file_level=False)
    place = next((name for name in look.header if _OF_PLACE.search(name.lower()) and _are_countries(look, name)), None)
    columns |= {} if place is None else {"country": place}  # else the bank's own
    checks = [*([unsigned] if unsigned else []), *day[1], *([] if place is None else _no_countries(look, place))]
    for ours in ("channel", "scheme"):
        coded, said = guessed_codes(look, ours)
        if coded is not None:
            columns[ours] = coded
            checks += said
    pair = [str(one) for one in sign.values()] if isinstance(sign, dict) else []
    held = pair if amount is None else [amount]
    odd = [line for name in held for line in odd_rows(look, name, "amounts", lambda cell: not is_amount(cell))]
    thin = [ours for ours in ("channel", "scheme", "category") if ours not in columns]
    notes = [f"{_and(thin)} {'is' if len(thin) == 1 else 'are'} not mapped: map what the file says"] if thin else []
    how = {**written_of(look), **currency_of(look, file_level=True)}
    entry = {**how, "sign": sign, "known_after": "1d", "columns": columns}
    return LedgerGuess(
        {"transactions": entry}, (*checks, *([] if place else [_COUNTRY])), (*doubled(look, key), *odd, *notes)
    )


def _are_countries(look: Look, name: str) -> bool:
    """Return whether every row shown has two capitals, and most of them a country's."""
    cells = look.column(name)
    coded = look.filled(name) and all(map(re.compile("[A-Z]{2}").fullmatch, cells))
    return coded and 2 * sum(cell in COUNTRIES for cell in cells) > len(cells)


def _no_countries(look: Look, name: str) -> list[str]:
    """Return what to do about values of a column of countries that are none."""
    others = sorted({*look.column(name)} - COUNTRIES)
    if not others:
        return []
    shown = ", ".join(f"'{one}'" for one in others)
    return [f"'{name}' has {shown}, no country: {COUNTRY_FORM}. Give its mapping codes, or correct the file"]


def _accounts(look: Look) -> LedgerGuess | None:
    account = key_of(look, ACCOUNT)
    customer = named(look, CUSTOMER)
    named_so = look.header[0] == account or ACCOUNT.search(look.name.lower()) is not None
    if account is None or not named_so or guessed_label(look) is not None:
        return None
    days = [name for name in look.header if date_format(look, name) is not None]
    began = [name for name in days if look.filled(name) and not open_ended(look, name)]
    opened = next((name for name in began if _OPENED.search(name.lower())), next(iter(began), None))
    if opened is None:
        return None
    remarks = day_and_month(look, opened)
    day = dated_by(look, opened)
    product = next((name for name in look.header if _PRODUCT.search("_".join(name_words(name)))), None)
    columns: dict[str, object] = {
        "account_id": account,
        "product_id": product if product is not None and look.filled(product) else {"constant": "ACCOUNT"},
        "opened_on": day,
    }
    columns |= currency_of(look, file_level=False)
    closed = next((name for name in days if _CLOSED.search(name.lower()) and name != opened), None)
    if closed is not None:
        columns["closed_on"] = dated_by(look, closed)
    how = written_of(look)
    entries: Entries = {
        "accounts": {**how, **currency_of(look, file_level=True), "known_after": "0d", "columns": columns}
    }
    if customer is None:
        asked = "no column says who holds an account: another file must fill account_parties"
        return LedgerGuess(entries, tuple(remarks), tuple(doubled_accounts(look, account, None)), holders=asked)
    held: dict[str, object] = {
        "account_id": account,
        "customer_id": customer,
        "role": {"constant": "owner"},
        "valid_from": day,
        "liability_share": {"constant": 1.0},
    }
    entries["account_parties"] = {**how, "known_after": "0d", "columns": held}
    only = f"'{customer}' is taken for the only holder of each account"
    return LedgerGuess(entries, tuple(remarks), tuple(doubled_accounts(look, account, customer)), holders=only)


def _customers(look: Look) -> LedgerGuess | None:
    personal: dict[str, object] = {}
    for name in look.header:
        kind = personal_kind(name, look.column(name))
        if kind is not None:
            personal.setdefault({"full_name": "family_name"}.get(kind, kind), name)
    key = key_of(look, CUSTOMER)
    if key is None and {"given_name", "family_name"} & {*personal}:  # people, whatever their number is called
        key = mostly_row_key(look, [name for name in look.header if name not in personal.values()])
    label = guessed_label(look)
    if key is None or (label is not None and not (len(personal) > 1 and names_little(label.column))):
        return None
    party, remarks = guessed_type(look)
    columns: dict[str, object] = {"customer_id": key, "type": party}
    for name in look.header:
        words = "_".join(name_words(name))
        pattern = date_format(look, name)
        if protected_kind(name) == "birth" and pattern is not None:
            columns.setdefault("birth_date", dated(name, pattern))
            remarks += day_and_month(look, name)
        elif pattern is not None and _JOINED.search(words) and name != key:
            columns.setdefault("onboarded_on", dated(name, pattern))
            remarks += day_and_month(look, name)
        elif _REGION.fullmatch(words) and name not in personal.values():  # an Ort is a city, and nothing else beside it
            columns.setdefault("region", name)
    for target, known in (("sex", _SEX), ("marital_status", _MARITAL)):
        found = _coded(look, known, taken=set(map(str, columns.values())), marital=target == "marital_status")
        if found is not None:
            columns[target] = found
    if len(columns) < 3 and not personal:
        return None
    how = {**written_of(look), "history": "none"}
    entries: Entries = {"customers": {**how, "columns": columns}}
    if personal:
        told: dict[str, object] = {
            "customer_id": key,
            "valid_from": {"constant": "1900-01-01"},
            "source": {"constant": "core"},
        }
        if "birth_date" in columns:
            told["birth_date"] = columns["birth_date"]
        entries["customer_personal"] = {**how, "columns": {**told, **personal}}
    lost = "'history: none' is assumed: the file is overwritten, and what it said before is lost"
    return LedgerGuess(entries, tuple(remarks), (*doubled(look, key), lost))


def _coded(look: Look, known: dict[str, str], *, taken: set[str], marital: bool) -> object | None:
    """Return the column of a protected attribute, its values translated; values that nobody knows become unknown."""
    told: Callable[[str], bool] = lambda name: bool(re.search(r"marit|famil|marri|civil", name.lower()))  # noqa: E731
    for name in look.header:
        values = sorted({*look.column(name)})
        fits = protected_kind(name) == "group" and told(name) == marital and name not in taken
        if fits and values and sum(value.lower() in known for value in values) * 2 >= len(values):
            codes = {value: known[value.lower()] for value in values if value.lower() in known}
            return {"column": name, "codes": codes, "other": "unknown", "missing": "unknown"}
    return None
