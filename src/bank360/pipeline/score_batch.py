"""The night run: every adult customer's probability of default for the standard request, tier and reasons.

Replaces ``scores``, ``score_reasons`` and ``score_outside`` (inputs outside the range seen in training) as a whole, in
one commit. Scores are of the champion; they say for which request they are, because a customer has no probability of
default without one. Who is in default already has that tier; the probability stays what it is, of a new request.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.calendar import local_days, to_date, to_datetime
from bank360.bank.vocabulary import RiskTier
from bank360.models.catalogue import MODEL_BY_NAME
from bank360.models.reasons import Reasons, reasons
from bank360.models.spec import Scored
from bank360.pipeline.outside_training import OutsideTraining, outside_training
from bank360.pipeline.progress import Progress, silent
from bank360.pipeline.requests import RequestRows, StandardRequest, request_rows
from bank360.pipeline.train import Describe
from bank360.policies.risk_tier import risk_tiers
from bank360.storage.reads_credit import credit_standings
from bank360.storage.registry import Registry
from bank360.storage.warehouse import Warehouse

MODEL = "application_pd"
_NUMBERS = ("value", "low", "high")


@dataclass(frozen=True)
class ScoreReport:
    """What the night run scored.

    Parameters
    ----------
    customers, thin_file, unknown_age
        Customers scored, those of them without history, and those who count as adults for want of a birth date.
    version
        Version of the champion.
    tiers
        Customers by tier.
    outside_training
        Customers with an input outside the range seen in training: a warning.
    high_without_reason
        Customers in the high tier left without a reason: they go to review.
    reasons_tried, reasons_failed
        Reasons held to their counterfactual, and those that failed it.
    """

    customers: int
    thin_file: int
    unknown_age: int
    version: str
    tiers: dict[str, int]
    outside_training: int
    high_without_reason: int
    reasons_tried: int
    reasons_failed: int


def score_batch(
    warehouse: Warehouse,
    registry: Registry,
    describe: Describe,
    as_of: int,
    zone: str,
    currency: str,
    request: StandardRequest,
    medium: float,
    high: float,
    progress: Progress = silent,
) -> ScoreReport:
    """Score every adult customer for the standard request and store scores and reasons.

    Parameters
    ----------
    describe
        Gives the features of a spine (`pipeline/build.py`).
    as_of
        The night, microseconds UTC.
    zone, currency
        The bank's.
    medium, high
        Lower edges of the tiers.

    Raises
    ------
    NotFound
        If there is no champion, or no such product.
    ArtefactRefused
        If the champion is not what was registered.
    """
    progress("scoring customers", 0, 4)
    loaded = registry.load(MODEL)
    rows = request_rows(warehouse, describe, MODEL_BY_NAME[MODEL], request, as_of, zone)
    progress("scoring customers", 2, 4)
    scored = loaded.model.score(rows.columns, rows.thin, rows.unasked)
    in_default = _in_default(warehouse, rows, as_of, zone, currency)
    tiers = risk_tiers(scored.probability, in_default, medium, high)
    stated = reasons(loaded.model, rows.columns, rows.thin, rows.unasked)
    outside = outside_training(loaded.model, MODEL_BY_NAME[MODEL], rows)
    progress("scoring customers", 3, 4)
    at = to_datetime(as_of).replace(tzinfo=None)
    scores = _scores(rows, scored, tiers, stated, outside, request, loaded.version, at)
    with warehouse.transaction():
        warehouse.replace_table("scores", scores)
        warehouse.replace_table("score_reasons", _reasons(rows, stated, loaded.version, at))
        warehouse.replace_table("score_outside", _outside(rows, outside))
    progress("scoring customers", 4, 4)
    is_high = tiers == "high"
    counts = Counter(str(tier) for tier in tiers)
    return ScoreReport(
        len(tiers),
        int(rows.thin.sum()),
        int(rows.spine.unknown_age.sum()),
        loaded.version,
        {str(tier): counts.get(tier, 0) for tier in RiskTier},
        sum(map(bool, outside)),
        int((stated.count[is_high] == 0).sum()),
        stated.tried,
        stated.failed,
    )


def _in_default(warehouse: Warehouse, rows: RequestRows, as_of: int, zone: str, currency: str) -> npt.NDArray[np.bool_]:
    day = to_date(int(local_days([as_of], zone)[0]))
    standings = credit_standings(warehouse, to_datetime(as_of), day, currency)
    bad = {customer_id for customer_id, standing in standings.items() if standing.in_default}
    return np.array([customer_id in bad for customer_id in rows.spine.customer_id.tolist()], dtype=np.bool_)


def _scores(
    rows: RequestRows,
    scored: Scored,
    tiers: np.ndarray[tuple[int], np.dtype[np.object_]],
    stated: Reasons,
    outside: tuple[tuple[OutsideTraining, ...], ...],
    request: StandardRequest,
    version: str,
    at: object,
) -> pa.Table:
    n = len(tiers)
    return pa.table(
        {
            "customer_id": pa.array(rows.spine.customer_id.tolist(), pa.string()),
            "model": pa.array([MODEL] * n, pa.string()),
            "version": pa.array([version] * n, pa.string()),
            "as_of": pa.array([at] * n, pa.timestamp("us")),
            "product_id": pa.array([request.product_id] * n, pa.string()),
            "requested_amount": pa.array(np.full(n, request.amount, dtype=np.int64)),
            "term_months": pa.array(np.full(n, request.term_months, dtype=np.int64)),
            "margin": pa.array(scored.margin),
            "probability": pa.array(scored.probability),
            "tier": pa.array(tiers.tolist(), pa.string()),
            "thin_file": pa.array(rows.thin),
            "outside_training": pa.array([bool(some) for some in outside], pa.bool_()),
            "reasons": pa.array(stated.count),
        }
    )


def _reasons(rows: RequestRows, stated: Reasons, version: str, at: object) -> pa.Table:
    n = len(stated.row)
    return pa.table(
        {
            "customer_id": pa.array(rows.spine.customer_id[stated.row].tolist(), pa.string()),
            "model": pa.array([MODEL] * n, pa.string()),
            "version": pa.array([version] * n, pa.string()),
            "as_of": pa.array([at] * n, pa.timestamp("us")),
            "rank": pa.array(stated.rank),
            "reason": pa.array(list(stated.code), pa.string()),
            "contribution": pa.array(stated.contribution),
        }
    )


def _outside(rows: RequestRows, outside: tuple[tuple[OutsideTraining, ...], ...]) -> pa.Table:
    found = [(i, one) for i, some in zip(rows.spine.customer_id.tolist(), outside, strict=True) for one in some]
    numbers = {name: pa.array([float(getattr(one, name)) for _, one in found], pa.float64()) for name in _NUMBERS}
    return pa.table(
        {
            "customer_id": pa.array([customer for customer, _ in found], pa.string()),
            "model": pa.array([MODEL] * len(found), pa.string()),
            "input": pa.array([one.name for _, one in found], pa.string()),
            "meaning": pa.array([one.meaning for _, one in found], pa.string()),
            "unit": pa.array([one.unit for _, one in found], pa.string()),
            **numbers,
        }
    )
