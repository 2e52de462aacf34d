"""Tables about products and accounts: what is held, by whom, on which terms, and what is on it."""

from bank360.bank import vocabulary as codes
from bank360.bank.table import Column, Table, Tag

PRODUCTS = Table(
    "products",
    "a product on offer from valid_from on: family > line > product",
    ("product_id", "valid_from"),
    (
        Column("product_id", "string", "the product", (Tag.KEY,)),
        Column("valid_from", "date", "first local day on offer", (Tag.KEY,)),
        Column("family", "string", "top of the product tree", (Tag.PLAIN,), codes=codes.ProductFamily),
        Column("line", "string", "product line", (Tag.PLAIN,), codes=codes.ProductLine),
        Column("name", "string", "plain name", (Tag.PLAIN,)),
        Column("secured", "bool", "whether collateral stands behind it", (Tag.PLAIN,), nullable=True),
        Column("revolving", "bool", "whether it can be drawn again", (Tag.PLAIN,), nullable=True),
        Column("rate_type", "string", "how the client rate is set", (Tag.PLAIN,), nullable=True, codes=codes.RateType),
        Column("fee", "int64", "monthly fee", (Tag.MONEY,), unit="minor units", nullable=True),
        Column(
            "transfer_rate",
            "float64",
            "internal funding rate",
            (Tag.PLAIN,),
            unit="1/year",
            nullable=True,
            low=-1,
            high=1,
        ),
    ),
)

ACCOUNTS = Table(
    "accounts",
    "one account",
    ("account_id",),
    (
        Column("account_id", "string", "the account", (Tag.KEY,)),
        Column("product_id", "string", "its product", (Tag.KEY,), references="products.product_id"),
        Column("opened_on", "date", "local day of opening", (Tag.PLAIN,)),
        Column("closed_on", "date", "local day of closing", (Tag.PLAIN,), nullable=True),
        Column("close_reason", "string", "why it closed", (Tag.PLAIN,), nullable=True, codes=codes.CloseReason),
        Column("currency", "string", "ISO 4217 code", (Tag.PLAIN,)),
        Column("branch", "string", "branch code", (Tag.PLAIN,), nullable=True),
    ),
)

ACCOUNT_TERMS = Table(
    "account_terms",
    "the terms of an account from valid_from on",
    ("account_id", "valid_from"),
    (
        Column("account_id", "string", "the account", (Tag.KEY,), references="accounts.account_id"),
        Column("valid_from", "date", "first local day of the terms", (Tag.KEY,)),
        Column("credit_limit", "int64", "credit or overdraft limit, not negative", (Tag.MONEY,), unit="minor units",
               nullable=True, low=0),
        Column("rate", "float64", "client rate", (Tag.PLAIN,), unit="1/year", nullable=True, low=-1, high=10),
        Column("term_months", "int64", "term", (Tag.PLAIN,), unit="months", nullable=True, low=1, high=600),
        Column("instalment", "int64", "amount due each month", (Tag.MONEY,), unit="minor units", nullable=True, low=0),
        Column("due_day", "int64", "day of the month on which it falls due", (Tag.PLAIN,), nullable=True, low=1,
               high=31),
    ),
)  # fmt: skip

ACCOUNT_PARTIES = Table(
    "account_parties",
    "a customer has a role in an account from valid_from on",
    ("account_id", "customer_id", "role", "valid_from"),
    (
        Column("account_id", "string", "the account", (Tag.KEY,), references="accounts.account_id"),
        Column("customer_id", "string", "the customer, as the source names them", (Tag.KEY,),
               references="customers.customer_id"),
        Column("role", "string", "the part", (Tag.KEY,), codes=codes.PartyRole),
        Column("valid_from", "date", "first local day of the role", (Tag.KEY,)),
        Column("valid_to", "date", "day after its last day", (Tag.PLAIN,), nullable=True),
        Column("liability_share", "float64", "share of value; each obligor still owes the whole debt", (Tag.PLAIN,),
               unit="1", low=0, high=1),
    ),
)  # fmt: skip

# What a file with a row for each holder of an account must be mapped to, as messages name it.
HOLDER_COLUMNS = ", ".join(column.name for column in ACCOUNT_PARTIES.columns if not column.nullable)

CARDS = Table(
    "cards",
    "one card",
    ("card_token",),
    (
        Column("card_token", "string", "keyed hash of the card number", (Tag.KEY, Tag.TOKEN)),
        Column("account_id", "string", "account it draws on", (Tag.KEY,), references="accounts.account_id"),
        Column("customer_id", "string", "holder, as the source names them", (Tag.KEY,),
               references="customers.customer_id"),
        Column("issued_on", "date", "local day of issue", (Tag.PLAIN,)),
        Column("blocked_on", "date", "local day of blocking", (Tag.PLAIN,), nullable=True),
        Column("reason", "string", "why blocked", (Tag.PLAIN,), nullable=True),
    ),
)  # fmt: skip

BALANCES = Table(
    "balances",
    "the balance of an account at the end of a local day (usually month ends only)",
    ("account_id", "date"),
    (
        Column("account_id", "string", "the account", (Tag.KEY,), references="accounts.account_id"),
        Column("date", "date", "local day at whose end it stood", (Tag.KEY,)),
        Column("booked", "int64", "booked balance; negative is owed to the bank", (Tag.MONEY,), unit="minor units"),
        Column("available", "int64", "booked plus unused limit", (Tag.MONEY,), unit="minor units", nullable=True),
    ),
)
