"""Which applications train and test a model, with their labels; and which were declined in the same months.

Each label is registered here with the function that takes it from the warehouse; a label without one stops training.
Rows are sorted by application id, whatever order the warehouse holds them in.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bank360.bank.calendar import day_starts
from bank360.bank.vocabulary import Outcome
from bank360.labels.application_default import LABEL as DEFAULT
from bank360.labels.application_default import DefaultDefinition, application_default
from bank360.labels.application_fraud import LABEL as FRAUD
from bank360.labels.application_fraud import application_fraud, confirmed_fraud
from bank360.labels.label import Label, Labelled, State
from bank360.learning.splits import out_of_time
from bank360.models.development import Sample
from bank360.models.reject_inference import Declined
from bank360.models.spec import ModelSpec
from bank360.pipeline.periods import Periods
from bank360.storage.decisions import application_decisions
from bank360.storage.outcomes import application_cases, application_outcomes
from bank360.storage.spines import ApplicationSpine
from bank360.storage.warehouse import Warehouse

Bools = npt.NDArray[np.bool_]
_OUTCOMES = (State.NO_EVENT, State.EVENT, State.INDETERMINATE)


@dataclass(frozen=True)
class Moment:
    """When a label is taken: the instant in microseconds UTC, its local day, and the bank's zone."""

    at: int
    day: int
    zone: str


Labeller = Callable[[Warehouse, ApplicationSpine, Moment, DefaultDefinition], Labelled]


def _default(warehouse: Warehouse, spine: ApplicationSpine, moment: Moment, definition: DefaultDefinition) -> Labelled:
    booked = application_outcomes(warehouse, spine, moment.at)
    fraud = confirmed_fraud(len(spine.application_id), application_cases(warehouse, spine, moment.at), moment.at)
    labelled = application_default(
        booked.opened_on,
        booked.closed_on,
        booked.booked,
        booked.closed_bad,
        fraud,
        booked.repayment,
        moment.day,
        definition,
    )
    return replace(labelled, complete_at=day_starts(labelled.complete_at, moment.zone))


def _fraud(warehouse: Warehouse, spine: ApplicationSpine, moment: Moment, definition: DefaultDefinition) -> Labelled:
    del definition  # fraud is what an investigation found
    return application_fraud(spine.submitted_at, application_cases(warehouse, spine, moment.at), moment.at)


LABELLERS: tuple[tuple[Label, Labeller], ...] = ((DEFAULT, _default), (FRAUD, _fraud))


def labels_of(
    label: Label, warehouse: Warehouse, spine: ApplicationSpine, moment: Moment, definition: DefaultDefinition
) -> Labelled:
    """Return the label of every application as it stood at a moment; ``complete_at`` in microseconds UTC.

    ``definition`` is what counts as default.

    Raises
    ------
    ValueError
        If nothing is registered for the label.
    """
    for known, labeller in LABELLERS:
        if known == label:
            return labeller(warehouse, spine, moment, definition)
    raise ValueError(f"label '{label.name}' has no labeller: register one in LABELLERS of {__name__}")


def sample_of(
    warehouse: Warehouse,
    spec: ModelSpec,
    spine: ApplicationSpine,
    thin: Bools,
    columns: dict[str, npt.NDArray[np.generic]],
    periods: Periods,
    zone: str,
    definition: DefaultDefinition,
) -> Sample:
    """Return the rows that train and test a model: out of time, with complete labels by ``definition``.

    Indeterminate rows count as no event, in fitting as in the test. They may be left out of fitting (definitions §1);
    but nobody knows at the decision who will be one, and a model fitted without them says too much of the riskiest.
    """
    fitted = labels_of(
        spec.label, warehouse, spine, Moment(periods.test_start, periods.test_start_day, zone), definition
    )
    tested = labels_of(spec.label, warehouse, spine, Moment(periods.taken_at, periods.taken_day, zone), definition)
    first = int(spine.submitted_at.min())
    p = periods
    train_split, test_split = (
        out_of_time(spine.submitted_at, label.complete_at, first, p.test_start, p.test_end, p.taken_at)
        for label in (fitted, tested)
    )
    return Sample(
        spine.customer.astype(np.int64),
        spine.submitted_at,
        thin,
        columns,
        train_split.train & np.isin(fitted.state, _OUTCOMES),
        test_split.test & np.isin(tested.state, _OUTCOMES),
        (fitted.state == State.EVENT).astype(np.float64),
        (tested.state == State.EVENT).astype(np.float64),
    )


def declined_of(warehouse: Warehouse, spine: ApplicationSpine, sample: Sample, periods: Periods) -> Declined:
    """Return the applications declined in the training rows' months and in the test period; confirmed fraud left out.

    A declined application has no outcome of its own, so no window that would have to be complete; those are taken that
    were submitted between the first and the last training row, as decided before the test period began.
    """
    at, n = spine.submitted_at, len(spine.submitted_at)

    def decided(moment: int, first: int, last: int) -> dict[str, Bools]:
        decision = application_decisions(warehouse, spine.application_id, moment)
        fraud = confirmed_fraud(n, application_cases(warehouse, spine, moment), moment)
        inside = (at >= first) & (at <= last) & ~fraud
        return {code: inside & (decision == code) for code in (Outcome.APPROVED, Outcome.DECLINED)}

    trained = at[sample.train]
    before = decided(periods.test_start, int(trained.min()), int(trained.max()))
    after = decided(periods.taken_at, periods.test_start, periods.test_end - 1)
    return Declined(before[Outcome.DECLINED], after[Outcome.DECLINED], after[Outcome.APPROVED])
