"""The queue's money on both databases: one customer's debt once, applications besides, closed cases not at all."""

from bank360.bank.vocabulary import AlertSeverity, CaseKind, CaseOutcome
from bank360.storage.cases import FoundCase, open_cases, set_closed
from bank360.storage.queue_pages import QueueMoney, each_case, queue_money, queue_totals


def case(customer, kind, source, money, loss):
    return FoundCase(kind, source, customer, "ground", AlertSeverity.HIGH, money, loss)


def test_what_a_customer_owes_counts_once_and_what_they_ask_for_besides(store):
    with store.writing() as connection:
        assert queue_money(connection) == QueueMoney(0, 0)
        *_, closed = open_cases(
            connection,
            [
                case("C1", CaseKind.TIER, "tier", 1_000, 100),
                case("C1", CaseKind.ALERT, "salary_stopped", 1_000, 100),
                case("C1", CaseKind.ALERT, "limits", 1_000, 100),
                case("C1", CaseKind.APPLICATION, "D-1", 500, 30),
                case("C1", CaseKind.APPLICATION, "D-2", 500, 30),
                case("C2", CaseKind.ALERT, "limits", 70, None),  # not scored
                case("C3", CaseKind.TIER, "tier", 9_999, 999),
            ],
            5,
            "once",
        )
        set_closed(connection, closed, CaseOutcome.NO_ACTION, 6)
        # C1 1,000 once and two times 500 asked for, C2 70; their losses 100 + 2 × 30, and one that is not known.
        assert queue_money(connection) == QueueMoney(2_070, 160)
        # Each case: three times C1's 1,000 and two times 500, and C2's 70; their losses 3 × 100 + 2 × 30.
        assert each_case(queue_totals(connection)) == QueueMoney(4_070, 360)


def test_of_cases_whose_loss_is_not_known_the_total_is_not_known_and_not_nothing(store):
    with store.writing() as connection:
        wanted = [case(customer, CaseKind.ALERT, "limits", money, None) for customer, money in (("C1", 70), ("C2", 30))]
        open_cases(connection, wanted, 5, "once")
        assert queue_money(connection) == QueueMoney(100, None)
        totals = {
            total.kind: (total.cases, total.money_at_stake, total.expected_loss) for total in queue_totals(connection)
        }
        assert totals[CaseKind.ALERT] == (2, 100, None)
        assert totals[CaseKind.TIER] == (0, 0, 0)
        assert each_case(queue_totals(connection)) == QueueMoney(100, None)
