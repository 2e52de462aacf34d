"""Train models on a bank's flat file by its mapping alone: read, fit, measure, say what the figures are worth.

The file is read by storage and turned into arrays by `sources.mapped_supplied`; `train_flat` fits the scorecard and
LightGBM beside it. The report carries the stamps of the mapping ("not out of time" where rows have no date, "no
point-in-time before the load date" where the file is overwritten without history) and what was left out, and why.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360 import __version__
from bank360.bank.calendar import local_days, to_date
from bank360.bank.counted import counted
from bank360.bank.errors import DataRefused, SettingsError
from bank360.bank.reasons import REASON_BY_CODE
from bank360.learning.estimators.boosting import BoostingRules
from bank360.learning.tabular import TabularModel
from bank360.models.card import CardInput, ModelCard, Period
from bank360.models.development import reason_rates
from bank360.models.spec import FittedModel, Part
from bank360.pipeline.progress import Progress, silent
from bank360.pipeline.train_flat import USUAL_TREES, FlatReport, train_flat
from bank360.sources.mapped_flat import FlatMap, flat_mapping, flat_source_file
from bank360.sources.mapped_node import Node
from bank360.sources.mapped_supplied import Supplied, supplied
from bank360.sources.source import Source
from bank360.storage.files import OpenFile, delivered_files, open_file
from bank360.storage.registry import Alias, Registry

# The reason of a column for which the mapping names none.
SUPPLIED_REASON = "R28"
_MOST_SHOWN = 5
# A flat file has a date for the row and none for its outcome: nobody can say that late rows had as long to go bad.
MATURITY_UNKNOWN = "label maturity unknown"


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
            f"{self.name}: {counted(found.rows, 'row')}, {found.events:,} bad, {counted(len(self.inputs), 'column')} "
            f"read; metrics on {counted(found.test_rows, 'row')}, {found.test_events:,} bad, {found.split}"
        )
        metrics = [
            f"{one.candidate}: AUC {m.auc}, Gini {m.gini:.3f}, KS {m.ks:.3f}, average precision "
            f"{m.average_precision:.3f}, observed over expected {m.calibration.total_in_words()}{stamp}"
            for one in found.metrics
            for m in (one.measured,)
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
    flat: FlatMap,
    folder: Path,
    seed: int,
    threads: int = 1,
    progress: Progress = silent,
    boosting: BoostingRules = USUAL_TREES,
) -> tuple[TableReport, dict[str, TabularModel], Supplied]:
    """Read the flat file in ``folder`` and train the candidates on it; ``boosting`` says how the trees are grown.

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
    rows, name = read_table(flat, folder, progress)
    columns: dict[str, npt.NDArray[Any]] = {**rows.numeric, **rows.categorical}
    if not columns:
        raise DataRefused(name, f"no column can be read by a model ({'; '.join(rows.remarks)})", "Name some.")
    assert rows.bad is not None
    progress(f"training on {counted(len(rows.bad), 'row')}", 0, 0)
    found, models = train_flat(tuple(columns), columns, rows.bad, rows.as_of, seed, threads, boosting=boosting)
    stamps = (*flat.notes, *(() if rows.as_of is None else (MATURITY_UNKNOWN,)), *flat.stamps_of(columns))
    remarks = (*rows.remarks, *_unsaid(flat, tuple(columns)))
    return TableReport(flat.name, tuple(columns), stamps, remarks, found), models, rows


