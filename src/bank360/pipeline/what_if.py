"""A request for credit tried offline: one customer's facts from the warehouse through the gates of the policy.

Reads that customer's rows only, for the price of one customer and to the night's last bit (`describe.describing_only`).

Nothing is written. The record it makes is sealed and replayed like one that decides, and says that it is a what-if: its
subject never asked. What an application would tell and the customer did not lately is neutral to the models, as in the
night run, and unknown to the policy.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from bank360.bank.calendar import local_days, to_date, to_datetime
from bank360.bank.errors import SettingsError
from bank360.features.families import ALL_FEATURES
from bank360.features.spine import Spine
from bank360.models.catalogue import MODEL_BY_NAME
from bank360.pipeline.decision_facts import applicant_of
from bank360.pipeline.describe import describing_only
from bank360.pipeline.product_asked import line_asked
from bank360.pipeline.requests import RequestRows, StandardRequest, request_rows
from bank360.pipeline.train import Describe, columns_of
from bank360.policies.affordability import Finances
from bank360.policies.credit_policy import CreditPolicy, credit_policy
from bank360.policies.credit_record import (
    FRAUD_MODEL,
    PD_MODEL,
    Asked,
    StoredModel,
    decision_record,
    replay,
    use_model,
)
from bank360.policies.decision import DecisionRecord, ModelUse, Value, parse, sealed_bytes
from bank360.policies.gates import Applicant, Request
from bank360.storage.reads_credit import CreditStanding, credit_standing
from bank360.storage.reads_profile import CustomerRows, resolved_id
from bank360.storage.registry import Registry
from bank360.storage.warehouse import Warehouse

_OF_AGE = 18
_SEEN = ("income_90d", "income_365d", "essential_spend_90d", "salary_90d", "pension_90d", "benefits_90d",
         "days_since_income", "days_since_first_account")  # fmt: skip
_FEATURES = tuple(feature for feature in ALL_FEATURES if feature.name in _SEEN)


@dataclass(frozen=True)
class WhatIf:
    """A decision tried: its record, the bytes that would be sealed, and whether a replay gave the same bytes."""

    record: DecisionRecord
    sealed: bytes
    replayed: bool

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the sealed bytes, hex."""
        return hashlib.sha256(self.sealed).hexdigest()


def what_if(
    warehouse: Warehouse,
    registry: Registry,
    customer_id: str,
    request: StandardRequest,
    policy_text: str,
    as_of: int,
    zone: str,
    currency: str,
    country: str,
    evidenced_income: int | None = None,
) -> WhatIf:
    """Return what the policy would say to a customer's request, and everything that it rests on.

    Parameters
    ----------
    customer_id
        A stable customer id, or a key by which a source names the customer.
    request
        Product, amount (minor units) and term.
    as_of
        Instant, microseconds UTC.
    zone, currency, country
        The bank's own.
    evidenced_income
        Net income a month by evidence in hand, minor units.

    Raises
    ------
    NotReady
        If nothing is built yet.
    NotFound
        If nobody has this id or key, there is no such product, or no champion of the probability of default.
    SettingsError
        If the policy is for another product line or currency.
    """
    policy = credit_policy(policy_text, "the policy")
    warehouse.require("customer_index", "build")
    stable = resolved_id(warehouse, customer_id)
    day = to_date(int(local_days([as_of], zone)[0]))
    _fits(policy, currency, line_asked(warehouse, request.product_id, as_of, zone))
    at = to_datetime(as_of)
    applicant, standing = _applicant(warehouse, stable, at, day, zone, policy)
    loaded = {name: registry.load(name) for name in (PD_MODEL, FRAUD_MODEL) if _has_champion(registry, name)}
    if PD_MODEL not in loaded:
        registry.load(PD_MODEL)  # says what is missing
    stored = {name: StoredModel(one.model, one.version, one.hash) for name, one in loaded.items()}
    models: list[ModelUse] = []
    finances = _finances({}, None, standing, evidenced_income)
    with describing_only(warehouse, stable, zone, currency, country) as (own, describe, _):
        for name, model in stored.items():
            rows = request_rows(own, describe, MODEL_BY_NAME[name], request, as_of, zone, stable)
            if len(rows.thin) == 0:  # no adult customer: no model speaks of them
                continue
            values = {column: _value(cells[0]) for column, cells in rows.columns.items()}
            unasked = frozenset(column for column, mask in rows.unasked.items() if mask[0])
            models.append(use_model(model, values, bool(rows.thin[0]), unasked))
            finances = _finances(_seen(describe, rows, as_of), rows, standing, evidenced_income)
    asked = Asked("what-if", f"what-if-{stable}-{as_of}", stable, None, "command-line", as_of)
    record = decision_record(
        asked, policy, Request(request.amount, request.term_months), applicant, finances, tuple(models)
    )
    sealed = sealed_bytes(record)

    def load(name: str, version: str) -> StoredModel:
        again = registry.load(name, version)
        return StoredModel(again.model, again.version, again.hash)

    return WhatIf(record, sealed, replay(parse(sealed), load, policy_text) == sealed)


