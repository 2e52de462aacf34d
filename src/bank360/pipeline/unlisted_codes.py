"""Codes that a mapping does not list and that ``other`` swallows: counted over a load, told as a finding of it.

Nobody would miss them: a channel that is new, a category nobody mapped, become *unknown* in silence. Fed by
`delivery_rows`; the rule's name is how `check` finds them again among the findings of loads.
"""

from collections import Counter
from dataclasses import dataclass, field

from bank360.bank.counted import counted
from bank360.bank.fault import shown_values
from bank360.bank.finding import Finding
from bank360.bank.vocabulary import Severity
from bank360.sources.source import Unlisted
from bank360.storage.files import OpenFile

RULE = "unlisted_codes"
_TOLD, _KEPT = 8, 1000


@dataclass
class UnlistedCodes:
    """Counts the codes of one load, by file and column: at most a thousand of each, all further ones as one."""

    _found: dict[tuple[int, str], tuple[Unlisted, Counter[str]]] = field(default_factory=dict)

    def add(self, position: int, one: Unlisted) -> None:
        """Take in those of a batch of the file at ``position`` of the delivery."""
        _, codes = self._found.setdefault((position, one.column), (one, Counter()))
        for code, rows in one.codes.items():
            codes[code if code in codes or len(codes) < _KEPT else ""] += rows

    def findings(self, opened: list[OpenFile]) -> list[Finding]:
        """Return one finding for each file and column."""
        return [_finding(opened[position], *found) for (position, _), found in self._found.items()]


def _finding(file: OpenFile, first: Unlisted, codes: Counter[str]) -> Finding:
    rows, known = codes.total(), [(code, count) for code, count in codes.most_common() if code]
    told = [f"{shown_values([code])[0]!r} in {counted(count, 'row')}" for code, count in known[:_TOLD]]
    more = len(known) - len(told)
    such = f": {', '.join(told)}" + (f" and {more:,} others" if more else "") if told else ""
    message = (
        f"file '{file.name}', column '{first.spelled}', first in row {file.line(first.row)}: {counted(rows, 'row')}"
        f" with a code that the mapping of '{first.column}' does not list became '{first.other}'{such}. List what they"
        f" mean at {first.key}.codes"
        " and run 'bank360 rebuild'"
    )
    return Finding(first.table, first.column, RULE, Severity.WARNING, rows, known[0][0] if known else None, message)
