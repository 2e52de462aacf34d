"""The step that says how a model's cut falls on men and women, the married and the single, the young and the old.

Of a registered version, on the rows on which training would test it as of now: later than all that it learned from.
Who passes is asked of all applications of those months, declined ones among them; what became of them, of those with an
outcome. Protected attributes are read here and nowhere in training, scoring or deciding.
Neighbours: `learning/metrics/fairness.py` measures, `train.py` prepares the rows; `flat_fairness.py`, of a flat file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from bank360.bank.calendar import day_number, local_days
from bank360.bank.errors import NotFound, NotReady
from bank360.labels.application_default import DefaultDefinition
from bank360.learning.metrics.fairness import UNKNOWN, Fairness, fairness
from bank360.models.catalogue import MODEL_BY_NAME
from bank360.models.spec import void_history
from bank360.pipeline.progress import Progress, silent
from bank360.pipeline.train import Describe, prepare
from bank360.pipeline.train_rows import sample_of
from bank360.storage.protected import NO_DAY, protected_of
from bank360.storage.registry import Registry
from bank360.storage.warehouse import Warehouse

Objects = npt.NDArray[np.object_]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
SEX, MARITAL, AGE = "sex", "marital status", "age"
_AGES = (25, 40, 55, 65)
_BANDS = ("under 25", "25 to 39", "40 to 54", "55 to 64", "65 and over")


@dataclass(frozen=True)
class FairnessReport:
    """A version's cut by attribute; ``rows`` applications, of which ``tested`` have an outcome.

    ``thin_cut`` is what the ``thin`` ones of them, without history, are held to. Of a flat file the rows are those that
    it was tested on, ``stamps`` say what figures on them are worth, and ``left`` why a column makes no groups.
    """

    model: str
    version: str
    candidate: str
    cut: float
    thin_cut: float
    rows: int
    thin: int
    tested: int
    events: int
    attributes: Mapping[str, Fairness]
    flat: bool = False
    stamps: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def fairness_report(
    warehouse: Warehouse,
    registry: Registry,
    describe: Describe,
    as_of: int,
    zone: str,
    model: str,
    version: str,
    cut: float,
    thin_cut: float,
    definition: DefaultDefinition,
    progress: Progress = silent,
) -> FairnessReport:
    """Return how a registered version's cut falls on groups of applicants.

    Parameters
    ----------
    describe, as_of, zone, definition
        As for `train.train`.
    model, version
        Its name in the catalogue; a version's name, or "champion", "challenger".
    cut, thin_cut
        At or above it an application is refused, 0 to 1; the second those without history (the thin file).

    Raises
    ------
    NotFound
        If there is no such model or version.
    NotReady
        If the warehouse has no applications in the test period.
    """
    if model not in MODEL_BY_NAME:
        raise NotFound(f"There is no model '{model}' of histories. There are: {', '.join(MODEL_BY_NAME)}.")
    spec, loaded = MODEL_BY_NAME[model], registry.load(model, version)
    prepared = prepare(warehouse, describe, as_of, zone, (spec,), progress)
    spine, when = prepared.spine, prepared.periods
    sample = sample_of(warehouse, spec, spine, prepared.thin, prepared.columns, when, zone, definition)
    days = np.asarray(local_days(spine.submitted_at, zone), dtype=np.int64)
    asked = (spine.submitted_at >= when.test_start) & (spine.submitted_at < when.test_end)
    asked &= days > day_number(date.fromisoformat(loaded.card["train"]["last"]))  # where now is before the training
    if not asked.any():
        raise NotReady("No application was submitted in the year on which models are tested: nothing to compare.")
    columns = void_history(spec.from_history, prepared.columns, prepared.thin)
    some = {name: values[asked] for name, values in columns.items()}
    thin = prepared.thin[asked]
    probability = loaded.model.score(some, thin).probability
    refused = probability >= np.where(thin, thin_cut, cut)
    outcome = np.where(sample.test, sample.tested_outcome, np.nan)[asked]
    sex, married, born = protected_of(warehouse, spine.application_id[asked], as_of)
    known = born != NO_DAY
    ages = age_bands(_completed_years(np.where(known, born, days[asked]), days[asked]), known)
    groups = {SEX: sex, MARITAL: married, AGE: ages}
    tested = ~np.isnan(outcome)
    return FairnessReport(
        model,
        loaded.version,
        loaded.model.candidate,
        cut,
        thin_cut,
        int(np.count_nonzero(asked)),
        int(np.count_nonzero(thin)),
        int(np.count_nonzero(tested)),
        int(outcome[tested].sum()),
        {name: fairness(group, probability, outcome, refused) for name, group in groups.items()},
    )


def age_bands(years: Ints, known: Bools) -> Objects:
    """Return the band of each age in completed years; `UNKNOWN` where it is not known."""
    bands = np.array(_BANDS, dtype=object)[np.searchsorted(_AGES, years, side="right")]
    return np.where(known, bands, UNKNOWN).astype(object)


def _completed_years(born: Ints, until: Ints) -> Ints:
    """Return how many birthdays lie in each span of days since 1970, that of the last day counted."""
    from_day, to_day = born.astype("datetime64[D]"), until.astype("datetime64[D]")
    from_month, to_month = from_day.astype("datetime64[M]"), to_day.astype("datetime64[M]")
    months = (to_month - from_month).astype(np.int64)
    before = (to_day - to_month).astype(np.int64) < (from_day - from_month).astype(np.int64)  # the birthday's day
    return np.asarray((months - before) // 12, dtype=np.int64)
