"""Published versions and the pointer to the current one, policies kept by hash, events that arrive by the API."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, the pointer at nothing."""
    op.create_table(
        "publications",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("as_of_us", sa.BigInteger(), nullable=False),
        sa.Column("published_us", sa.BigInteger(), nullable=False),
        sa.Column("customers", sa.BigInteger(), nullable=False),
        sa.Column("removed_us", sa.BigInteger(), nullable=True),
    )
    pointer = op.create_table(
        "publication_pointer",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger(), sa.ForeignKey("publications.number"), nullable=True),
        sa.CheckConstraint("id = 1", name="publication_pointer_is_one_row"),
    )
    op.bulk_insert(pointer, [{"id": 1, "number": None}])
    op.create_table(
        "policies",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kept_us", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "new_events",
        sa.Column(
            "position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True
        ),
        sa.Column("event_id", sa.String(128), nullable=False, unique=True),
        sa.Column("account_id", sa.String(128), nullable=False),
        sa.Column("actor", sa.String(128), nullable=True),
        sa.Column("event_us", sa.BigInteger(), nullable=False),
        sa.Column("known_us", sa.BigInteger(), nullable=False),
        sa.Column("fields", sa.LargeBinary(), nullable=False),
        sa.Column("drained", sa.String(16), nullable=True),
    )
    op.create_index("new_events_by_account", "new_events", ["account_id"])
    op.create_index("new_events_by_actor", "new_events", ["actor"])
    op.create_index("new_events_by_drained", "new_events", ["drained", "position"])
