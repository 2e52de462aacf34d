"""The standard request: every adult customer as if they applied tonight for the same amount and term.

What an application would tell and tonight's customer was never asked (purpose, channel, and for those without a recent
application also income, employment and the bureau's answer) is neutral, which is not the same as unknown.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bank360.bank.calendar import local_days, to_date
from bank360.bank.errors import NotReady
from bank360.features.feature import AnyFeature, Derived, SpineColumn
from bank360.features.spine import Spine
from bank360.models.application_columns import DAYS_KNOWN, thin_file
from bank360.models.spec import ModelSpec
from bank360.pipeline.product_asked import line_asked
from bank360.pipeline.train import Describe, columns_of, features_of
from bank360.storage.customer_spine import CustomerSpine, customer_spine
from bank360.storage.warehouse import Warehouse

Bools = npt.NDArray[np.bool_]

DECLARED = frozenset({"employment", "employed_months", "declared_income", "housing_cost", "commitments"})
OF_BUREAU = frozenset({"bureau_score", "searches_6m", "external_debt", "worst_status"})


@dataclass(frozen=True)
class StandardRequest:
    """The request that everybody is scored for: product, amount in minor units, term in months."""

    product_id: str
    amount: int
    term_months: int


@dataclass(frozen=True, eq=False)
class RequestRows:
    """Customers with the standard request, ready to be scored.

    Parameters
    ----------
    spine
        The customers.
    columns
        The model's inputs by name.
    thin
        Who has no history.
    unasked
        By input name, who was never asked for it.
    """

    spine: CustomerSpine
    columns: dict[str, npt.NDArray[Any]]
    thin: Bools
    unasked: dict[str, Bools]


def request_rows(
    warehouse: Warehouse,
    describe: Describe,
    spec: ModelSpec,
    request: StandardRequest,
    as_of: int,
    zone: str,
    only: str | None = None,
) -> RequestRows:
    """Return every adult customer at ``as_of`` (microseconds UTC) with the standard request.

    Parameters
    ----------
    only
        The id of the one customer wanted; no row where they are no adult customer. None: everybody.

    Raises
    ------
    NotFound
        If the bank has no such product.
    NotReady
        If there is no customer.
    """
    day = str(to_date(int(local_days([as_of], zone)[0])))
    line = line_asked(warehouse, request.product_id, as_of, zone)
    spine = customer_spine(warehouse, as_of, day)
    if only is not None:
        spine = _of(spine, only)
    n = len(spine.customer)
    if n == 0 and only is None:
        raise NotReady("There is no adult customer to score. Run 'bank360 ingest' and 'bank360 build' first.")
    applied, reported = spine.columns["has_applied"] == 1, spine.columns["has_report"] == 1
    wanted = features_of((spec,))
    own: dict[str, npt.NDArray[Any]] = {}
    unasked: dict[str, Bools] = {}
    for feature in wanted:
        if not isinstance(feature, SpineColumn):
            continue
        name = feature.name
        if name == "product_line":
            own[name] = np.full(n, line, dtype=object)
        elif name == "requested_amount":
            own[name] = np.full(n, float(request.amount))
        elif name == "term_months":
            own[name] = np.full(n, float(request.term_months))
        else:
            asked = applied if name in DECLARED else reported if name in OF_BUREAU else np.zeros(n, dtype=np.bool_)
            unasked[name] = ~asked
            nothing = np.full(n, None, dtype=object) if feature.categorical else np.full(n, np.nan)
            own[name] = spine.columns.get(name, nothing)
    as_ofs = np.full(n, as_of, dtype=np.int64)
    columns = columns_of(describe(Spine(spine.customer_id, spine.customer, as_ofs, own), wanted))
    _spread(wanted, unasked)
    return RequestRows(spine, columns, thin_file(columns[DAYS_KNOWN]), unasked)


def _of(spine: CustomerSpine, customer_id: str) -> CustomerSpine:
    own = spine.customer_id == customer_id
    columns = {name: values[own] for name, values in spine.columns.items()}
    return CustomerSpine(spine.customer_id[own], spine.customer[own], columns, spine.unknown_age[own])


def _spread(wanted: tuple[AnyFeature, ...], unasked: dict[str, Bools]) -> None:
    """Mark what is derived from something never asked for as never asked for itself."""
    for feature in wanted:
        if isinstance(feature, Derived):
            parts = [unasked[name] for name in feature.inputs if name in unasked]
            if parts:
                unasked[feature.name] = np.asarray(np.any(parts, axis=0), dtype=np.bool_)
