"""What the guesses on a ledger's tables look for alike: whose account or customer a row is of, and what names it.

A column counts for what most of its cells make it: one doubled or empty key makes a file of customers no other file,
and the load tells the row. Used by `ledger_guess`, `holder_guess`, `product_guess`, `balance_guess` and
`arrears_guess`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from bank360.sources.file_look import MOSTLY, Look, date_patterns
from bank360.sources.flat_guess import date_format, dated, named_for_a_key, names_rows, row_key
from bank360.sources.mapped_flat import FLAT_NULLS
from bank360.sources.money_guess import currency_seen

Entries = dict[str, dict[str, object]]
_MOST_ROWS_NAMED = 3


@dataclass(frozen=True)
class LedgerGuess:
    """Entries for ``files`` by the table they fill; assumptions that somebody has to settle; what else to know.

    ``waiting`` are entries of tables that need more than the file has: by table the columns that it lacks stand in
    ``lacking``. They are no part of the mapping before somebody has completed them. ``holders`` is what somebody has to
    settle of who holds the accounts, as long as no file says it.
    """

    entries: Entries
    unsettled: tuple[str, ...]
    notes: tuple[str, ...] = ()
    waiting: Entries = field(default_factory=dict)
    lacking: dict[str, tuple[str, ...]] = field(default_factory=dict)
    holders: str | None = None


ACCOUNT = re.compile(r"acc(oun)?t|iban|kont[oaei]|compte|cuenta|\bcont[oa]\b|rachun|rekening|účet")


def named(look: Look, pattern: re.Pattern[str]) -> str | None:
    """Return the first column that is named so and says something in every row, or else in most; no date, no money."""
    found = [
        name
        for name in look.header
        if pattern.search(name.lower())
        and len(look.column(name)) >= MOSTLY * len(look.rows)
        and not date_patterns(look.column(name))
        and not _money(look, name)
    ]
    return next((name for name in found if look.filled(name)), next(iter(found), None))


def key_of(look: Look, pattern: re.Pattern[str]) -> str | None:
    """Return the column that is named so and names the rows, or else most of them; a plain "id" where the file is."""
    stem = look.name.rsplit("/", 1)[-1].lower()
    plain = [name for name in look.header if name.lower() == "id"] if pattern.search(stem) else []
    others = [name for name in look.header if pattern.search(name.lower()) and not date_patterns(look.column(name))]
    return _first_key(look, (*plain, *others))


def mostly_row_key(look: Look, names: Iterable[str]) -> str | None:
    """Return the first column that is named for a key and names the rows, or else most of them."""
    names = list(names)
    return row_key(look, names) or _first_key(look, filter(named_for_a_key, names))


def names_most_rows(look: Look, name: str) -> bool:
    """Return whether a column has another value in most rows, `MOSTLY` of them at least."""
    return len({*look.column(name)}) >= MOSTLY * len(look.rows)


def doubled(look: Look, key: str) -> list[str]:
    """Return a remark on the rows whose key is empty or stands in an earlier row; no cell is repeated."""
    place = look.header.index(key)
    seen: set[str] = set()
    rows: list[int] = []
    for number, row in enumerate(look.rows):
        cell = row[place].strip()
        if cell in seen or cell in FLAT_NULLS:
            rows.append(look.lines[number] if look.lines else number + 1)
        seen.add(cell)
    if not rows:
        return []
    shown = ", ".join(map(str, rows[:_MOST_ROWS_NAMED]))
    more = f" and {len(rows) - _MOST_ROWS_NAMED:,} more" if len(rows) > _MOST_ROWS_NAMED else ""
    each = f"row{'s' if len(rows) > 1 else ''} {shown}{more}"
    one = "it is empty or repeats an earlier row's" if len(rows) == 1 else "they are empty or repeat an earlier row's"
    return [f"'{key}' is the key, and in {each} {one}: correct that, or the load will be refused"]


def currency_of(look: Look, *, file_level: bool) -> dict[str, object]:
    """Return what a file's entry says of its currency, among its columns or, ``file_level``, beside them."""
    column, code = currency_seen(look)
    if file_level:
        return {} if code is None else {"currency": code}
    return {} if column is None else {"currency": column}


def dated_by(look: Look, name: str) -> object:
    """Return the mapping of a column of dates."""
    pattern = date_format(look, name)
    assert pattern is not None
    return dated(name, pattern)


def _first_key(look: Look, names: Iterable[str]) -> str | None:
    names = list(names)
    whole = next((name for name in names if names_rows(look, name)), None)
    return whole or next((name for name in names if names_most_rows(look, name)), None)


def _money(look: Look, name: str) -> bool:
    return any(re.search(r"[.,][0-9]", cell) for cell in look.column(name))
