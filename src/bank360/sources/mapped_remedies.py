"""The line of a mapping that mends a fault: what to write in ``bank360.yaml``, and at which key.

Which values it is for stands in it as a place (`bank.fault.CODES`), filled in when all chunks are read. Used by
`mapped_cells`, whose cells know the key that reads them.
"""

import re

from bank360.bank.fault import CODES, TEXTS

CODE_LINE = f"codes: {{{CODES}}}"  # beside the codes that are there
DATE_LINE = 'format: "%d/%m/%Y"'
OTHER_DATE_LINE = "format: …"  # where one is stated that the other rows have: another would refuse those
MISSING_LINE = "missing: …"
# A file's key: what stands before the key of a column or a time of it.
_FILE_KEY = re.compile(r"sources\.[^.]+\.mapping\.(flat|files\.[^.]+)")
# Of the whole file, not of the column.
NULLS_LINE = f'csv: {{nulls: ["", {TEXTS}]}}'
# Decimals and thousands as they stand in files, the likelier first.
_MARKS = ((",", "."), (".", ","), (",", " "), (".", "'"), (".", " "), (",", "'"))
# Of values that are written in another way than the mapping says. A cell without a digit is no such value.
AS_WRITTEN = (DATE_LINE, OTHER_DATE_LINE)


def date_line(pattern: str) -> str:
    """Return the line that states how a column's dates are written.

    >>> date_line("%d.%m.%y")
    'format: "%d.%m.%y"'
    """
    return f'format: "{pattern}"'


def marks_line(decimal: str, thousands: str) -> str:
    """Return the line that states how numbers are written.

    >>> marks_line(",", ".")
    'decimal: ",", thousands: "."'
    """
    return f'decimal: "{decimal}", thousands: "{thousands}"'


_OF_THE_FILE = (NULLS_LINE, *(marks_line(*marks) for marks in _MARKS))


def other_marks(decimal: str, thousands: str) -> tuple[tuple[str, str], ...]:
    """Return the marks of decimals and thousands that numbers may have instead; those with the same decimals first.

    >>> other_marks(".", ",")
    (('.', "'"), ('.', ' '), (',', '.'), (',', ' '), (',', "'"))
    """
    return tuple(sorted((one for one in _MARKS if one != (decimal, thousands)), key=lambda one: one[0] != decimal))


def line_of(key: str, column: str, line: str) -> str:
    """Return the sentence that says what to write where in the mapping; empty where nothing mends it.

    Parameters
    ----------
    key
        Of the column, such as ``sources.core.mapping.files.accounts.columns.product_id``, or of the file; empty where
        no mapping reads it.
    column
        Of the file.
    line
        One of the lines above, or empty.

    >>> line_of("sources.a.mapping.files.b.columns.c", "C", DATE_LINE)
    'In the mapping, sources.a.mapping.files.b.columns.c: {column: "C", format: "%d/%m/%Y"}.'
    >>> line_of("sources.a.mapping.files.b.columns.c", "C", marks_line(",", "."))
    'In the mapping, sources.a.mapping.files.b: {decimal: ",", thousands: "."}.'
    """
    if not key or not line:
        return ""
    if line in _OF_THE_FILE:
        found = _FILE_KEY.match(key)
        return f"In the mapping, {found.group() if found else key}: {{{line}}}."
    return f'In the mapping, {key}: {{column: "{column}", {line}}}.'
