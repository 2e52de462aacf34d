"""What the first rows of somebody's file show: how it is written, its columns, or why nothing can be proposed for it.

Pure: storage reads the first bytes (or the first rows of a Parquet file) and says what it could not read; here they
become a `Look`, from which `ledger_guess` and `flat_guess` propose a mapping, or a `PassedOver`, which says why not and
what to do. No file is left without one of the two.
"""

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from bank360.sources.mapped_flat import FLAT_NULLS

# How much of a file is enough to look at.
HEAD_BYTES = 262_144
_DELIMITERS = ("\t", ";", "|", ",")  # a comma may also be a decimal mark, so it comes last
_MOST_ROWS_APART = 0.1  # rows of another width than most: titles, totals
_MOST_LINES_ABOVE = 5  # titles above the row of names
MOSTLY = 0.8  # of a column's cells, to take it for what they are; the others are told by their rows (`odd_cells`)
_FIRST_CELLS = 60  # enough to see that a pattern does not fit
_ZERO_HEAVY = 0.2  # of the bytes: UTF-16 has a zero beside every Latin letter
_TOTAL = re.compile(r"(grand |sub)?total\b.*|sum|summe|gesamt\w*|somme|totale?s?|suma", re.IGNORECASE)
# Every pattern that a date may follow. Where several fit all cells of a column, `date_patterns` says so.
_DATES = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%b-%Y", "%d %b %Y",
    "%Y%m%d", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%b-%y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S",
    "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S",
)  # fmt: skip
# Instants as machines write them: with Z or an offset, with fractions of a second or without, in any mixture.
_ISO_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_NO_END = date(9999, 12, 31)  # which files write for "until further notice", and the loader takes
ISO_PATTERN = "%Y-%m-%dT%H:%M:%S%z"  # stands for all of them
# What a date may look like where no pattern reads it.
_LIKE_A_DATE = re.compile(
    r"([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/. ]([0-9]{1,2}|[A-Za-z]{3,9}\.?)[-/. ]([0-9]{4}|[0-9]{2}))"
    r"([T ,].*)?"
)


@dataclass(frozen=True)
class Head:
    """What storage read of one file.

    Parameters
    ----------
    name
        Its path below the folder.
    text
        First bytes of a delimited file, unzipped.
    whole
        Whether that is all of it.
    header, rows
        Of a Parquet file: names of its columns, and its first rows as texts.
    fault
        Why nothing of it was read, and what to do; None where something was.
    """

    name: str
    text: bytes = b""
    whole: bool = True
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    fault: str | None = None


@dataclass(frozen=True)
class PassedOver:
    """A file for which no mapping is proposed: why, and what to do."""

    name: str
    why: str


@dataclass(frozen=True)
class Look:
    """What the first rows of a file show; ``remarks`` are what its owner should know or do before a load.

    ``lines`` are those on which the rows begin; none where rows are counted, as in Parquet.
    """

    name: str
    format: Literal["csv", "parquet"]
    delimiter: str
    encoding: str
    header_rows: int
    decimal: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    whole: bool = True
    remarks: tuple[str, ...] = field(default=())
    lines: tuple[int, ...] = ()

    def rows_where(self, name: str, odd: Callable[[str], bool]) -> tuple[int, ...]:
        """Return the lines of the rows in which a column holds something that is ``odd``."""
        place = self.header.index(name)
        held = ((number, row[place].strip()) for number, row in enumerate(self.rows))
        found = [number for number, cell in held if cell not in FLAT_NULLS and odd(cell)]
        return tuple(self.lines[number] if self.lines else number + 1 for number in found)

    def column(self, name: str) -> tuple[str, ...]:
        """Return the cells of a column that hold something."""
        place = self.header.index(name)
        return tuple(row[place].strip() for row in self.rows if row[place].strip() not in FLAT_NULLS)

    def filled(self, name: str) -> bool:
        """Return whether every row has something in a column."""
        return len(self.column(name)) == len(self.rows)


