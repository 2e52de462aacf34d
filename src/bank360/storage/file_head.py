"""The files that lie in a folder, as `bank360 init` sees them: the head of each table, or why nothing of it is read.

Every visible file is answered for: a workbook, an archive or a web page is told by its first bytes as well as by its
name, for both may be wrong. The home's own files (settings, landing zone, warehouse, registry) are not looked at.
"""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bank360.sources.file_look import Head
from bank360.storage.files import require_file

_TEXT = frozenset({".csv", ".tsv", ".txt", ".asc", ".dat", ".data"})
_PARQUET = frozenset({".parquet", ".pq"})
_OWN = frozenset({"bank360.yaml", "landing", "registry", "truth", "warehouse.duckdb"})
_DOCUMENTS = frozenset({".md", ".pdf", ".docx"})
_MOST_CELLS, _MOST_ROWS = 400_000, 20_000

_WORKBOOK = "it is an Excel workbook. Save each sheet as a CSV file in UTF-8, and run init again with --force."
_ARCHIVE = "it is an archive. Unpack it, and run init again with --force."
_WEB_PAGE = "it is a web page or XML, not the table itself. Download or export the table as CSV or Parquet."
_EXPORT = "files of this kind are not read. Export it as CSV (UTF-8) or Parquet, and run init again with --force."
_UNNAMED = (
    "its name ends like no table's (.csv, .tsv, .txt, .asc, .dat, .data, their .gz, .parquet). Rename it if it is one."
)
_TOO_MANY = "{most} files were looked at before it. Move it to a folder of its own, or write its mapping by hand."
_BY_NAME = {
    **dict.fromkeys((".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"), _WORKBOOK),
    **dict.fromkeys((".zip", ".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz", ".zst"), _ARCHIVE),
    **dict.fromkeys((".html", ".htm", ".xml"), _WEB_PAGE),
    **dict.fromkeys(
        (".json", ".jsonl", ".ndjson", ".feather", ".arrow", ".avro", ".orc", ".sas7bdat", ".xpt", ".sav", ".dta",
         ".rds", ".rdata", ".rda", ".pkl", ".db", ".sqlite", ".duckdb", ".mdb", ".accdb", ".dbf", ".sql", ".arff"),
        _EXPORT,
    ),
}  # fmt: skip
_BY_BYTES = (
    (b"PK\x03\x04", _WORKBOOK.replace("an Excel workbook", "an Excel workbook or another archive")),
    (b"\xd0\xcf\x11\xe0", _WORKBOOK),
    (b"\x1f\x8b", "it is gzipped and its name does not end in .gz. Rename it."),
    (b"<!DOCTYPE", _WEB_PAGE),
    (b"<html", _WEB_PAGE),
    (b"<?xml", _WEB_PAGE),
)


def file_heads(folder: Path, count: int, most_files: int = 50) -> tuple[Head, ...]:
    """Return what the first ``count`` bytes of each file below ``folder`` show, by path.

    Parameters
    ----------
    most_files
        Tables that are opened; those after them are named, and nothing more. Hidden files and folders are passed over
        in silence, as is documentation (.md, .pdf) and what bank360 keeps there itself.
    """
    found: list[Head] = []
    opened = 0
    for path in _visible(folder):
        name = path.relative_to(folder).as_posix()
        kind = _kind(path)
        if kind in _TEXT or kind in _PARQUET:
            opened += 1
            if opened > most_files:
                found.append(Head(name, fault=_TOO_MANY.format(most=most_files)))
                continue
            found.append(_parquet_head(path, name) if kind in _PARQUET else _text_head(path, name, count))
        else:
            found.append(Head(name, fault=_BY_NAME.get(kind, _UNNAMED)))
    return tuple(found)


def file_head(path: Path, count: int) -> Head:
    """Return what the first ``count`` bytes of one file show; its name says whether it is Parquet, CSV or neither.

    Raises
    ------
    DataRefused
        If it is not there, or is a folder.
    """
    require_file(path, path.name)
    kind = _kind(path)
    if kind in _PARQUET:
        return _parquet_head(path, path.name)
    return _text_head(path, path.name, count) if kind in _TEXT else Head(path.name, fault=_BY_NAME.get(kind, _UNNAMED))


def _kind(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] == [".gz"]:
        return suffixes[-2] if len(suffixes) > 1 and suffixes[-2] in _TEXT else ".zip"
    return suffixes[-1] if suffixes else ""


def _text_head(path: Path, name: str, count: int) -> Head:
    zipped = path.suffix.lower() == ".gz"
    try:
        with gzip.open(path, "rb") if zipped else path.open("rb") as file:
            head = file.read(count)
            whole = not file.read(1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        return Head(name, fault=f"the archive is cut or damaged ({error}). Deliver the whole file again.")
    except PermissionError:
        return Head(name, fault="it may not be read. Give the user who runs bank360 access.")
    for start, why in _BY_BYTES:
        if head.lstrip()[: len(start)].lower() == start.lower():
            return Head(name, fault=why)
    if head.startswith(b"PAR1"):
        return Head(name, fault="it is a Parquet file. Give it a name that ends in .parquet.")
    return Head(name, text=head, whole=whole)


def _parquet_head(path: Path, name: str) -> Head:
    try:
        with pq.ParquetFile(path) as file:
            header = tuple(str(one) for one in file.schema_arrow.names)
            nested = [field.name for field in file.schema_arrow if pa.types.is_nested(field.type)]
            if nested:
                return Head(name, fault=f"column '{nested[0]}' holds lists or records. Write plain columns.")
            count = max(1, min(_MOST_ROWS, _MOST_CELLS // max(1, len(header))))
            batch = next(file.iter_batches(count), None)
            whole = file.metadata.num_rows <= count
    except (pa.ArrowException, OSError) as error:
        said = str(error).splitlines()[0][:120]
        return Head(name, fault=f"it is not a whole Parquet file ({said}). Deliver the whole file again.")
    if batch is None:
        return Head(name, header=header)
    columns = [[_text(value) for value in column.to_pylist()] for column in batch.columns]
    return Head(name, header=header, rows=tuple(zip(*columns, strict=True)), whole=whole)


def _text(value: object) -> str:
    """Return a stored value as a delimited file would have it: ISO dates, whole numbers without a fraction."""
    if value is None or value != value:  # NaN
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return str(value)


def _visible(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        own = parts[0] in _OWN or parts[0].startswith("warehouse.duckdb")
        hidden = any(part.startswith(".") for part in parts)
        if not own and not hidden and path.is_file() and path.suffix.lower() not in _DOCUMENTS:
            yield path
