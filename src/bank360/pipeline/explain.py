"""Explain one customer's score for the standard request: every input's value, contribution and reason.

The score that stands is taken apart as of its own night, so that what is said here is what the profile shows; a version
that has not scored the customer is applied as of now, and the explanation says so. Reads that customer's rows only.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np

from bank360.bank.calendar import instant, local_days, to_date, to_datetime
from bank360.bank.errors import NotFound
from bank360.bank.reasons import REASON_BY_CODE
from bank360.features.needs import said, without_data
from bank360.models.calibrated import log_odds_of
from bank360.models.catalogue import MODEL_BY_NAME
from bank360.models.reasons import reasons
from bank360.pipeline.describe import describing_only
from bank360.pipeline.outside_training import OutsideTraining, outside_training
from bank360.pipeline.requests import RequestRows, StandardRequest, request_rows
from bank360.pipeline.score_batch import MODEL
from bank360.pipeline.train import features_of
from bank360.storage.reads_credit import credit_standing
from bank360.storage.reads_profile import resolved_id, standing_score
from bank360.storage.registry import Loaded, Registry
from bank360.storage.warehouse import Warehouse


@dataclass(frozen=True)
class ExplainedInput:
    """One input of the score: what it is, its value (None: missing), and what it adds to the log-odds.

    ``asked`` is False where the request does not know it and the neutral value stands in; ``no_data`` says what was
    never delivered of what the value needs.
    """

    name: str
    meaning: str
    unit: str
    value: float | str | None
    asked: bool
    contribution: float
    reason: str
    no_data: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """One customer's score taken apart; ``base`` and all contributions sum to ``margin``, which is then calibrated.

    Parameters
    ----------
    as_of, stands
        The instant described, and whether it is that of the score that stands; False: nothing stands by this version.
    applied_at
        When what was declared, and the bureau's answer, came with an application; None: the customer was not asked.
    request
        What the score is for; the amount in minor units.
    in_default
        Whether the customer is in default: the probability is then of a new request alone.
    margin, log_odds, probability
        Log-odds before calibration and after it, and the probability that the latter are.
    outside
        Inputs outside the range seen in training.
    stated
        The reason codes that passed their counterfactual, strongest first, with their wording.
    """

    customer_id: str
    model: str
    candidate: str
    version: str
    as_of: datetime
    stands: bool
    applied_at: datetime | None
    request: StandardRequest
    thin_file: bool
    in_default: bool
    base: float
    margin: float
    log_odds: float
    probability: float
    inputs: tuple[ExplainedInput, ...]
    outside: tuple[OutsideTraining, ...]
    stated: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as JSON values; instants in ISO 8601, UTC."""
        applied = None if self.applied_at is None else self.applied_at.isoformat()
        return asdict(self) | {"as_of": self.as_of.isoformat(), "applied_at": applied}


def explain(
    warehouse: Warehouse,
    registry: Registry,
    customer_id: str,
    now: datetime,
    zone: str,
    currency: str,
    country: str,
    request: StandardRequest,
    version: str = "champion",
) -> Explanation:
    """Return the explanation of one customer's score, inputs by the size of their contribution.

    Parameters
    ----------
    customer_id
        A stable customer id, or a key by which a source names the customer.
    now
        The instant (aware) of a score that does not stand.
    zone, currency, country
        The bank's own.
    version
        A version of the model, or "champion" or "challenger".

    Raises
    ------
    NotReady
        If identity has not run yet.
    NotFound
        If nobody has this id or key, the customer is no adult person or none then (left, died), or there is no such
        version or product.
    """
    warehouse.require("customer_index", "build")
    stable_id = resolved_id(warehouse, customer_id)
    loaded = registry.load(MODEL, version)
    stood = standing_score(warehouse, stable_id, MODEL, loaded.version)
    asked = (request.product_id, request.amount, request.term_months)
    stands = stood is not None and asked == (stood["product_id"], stood["requested_amount"], stood["term_months"])
    as_of = instant(stood["as_of"]) if stood is not None and stands else instant(now)
    with describing_only(warehouse, stable_id, zone, currency, country) as (own, describe, known_from):
        rows = request_rows(own, describe, MODEL_BY_NAME[MODEL], request, as_of, zone, stable_id)
    if len(rows.thin) == 0:
        raise NotFound(
            f"'{customer_id}' is customer {stable_id}, who is not scored: adults who are customers then are,"
            " and nobody under 18, no company, and nobody who has left or died. 'bank360 profile list' says who is."
        )
    missing = without_data(features_of((MODEL_BY_NAME[MODEL],)), known_from, as_of)
    no_data = {name: tuple(map(said, unmet)) for name, unmet in missing.items()}
    day = to_date(int(local_days([as_of], zone)[0]))
    standing = credit_standing(warehouse, stable_id, to_datetime(as_of), day, currency)
    return take_apart(loaded, rows, as_of, stands, request, no_data, standing.in_default)


def take_apart(
    loaded: Loaded,
    rows: RequestRows,
    as_of: int,
    stands: bool,
    request: StandardRequest,
    no_data: Mapping[str, tuple[str, ...]],
    in_default: bool = False,
) -> Explanation:
    """Return the explanation of the score of one customer's row, the only one of ``rows``.

    Parameters
    ----------
    as_of, stands, request
        As of an `Explanation`.
    no_data
        By input, what was never delivered of what it needs.
    in_default
        Whether the customer is in default at ``as_of``.
    """
    (part, _, design), *_ = loaded.model.designs(rows.columns, rows.thin, rows.unasked)
    scored = loaded.model.score(rows.columns, rows.thin, rows.unasked)
    contributions = part.contributions(design)[0]
    about = {feature.name: feature for feature in MODEL_BY_NAME[MODEL].inputs}
    inputs = tuple(
        ExplainedInput(
            i.name,
            about[i.name].meaning,
            about[i.name].unit,
            _value(rows.columns[i.name][0]),
            not bool(rows.unasked.get(i.name, np.zeros(1))[0]),
            float(contributions[j]),
            loaded.model.reason_of[i.name],
            no_data.get(i.name, ()),
        )
        for j, i in enumerate(part.inputs)
    )
    stated = reasons(loaded.model, rows.columns, rows.thin, rows.unasked)
    applied = rows.spine.columns["applied_at"][0]
    return Explanation(
        str(rows.spine.customer_id[0]),
        MODEL,
        loaded.model.candidate,
        loaded.version,
        to_datetime(as_of),
        stands,
        None if np.isnan(applied) else to_datetime(int(applied)),
        request,
        bool(rows.thin[0]),
        in_default,
        part.base,
        float(scored.margin[0]),
        log_odds_of(float(scored.probability[0])),
        float(scored.probability[0]),
        tuple(sorted(inputs, key=lambda i: -abs(i.contribution))),
        outside_training(loaded.model, MODEL_BY_NAME[MODEL], rows)[0],
        tuple((code, REASON_BY_CODE[code].wording) for code in stated.code),
    )


def _value(value: Any) -> float | str | None:
    if value is None or isinstance(value, str):
        return value
    return None if np.isnan(value) else float(value)
