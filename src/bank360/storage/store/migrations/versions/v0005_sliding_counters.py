"""Counters that know when each of their hits was; those that stood are forgotten, as a power cut may make them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the counters anew."""
    op.drop_table("rate_counters")
    op.create_table(
        "rate_counters",
        sa.Column("counter", sa.String(64), primary_key=True),
        sa.Column("hits", sa.Text(), nullable=False),
        sa.Column("ends_at_us", sa.BigInteger(), nullable=False),
    )
    op.create_index("rate_counters_by_end", "rate_counters", ["ends_at_us"])
