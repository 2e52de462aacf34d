"""The decision log with its head, idempotency keys, outbox and pseudonyms; triggers that keep the log append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SQLITE_TRIGGERS = (
    (
        "CREATE TRIGGER decisions_refuse_update BEFORE UPDATE ON decisions "
        "BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END"
    ),
    (
        "CREATE TRIGGER decisions_refuse_delete BEFORE DELETE ON decisions "
        "BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END"
    ),
    # INSERT OR REPLACE deletes without firing a delete trigger; what is inserted must come after all that is there.
    (
        "CREATE TRIGGER decisions_refuse_replace BEFORE INSERT ON decisions "
        "WHEN NEW.sequence <= (SELECT max(sequence) FROM decisions) "
        "BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END"
    ),
)
_POSTGRES_TRIGGERS = (
    (
        "CREATE FUNCTION decisions_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'decisions are append-only'; END $$"
    ),
    (
        "CREATE TRIGGER decisions_refuse_change BEFORE UPDATE OR DELETE ON decisions "
        "FOR EACH ROW EXECUTE FUNCTION decisions_refuse()"
    ),
    (
        "CREATE TRIGGER decisions_refuse_truncate BEFORE TRUNCATE ON decisions "
        "FOR EACH STATEMENT EXECUTE FUNCTION decisions_refuse()"
    ),
)


def upgrade() -> None:
    """Create the tables, the chain's empty head, and the triggers."""
    op.create_table(
        "decisions",
        sa.Column("sequence", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("decision_id", sa.String(64), nullable=False, unique=True),
        sa.Column("principal", sa.String(128), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("prev_mac", sa.LargeBinary(32), nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
    )
    op.create_index("decisions_by_subject", "decisions", ["subject", "sequence"])
    head = op.create_table(
        "decision_head",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.CheckConstraint("id = 1", name="decision_head_is_one_row"),
    )
    op.bulk_insert(head, [{"id": 1, "sequence": 0, "mac": bytes(32)}])
    op.create_table(
        "idempotency",
        sa.Column("principal", sa.String(128), primary_key=True),
        sa.Column("route", sa.String(128), primary_key=True),
        sa.Column("key", sa.String(128), primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
        sa.Column("sequence", sa.BigInteger(), sa.ForeignKey("decisions.sequence"), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column(
            "message_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        sa.Column("sequence", sa.BigInteger(), sa.ForeignKey("decisions.sequence"), nullable=False),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "subjects",
        sa.Column("customer_id", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(64), nullable=False, unique=True),
    )
    triggers = _SQLITE_TRIGGERS if op.get_bind().dialect.name == "sqlite" else _POSTGRES_TRIGGERS
    for statement in triggers:
        op.execute(statement)
