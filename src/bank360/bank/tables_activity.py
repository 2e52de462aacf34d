"""Tables about what happens: transactions and their merchants, fraud cases, interactions."""

from bank360.bank import vocabulary as codes
from bank360.bank.table import Column, Table, Tag

MERCHANTS = Table(
    "merchants",
    "a merchant as known from valid_from on",
    ("merchant_id", "valid_from"),
    (
        Column("merchant_id", "string", "the merchant", (Tag.KEY,)),
        Column("valid_from", "date", "first local day on which it held", (Tag.KEY,)),
        Column("mcc", "int64", "ISO 18245 merchant category code", (Tag.PLAIN,), nullable=True, low=0, high=9999),
        Column("name", "string", "trading name", (Tag.PLAIN,), nullable=True),
        Column("country", "string", "ISO 3166 alpha-2 code", (Tag.PLAIN,), nullable=True),
        Column("category_version", "string", "the source's edition of merchant codes", (Tag.PLAIN,), nullable=True),
    ),
)

TRANSACTIONS = Table(
    "transactions",
    "one booked movement on an account; positive amounts come in",
    ("transaction_id",),
    (
        Column("transaction_id", "string", "the transaction", (Tag.KEY,)),
        Column("account_id", "string", "the account", (Tag.KEY,), references="accounts.account_id"),
        Column("card_token", "string", "card used", (Tag.KEY, Tag.TOKEN), nullable=True,
               references="cards.card_token"),
        Column("terminal_id", "string", "terminal used", (Tag.KEY,), nullable=True),
        Column("actor_customer_id", "string", "who acted, as the source names them; null: the owner", (Tag.KEY,),
               nullable=True, references="customers.customer_id"),
        Column("event_time", "timestamp", "instant it happened (UTC); for precision 'day', local midnight",
               (Tag.PLAIN,)),
        Column("event_precision", "string", "whether the time of day is known", (Tag.PLAIN,),
               codes=codes.EventPrecision),
        Column("booked_on", "date", "local day of booking", (Tag.PLAIN,)),
        Column("amount", "int64", "signed amount in the account's currency", (Tag.MONEY,), unit="minor units"),
        Column("currency", "string", "ISO 4217 code of the account", (Tag.PLAIN,)),
        Column("original_amount", "int64", "signed amount in the original currency", (Tag.MONEY,),
               unit="minor units", nullable=True),
        Column("original_currency", "string", "ISO 4217 code of the original", (Tag.PLAIN,), nullable=True),
        Column("channel", "string", "where it took place", (Tag.PLAIN,), codes=codes.Channel),
        Column("scheme", "string", "how money moved", (Tag.PLAIN,), codes=codes.Scheme),
        Column("category", "string", "what it was for", (Tag.PLAIN,), codes=codes.Category),
        Column("merchant_id", "string", "merchant", (Tag.KEY,), nullable=True, references="merchants.merchant_id"),
        Column("counterparty_token", "string", "keyed hash of the other party", (Tag.KEY, Tag.TOKEN), nullable=True),
        Column("mandate_id", "string", "direct-debit mandate", (Tag.KEY,), nullable=True),
        Column("reverses_id", "string", "transaction that this one reverses or returns", (Tag.KEY,), nullable=True,
               references="transactions.transaction_id"),
        Column("country", "string", "ISO 3166 alpha-2 code of where it took place", (Tag.PLAIN,)),
        Column("balance_after", "int64", "booked balance after it", (Tag.MONEY,), unit="minor units", nullable=True),
        Column("raw_text", "string", "statement text as received", (Tag.PII,), nullable=True),
    ),
    on_dangling="finding",  # a ledger line is a fact even where its merchant or card is not (yet) known
)  # fmt: skip

TRANSACTION_FACTS = Table(
    "transaction_facts",
    "one further column that a source supplies about a transaction",
    ("transaction_id", "fact"),
    (
        Column("transaction_id", "string", "the transaction", (Tag.KEY,), references="transactions.transaction_id"),
        Column("fact", "string", "name of the fact", (Tag.KEY,)),
        Column("value", "string", "the value as text, where it is no number", (Tag.PLAIN,), nullable=True),
        Column("number", "float64", "the value as a number, where it is one", (Tag.PLAIN,), nullable=True),
        Column("origin", "string", "how it came to be known", (Tag.PLAIN,), codes=codes.FactOrigin),
    ),
    alone=True,
)

FRAUD_CASES = Table(
    "fraud_cases",
    "one suspicion of fraud: opened, perhaps closed with an outcome; what was never opened is unknown, not clean",
    ("case_id",),
    (
        Column("case_id", "string", "the case", (Tag.KEY,)),
        Column("subject", "string", "id of the application, transaction or account it is about", (Tag.KEY,)),
        Column("kind", "string", "what it is about", (Tag.PLAIN,), codes=codes.FraudKind),
        Column("opened_at", "timestamp", "instant it was opened (UTC)", (Tag.PLAIN,)),
        Column("closed_at", "timestamp", "instant it was closed (UTC)", (Tag.PLAIN,), nullable=True),
        Column("outcome", "string", "how it ended", (Tag.PLAIN,), nullable=True, codes=codes.FraudOutcome),
        Column("loss", "int64", "gross loss", (Tag.MONEY,), unit="minor units", nullable=True, low=0),
        Column("recovered", "int64", "recovered of it", (Tag.MONEY,), unit="minor units", nullable=True, low=0),
    ),
)

INTERACTIONS = Table(
    "interactions",
    "one contact between a customer and the bank, an offer's arm and answer included",
    ("interaction_id",),
    (
        Column("interaction_id", "string", "the interaction", (Tag.KEY,)),
        Column("customer_id", "string", "the customer, as the source names them", (Tag.KEY,),
               references="customers.customer_id"),
        Column("at", "timestamp", "instant (UTC)", (Tag.PLAIN,)),
        Column("channel", "string", "where", (Tag.PLAIN,), codes=codes.Channel),
        Column("kind", "string", "what", (Tag.PLAIN,), codes=codes.InteractionKind),
        Column("topic", "string", "what about", (Tag.PLAIN,), nullable=True),
        Column("product_id", "string", "product concerned", (Tag.KEY,), nullable=True,
               references="products.product_id"),
        Column("campaign_id", "string", "campaign", (Tag.KEY,), nullable=True),
        Column("arm", "string", "arm of a randomised offer", (Tag.PLAIN,), nullable=True, codes=codes.OfferArm),
        Column("response", "bool", "whether the product was taken up", (Tag.PLAIN,), nullable=True),
    ),
)  # fmt: skip
