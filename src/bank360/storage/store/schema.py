"""The store's tables as they stand after the last migration; the migrations build them, a test holds both to be equal.

Instants are microseconds UTC. Bytes that a MAC covers are stored as they were sealed and never parsed here.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

HEAD_REVISION = "0002"  # a store at this revision needs no migration, and opening it does not import Alembic
MAC_BYTES = 32

metadata = MetaData()

# A record per decision or audited act. Triggers refuse UPDATE and DELETE; the MACs find what went past them.
decisions = Table(
    "decisions",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3 … without a gap
    Column("decision_id", String(64), nullable=False, unique=True),
    Column("principal", String(128), nullable=False),  # who decided or acted: a user_id, or the operator's login
    Column("subject", String(64), nullable=False),  # whom it concerns: a pseudonym of `subjects`, or a user_id
    Column("kind", String(64), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("prev_mac", LargeBinary(MAC_BYTES), nullable=False),
    Column("mac", LargeBinary(MAC_BYTES), nullable=False),
    Index("decisions_by_subject", "subject", "sequence"),
)

# One row: where the chain ends. Writers lock it, so that two can never continue the same record.
decision_head = Table(
    "decision_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, nullable=False),
    Column("mac", LargeBinary(MAC_BYTES), nullable=False),
    CheckConstraint("id = 1", name="decision_head_is_one_row"),
)

# What a request was answered, so that a retry gets the same answer. Written with the decision, in its transaction.
idempotency = Table(
    "idempotency",
    metadata,
    Column("principal", String(128), primary_key=True),
    Column("route", String(128), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("fingerprint", LargeBinary(32), nullable=False),  # SHA-256 of the request's payload
    Column("sequence", BigInteger, ForeignKey("decisions.sequence"), nullable=False),
    Column("response", LargeBinary, nullable=False),
    Column("at_us", BigInteger, nullable=False),
)

# Messages that a relay sends after the commit; one leaves when the receiver has it.
outbox = Table(
    "outbox",
    metadata,
    Column("message_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("sequence", BigInteger, ForeignKey("decisions.sequence"), nullable=False),
    Column("topic", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at_us", BigInteger, nullable=False),
)

# The only way from a pseudonym in the log to a customer. Erasing the row leaves a log that names nobody.
subjects = Table(
    "subjects",
    metadata,
    Column("customer_id", String(64), primary_key=True),
    Column("subject", String(64), nullable=False, unique=True),
)

users = Table(
    "users",
    metadata,
    Column("user_id", String(64), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("role", String(32), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("password_at_us", BigInteger, nullable=False),
)
