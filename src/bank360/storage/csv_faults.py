"""Where exactly a delimited file is faulty. Slow and exact, run once per file or only after the fast reader failed.

Arrow accepts a quote that is never closed (the rest of the file becomes one value), drops quotes from a value that goes
on after its closing quote, skips blank lines without counting them, and names no line for a byte that is not of the
encoding. Python's reader, strict, finds each; it is slow, so the bytes are looked at first for what may be wrong.
"""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow as pa

from bank360.bank import fault as faults
from bank360.bank.errors import DataRefused
from bank360.sources.source import CsvDialect
from bank360.storage.quote_look import QuoteLook

_CHUNK = 4 * 1024 * 1024
_LONGEST_FIELD = 1024 * 1024
_CUT = "Deliver the whole file again."
_QUOTES = "Close the quote, or state the file's quote character (an empty one for none)."
_DOUBLED = "Write a quote inside a value twice, or state the file's quote character (an empty one for none)."

_WIDTH = "Correct the row: a value with the delimiter inside must stand in quotes."

_Reader = Any  # csv's reader has no public type
Fault = tuple[str, str, int | None]  # problem, remedy, line


def opened(path: Path, name: str) -> pa.NativeFile:
    """Open a file for Arrow, unzipping one whose name ends in ``.gz``."""
    file = pa.OSFile(str(path), "r")
    return pa.CompressedInputStream(file, "gzip") if _zipped(name) else file


def header(path: Path, name: str, dialect: CsvDialect) -> tuple[str, ...]:
    """Return the column names in the last header line; a column without one is called column_N by its place."""
    for number, record in enumerate(_records(path, name, dialect), start=1):
        if number == dialect.header_rows:
            return tuple(column.strip() or f"column_{place}" for place, column in enumerate(record, start=1))
    raise DataRefused(name, f"the file ends before its header line {dialect.header_rows}", _CUT)


def header_lines(path: Path, name: str, dialect: CsvDialect) -> int:
    """Return how many lines of the file its header takes: blank lines and names with line breaks count as they are."""
    if dialect.header_rows == 0:
        return 0
    with _text(path, name, dialect) as text:
        reader = _python_reader(text, dialect)
        records = 0
        for record in reader:
            records += bool(record)
            if records == dialect.header_rows:
                break
        return int(reader.line_num)


def width(path: Path, name: str, dialect: CsvDialect) -> int:
    """Return how many values the first record has; 0 for a file without any."""
    return len(next(_records(path, name, dialect), ()))


def refuse_torn(path: Path, name: str, dialect: CsvDialect) -> None:
    """Refuse an empty file, a cut archive, zero bytes and quotes that do not match, in one pass over the bytes."""
    size = zeros = 0
    look = QuoteLook(*(sign.encode("ascii", "ignore") for sign in (dialect.quote, dialect.delimiter)))
    try:
        with _bytes(path, name) as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                zeros += chunk.count(b"\0")
                look.add(chunk)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataRefused(name, f"the archive is cut or damaged ({error})", _CUT) from error
    if size == 0:
        raise DataRefused(name, "the file is empty", _CUT)
    if zeros and "16" not in dialect.encoding and "32" not in dialect.encoding:
        line = _line_of_byte(path, name, b"\0")
        raise DataRefused(name, "the file holds zero bytes, as a torn copy does", _CUT, None, line)
    if look.may_be_wrong():
        fault = _quote_fault(path, name, dialect)
        if fault is not None:
            raise DataRefused(name, fault[0], fault[1], None, fault[2])


def line_of(path: Path, name: str, dialect: CsvDialect, record: int) -> int:
    """Return the line on which a record (from 1, header records included, blank lines not) starts."""
    return lines_of(path, name, dialect, (record,))[record]


def lines_of(path: Path, name: str, dialect: CsvDialect, records: Iterable[int]) -> dict[int, int]:
    """Return by record the line on which it starts, as `line_of`, in one pass over the file."""
    wanted = set(records)
    found = {record: record for record in wanted}
    last = max(wanted, default=0)
    for number, line in enumerate(_record_lines(path, name, dialect), start=1):
        if number in wanted:
            found[number] = line
        if number >= last:
            break
    return found