def read_table(flat: FlatMap, folder: Path, progress: Progress = silent) -> tuple[Supplied, str]:
    """Return the rows of the flat file in ``folder``, and the file's name.

    Raises
    ------
    DataRefused
        If the file is missing, is not one alone, or anything in it cannot be accepted.
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
    return read_flat(flat, path, name), name


def _unsaid(flat: FlatMap, inputs: tuple[str, ...]) -> tuple[str, ...]:
    """Return a remark on the columns that a decline could not name."""
    names = [name for name in inputs if name not in flat.reasons]
    if not names:
        return ()
    shown = ", ".join(names[:_MOST_SHOWN]) + (f" and {len(names) - _MOST_SHOWN} more" if names[_MOST_SHOWN:] else "")
    return (
        f"a decline names {shown} only as '{REASON_BY_CODE[SUPPLIED_REASON].wording}': state texts under 'reasons'",
    )


def register_table(
    trained: tuple[TableReport, Mapping[str, TabularModel], Supplied],
    flat: FlatMap,
    candidate: str,
    registry: Registry,
    model: str,
    trained_as_of: str,
    seed: int,
    trained_by: str,
    notes: tuple[str, ...] = (),
    alias: Alias | None = "challenger",
) -> str:
    """Register one candidate of a flat file with its card, and return its version.

    Parameters
    ----------
    trained
        What `train_table` returned.
    candidate
        Which candidate ("scorecard", "lightgbm"); the first one trained is the baseline beside it.
    model
        Name of the model in the registry.
    trained_as_of
        Instant that counts as now, ISO 8601.
    notes
        Warnings for the card, before the mapping's stamps and what was left out.
    alias
        "challenger", or None for a baseline that is registered beside one.
    """
    report, models, rows = trained
    fitted = _fitted(model, candidate, models[candidate], flat)
    measured = {one.candidate: one.measured for one in report.found.metrics}
    baseline = report.found.metrics[0].candidate
    tested = _tested(rows, report.found)
    columns = {name: values[tested] for name, values in {**rows.numeric, **rows.categorical}.items()}
    nobody = np.zeros(int(tested.sum()), dtype=np.bool_)
    rates = reason_rates(fitted, columns, nobody, fitted.score(columns, nobody).probability)
    train, test = _periods(rows, report.found, flat.zone)
    label = flat.label
    assert label is not None
    card = ModelCard(
        model=model,
        candidate=candidate,
        meaning=f"Probability that '{label.column}' is one of {', '.join(label.bad)}.",
        label=f"column '{label.column}' of the file: bad {', '.join(label.bad)}; good {', '.join(label.good)}",
        population=f"rows of the flat file '{report.name}', one per {flat.subject}",
        trained_as_of=trained_as_of,
        train=train,
        test=test,
        inputs=tuple(
            CardInput(i.name, "supplied in the file", "as in the file", i.sign, fitted.reason_of[i.name], "risk")
            for i in fitted.inputs
        ),
        measured=(measured[candidate],),
        baseline=(measured[baseline],),
        baseline_candidate=baseline,
        reason_rates=rates,
        data_version=content_hash(rows),
        code_version=__version__,
        seed=seed,
        trained_by=trained_by,
        notes=(*notes, *report.stamps, *report.remarks),
        own_reasons=fitted.own_reasons,
        gain={one.candidate: one.gain for one in report.found.metrics}[candidate],
    )
    return registry.register(fitted, card, alias)


def _fitted(model: str, candidate: str, tabular: TabularModel, flat: FlatMap) -> FittedModel:
    stated = {i.name: flat.reasons.get(i.name, SUPPLIED_REASON) for i in tabular.inputs}
    # Numbered in the mapping's order, so that a code means the same from one training to the next.
    texts = dict.fromkeys(said for said in flat.reasons.values() if said not in REASON_BY_CODE)
    code_of = {said: f"S{number:02d}" for number, said in enumerate(texts, 1)}
    reason_of = {name: code_of.get(said, said) for name, said in stated.items()}
    own = {code: said for said, code in code_of.items() if code in reason_of.values()}
    return FittedModel(model, candidate, (Part("all", tabular),), reason_of, frozenset(), own_reasons=own)


def _tested(rows: Supplied, found: FlatReport) -> npt.NDArray[np.bool_]:
    """Return which rows were tested on: the last ones, whole moments kept together; without dates all."""
    if rows.as_of is None:
        return np.ones(len(rows.lines), dtype=np.bool_)
    return np.asarray(rows.as_of >= np.sort(rows.as_of)[-found.test_rows])


def _periods(rows: Supplied, found: FlatReport, zone: str) -> tuple[Period, Period]:
    """Return the rows that trained and those that tested; without dates every row did both, by cross-validation."""
    if rows.as_of is None:
        return (
            Period("undated", "undated", found.rows, found.events),
            Period("undated", "undated", found.test_rows, found.test_events),
        )
    days = np.sort(local_days(rows.as_of, zone))
    start = len(days) - found.test_rows

    def period(part: npt.NDArray[np.int32], count: int, events: int) -> Period:
        return Period(to_date(int(part[0])).isoformat(), to_date(int(part[-1])).isoformat(), count, events)

    return (
        period(days[:start], start, found.events - found.test_events),
        period(days[start:], found.test_rows, found.test_events),
    )


def content_hash(rows: Supplied) -> str:
    """Return 16 hex digits of a hash of what was trained on, whatever the order of the file's columns."""
    digest = hashlib.sha256()
    for name in sorted(rows.numeric):
        digest.update(name.encode() + rows.numeric[name].tobytes())
    for name in sorted(rows.categorical):
        digest.update(name.encode() + repr(rows.categorical[name].tolist()).encode())
    if rows.bad is not None:
        digest.update(rows.bad.tobytes())
    return digest.hexdigest()[:16]


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
