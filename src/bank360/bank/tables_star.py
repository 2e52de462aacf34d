"""The star schema: what analysts read, made from the canonical tables as known before one instant.

::

    fact_transactions ── date ────────── dim_date
                      ── customer_key ── dim_customer            one row per version, by when the bank knew it
                      ── account_id ──── dim_account ── bridge_account_holder ── customer_key   joint holders
                      ── merchant_id ─── dim_merchant

Invariants: each reference leads to the key of a dimension, or is null; whatever a fact names and no source delivered
has a row of nulls but for what its facts say. Who somebody is stands in columns tagged so, which an export leaves out
unless asked. `storage/star.py` fills them, ``sql/schema.sql`` has them with keys and references.
"""

from bank360.bank import vocabulary as codes
from bank360.bank.table import Column, Table, Tag

_VERSION = "version of the customer, as dim_customer has it"

DIM_DATE = Table(
    "dim_date",
    "one local day; whole years, without a gap",
    ("date",),
    (
        Column("date", "date", "the day", (Tag.KEY,)),
        Column("year", "int64", "calendar year", (Tag.PLAIN,)),
        Column("quarter", "int64", "quarter of the year, 1 to 4", (Tag.PLAIN,), low=1, high=4),
        Column("month", "int64", "month of the year, 1 to 12", (Tag.PLAIN,), low=1, high=12),
        Column("day", "int64", "day of the month", (Tag.PLAIN,), low=1, high=31),
        Column("iso_year", "int64", "year that the ISO 8601 week belongs to", (Tag.PLAIN,)),
        Column("iso_week", "int64", "ISO 8601 week, 1 to 53", (Tag.PLAIN,), low=1, high=53),
        Column("weekday", "int64", "ISO 8601 weekday, 1 Monday to 7 Sunday", (Tag.PLAIN,), low=1, high=7),
        Column("month_end", "bool", "whether it is the last day of its month", (Tag.PLAIN,)),
        Column("uk_bank_holiday", "string", "name of the bank holiday of England and Wales", (Tag.PLAIN,),
               nullable=True),
        Column("uk_working_day", "bool", "whether it is neither weekend nor such a holiday", (Tag.PLAIN,)),
    ),
    stored=False,
)  # fmt: skip

DIM_CUSTOMER = Table(
    "dim_customer",
    "one of the versions of a customer: what the bank knew from valid_from to valid_to; is_current marks the last",
    ("customer_key",),
    (
        Column("customer_key", "string", "the version: customer_id and the microsecond of valid_from", (Tag.KEY,)),
        Column("customer_id", "string", "the stable customer id, pseudonymous", (Tag.KEY,)),
        Column("valid_from", "timestamp", "instant at which the bank came to know it (UTC)", (Tag.PLAIN,)),
        Column("valid_to", "timestamp", "instant at which it came to know otherwise (UTC)", (Tag.PLAIN,),
               nullable=True),
        Column("is_current", "bool", "whether nothing known since says otherwise", (Tag.PLAIN,)),
        Column("type", "string", "person or company", (Tag.PLAIN,), nullable=True, codes=codes.PartyType),
        Column("region", "string", "region of residence", (Tag.PLAIN,), nullable=True),
        Column("onboarded_on", "date", "local day the relationship began, of the earliest record", (Tag.PLAIN,),
               nullable=True),
        Column("left_on", "date", "local day the relationship ended, once every record has left", (Tag.PLAIN,),
               nullable=True),
        Column("leave_reason", "string", "why it ended", (Tag.PLAIN,), nullable=True, codes=codes.LeaveReason),
        Column("sex", "string", "sex as recorded", (Tag.PROTECTED,), nullable=True, codes=codes.Sex),
        Column("marital_status", "string", "marital status as recorded", (Tag.PROTECTED,), nullable=True,
               codes=codes.MaritalStatus),
        Column("birth_date", "date", "date of birth", (Tag.PII, Tag.PROTECTED), nullable=True),
        Column("deceased_on", "date", "local day of death", (Tag.PII,), nullable=True),
        Column("given_name", "string", "given name; of the current row only", (Tag.PII,), nullable=True),
        Column("family_name", "string", "family name; of the current row only", (Tag.PII,), nullable=True),
        Column("address_line", "string", "street and number; of the current row only", (Tag.PII,), nullable=True),
        Column("city", "string", "town; of the current row only", (Tag.PII,), nullable=True),
        Column("postcode", "string", "postcode; of the current row only", (Tag.PII,), nullable=True),
        Column("email", "string", "e-mail address; of the current row only", (Tag.PII,), nullable=True),
        Column("phone", "string", "telephone number; of the current row only", (Tag.PII,), nullable=True),
    ),
    stored=False,
)  # fmt: skip

