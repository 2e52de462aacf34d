"""A model card in a terminal: its Markdown as it is written, with every line made to fit the width.

A table too wide for the terminal is printed row by row as ``heading: value``, for squeezed columns cannot be read.
"""

import textwrap
from collections.abc import Iterator, Sequence

_RULE = frozenset("|-: ")


def fitted(markdown: str, width: int) -> str:
    """Return Markdown with no line longer than ``width`` characters, but for words that are longer themselves.

    >>> print(fitted("| model | meaning |", 80))
    model  meaning
    """
    lines: list[str] = []
    table: list[str] = []
    for line in [*markdown.splitlines(), ""]:
        if line.startswith("|"):
            table.append(line)
            continue
        if table:
            lines += _table(table, width)
            table = []
        indent = "  " if line.startswith("* ") else ""
        lines += textwrap.wrap(line, width, subsequent_indent=indent, break_on_hyphens=False) or [""]
    return "\n".join(lines).rstrip("\n")


def _table(lines: Sequence[str], width: int) -> list[str]:
    head, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if set(line) - _RULE]
    widest = [max(len(row[k]) if k < len(row) else 0 for row in (head, *rows)) for k in range(len(head))]
    if sum(widest) + 2 * (len(widest) - 1) <= width:
        return [
            "  ".join(cell.ljust(size) for cell, size in zip(row, widest, strict=False)).rstrip()
            for row in (head, *rows)
        ]
    return [line for row in rows for line in _record(head, row, width)]


def _record(head: Sequence[str], row: Sequence[str], width: int) -> Iterator[str]:
    """Yield a row as its first cell, then the others in running text; a row without a first cell goes on."""
    said = [f"{name}: {cell}" for name, cell in zip(head, row, strict=False) if cell]
    first = said.pop(0) if row[0] else ""
    if first:
        yield from textwrap.wrap(first, width, subsequent_indent="  ", break_on_hyphens=False)
    yield from textwrap.wrap(
        "; ".join(said), width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
    )