def _fits(policy: CreditPolicy, currency: str, line: str) -> None:
    if (policy.product_line, policy.currency) != (line, currency):
        raise SettingsError(
            f"The policy is for {policy.product_line} in {policy.currency}, the request for {line} in {currency}. "
            "Name a policy that fits with --policy."
        )


def _applicant(
    warehouse: Warehouse, customer_id: str, at: datetime, day: date, zone: str, policy: CreditPolicy
) -> tuple[Applicant, CreditStanding]:
    masters = CustomerRows(warehouse, customer_id, at, day, zone).masters()
    born = [row["birth_date"] for row in masters if row["birth_date"] is not None]
    regions = [row["region"] for row in masters if row["region"] is not None]
    died = any(row["deceased_on"] is not None and row["deceased_on"] <= day for row in masters)
    standing = credit_standing(warehouse, customer_id, at, day, policy.currency)
    of_age = _years(max(born), day) >= _OF_AGE if born else None  # of several records, the youngest
    return applicant_of(of_age, regions[-1] if regions else None, died, standing), standing


def _years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _has_champion(registry: Registry, name: str) -> bool:
    return "champion" in registry.aliases(name)


def _seen(describe: Describe, rows: RequestRows, as_of: int) -> dict[str, int | None]:
    at = np.full(1, as_of, dtype=np.int64)
    columns = columns_of(describe(Spine(rows.spine.customer_id, rows.spine.customer, at, {}), _FEATURES))
    return {name: _whole(float(cells[0])) for name, cells in columns.items()}


def _finances(
    seen: dict[str, int | None], rows: RequestRows | None, standing: CreditStanding, evidenced: int | None
) -> Finances:
    declared = {} if rows is None else {name: cells[0] for name, cells in rows.spine.columns.items()}

    def told(name: str) -> int | None:
        return _whole(float(declared.get(name, math.nan)))

    housing, all_due = told("housing_cost"), told("commitments")
    regular = [seen.get(name) for name in ("salary_90d", "pension_90d", "benefits_90d")]
    return Finances(
        evidenced_income=evidenced,
        income_90d=seen.get("income_90d"),
        income_365d=seen.get("income_365d"),
        essential_90d=seen.get("essential_spend_90d"),
        regular_90d=sum(part or 0 for part in regular),
        days_since_income=seen.get("days_since_income"),
        history_days=seen.get("days_since_first_account"),
        declared_income=told("declared_income"),
        declared_housing=housing,
        declared_outgoings=None if all_due is None or housing is None else all_due - housing,
        credit_due=None if standing.foreign_accounts else standing.due,
        external_debt=told("external_debt"),
    )


def _whole(value: float) -> int | None:
    return None if math.isnan(value) else round(value)


def _value(cell: object) -> Value:
    return cell if cell is None or isinstance(cell, str) else float(cell)  # type: ignore[arg-type]
