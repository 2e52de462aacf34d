"""Interactions that arrive by the API, on their way to the landing zone."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "new_interactions",
        sa.Column(
            "position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True
        ),
        sa.Column("interaction_id", sa.String(128), nullable=False, unique=True),
        sa.Column("customer_key", sa.String(128), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("known_us", sa.BigInteger(), nullable=False),
        sa.Column("fields", sa.LargeBinary(), nullable=False),
        sa.Column("drained", sa.String(16), nullable=True),
    )
    op.create_index("new_interactions_by_drained", "new_interactions", ["drained", "position"])
