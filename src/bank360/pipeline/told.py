"""What an application says, laid over what the customer said last: the inputs of models and of affordability.

An application that tells nothing is the night's standard request: then each input is what `pipeline/requests.py` gives
it, and what nobody was asked is neutral to the models and unknown to the policy. Of housing cost and other commitments
either may be told alone: the other half is then the one declared last, so that their sum is never that of two people.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bank360.features.feature import Derived, SpineColumn
from bank360.models.application_columns import without_age
from bank360.models.catalogue import MODELS
from bank360.pipeline.requests import DECLARED, OF_BUREAU
from bank360.pipeline.train import features_of
from bank360.policies.affordability import Finances
from bank360.policies.decision import Value
from bank360.storage.reads_credit import CreditStanding

Declared = Mapping[str, float | str | None]
SPINE = tuple(feature for feature in features_of(MODELS) if isinstance(feature, SpineColumn))
# What affordability reads of the features, besides what the models do.
SEEN = ("income_90d", "income_365d", "essential_spend_90d", "salary_90d", "pension_90d", "benefits_90d",
        "days_since_income", "days_since_first_account")  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What an application says; None: it does not. Money is in minor units.

    Parameters
    ----------
    employment, employed_months
        Declared employment, and since how many months.
    declared_income, housing_cost, outgoings
        Net income, rent or mortgage payment and other commitments a month.
    purpose, channel
        What for, and where it was made.
    form_seconds, email_age_days, ip_distance_km
        What the form saw: time taken to fill it in, age of the e-mail address, distance of the connection.
    """

    employment: str | None = None
    employed_months: int | None = None
    declared_income: int | None = None
    housing_cost: int | None = None
    outgoings: int | None = None
    purpose: str | None = None
    channel: str | None = None
    form_seconds: float | None = None
    email_age_days: float | None = None
    ip_distance_km: float | None = None


NOTHING_TOLD = Told()


def inputs_from(
    told: Told, declared: Declared, line: str, amount: int, term_months: int
) -> tuple[dict[str, Value], frozenset[str]]:
    """Return the spine columns of the models by name, and the names of those that nobody was asked for.

    Parameters
    ----------
    declared
        What the customer declared last, as `decision_facts` has it.
    line, amount, term_months
        Of the request.
    """
    request: dict[str, Value] = {
        "product_line": line, "requested_amount": float(amount), "term_months": float(term_months)
    }  # fmt: skip
    said = _said(told, declared)
    asked = {name for name in DECLARED if declared["has_applied"] == 1.0}
    asked |= {name for name in OF_BUREAU if declared["has_report"] == 1.0}
    asked |= {name for name, value in said.items() if value == value}  # NaN: a sum of which one half was never asked
    values: dict[str, Value] = {}
    for column in SPINE:
        name = column.name
        value = request[name] if name in request else said.get(name, declared.get(name))
        values[name] = math.nan if value is None and not column.categorical else value
    return values, frozenset(column.name for column in SPINE) - asked - set(request)


def derived_from(unasked: frozenset[str]) -> frozenset[str]:
    """Return the names of what is derived from something that nobody was asked for."""
    found: set[str] = set()
    for feature in features_of(MODELS):
        if isinstance(feature, Derived) and (unasked | found) & set(feature.inputs):
            found.add(feature.name)
    return frozenset(found)


def finances_from(
    seen: Mapping[str, float], told: Told, declared: Declared, standing: CreditStanding, evidenced: int | None
) -> Finances:
    """Return what affordability reads: what comes in and goes out by the history, what was declared, what is owed.

    Parameters
    ----------
    seen
        Features by name, `SEEN` among them; empty where nobody looked.
    """

    def shown(name: str) -> int | None:
        return _whole(seen.get(name, math.nan))

    said = _said(told, declared)

    def stated(name: str) -> int | None:
        return _number(said.get(name, declared.get(name)))

    housing, outgoings = _monthly(told, declared)
    regular = [shown(name) for name in ("salary_90d", "pension_90d", "benefits_90d")]
    return Finances(
        evidenced_income=evidenced,
        income_90d=shown("income_90d"),
        income_365d=shown("income_365d"),
        essential_90d=shown("essential_spend_90d"),
        regular_90d=sum(part or 0 for part in regular),
        days_since_income=shown("days_since_income"),
        history_days=shown("days_since_first_account"),
        declared_income=stated("declared_income"),
        declared_housing=housing,
        declared_outgoings=outgoings,
        credit_due=None if standing.foreign_accounts else standing.due,
        external_debt=stated("external_debt"),
    )


def _said(told: Told, declared: Declared) -> dict[str, float | str]:
    """Return what was told under the names of the spine's columns."""
    numbers = ("employed_months", "declared_income", "housing_cost", "form_seconds", "email_age_days", "ip_distance_km")
    said: dict[str, float | str] = {
        name: float(value) for name in numbers if (value := getattr(told, name)) is not None
    }
    said |= {name: value for name in ("purpose", "channel") if (value := getattr(told, name)) is not None}
    if told.employment is not None:
        said["employment"] = str(without_age(np.array([told.employment], dtype=np.object_))[0])
    if told.housing_cost is not None or told.outgoings is not None:
        housing, outgoings = _monthly(told, declared)
        said["commitments"] = math.nan if housing is None or outgoings is None else float(housing + outgoings)
    return said


def _monthly(told: Told, declared: Declared) -> tuple[int | None, int | None]:
    """Return housing cost and other commitments a month: as told, each half that is not as it was declared last."""
    housing, all_due = _number(declared.get("housing_cost")), _number(declared.get("commitments"))
    outgoings = None if housing is None or all_due is None else all_due - housing
    return (
        housing if told.housing_cost is None else told.housing_cost,
        outgoings if told.outgoings is None else told.outgoings,
    )


def _number(value: float | str | None) -> int | None:
    return None if value is None or isinstance(value, str) else _whole(value)


def _whole(value: float) -> int | None:
    return None if math.isnan(value) else round(value)
