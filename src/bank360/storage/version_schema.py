"""The tables of one published version: what readers need of the results, laid out for one look-up each.

Neighbours: `version_place.py` keeps versions, `publish.py` in `pipeline` fills one, `published.py` reads it. Instants
are microseconds UTC, money minor units of the bank's currency, packed bytes are zstd. Texts of sources without a bound
are found by a hash index, because PostgreSQL's ordered ones refuse a text over a third of a page.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text

FORMAT = 11

version_metadata = MetaData()

# What the version is, and figures of the whole bank, by name, as JSON: see `published.VersionMeta`. Nothing of anybody.
about = Table(
    "about",
    version_metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

# A row per customer for lists: searched and ordered without opening anything else. `family_key` is a direct identifier.
customers = Table(
    "customers",
    version_metadata,
    Column("customer_id", String(64), primary_key=True),
    Column("family_key", String(128)),  # the family name, casefolded: who may not see names may still search by them
    Column("name", String(32)),  # masked
    Column("region", String(128)),
    Column("probability", Float(53)),  # of default, for the standard request; null: not scored
    Column("tier", String(16)),  # `vocabulary.RiskTier`; null: not scored
    Column("thin_file", Boolean),
    Column("exposure", BigInteger, nullable=False),
    Column("days_past_due", Integer),
    Column("in_default", Boolean, nullable=False),  # by what the bank knows of credit: also of whom no model scores
    Column("at_stake", BigInteger, nullable=False),  # what would be owed in a default
    Column("expected_loss", BigInteger),  # of it, in 12 months; null: not known
    Column("alerts", Integer, nullable=False),
    Column("place", Integer, nullable=False),  # in default first, then the highest probability; then by id
    Index("customers_by_place", "place", unique=True),
    Index("customers_by_tier", "tier", "place"),
    Index("customers_by_name", "family_key", "place"),
)

# Whom each number of the holdings counts (`pipeline/holdings.py` names them), so that it opens just these customers.
counted = Table(
    "counted",
    version_metadata,
    Column("figure", String(80), primary_key=True),
    Column("customer_id", String(64), primary_key=True),
    sqlite_with_rowid=False,
)

# By which keys sources name the customers.
keys = Table(
    "keys",
    version_metadata,
    Column("source_key", String(128), primary_key=True),
    Column("customer_id", String(64), nullable=False),
    Index("keys_by_customer", "customer_id"),
)

# Whom a number leads to: an account's to each of its holders, a card's token to its holder; as `looked_for` gives it
# (`bank/personal_numbers.py`), and of the keys of sources those that are not looked for as they stand.
numbers = Table(
    "numbers",
    version_metadata,
    Column("number", Text, nullable=False),
    Column("token", Boolean, nullable=False),  # a keyed hash: found by whom tokens may be told to
    Column("customer_id", String(64), nullable=False),
    Index("numbers_by_number", "number", postgresql_using="hash"),
)

# What one online decision reads of a customer, in one row.
decision_inputs = Table(
    "decision_inputs",
    version_metadata,
    Column("customer_id", String(64), primary_key=True),
    Column("facts", LargeBinary, nullable=False),  # JSON: applicant, credit standing, what was last declared
    Column("history", LargeBinary, nullable=False),  # `features/history_bytes.py`
    Column("credits", LargeBinary, nullable=False),  # int64; `features/credits.py`
)

# The rows that the 360 is arranged from, by customer; identity apart, so that it is read only where it is shown.
profile_rows = Table(
    "profile_rows",
    version_metadata,
    Column("customer_id", String(64), primary_key=True),
    Column("rows", LargeBinary, nullable=False),
    Column("identity", LargeBinary, nullable=False),  # direct identifiers and protected attributes
)

# Whose an arriving transaction is.
accounts = Table(
    "accounts",
    version_metadata,
    Column("account_id", String(128), primary_key=True),
    Column("customer_id", String(64)),  # who acts where nobody is named; null: nobody known
    Column("line", String(64)),
    Column("currency", String(3), nullable=False),
    Index("accounts_by_customer", "customer_id"),
)

# Transactions that the version has and that may still arrive as events; what they were for, a reversal what its
# original was for, and whether it gives back (`reversals.py`); what they say (`event_content.py`).
recent = Table(
    "recent",
    version_metadata,
    Column("transaction_id", String(128), primary_key=True),
    Column("category", String(64), nullable=False),
    Column("gives_back", Boolean, nullable=False),
    Column("content", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

alerts = Table(
    "alerts",
    version_metadata,
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("customer_id", String(64), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("evidence", Text, nullable=False),
    Index("alerts_by_customer", "customer_id"),
)

# Records that may be one person, the surest first (`pipeline/possible_pairs.py`); names masked, and keys that are
# personal numbers. How many there are in all says `about`.
pairs = Table(
    "pairs",
    version_metadata,
    Column("place", Integer, primary_key=True, autoincrement=False),
    *(
        Column(f"{side}_{name}", Text, nullable=name == "name")
        for side in ("left", "right")
        for name in ("customer_id", "source", "key", "name")
    ),
    Column("probability", Float(53), nullable=False),
    Column("agreement", Text, nullable=False),  # how far each attribute agrees, as JSON
)

# Merchants and terminals: their features as JSON, a list in the order that `about` names (`published_places.py`).
places = Table(
    "places",
    version_metadata,
    Column("entity", String(16), nullable=False),
    Column("place_id", Text, nullable=False),
    Column("features", Text, nullable=False),
    Index("places_by_id", "place_id", postgresql_using="hash"),
)