def explained(path: Path, name: str, dialect: CsvDialect, width: int, error: Exception) -> DataRefused:
    """Return the refusal for a file that Arrow's reader could not read to its end.

    Parameters
    ----------
    width
        How many columns every record must have.
    error
        What Arrow said; told as it is where nothing more exact can be found.
    """
    fault = _encoding_fault(path, name, dialect) or _width_fault(path, name, dialect, width)
    if fault is not None:
        return DataRefused(name, fault[0], fault[1], None, fault[2])
    if isinstance(error, OSError) and not isinstance(error, pa.ArrowInvalid):
        return DataRefused(name, f"the file cannot be read to its end ({_one_line(error)})", _CUT)
    return DataRefused(name, f"the file cannot be read ({_one_line(error)})", "Check how the file is written.")


def of_another_width(
    path: Path, name: str, dialect: CsvDialect, width: int, odd: Mapping[int, int]
) -> tuple[faults.Fault, ...]:
    """Return the faults of records that have more or fewer values than the file has columns.

    Parameters
    ----------
    odd
        By number of the record how many values it has.
    """
    lines = lines_of(path, name, dialect, odd)
    found = faults.Faults()
    for number, values in odd.items():
        found.add([faults.Fault(name, None, _of_width(values, width), _WIDTH, (lines[number],))])
    return found.found()


def _of_width(values: int, width: int) -> str:
    return f"the row has {values} values, and the file {width} columns"


def _encoding_fault(path: Path, name: str, dialect: CsvDialect) -> Fault | None:
    decoder = codecs.getincrementaldecoder(dialect.encoding)()
    line = 1
    with _bytes(path, name) as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].decode(dialect.encoding, "ignore").count("\n")
                byte = error.object[error.start]
                return (
                    f"byte 0x{byte:02X} is not {dialect.encoding}",
                    "State the file's encoding in the mapping (cp1252 and latin-1 are common), or save it as UTF-8.",
                    line,
                )
            line += text.count("\n")
            if not chunk:
                return None


def _width_fault(path: Path, name: str, dialect: CsvDialect, width: int) -> Fault | None:
    with _text(path, name, dialect) as text:
        reader = _python_reader(text, dialect)
        line = 1
        number = 0
        while True:
            try:
                record = next(reader, None)
            except csv.Error as error:
                return f"the quotes do not match ({error})", _QUOTES, line
            if record is None:
                return None
            number += bool(record)
            if record and number > dialect.header_rows and len(record) != width:
                return _of_width(len(record), width), _WIDTH, line
            line = reader.line_num + 1


def _quote_fault(path: Path, name: str, dialect: CsvDialect) -> Fault | None:
    line = 1
    with _text(path, name, dialect) as text:
        reader = _python_reader(text, dialect)
        try:
            for _ in reader:
                line = reader.line_num + 1
        except csv.Error as error:
            if "unexpected end of data" in str(error) or "field larger" in str(error):
                return "a quote is opened and never closed", _QUOTES, line
            return "a value goes on after its closing quote", _DOUBLED, line
        except UnicodeDecodeError:
            return None  # `explained` will name the byte
    return None


def _record_lines(path: Path, name: str, dialect: CsvDialect) -> Iterator[int]:
    with _text(path, name, dialect) as text:
        reader = _python_reader(text, dialect)
        line = 1
        for record in reader:  # strict: `refuse_torn` let the file through
            if record:
                yield line
            line = reader.line_num + 1


def _records(path: Path, name: str, dialect: CsvDialect) -> Iterator[list[str]]:
    try:
        with _text(path, name, dialect) as text:
            yield from (record for record in _python_reader(text, dialect) if record)
    except (UnicodeDecodeError, csv.Error) as error:
        raise explained(path, name, dialect, 0, error) from error


def _python_reader(text: io.TextIOWrapper, dialect: CsvDialect) -> _Reader:
    csv.field_size_limit(_LONGEST_FIELD)
    if not dialect.quote:
        return csv.reader(text, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(text, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)


def _text(path: Path, name: str, dialect: CsvDialect) -> io.TextIOWrapper:
    encoding = "utf-8-sig" if dialect.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else dialect.encoding
    return io.TextIOWrapper(_bytes(path, name), encoding=encoding, newline="")


def _bytes(path: Path, name: str) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path, "rb")) if _zipped(name) else path.open("rb")


def _zipped(name: str) -> bool:
    return name.lower().endswith(".gz")


def _line_of_byte(path: Path, name: str, byte: bytes) -> int:
    line = 1
    with _bytes(path, name) as file:
        while chunk := file.read(_CHUNK):
            at = chunk.find(byte)
            if at >= 0:
                return line + chunk[:at].count(b"\n")
            line += chunk.count(b"\n")
    return line


def _one_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
