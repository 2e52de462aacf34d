"""Layer 6, the face of notebooks and scripts: data frames in and out.

A frame goes the way of a file: it is held to the same mapping, refused by the same words, scored by the same model, to
the same bytes; a row is named by its number, from 1. Any frame that speaks Arrow is taken (pandas, Polars, Arrow's own
tables); what comes back is a pandas frame. Below this face rows are Arrow and numbers NumPy. Neighbours:
`pipeline/train_table.py` reads, `pipeline/score_file.py` scores.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from bank360.bank.errors import DataRefused, NotReady

if TYPE_CHECKING:
    from bank360.sources.mapped_flat import FlatMap

_NAME = "frame"


def cleaned(frame: Any) -> Any:
    """Return the ten-column frame of loan applications as models read it.

    Parameters
    ----------
    frame
        The columns that ``bank360 sources show loan_applications_csv`` prints; others are passed over.

    Returns
    -------
    pandas.DataFrame
        The id, the five inputs as doubles (a missing value is NaN and stays so: the models have a bin for it), and
        ``fraud_risk`` as 0 and 1. Sex, marital status and age are held to their codes and range, and are no inputs.

    Raises
    ------
    DataRefused
        For a missing column, a number that is none or outside its range, a code that nobody knows, or an id that
        stands twice: it names column and row, and nothing is returned.
    """
    from bank360.pipeline.train_table import read_flat

    with _as_file(frame) as (path, flat):
        rows = read_flat(flat, path, _NAME)
    assert rows.ids is not None
    assert rows.bad is not None
    assert flat.id is not None
    assert flat.label is not None
    columns = {flat.id: rows.ids.tolist(), **rows.numeric, flat.label.column: rows.bad}
    return pa.table(columns).to_pandas()


def scored(frame: Any) -> Any:
    """Return score and reasons of each row of a ten-column frame, by the sample scorecard; `fraud_risk` may lack.

    Returns
    -------
    pandas.DataFrame
        What ``bank360 score --in --out`` writes: the id, the score to 6 decimals, up to four reasons, and the columns
        whose value lies outside the range of training; None where there is none.

    Raises
    ------
    DataRefused
        As `cleaned`.
    """
    from bank360.pipeline.score_file import sample_model, score_rows

    with _as_file(frame) as (path, flat):
        header, rows, _ = score_rows(path, flat, sample_model(), _NAME)
    columns: dict[str, Any] = {name: [row[at] or None for row in rows] for at, name in enumerate(header)}
    columns["score"] = [float(one) for one in columns["score"]]
    texts = {name: pa.string() for name in header if name not in (header[0], "score")}
    return pa.table({name: pa.array(values, texts.get(name)) for name, values in columns.items()}).to_pandas()


def features(home: str | Path) -> Any:
    """Return every customer's features as last built in the bank of a home folder.

    Returns
    -------
    pandas.DataFrame
        A row per customer: ``customer_id``, ``as_of`` (UTC), and a column per feature; NaN where there is no value.

    Raises
    ------
    NotReady
        If there is no such bank, or nothing is built.
    """
    from bank360.home import open_home
    from bank360.storage.customer_features import snapshot
    from bank360.storage.warehouse import open_warehouse

    bank = open_home(Path(home))
    if not bank.warehouse.exists():
        raise NotReady(f"The warehouse in {home} is empty. Run 'bank360 ingest' first.")
    engine = bank.settings.engine
    with open_warehouse(bank.warehouse, engine.threads, engine.memory, read_only=True) as warehouse:
        return snapshot(warehouse).to_pandas()


@contextmanager
def _as_file(frame: Any) -> "Iterator[tuple[Path, FlatMap]]":
    """Lend a frame as the file that a mapping reads, and that mapping."""
    import pyarrow.parquet as parquet

    from bank360.sources.loan_applications_csv import loan_applications_map
    from bank360.storage.scratch import scratch_folder

    flat = loan_applications_map("UTC")  # of no bank: nothing in these columns is a day
    with scratch_folder() as folder:
        path = folder / f"{_NAME}.parquet"
        try:
            table = pa.RecordBatchReader.from_stream(frame).read_all()
        except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
            said = " ".join(map(str, error.args))
            raise DataRefused(_NAME, f"a column holds values of several types ({said})", "Give it one type.") from error
        parquet.write_table(table, path)
        yield path, replace(flat, name=_NAME, written=replace(flat.written, dialect=None))