def look_at(head: Head) -> Look | PassedOver:
    """Return what a file shows, or why it shows nothing that a mapping could be made from."""
    if head.fault is not None:
        return PassedOver(head.name, head.fault)
    if head.header:
        if not head.rows:
            return PassedOver(head.name, "it has columns and no rows. Deliver a file with rows.")
        return _named_once(Look(head.name, "parquet", ",", "utf-8", 1, ".", head.header, head.rows, head.whole))
    if not head.text.strip():
        return PassedOver(head.name, "it is empty. Deliver the whole file again.")
    text, encoding = _decoded(head)
    if text is None:
        return PassedOver(head.name, "it holds bytes that are no text. Export it as a CSV file in UTF-8.")
    read = {mark: _records(text, mark) for mark in _DELIMITERS}
    delimiter = _delimiter(read)
    if delimiter is None:
        return PassedOver(head.name, _no_table(read[","]))
    rows = read[delimiter]
    width = _width(rows)
    top = next(place for place, row in enumerate(rows) if len(row) == width)
    below = [row for row in rows[top + 1 :] if len(row) == width]
    if not _is_header(rows[top], below):
        return _headerless(head, delimiter, encoding, rows[top:], width, top)
    while top + 2 < min(len(rows), _MOST_LINES_ABOVE) and _is_second_header(rows[top + 1], rows[top + 2 :], width):
        top += 1  # two header rows: names stand in the last
    header = tuple(cell.strip() or f"column_{n}" for n, cell in enumerate(rows[top], 1))
    return _body(head, delimiter, encoding, top + 1, header, rows[top + 1 :], ())


def date_patterns(cells: Sequence[str]) -> tuple[str, ...]:
    """Return every pattern that all cells of a column read by, or else most of them; none for an empty column.

    Of patterns that do not read all cells those that read most, and `MOSTLY` at least, count: one bad date makes a
    column no other column, and `unread_dates` says where it stands.

    >>> date_patterns(["01/02/2024", "03/04/2024"])
    ('%d/%m/%Y', '%m/%d/%Y')
    >>> date_patterns(["2024-01-31T10:00:00Z", "2024-01-31T10:00:00.5+01:00"])
    ('%Y-%m-%dT%H:%M:%S%z',)
    >>> date_patterns(["31/01/2024"]), date_patterns(["12"])
    (('%d/%m/%Y',), ())
    >>> date_patterns(["31/01/2024", "05/06/2024", "31/02/2024", "01/02/2024", "28/02/2024"])
    ('%d/%m/%Y',)
    """
    if not cells or all(len(cell) < 6 for cell in cells):
        return ()
    found = tuple(pattern for pattern in _DATES if all(_reads(cell, pattern) for cell in cells))
    if found or all(map(_is_iso_instant, cells)):
        return found or (ISO_PATTERN,)
    first = cells[:_FIRST_CELLS]
    likely = [one for one in (*_DATES, ISO_PATTERN) if 2 * sum(is_date(cell, one) for cell in first) > len(first)]
    read = {pattern: sum(is_date(cell, pattern) for cell in cells) for pattern in likely}
    most = max(read.values(), default=0)
    return tuple(pattern for pattern, count in read.items() if count == most >= MOSTLY * len(cells))


def is_date(cell: str, pattern: str) -> bool:
    """Return whether a cell is a date that a pattern of `date_patterns` reads; 9999-12-31 is one."""
    return _is_iso_instant(cell) if pattern == ISO_PATTERN else _reads(cell, pattern)


def day_named(cell: str, pattern: str) -> date | None:
    """Return the day of the data that a cell names by a pattern of `date_patterns`.

    None where it names none, and for 9999-12-31: that says that something has not ended.

    >>> day_named("31/01/2024", "%d/%m/%Y"), day_named("31/12/9999", "%d/%m/%Y"), day_named("x", "%d/%m/%Y")
    (datetime.date(2024, 1, 31), None, None)
    """
    if not is_date(cell, pattern):
        return None
    day = _day(cell[:10], "%Y-%m-%d") if pattern == ISO_PATTERN else _day(cell, pattern)
    return None if day == _NO_END else day


def like_dates(cells: Sequence[str]) -> bool:
    """Return whether all cells of a column look like dates, though perhaps no one pattern reads them.

    >>> like_dates(["31/01/2024", "2024-02-01"]), like_dates(["1.5"])
    (True, False)
    """
    return bool(cells) and all(map(_LIKE_A_DATE.fullmatch, cells))


