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

HEAD_REVISION = "0006"  # a store at this revision needs no migration, and opening it does not import Alembic
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

# Interactions that arrived by the API: they are drained into the landing zone, and count from the next night on.
new_interactions = Table(
    "new_interactions",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("interaction_id", String(128), nullable=False, unique=True),
    Column("customer_key", String(128), nullable=False),  # by which a source names the customer
    Column("at_us", BigInteger, nullable=False),
    Column("known_us", BigInteger, nullable=False),
    Column("fields", LargeBinary, nullable=False),  # canonical JSON of key, instant and the row's other columns
    Column("drained", String(16)),  # the load that brought it to the warehouse
    Index("new_interactions_by_drained", "drained", "position"),
)

# Who is logged in: the SHA-256 of each token; the token itself is with its owner only.
tokens = Table(
    "tokens",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("user_id", String(64), ForeignKey("users.user_id"), nullable=False),
    Column("issued_at_us", BigInteger, nullable=False),
    Column("expires_at_us", BigInteger, nullable=False),
    Index("tokens_by_expiry", "expires_at_us"),
)

# How often something happened in the window that ends now: requests of a principal or an address, guesses at a
# password. Names are keyed hashes. The only table that a refused request writes to, and that a power cut may turn back.
rate_counters = Table(
    "rate_counters",
    metadata,
    Column("counter", String(64), primary_key=True),
    Column("hits", Text, nullable=False),  # JSON: when, microseconds, and how many
    Column("ends_at_us", BigInteger, nullable=False),  # when the last leaves its window
    Index("rate_counters_by_end", "ends_at_us"),
)

# The one queue: whom somebody must look at. A row stands as its last event left it.
cases = Table(
    "cases",
    metadata,
    Column("case_id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("source", String(128), nullable=False),  # the decision's id, the alert's rule, or "tier"
    Column("customer_id", String(64)),  # null once the customer is erased
    Column("ground", Text, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("money_at_stake", BigInteger),  # minor units
    Column("expected_loss", BigInteger),  # minor units
    Column("opened_at_us", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("owner_id", String(64), ForeignKey("users.user_id")),
    Column("outcome", String(32)),
    Column("closed_at_us", BigInteger),
    Column("proposed_outcome", String(32)),
    Column("proposed_code", String(32)),
    Column("proposed_by", String(64)),
    Index("cases_by_loss", "state", "expected_loss"),
    Index("cases_by_customer", "customer_id", "kind", "source"),
)
Index(
    "cases_open_once",
    cases.c.kind,
    cases.c.source,
    cases.c.customer_id,
    unique=True,
    sqlite_where=cases.c.state == "open",
    postgresql_where=cases.c.state == "open",
)

# What happened to each case, in order. Triggers refuse UPDATE and DELETE.
case_events = Table(
    "case_events",
    metadata,
    Column("event_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("case_id", String(64), ForeignKey("cases.case_id"), nullable=False),
    Column("act", String(32), nullable=False),
    Column("by_id", String(64), nullable=False),  # a user_id, or the queue itself
    Column("at_us", BigInteger, nullable=False),
    Column("said", Text, nullable=False),  # codes and ids, as canonical JSON
    Index("case_events_by_case", "case_id", "event_id"),
)

# What people wrote about a case; apart from the events, because words may have to be erased.
case_comments = Table(
    "case_comments",
    metadata,
    Column(
        "event_id",
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey("case_events.event_id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("text", Text, nullable=False),
)