DIM_ACCOUNT = Table(
    "dim_account",
    "one account as last known; who holds it together is in bridge_account_holder",
    ("account_id",),
    (
        Column("account_id", "string", "the account; exports have a pseudonym for an IBAN or the number of a card",
               (Tag.KEY,)),
        Column("product_id", "string", "its product", (Tag.KEY,), nullable=True),
        Column("product", "string", "plain name of the product", (Tag.PLAIN,), nullable=True),
        Column("family", "string", "top of the product tree", (Tag.PLAIN,), nullable=True, codes=codes.ProductFamily),
        Column("line", "string", "product line", (Tag.PLAIN,), nullable=True, codes=codes.ProductLine),
        Column("currency", "string", "ISO 4217 code", (Tag.PLAIN,), nullable=True),
        Column("opened_on", "date", "local day of opening", (Tag.PLAIN,), nullable=True),
        Column("closed_on", "date", "local day of closing", (Tag.PLAIN,), nullable=True),
        Column("close_reason", "string", "why it closed", (Tag.PLAIN,), nullable=True, codes=codes.CloseReason),
        Column("branch", "string", "branch code", (Tag.PLAIN,), nullable=True),
        Column("credit_limit", "int64", "credit or overdraft limit in force", (Tag.MONEY,), unit="minor units",
               nullable=True),
        Column("rate", "float64", "client rate in force", (Tag.PLAIN,), unit="1/year", nullable=True),
        Column("owner_customer_key", "string", f"who owns it, first of several: current {_VERSION}", (Tag.KEY,),
               nullable=True, references="dim_customer.customer_key"),
        Column("holders", "int64", "owners and joint holders today; 2 or more is a joint account", (Tag.PLAIN,),
               unit="count", low=0),
    ),
    stored=False,
)  # fmt: skip

BRIDGE_ACCOUNT_HOLDER = Table(
    "bridge_account_holder",
    "a customer has a role in an account from valid_from on, as last known; a joint account has several rows",
    ("account_id", "customer_key", "role", "valid_from"),
    (
        Column("account_id", "string", "the account", (Tag.KEY,), references="dim_account.account_id"),
        Column("customer_key", "string", f"the customer: current {_VERSION}", (Tag.KEY,),
               references="dim_customer.customer_key"),
        Column("role", "string", "the part", (Tag.KEY,), codes=codes.PartyRole),
        Column("valid_from", "date", "first local day of the role", (Tag.KEY,)),
        Column("valid_to", "date", "day after its last day", (Tag.PLAIN,), nullable=True),
        Column("liability_share", "float64", "share of value; each obligor owes the whole debt", (Tag.PLAIN,),
               unit="1"),
    ),
    stored=False,
)  # fmt: skip

DIM_MERCHANT = Table(
    "dim_merchant",
    "one merchant as last known",
    ("merchant_id",),
    (
        Column("merchant_id", "string", "the merchant", (Tag.KEY,)),
        Column("name", "string", "trading name", (Tag.PLAIN,), nullable=True),
        Column("mcc", "int64", "ISO 18245 merchant category code", (Tag.PLAIN,), nullable=True),
        Column("category", "string", "category of most of its transactions; without any, of most of its MCC's",
               (Tag.PLAIN,), nullable=True, codes=codes.Category),
        Column("country", "string", "ISO 3166 alpha-2 code; where not delivered, that of most of its transactions",
               (Tag.PLAIN,), nullable=True),
        Column("category_version", "string", "the source's edition of merchant codes", (Tag.PLAIN,), nullable=True),
    ),
    stored=False,
)  # fmt: skip

