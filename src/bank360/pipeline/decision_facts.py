"""What a decision about a customer rests on besides the packed history, as of one instant: of everybody, JSON values.

The night run and the Loan desk read the same rows: `customer_spine` says who is an adult customer and what they
declared last, `credit_standings` what they owe us. A publish puts one of these beside each history. What a customer is
old enough for is said, a birth date is not.
"""

import math
from collections.abc import Iterator
from datetime import date
from typing import Any

from bank360.bank.calendar import local_days, to_date, to_datetime
from bank360.policies.gates import Applicant
from bank360.storage.customer_features import customer_ids
from bank360.storage.customer_spine import customer_spine
from bank360.storage.reads_credit import NO_CREDIT, CreditStanding, credit_standings
from bank360.storage.reads_publish import eligibility_facts
from bank360.storage.warehouse import Warehouse

OF_AGE = 18
Facts = dict[str, Any]


def decision_facts(warehouse: Warehouse, as_of: int, zone: str, currency: str) -> Iterator[tuple[str, Facts]]:
    """Yield every customer's id and facts, by dense index.

    The facts are ``applicant`` (fields of `Applicant` that are not about credit), ``credit`` (fields of
    `CreditStanding`; absent: none), and ``declared`` (spine columns; absent: no adult customer, whom no model scores).
    """
    day, at = to_date(int(local_days([as_of], zone)[0])), to_datetime(as_of)
    people = {row["customer_id"]: row for row in eligibility_facts(warehouse, at, day).to_pylist()}
    credit = credit_standings(warehouse, at, day, currency)
    spine = customer_spine(warehouse, as_of, str(day))
    place = {customer_id: row for row, customer_id in enumerate(spine.customer_id)}
    declared = {name: values.tolist() for name, values in spine.columns.items()}
    for customer_id in customer_ids(warehouse):
        person = people.get(customer_id, {"born": None, "region": None, "died": False})
        of_age = None if person["born"] is None else years(person["born"], day) >= OF_AGE
        facts: Facts = {"applicant": {"of_age": of_age, "region": person["region"], "died": person["died"]}}
        if customer_id in credit:
            lost = credit[customer_id].charged_off_on
            facts["credit"] = vars(credit[customer_id]) | {"charged_off_on": None if lost is None else lost.isoformat()}
        row = place.get(customer_id)
        if row is not None:
            facts["declared"] = {
                name: None if isinstance(values[row], float) and math.isnan(values[row]) else values[row]
                for name, values in declared.items()
            }
        yield customer_id, facts


def standing_in(facts: Facts) -> CreditStanding:
    """Return the credit standing that facts hold."""
    if "credit" not in facts:
        return NO_CREDIT
    lost = facts["credit"].get("charged_off_on")  # what was published by an older bank360 does not say it
    return CreditStanding(**facts["credit"] | {"charged_off_on": None if lost is None else date.fromisoformat(lost)})


def applicant_in(facts: Facts) -> Applicant:
    """Return what eligibility asks of the customer."""
    person, credit = facts["applicant"], standing_in(facts)
    return applicant_of(person["of_age"], person["region"], person["died"], credit)


def applicant_of(of_age: bool | None, region: str | None, died: bool, credit: CreditStanding) -> Applicant:
    """Return what eligibility asks, of a customer and the credit that they have with us."""
    lost = credit.charged_off_on
    said = None if lost is None else lost.isoformat()
    return Applicant(of_age, region, died, credit.in_default, credit.days_past_due, said)


def years(born: date, day: date) -> int:
    """Return the age on a day in whole years.

    >>> years(date(2008, 2, 29), date(2026, 2, 28)), years(date(2008, 2, 29), date(2026, 3, 1))
    (17, 18)
    """
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
