"""Writes deliveries as a bank would: Parquet files below a folder, each whole or not there, and a mark when complete.

A file is written beside its final name, flushed and renamed, so a kill never leaves half of one. The mark
(``delivery.json``) is written last and removed first: a folder without it is not a finished delivery.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bank360.bank.tables import TABLE_BY_NAME
from bank360.storage.durable import make_folder, whole_file, write_whole

MARK = "delivery.json"
_ROWS_PER_GROUP = 262_144  # ingest reads group by group; a few hundred thousand rows are a few tens of megabytes
_UNIQUE = {"transaction_id", "payment_id", "case_id", "interaction_id", "report_id", "application_id"}


def begin(folder: Path) -> None:
    """Empty ``folder`` for a new delivery; the mark goes first."""
    (folder / MARK).unlink(missing_ok=True)
    if folder.exists():
        shutil.rmtree(folder)
    make_folder(folder)


@contextmanager
def growing_file(path: Path) -> Iterator[Callable[[pa.Table], None]]:
    """Lend a function that adds rows to the Parquet file ``path``, which is there when the block ends.

    The first table says which columns there are; at least one must be added. Same tables, same bytes. Coded columns are
    stored with their dictionary, measures and unique ids without. The Arrow schema is left out of the file: readers see
    plain types.
    """
    make_folder(path.parent)
    with whole_file(path) as spare, ExitStack() as writing:
        writers: list[pq.ParquetWriter] = []

        def add(rows: pa.Table) -> None:
            if not writers:
                writers.append(writing.enter_context(_writer(spare, rows.schema)))
            writers[0].write_table(rows, row_group_size=_ROWS_PER_GROUP)

        yield add


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    # The stubs know of yes and no only; the function also takes names.
    coded: Any = [
        field.name
        for field in schema
        if (pa.types.is_dictionary(field.type) or pa.types.is_string(field.type) or pa.types.is_date(field.type))
        and field.name not in _UNIQUE
    ]
    return pq.ParquetWriter(
        path, schema, compression="zstd", compression_level=1, use_dictionary=coded, store_schema=False,
        write_statistics=False, write_page_checksum=True,
    )  # fmt: skip


def write_rows(path: Path, rows: pa.Table) -> None:
    """Write ``rows`` as the Parquet file ``path`` (`growing_file`)."""
    with growing_file(path) as add:
        add(rows)


def finish(folder: Path, facts: Mapping[str, int | str]) -> None:
    """Mark ``folder`` as a finished delivery made with ``facts``."""
    write_whole(folder / MARK, f"{json.dumps(dict(sorted(facts.items())), indent=2)}\n".encode())


def finished(folder: Path) -> dict[str, int | str] | None:
    """Return the facts of the finished delivery in ``folder``; None where there is none."""
    mark = folder / MARK
    if not mark.exists():
        return None
    facts: dict[str, int | str] = json.loads(mark.read_text(encoding="utf-8"))
    return facts


def table_file(folder: Path, table: str, number: int) -> Path:
    """Return where file ``number`` of ``table`` stands in a delivery."""
    return folder / TABLE_BY_NAME[table].name / f"{table}-{number:03d}.parquet"
