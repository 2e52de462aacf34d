"""A fault of a delivery: one thing wrong with one column of one file, in however many rows. Why a load is refused.

Faults are collected over the chunks of a file and told together, so that one refusal says all there is to mend. What
is kept of one never grows with its rows: a count, the first three rows, the first values. `bank.errors.DataRefused`
carries them; `bank.finding` is its sibling for rows that are accepted all the same.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bank360.bank.personal_numbers import masked_key

EXAMPLES = 3  # rows that are named of each fault
VALUES = 12  # different values that are kept of each fault: of unknown codes all that a mapping is likely to lack
HIDDEN_VALUE = "the value"  # in place of what says who somebody is
CODES, TEXTS = "{codes}", "{texts}"  # in a fault's line: its values as keys of a mapping, and as a list
_SHOWN, _LONGEST = 3, 40
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_YAML_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


@dataclass(frozen=True)
class Fault:
    """One fault.

    Parameters
    ----------
    file, column
        As delivered; ``column`` is None for a fault of whole rows or of the file.
    what
        What is wrong; ends the sentence that begins with a value, where there are ``values``.
    remedy
        What the user can do about it, as whole sentences.
    rows
        The first rows that have it, up to `EXAMPLES`; empty for a fault of the file.
    count
        How many rows have it.
    values
        Different values that have it, in order, one more than `VALUES` where there are more; `HIDDEN_VALUE` alone where
        they may not be told.
    line
        What to write in the mapping, and where; `CODES` and `TEXTS` in it stand for the values.
    """

    file: str
    column: str | None
    what: str
    remedy: str
    rows: tuple[int, ...] = ()
    count: int = 1
    values: tuple[str, ...] = ()
    line: str = ""

    @property
    def problem(self) -> str:
        """What is wrong, with some of the values that have it."""
        if not self.values:
            return self.what
        first, *others = [one if one == HIDDEN_VALUE else _quoted(one) for one in self.values]
        told = others[: VALUES - 1] if CODES in self.line else others[: _SHOWN - 1]
        if not others:
            return f"{first} {self.what}"
        more = " and others" if len(told) < len(others) else ""
        return f"{first} {self.what} (likewise {', '.join(told)}{more})"

    @property
    def remedies(self) -> str:
        """What to do: the remedy, and the line for the mapping."""
        if not self.line:
            return self.remedy
        known = [] if HIDDEN_VALUE in self.values else [_yaml(one) for one in self.values[:VALUES]]
        keys = ", ".join(f"{one}: …" for one in known) or "…"
        return f"{self.remedy} {self.line.replace(CODES, keys).replace(TEXTS, ', '.join(known) or '…')}"

    def __str__(self) -> str:
        where = [f"file '{self.file}'"]
        if self.column is not None:
            where.append(f"column '{self.column}'")
        if self.rows:
            more = self.count - len(self.rows)
            named = ", ".join(map(str, self.rows))
            where.append(f"row{'s' if self.count > 1 else ''} {named}{f' and {more:,} more' if more else ''}")
        return f"{', '.join(where)}: {self.problem}. {self.remedies}"


class Faults:
    """Collects faults: the same thing wrong with the same column of the same file is one, over all chunks."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str | None, str, str, str], Fault] = {}

    def add(self, faults: Iterable[Fault]) -> None:
        """Take faults in, those of earlier rows before those of later ones."""
        for fault in faults:
            kind = (fault.file, fault.column, fault.what, fault.remedy, fault.line)
            before = self._found.get(kind)
            self._found[kind] = fault if before is None else _both(before, fault)

    def __bool__(self) -> bool:
        return bool(self._found)

    def found(self) -> tuple[Fault, ...]:
        """Return the faults, in the order in which each was first met."""
        return tuple(self._found.values())


def shown_values(values: Iterable[object]) -> tuple[str, ...]:
    """Return values as a fault keeps them: different ones, a key that is a personal number masked, long ones cut.

    >>> shown_values(["a", "b", "a"]), shown_values(["DE89 3704 0044 0532 0130 00"])
    (('a', 'b'), ('•••3000',))
    """
    return tuple(dict.fromkeys(_cut(masked_key(str(value))) for value in values))[: VALUES + 1]


def _both(first: Fault, later: Fault) -> Fault:
    values = tuple(dict.fromkeys((*first.values, *later.values)))[: VALUES + 1]
    rows = (*first.rows, *later.rows)[:EXAMPLES]
    return replace(first, rows=rows, count=first.count + later.count, values=values)


def _cut(text: str) -> str:
    line = " ".join(text.split()) if text.strip() else text
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _quoted(text: str) -> str:
    return f"'{text}'"


def _yaml(text: str) -> str:
    """Return a text as YAML reads it for a text: in quotes unless it is a plain word."""
    plain = _PLAIN.fullmatch(text) is not None and text.lower() not in _YAML_WORDS
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return text if plain else f'"{escaped}"'
