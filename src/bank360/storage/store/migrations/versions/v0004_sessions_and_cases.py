"""Tokens, rate counters, and the queue: cases, what happened to each (append-only), and comments."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SQLITE_TRIGGERS = (
    (
        "CREATE TRIGGER case_events_refuse_update BEFORE UPDATE ON case_events "
        "BEGIN SELECT RAISE(ABORT, 'case events are append-only'); END"
    ),
    (
        "CREATE TRIGGER case_events_refuse_delete BEFORE DELETE ON case_events "
        "BEGIN SELECT RAISE(ABORT, 'case events are append-only'); END"
    ),
    # INSERT OR REPLACE deletes without firing a delete trigger.
    (
        "CREATE TRIGGER case_events_refuse_replace BEFORE INSERT ON case_events "
        "WHEN EXISTS (SELECT 1 FROM case_events WHERE event_id = NEW.event_id) "
        "BEGIN SELECT RAISE(ABORT, 'case events are append-only'); END"
    ),
)
_POSTGRES_TRIGGERS = (
    (
        "CREATE FUNCTION case_events_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'case events are append-only'; END $$"
    ),
    (
        "CREATE TRIGGER case_events_refuse_change BEFORE UPDATE OR DELETE ON case_events "
        "FOR EACH ROW EXECUTE FUNCTION case_events_refuse()"
    ),
    (
        "CREATE TRIGGER case_events_refuse_truncate BEFORE TRUNCATE ON case_events "
        "FOR EACH STATEMENT EXECUTE FUNCTION case_events_refuse()"
    ),
)


def _number() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables, their indexes and the triggers."""
    op.create_table(
        "tokens",
        sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("user_id", sa.String(64), sa.ForeignKey("users.user_id"), nullable=False),
        sa.Column("issued_at_us", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_us", sa.BigInteger(), nullable=False),
    )
    op.create_index("tokens_by_expiry", "tokens", ["expires_at_us"])
    op.create_table(
        "rate_counters",
        sa.Column("counter", sa.String(64), primary_key=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("began_at_us", sa.BigInteger(), nullable=False),
        sa.Column("ends_at_us", sa.BigInteger(), nullable=False),
    )
    op.create_index("rate_counters_by_end", "rate_counters", ["ends_at_us"])
    op.create_table(
        "cases",
        sa.Column("case_id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("source", sa.String(128), nullable=False),
        sa.Column("customer_id", sa.String(64)),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("money_at_stake", sa.BigInteger()),
        sa.Column("expected_loss", sa.BigInteger()),
        sa.Column("opened_at_us", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("owner_id", sa.String(64), sa.ForeignKey("users.user_id")),
        sa.Column("outcome", sa.String(32)),
        sa.Column("closed_at_us", sa.BigInteger()),
        sa.Column("proposed_outcome", sa.String(32)),
        sa.Column("proposed_code", sa.String(32)),
        sa.Column("proposed_by", sa.String(64)),
    )
    op.create_index("cases_by_loss", "cases", ["state", "expected_loss"])
    op.create_index("cases_by_customer", "cases", ["customer_id", "kind", "source"])
    still_open = sa.text("state = 'open'")
    op.create_index(
        "cases_open_once",
        "cases",
        ["kind", "source", "customer_id"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_table(
        "case_events",
        sa.Column("event_id", _number(), primary_key=True, autoincrement=True),
        sa.Column("case_id", sa.String(64), sa.ForeignKey("cases.case_id"), nullable=False),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("by_id", sa.String(64), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
    )
    op.create_index("case_events_by_case", "case_events", ["case_id", "event_id"])
    op.create_table(
        "case_comments",
        sa.Column(
            "event_id",
            _number(),
            sa.ForeignKey("case_events.event_id"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
    )
    triggers = _SQLITE_TRIGGERS if op.get_bind().dialect.name == "sqlite" else _POSTGRES_TRIGGERS
    for statement in triggers:
        op.execute(statement)
