"""Events that wait are drained and forgotten in any number, on both databases."""

from sqlalchemy import func, insert, select

from bank360.storage.new_events import forget_published, long_drained, mark_drained, undrained
from bank360.storage.store.schema import new_events

MANY = 65_536  # one more than PostgreSQL binds in one statement
NOBODYS = "another"


def test_more_events_than_a_statement_binds_are_drained_and_forgotten_and_nobody_elses(store):
    ids = [f"E{number}" for number in range(MANY)]
    rows = [
        {"event_id": one, "account_id": "A", "actor": None, "event_us": 1, "known_us": 1, "fields": b'["A",null,1,{}]'}
        for one in (*ids, NOBODYS)
    ]
    with store.writing() as connection:
        connection.execute(insert(new_events), rows)
        mark_drained(connection, ids, "B1")
    with store.reading() as connection:
        assert [event.event_id for event in undrained(connection, 9)] == [NOBODYS]
        assert len(long_drained(connection, 2, MANY + 1)) == MANY
    with store.writing() as connection:
        forget_published(connection, [*ids, NOBODYS])  # which is not drained, and so stays
    with store.reading() as connection:
        assert connection.execute(select(func.count(), func.min(new_events.c.event_id))).one() == (1, NOBODYS)