FACT_TRANSACTIONS = Table(
    "fact_transactions",
    "one booked movement on an account; positive amounts come in",
    ("transaction_id",),
    (
        Column("transaction_id", "string", "the transaction", (Tag.KEY,)),
        Column("date", "date", "local day it happened", (Tag.KEY,), references="dim_date.date"),
        Column("event_time", "timestamp", "instant it happened (UTC); of precision 'day', local midnight",
               (Tag.PLAIN,)),
        Column("event_precision", "string", "whether the time of day is known", (Tag.PLAIN,),
               codes=codes.EventPrecision),
        Column("booked_on", "date", "local day of booking", (Tag.PLAIN,)),
        Column("known_time", "timestamp", "when the bank could first have used the row (UTC)", (Tag.PROVENANCE,)),
        Column("customer_key", "string",
               f"who acted, else who owned the account that day: {_VERSION}, as known when row and owner were",
               (Tag.KEY,), nullable=True, references="dim_customer.customer_key"),
        Column("customer_id", "string", "the same customer, whatever the version", (Tag.KEY,), nullable=True),
        Column("account_id", "string", "the account", (Tag.KEY,), references="dim_account.account_id"),
        Column("merchant_id", "string", "the merchant", (Tag.KEY,), nullable=True,
               references="dim_merchant.merchant_id"),
        Column("amount", "int64", "signed amount in the account's currency", (Tag.MONEY,), unit="minor units"),
        Column("currency", "string", "ISO 4217 code of the account", (Tag.PLAIN,)),
        Column("original_amount", "int64", "signed amount in the original currency", (Tag.MONEY,),
               unit="minor units", nullable=True),
        Column("original_currency", "string", "ISO 4217 code of the original", (Tag.PLAIN,), nullable=True),
        Column("channel", "string", "where it took place", (Tag.PLAIN,), codes=codes.Channel),
        Column("scheme", "string", "how money moved", (Tag.PLAIN,), codes=codes.Scheme),
        Column("category", "string", "what it was for", (Tag.PLAIN,), codes=codes.Category),
        Column("country", "string", "ISO 3166 alpha-2 code of where it took place", (Tag.PLAIN,)),
        Column("reverses_id", "string", "transaction that this one reverses or returns", (Tag.KEY,), nullable=True),
        Column("fraud", "string", "confirmed, cleared, or open while a case is; null: never suspected, not clean",
               (Tag.PLAIN,), nullable=True),
        Column("raw_text", "string", "statement text as received", (Tag.PII,), nullable=True),
    ),
    stored=False,
)  # fmt: skip

RISK_ALERTS = Table(
    "risk_alerts",
    "an alert rule found something about a customer",
    ("customer_key", "rule"),
    (
        Column("customer_key", "string", f"the customer: current {_VERSION}", (Tag.KEY,),
               references="dim_customer.customer_key"),
        Column("customer_id", "string", "the same customer, whatever the version", (Tag.KEY,)),
        Column("rule", "string", "what was looked for", (Tag.KEY,)),
        Column("found_at", "timestamp", "instant as of which it was found (UTC)", (Tag.PLAIN,)),
        Column("severity", "string", "how soon somebody must look", (Tag.PLAIN,), codes=codes.AlertSeverity),
        Column("evidence", "string", "what was found, in words", (Tag.PLAIN,)),
    ),
    stored=False,
)  # fmt: skip

# In loading order: a table comes after those it refers to.
STAR: tuple[Table, ...] = (
    DIM_DATE,
    DIM_CUSTOMER,
    DIM_ACCOUNT,
    BRIDGE_ACCOUNT_HOLDER,
    DIM_MERCHANT,
    FACT_TRANSACTIONS,
    RISK_ALERTS,
)