def is_number(cell: str) -> bool:
    """Return whether a cell is a plain number, with a point or a comma for decimals."""
    return re.fullmatch(r"[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?", cell.strip()) is not None


def _reads(cell: str, pattern: str) -> bool:
    try:
        day = _day(cell, pattern)
    except ValueError:
        return False
    return 1900 <= day.year < 2100 or day == _NO_END


def _day(cell: str, pattern: str) -> date:
    return datetime.strptime(cell, pattern).date()  # noqa: DTZ007 - a local day


def _is_iso_instant(cell: str) -> bool:
    return _ISO_INSTANT.fullmatch(cell) is not None and _reads(cell[:10], "%Y-%m-%d")


def _decoded(head: Head) -> tuple[str | None, str]:
    data = head.text
    for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if data.startswith(mark):
            return data[: len(data) // 2 * 2].decode("utf-16", errors="ignore"), "utf-16"
    if data.count(0) > _ZERO_HEAVY * len(data):
        encoding = "utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"
        text = data[: len(data) // 2 * 2].decode(encoding, errors="ignore")
        return (text, encoding) if text.isprintable() or "\n" in text else (None, "")
    if b"\0" in data:
        return None, ""
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        if not head.whole and error.end >= len(data) - 3:  # just cut in the middle of a letter
            return data.decode("utf-8-sig", errors="ignore"), "utf-8"
    # Between 0x80 and 0x9F Windows has letters and the euro sign, Latin-1 nothing that anybody writes.
    encoding = "windows-1252" if re.search(rb"[\x80-\x9f]", data) else "latin-1"
    return data.decode(encoding, errors="ignore"), encoding


class _Record(list[str]):
    """The cells of a record, and the line on which it begins."""

    def __init__(self, cells: Sequence[str], line: int) -> None:
        super().__init__(cells)
        self.line = line


def _records(text: str, delimiter: str) -> list[_Record]:
    """Return the records that have a value; one that is cut off at the end is left to `_body`."""
    found: list[_Record] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    with contextlib.suppress(csv.Error):  # a quote that does not close: what stands before it is enough to look at
        for cells in reader:
            if cells:
                found.append(_Record(cells, line))
            line = reader.line_num + 1
    return found


def _delimiter(read: dict[str, list[_Record]]) -> str | None:
    """Return the mark that cuts nearly all rows into equally many values, its first such row holding names."""
    fit = []
    for mark in _DELIMITERS:
        rows = read[mark]
        width = _width(rows)
        apart = sum(len(row) != width for row in rows)
        early = any(len(row) == width for row in rows[:_MOST_LINES_ABOVE])
        if width > 1 and len(rows) > 1 and early and apart <= max(_MOST_LINES_ABOVE, _MOST_ROWS_APART * len(rows)):
            fit.append(mark)
    # A mark inside texts cuts the rows and not their names; a decimal comma leaves numbers where names should stand.
    return min(
        fit,
        key=lambda mark: (len(read[mark][0]) != _width(read[mark]), any(map(is_number, _first(read[mark])))),
        default=None,
    )


def _first(rows: Sequence[Sequence[str]]) -> Sequence[str]:
    width = _width(rows)
    return next(row for row in rows if len(row) == width)


def _no_table(rows: Sequence[Sequence[str]]) -> str:
    if len(rows) == 1:
        return "it has one line and no rows. Deliver a file with rows."
    return (
        "no comma, semicolon, tab or | cuts its lines into equally many values. Save it as CSV, or write a mapping of "
        "your own that says what cuts them: csv: {delimiter: space} for blanks, csv: {delimiter: '~'} for any other."
    )


def _width(rows: Sequence[Sequence[str]]) -> int:
    """Return the number of cells that most rows have."""
    counts = [len(row) for row in rows]
    return max(set(counts), key=lambda count: (counts.count(count), count)) if counts else 0


def _is_header(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Return whether a row holds names: no numbers, where the rows below hold some."""
    numbers_below = max((sum(map(is_number, one)) for one in below[:20]), default=0)
    return not any(map(is_number, row)) and any(map(str.strip, row)) and (numbers_below > 0 or row not in below)


def _is_second_header(row: Sequence[str], below: Sequence[Sequence[str]], width: int) -> bool:
    """Return whether names stand in a second row: a row of data would have words that stand below it too."""
    body = [one for one in below if len(one) == width]
    words = [cell.strip() for cell in row]
    if len(row) != width or not body or len({*words}) < width or {"", *FLAT_NULLS} & {*words}:
        return False
    if any(map(_LIKE_A_DATE.fullmatch, words)):  # no column is called a day
        return False
    again = any(word in {one[place].strip() for one in body} for place, word in enumerate(words))
    # Words above words tell nothing: of a file of texts alone any row would be one more row of names.
    return not again and _is_header(row, body) and any(is_number(cell) for one in body for cell in one)


def _headerless(
    head: Head, delimiter: str, encoding: str, rows: Sequence[_Record], width: int, above: int
) -> Look | PassedOver:
    if above:
        return PassedOver(
            head.name,
            f"{above} line(s) of another width stand above its rows, and no row of names. Take them out, or put the "
            "names above the rows.",
        )
    header = tuple(f"column_{n}" for n in range(1, width + 1))
    remark = (
        "its first row holds numbers, so it is taken for a file without a row of names: give the columns names under "
        "csv.names, or take header_rows out if the first row names them"
    )
    return _body(head, delimiter, encoding, 0, header, rows, (remark,))


def _body(
    head: Head,
    delimiter: str,
    encoding: str,
    header_rows: int,
    header: tuple[str, ...],
    below: Sequence[_Record],
    remarks: tuple[str, ...],
) -> Look | PassedOver:
    rows = list(below)
    if not head.whole and len(rows) > 1:
        rows.pop()  # cut off in its middle
    if head.whole and len(rows) > 1 and any(_TOTAL.fullmatch(cell.strip()) for cell in rows[-1]):
        rows.pop()
        remarks = (*remarks, "its last row looks like a total: take it out of the file, or the load will be refused")
    fit = [row for row in rows if len(row) == len(header)]
    body = tuple(tuple(row) for row in fit)
    if not body:
        return PassedOver(head.name, "it has columns and no rows. Deliver a file with rows.")
    odd = len(rows) - len(body)
    if odd:
        first = ", ".join(str(row.line) for row in rows if len(row) != len(header))[:60]
        refused = "correct them, or the load will be refused"
        remarks = (*remarks, f"{odd} of the rows looked at have not {len(header)} values (rows {first}): {refused}")
    decimal, lines = _decimal(body, delimiter), tuple(row.line for row in fit)
    return _named_once(
        Look(head.name, "csv", delimiter, encoding, header_rows, decimal, header, body, head.whole, remarks, lines)
    )


def _named_once(look: Look) -> Look | PassedOver:
    twice = next((name for name in look.header if look.header.count(name) > 1), None)
    if twice is not None:
        return PassedOver(look.name, f"two of its columns are called '{twice}'. Rename one of the two.")
    return look


def _decimal(body: Sequence[Sequence[str]], delimiter: str) -> str:
    """Return the decimal mark: of a number with both marks the last one, else the commoner one that ends in no group.

    In a file of commas between values a decimal comma would have to stand in quotes, and then means thousands.
    """
    cells = [re.sub(r"^[£$€¥]\s*|\s*[£$€¥%]$", "", cell.strip()) for row in body for cell in row]
    comma = sum(bool(re.fullmatch(r"[+-]?[0-9]{1,3}([. '][0-9]{3})+,[0-9]+", cell)) for cell in cells)
    point = sum(bool(re.fullmatch(r"[+-]?[0-9]{1,3}([, '][0-9]{3})+\.[0-9]+", cell)) for cell in cells)
    if comma or point:
        return "," if comma > point else "."
    commas = sum(bool(re.fullmatch(r"[+-]?[0-9]+,[0-9]+", cell)) for cell in cells)
    points = sum(bool(re.fullmatch(r"[+-]?[0-9]+\.[0-9]+", cell)) for cell in cells)
    return "," if delimiter != "," and commas > points else "."
