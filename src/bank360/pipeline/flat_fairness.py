"""The step that says how the cut of a flat file's model falls on the groups that the file's protected columns tell.

Of a registered version, on rows that it was not fitted on: of a dated file those that it was tested on, of one without
dates all, each scored as cross-validation did, by a model fitted without its fold. The file must be the one that it was
trained on. Protected columns are read here and nowhere in training or scoring.
Neighbours: `fairness.py`, of a model of histories; `learning/metrics/fairness.py` measures.
"""

from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.calendar import day_number, local_days
from bank360.bank.errors import NotReady
from bank360.learning.arrays import Floats, Objects
from bank360.learning.estimators.boosting import BoostingRules
from bank360.learning.metrics.fairness import UNKNOWN, fairness
from bank360.models.development import measure
from bank360.pipeline.fairness import FairnessReport, age_bands
from bank360.pipeline.progress import Progress, silent
from bank360.pipeline.train_flat import USUAL_TREES, out_of_fold
from bank360.pipeline.train_table import content_hash, read_table
from bank360.sources.mapped_cells import normal_codes
from bank360.sources.mapped_flat import FlatMap
from bank360.sources.mapped_grammar import ColumnMap
from bank360.sources.mapped_inputs import objects
from bank360.sources.mapped_protected import protected_kind
from bank360.sources.mapped_supplied import Supplied
from bank360.storage.registry import Loaded, Registry

_MOST_GROUPS = 40  # of one attribute; a column with more, such as a day of birth, tells none
_OLDEST = 130  # completed years


def flat_fairness_report(
    flat: FlatMap,
    folder: Path,
    registry: Registry,
    version: str,
    cut: float,
    threads: int = 1,
    progress: Progress = silent,
    boosting: BoostingRules = USUAL_TREES,
) -> FairnessReport:
    """Return how a registered version's cut falls on the groups of a flat file's protected columns.

    Parameters
    ----------
    flat, folder, boosting
        As for `train_table.train_table`; the model has the name of the source, ``flat.name``.
    version
        A version's name, or "champion", "challenger".
    cut
        At or above it a row is refused, between 0 and 1.

    Raises
    ------
    NotFound
        If there is no such version.
    NotReady
        If the file is not the one that the version was trained on, or no column of it is protected.
    """
    loaded = registry.load(flat.name, version)
    rows, name = read_table(flat, folder, progress)
    if not rows.protected:
        raise NotReady(
            f"No column of '{name}' is protected, so there are no groups. List one under 'protected' in the mapping of "
            f"source '{flat.name}'."
        )
    if content_hash(rows) != loaded.card["data_version"]:
        raise NotReady(
            f"'{name}' is not what version {loaded.version} was trained on: its rows or its mapping have changed. "
            "Train again, and name the new version."
        )
    progress("scoring what it was not fitted on", 0, 0)
    tested, probability = _held_out(flat, rows, loaded, threads, boosting)
    assert rows.bad is not None
    outcome = rows.bad[tested].astype(np.float64)
    attributes, left = {}, []
    for column in rows.protected:
        groups = _groups(flat, column, rows.protected[column][tested])
        if len({*groups.tolist()}) > _MOST_GROUPS:
            left.append(f"'{column}' makes no groups: it has more than {_MOST_GROUPS} different values")
        else:
            attributes[column] = fairness(groups, probability, outcome, probability >= cut)
    dated = rows.as_of is not None
    return FairnessReport(
        flat.name, loaded.version, loaded.model.candidate, cut, cut, len(outcome), 0, len(outcome), int(outcome.sum()),
        attributes, flat=True, stamps=() if dated else ("not out of time",), left=tuple(left),
    )  # fmt: skip


def _held_out(
    flat: FlatMap, rows: Supplied, loaded: Loaded, threads: int, boosting: BoostingRules
) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Return which rows a version was tested on, and their probabilities by what was not fitted on them."""
    columns = {**rows.numeric, **rows.categorical}
    if rows.as_of is not None:
        first = day_number(date.fromisoformat(loaded.card["test"]["first"]))
        tested = np.asarray(local_days(rows.as_of, flat.zone) >= first, dtype=np.bool_)
        some = {name: values[tested] for name, values in columns.items()}
        return tested, loaded.model.score(some, np.zeros(int(tested.sum()), dtype=np.bool_)).probability
    assert rows.bad is not None
    found = out_of_fold(
        loaded.model.candidate, tuple(columns), columns, rows.bad, loaded.card["seed"], threads, boosting
    )
    if measure("all", rows.bad.astype(np.float64), found).auc.value != loaded.card["measured"][0]["auc"]["value"]:
        raise NotReady(
            f"Version {loaded.version} was trained by other rules than training.trees says now, or by another release, "
            "so what it made of rows that it had not seen cannot be told. Train again, and name the new version."
        )
    return np.ones(len(found), dtype=np.bool_), found


def _groups(flat: FlatMap, column: str, values: Objects) -> Objects:
    """Return each row's group: the profile's word for it where its mapping has one, an age by its band."""
    if protected_kind(column) == "age":
        years = np.array([_years(value) for value in values], dtype=np.int64)
        return age_bands(years, years >= 0)
    coded = (one for one in flat.profile.values() if one.column == column and one.codes is not None)
    mapped = next(coded, ColumnMap(column))
    return np.array([_group(value, mapped) for value in objects(normal_codes(pa.array(values, pa.string())))], object)


def _group(value: str | None, mapped: ColumnMap) -> str:
    if value is None:
        told = UNKNOWN if mapped.missing is None else str(mapped.missing)
    else:
        told = str((mapped.codes or {}).get(value, value if mapped.other is None else mapped.other))
    return UNKNOWN if told.casefold() == UNKNOWN else told


def _years(value: str | None) -> int:
    """Return completed years; -1 where a cell says none."""
    try:
        years = float(value or "nan")
    except ValueError:
        return -1
    return int(years) if 0 <= years <= _OLDEST else -1
