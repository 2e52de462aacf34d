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

HEAD_REVISION = "0003"  # a store at this revision needs no migration, and opening it does not import Alembic
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

# What was published: a read-only version each (a file beside a SQLite store, a schema in PostgreSQL).
publications = Table(
    "publications",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("as_of_us", BigInteger, nullable=False),
    Column("published_us", BigInteger, nullable=False),
    Column("customers", BigInteger, nullable=False),
    Column("removed_us", BigInteger),  # when its bytes were removed; null: it can be read and rolled back to
)

# One row: which version readers take. Null before the first publish.
publication_pointer = Table(
    "publication_pointer",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, ForeignKey("publications.number")),
    CheckConstraint("id = 1", name="publication_pointer_is_one_row"),
)

# Every policy that ever decided, as text: without it a decision could not be replayed.
policies = Table(
    "policies",
    metadata,
    Column("hash", String(64), primary_key=True),  # SHA-256 of the text, hex
    Column("name", String(64), nullable=False),
    Column("version", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("kept_us", BigInteger, nullable=False),
)

# Transactions that arrived by the API: they count at the next request, and are drained into the landing zone.
new_events = Table(
    "new_events",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("event_id", String(128), nullable=False, unique=True),  # the transaction_id
    Column("account_id", String(128), nullable=False),
    Column("actor", String(128)),  # source key of who acted; null: the account's owner
    Column("event_us", BigInteger, nullable=False),
    Column("known_us", BigInteger, nullable=False),
    Column("fields", LargeBinary, nullable=False),  # canonical JSON of the row's other columns
    Column("drained", String(16)),  # the load that brought it to the warehouse
    Index("new_events_by_account", "account_id"),
    Index("new_events_by_actor", "actor"),
    Index("new_events_by_drained", "drained", "position"),
)
