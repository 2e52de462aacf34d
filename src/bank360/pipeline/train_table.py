"""Train models on a bank's flat file by its mapping alone: read, fit, measure, say what the figures are worth.

The file is read by storage and turned into arrays by `sources.mapped_supplied`; `train_flat` fits the scorecard and
LightGBM beside it. The report carries the stamps of the mapping ("not out of time" where rows have no date, "no
point-in-time before the load date" where the file is overwritten without history) and what was left out, and why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.errors import DataRefused, SettingsError
from bank360.learning.tabular import TabularModel
from bank360.pipeline.progress import Progress, silent
from bank360.pipeline.train_flat import FlatReport, train_flat
from bank360.sources.mapped_flat import FlatMap, flat_mapping, flat_source_file
from bank360.sources.mapped_node import Node
from bank360.sources.mapped_supplied import Supplied, supplied
from bank360.sources.source import Source
from bank360.storage.files import OpenFile, delivered_files, open_file


@dataclass(frozen=True)
class TableReport:
    """What training on a flat file found.

    Parameters
    ----------
    name
        Of the source.
    inputs
        Columns that the models may read.
    stamps
        What every metric on the file is stamped with.
    remarks
        What was left out, and why.
    found
        Rows, events and the candidates' metrics.
    """

    name: str
    inputs: tuple[str, ...]
    stamps: tuple[str, ...]
    remarks: tuple[str, ...]
    found: FlatReport

    def lines(self) -> tuple[str, ...]:
        """Return the report as lines of text."""
        stamp = f" [{'; '.join(self.stamps)}]" if self.stamps else ""
        found = self.found
        head = (
            f"{self.name}: {found.rows} rows, {found.events} bad, {len(self.inputs)} columns read; "
            f"metrics on {found.test_rows} rows, {found.test_events} bad, {found.split}"
        )
        metrics = [
            f"{one.candidate}: AUC {one.auc}, Gini {one.gini:.3f}, KS {one.ks:.3f}, average precision "
            f"{one.average_precision:.3f}, observed over expected {one.calibration.total}{stamp}"
            for one in found.metrics
        ]
        return (head, *metrics, *self.remarks)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "name": self.name,
            "inputs": list(self.inputs),
            "stamps": list(self.stamps),
            "remarks": list(self.remarks),
            **self.found.to_json(),
        }


def table_mapping(name: str, mapping: Mapping[str, Any], zone: str) -> FlatMap:
    """Return the flat mapping of a source of kind 'mapped', ready to train on.

    Raises
    ------
    SettingsError
        If the source has no flat file, or its mapping no label; or as `flat_mapping` does.
    """
    path = f"sources.{name}.mapping"
    if "flat" not in mapping:
        raise SettingsError(f"{path}: has no 'flat' file, so there is no table to train on. Add one.")
    flat = flat_mapping(name, Node(f"{path}.flat", mapping["flat"]), zone)
    if flat.label is None:
        raise SettingsError(f"{path}.flat: has no 'label', so there is nothing to train. State it.")
    return flat


def train_table(
    flat: FlatMap, folder: Path, seed: int, threads: int = 1, progress: Progress = silent
) -> tuple[TableReport, dict[str, TabularModel], Supplied]:
    """Read the flat file in ``folder`` and train the candidates on it.

    Returns
    -------
    tuple
        The report, the fitted model by candidate, and the rows that they were trained and tested on.

    Raises
    ------
    DataRefused
        If the file is missing or anything in it cannot be accepted.
    NotReady
        If too few rows of either outcome are left, or one column alone tells the outcome.
    """
    source = Source(flat.name, (flat_source_file(flat),), {flat.name: _unused})
    paths = delivered_files(source, folder)
    if len(paths) > 1:
        raise DataRefused(
            flat.name,
            f"{len(paths)} files match '{flat.written.pattern}': {', '.join(name for _, name, _ in paths[:5])}",
            "A flat file is one file: make the pattern more exact.",
        )
    (_, name, path) = paths[0]
    progress(f"reading {name}", 0, 0)
    rows = read_flat(flat, path, name)
    columns: dict[str, npt.NDArray[Any]] = {**rows.numeric, **rows.categorical}
    if not columns:
        raise DataRefused(name, f"no column can be read by a model ({'; '.join(rows.remarks)})", "Name some.")
    assert rows.bad is not None
    progress(f"training on {len(rows.bad)} rows", 0, 0)
    found, models = train_flat(tuple(columns), columns, rows.bad, rows.as_of, seed, threads)
    return TableReport(flat.name, tuple(columns), flat.notes, rows.remarks, found), models, rows


def read_flat(flat: FlatMap, path: Path, name: str, *, scoring: bool = False) -> Supplied:
    """Return the rows of a flat file as arrays; for ``scoring`` it need not have the outcome.

    Raises
    ------
    DataRefused
        If anything in the file cannot be accepted; the row named is its line in the file.
    """
    opened = open_file(path, name, flat_source_file(flat, scoring=scoring))
    batches, lines = [], []
    for batch, first in opened.batches():
        batches.append(batch)
        lines.append(np.arange(first, first + batch.num_rows, dtype=np.int64))
    if not batches or sum(batch.num_rows for batch in batches) == 0:
        raise DataRefused(name, "the file has no rows", "Deliver the whole file again.")
    whole = pa.Table.from_batches(batches).combine_chunks().to_batches()[0]
    try:
        return supplied(flat, whole, np.concatenate(lines), labelled=not scoring)
    except DataRefused as error:
        raise _placed(error, opened) from error


def _placed(error: DataRefused, opened: OpenFile) -> DataRefused:
    """Return the refusal with the delivered file's name and the line where its record starts."""
    row = None if error.row is None else opened.line(error.row)
    return DataRefused(opened.name, error.problem, error.remedy, error.column, row)


def _unused(batch: pa.RecordBatch, first_line: int) -> Any:
    raise AssertionError("a table to train on is read, not converted")
