"""The demonstration bank's waiting applications are decided once, and what the policy refers waits in the queue."""

from collections import Counter
from contextlib import contextmanager, suppress

import pytest

from bank360.bank.errors import NotFound
from bank360.bank.vocabulary import CaseKind, CreditOutcome
from bank360.home import fresh_id
from bank360.pipeline.demo_applications import decide_waiting
from bank360.pipeline.demo_users import add_demo_users
from bank360.policies.decision import parse
from bank360.storage.decision_reads import decisions_page
from bank360.storage.queue_pages import QueueFilter, queue_page
from tests.pipeline.conftest import PUBLISHED_AT

AT = PUBLISHED_AT
# Nobody waits but the latest customers who asked for a loan, and one who asked for a card, which the policy is not for.
MADE_TO_WAIT = """
UPDATE applications SET outcome = 'pending' WHERE superseded_time IS NULL AND application_id IN (
    SELECT application_id FROM applications a JOIN application_parties p USING (application_id)
    WHERE product_id = '{product}' AND customer_id IS NOT NULL AND term_months IS NOT NULL AND seq = 1
    ORDER BY submitted_at DESC LIMIT {most}
)
"""


class Undo(Exception):
    """Ends a transaction without a trace."""


@contextmanager
def waiting(warehouse, loans):
    """The night's bank with so many loan applications of customers that wait; as before after the block."""
    with suppress(Undo), warehouse.transaction():
        warehouse.execute("UPDATE applications SET outcome = 'declined' WHERE outcome = 'pending'")
        for product, most in (("LOAN", loans), ("CARD", 1)):
            warehouse.execute(MADE_TO_WAIT.format(product=product, most=most))
        yield
        raise Undo


def test_each_waiting_application_is_decided_once_and_a_review_opens_its_case(desk_bank):
    desk, warehouse = desk_bank.desk, desk_bank.night.warehouse
    add_demo_users(desk.log, fresh_id, "operator:demo", AT)
    with waiting(warehouse, 12):
        ids = warehouse.query(
            "SELECT application_id FROM applications WHERE outcome = 'pending' AND product_id = 'LOAN'"
        ).column(0)
        assert decide_waiting(warehouse, desk, AT, AT, fresh_id) == len(ids) == 12
        assert decide_waiting(warehouse, desk, AT + 1, AT, fresh_id) == 0
    with desk.log.store.reading() as connection:
        decided = [parse(one.record) for one in decisions_page(connection, most=100)]
        cases = queue_page(connection, QueueFilter(CaseKind.APPLICATION), limit=100).rows
    assert {record.application_id for record in decided} == set(ids.to_pylist())
    outcomes = Counter(record.outcome for record in decided)
    assert outcomes[CreditOutcome.REVIEW] > 0
    assert {case.source for case in cases} == {
        record.decision_id for record in decided if record.outcome is CreditOutcome.REVIEW
    }


def test_without_the_demonstration_users_nobody_decides(desk_bank):
    with pytest.raises(NotFound, match="no user 'scoring'"):
        decide_waiting(desk_bank.night.warehouse, desk_bank.desk, AT, AT, fresh_id)
