"""How a message tells of a delivery's rows: by file and line, in the file's own words, without a personal cell.

Faults name the file's own column where the source tells how it spells ours, and repeat no cell of one whose name, or
that of the column to which it refers, says that it may be personal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bank360.bank.fault import EXAMPLES, HIDDEN_VALUE, VALUES, shown_values
from bank360.bank.table import Column, Table, Tag
from bank360.sources.personal_columns import may_be_personal
from bank360.storage.landing import Delivery, LandedFile
from bank360.storage.provenance import HASH_DIGITS

# By part and table: the file's columns that fill ours (`sources.source.Source.spelling`).
Spelling = Mapping[tuple[str, str], Mapping[str, str]]

LOOKED = 3 * VALUES  # rows whose values are told, and whose lines: of a row that fills several each once
_PERSONAL = frozenset({Tag.PII, Tag.PROTECTED, Tag.RESTRICTED, Tag.TOKEN})


@dataclass(frozen=True)
class ToldRows:
    """The rows of one delivery, as messages tell of them."""

    delivery: Delivery
    spelling: Spelling

    @property
    def file_order(self) -> str:
        """SQL for the position of a row's file in the delivery; hashes are hexadecimal digits of our own making."""
        files = enumerate(self.delivery.files)
        cases = " ".join(f"WHEN '{file.sha256[:HASH_DIGITS]}' THEN {n}" for n, file in files)
        return f"CASE source_file_hash {cases} END"

    def file(self, short_hash: str, table: Table) -> LandedFile:
        """Return the file of that hash, as it was read to fill the table: one that fills two was received as two."""
        held = [file for file in self.delivery.files if file.sha256.startswith(short_hash)]
        return next((file for file in held if (file.part, table.name) in self.spelling), held[0])

    def spelled(self, file: LandedFile, table: Table, column: str) -> str | None:
        """Return the file's column that fills ours; None where it is told and no column of the file does."""
        own = self.spelling.get((file.part, table.name), {})
        return own.get(column) if own else column

    def hidden(self, table: Table, column: Column) -> bool:
        """Return whether no message may repeat a column's cells: by what it is, and by what the bank's files call it.

        A reference holds what its target holds, whatever it is called itself: it is hidden where either is. What no
        file of the source fills is known by our name.
        """
        if _PERSONAL & {*column.tags}:
            return True
        target = column.target
        same = [(table.name, column.name), *([] if target is None else [target])]
        return any(may_be_personal(name) for one in same for name in self._names(*one))

    def shown(self, table: Table, columns: Sequence[Column], keys: Sequence[str]) -> tuple[str, ...]:
        """Return keys as a fault tells them; of one of several columns each part as it is told by itself."""
        if any(self.hidden(table, column) for column in columns):
            return (HIDDEN_VALUE,)
        if len(columns) == 1:
            return shown_values(keys)
        different = dict.fromkeys(keys)
        return tuple(" / ".join(shown_values([part])[0] for part in key.split(" / ")) for key in different)[
            : VALUES + 1
        ]

    def _names(self, table: str, column: str) -> set[str]:
        """Return what the files that fill a table call a column of it."""
        own = {names[column] for (_, filled), names in self.spelling.items() if filled == table and column in names}
        return own or {column}


def first_lines(lines: Sequence[int]) -> tuple[int, ...]:
    """Return the lines that a fault tells, each once."""
    return tuple(sorted({*lines}))[:EXAMPLES]
