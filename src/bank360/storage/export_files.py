"""Tables exported to a folder of files: CSV for spreadsheets, Parquet for tools; the whole folder or none of it.

All is written beside the folder's final name, flushed, and renamed into its place; until then whatever was exported
before stands. What a killed export left is taken away by the next one, and an earlier export that was moved aside is
put back. Only a folder that holds an export's own ``export.json`` is ever replaced. Nobody but its owner may look in.

In CSV a text that a spreadsheet would run as a formula gets an apostrophe before it; an empty cell is null, and an
empty text is a pair of quotes.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet as pq

from bank360.bank.errors import NotReady
from bank360.bank.vocabulary import ExportFormat
from bank360.storage.csv_output import FORMULA_MARKS
from bank360.storage.durable import flush_folder, make_folder, move_into_place, write_whole
from bank360.storage.scratch import remove_folder

pc: Any = pyarrow.compute
MANIFEST = "export.json"
_FORMULA = "^[" + "".join(f"\\x{ord(mark):02x}" for mark in FORMULA_MARKS) + "]"


@contextmanager
def exported_folder(folder: Path, replace: bool) -> Iterator[Path]:
    """Lend a folder to write to; what is in it when the block ends becomes ``folder``, or nothing does.

    Parameters
    ----------
    replace
        Whether an earlier export may be replaced.

    Raises
    ------
    NotReady
        If there is something already: an export that may not be replaced, or anything that is no export.
    """
    spare, before = folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.before")
    if before.exists() and not folder.exists():
        before.rename(folder)  # killed between the two renames below
    may_be_replaced(folder, replace)
    make_folder(folder.parent)
    for left in (spare, before):
        remove_folder(left)
    spare.mkdir(mode=0o700)
    try:
        yield spare
        flush_folder(spare)
        if folder.exists():
            folder.rename(before)
        spare.rename(folder)
        flush_folder(folder.parent)
    finally:
        remove_folder(spare)
        if folder.exists():
            remove_folder(before)


def may_be_replaced(folder: Path, replace: bool) -> None:
    """Return if an export may be written as ``folder``; NotReady as `exported_folder` says."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / MANIFEST).is_file():
        raise NotReady(f"{folder} is there already and is no export of ours. Name another folder: --out FOLDER.")
    if not replace:
        raise NotReady(f"{folder} holds an export already. Add --replace to put a new one in its place.")


def write_table(
    folder: Path, name: str, kind: ExportFormat, schema: pa.Schema, batches: Iterable[pa.RecordBatch]
) -> int:
    """Write batches of one schema as the file ``name`` in ``folder``; return how many rows there are.

    Raises
    ------
    ValueError
        If a batch has other columns than ``schema``.
    """
    path, rows = folder / f"{name}.{kind}", 0
    spare = folder / f".{path.name}.new"
    with _opened(spare, kind, schema) as writer:
        for batch in batches:
            if batch.schema.names != schema.names:
                raise ValueError(f"'{name}' has the columns {schema.names}, not {batch.schema.names}")
            typed = batch.cast(schema)
            writer.write_batch(_neutral(typed) if kind is ExportFormat.CSV else typed)
            rows += batch.num_rows
    move_into_place(spare, path)
    return rows


def write_manifest(folder: Path, said: dict[str, Any]) -> None:
    """Write what an export is, as JSON; the last file, and the one by which it is known for an export."""
    write_whole(folder / MANIFEST, (json.dumps(said, indent=2) + "\n").encode())


def _opened(path: Path, kind: ExportFormat, schema: pa.Schema) -> Any:
    if kind is ExportFormat.CSV:
        return pyarrow.csv.CSVWriter(path, schema)
    return pq.ParquetWriter(path, schema, compression="zstd")


def _neutral(batch: pa.RecordBatch) -> pa.RecordBatch:
    for place, field in enumerate(batch.schema):
        if pa.types.is_string(field.type):
            texts = batch.column(place)
            runs = pc.match_substring_regex(texts, _FORMULA)
            safe = pc.if_else(runs, pc.binary_join_element_wise("'", texts, ""), texts)
            batch = batch.set_column(place, field, safe)
    return batch
