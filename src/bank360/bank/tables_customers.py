"""Tables about people: who they are, how sources name them, what is known of them.

``customer_id`` in a delivered row is the key by which its source knows the person; `identity` maps every
(source, source_key) to one stable customer in `SOURCE_KEYS`, and readers resolve through that crosswalk.
"""

from bank360.bank import vocabulary as codes
from bank360.bank.table import Column, Table, Tag

CUSTOMERS = Table(
    "customers",
    "one record of a customer as a source's customer master holds it",
    ("customer_id",),
    (
        Column("customer_id", "string", "the customer, as the source names them", (Tag.KEY,)),
        Column("type", "string", "person or company", (Tag.PLAIN,), codes=codes.PartyType),
        Column("birth_date", "date", "date of birth", (Tag.PII, Tag.PROTECTED), nullable=True),
        Column("sex", "string", "sex as recorded", (Tag.PROTECTED,), nullable=True, codes=codes.Sex),
        Column("marital_status", "string", "marital status as recorded", (Tag.PROTECTED,), nullable=True,
               codes=codes.MaritalStatus),
        Column("region", "string", "region of residence", (Tag.PLAIN,), nullable=True),
        Column("onboarded_on", "date", "local day the relationship began", (Tag.PLAIN,), nullable=True),
        Column("left_on", "date", "local day the relationship ended", (Tag.PLAIN,), nullable=True),
        Column("leave_reason", "string", "why it ended", (Tag.PLAIN,), nullable=True, codes=codes.LeaveReason),
        Column("deceased_on", "date", "local day of death", (Tag.PII,), nullable=True),
    ),
)  # fmt: skip

SOURCE_KEYS = Table(
    "source_keys",
    "a source's key for a person belongs to one customer, from valid_from on; made by identity, never delivered",
    ("source", "source_key", "valid_from"),
    (
        Column("source", "string", "the system that uses the key", (Tag.KEY,)),
        Column("source_key", "string", "the key in that system", (Tag.KEY,)),
        Column("valid_from", "date", "first local day of the mapping", (Tag.KEY,)),
        Column("customer_id", "string", "the stable customer id", (Tag.KEY,)),
        Column("valid_to", "date", "day after the last day of the mapping", (Tag.PLAIN,), nullable=True),
    ),
)

CUSTOMER_PERSONAL = Table(
    "customer_personal",
    "direct identifiers of a customer from valid_from on; read by identity and by a reveal, never by features",
    ("customer_id", "valid_from"),
    (
        Column("customer_id", "string", "the customer, as the source names them", (Tag.KEY,),
               references="customers.customer_id"),
        Column("valid_from", "date", "first local day on which it held", (Tag.KEY,)),
        Column("given_name", "string", "given name", (Tag.PII,), nullable=True),
        Column("family_name", "string", "family name", (Tag.PII,), nullable=True),
        Column("birth_date", "date", "date of birth", (Tag.PII, Tag.PROTECTED), nullable=True),
        Column("address_line", "string", "street and number", (Tag.PII,), nullable=True),
        Column("city", "string", "town", (Tag.PII,), nullable=True),
        Column("postcode", "string", "postcode", (Tag.PII,), nullable=True),
        Column("email", "string", "e-mail address", (Tag.PII,), nullable=True),
        Column("phone", "string", "telephone number", (Tag.PII,), nullable=True),
        Column("source", "string", "the customer system that holds the record", (Tag.PLAIN,)),
    ),
)  # fmt: skip

CUSTOMER_FACTS = Table(
    "customer_facts",
    "one thing known of a customer from valid_from on (income declared, employment, a flat file's own columns)",
    ("customer_id", "fact", "valid_from"),
    (
        Column("customer_id", "string", "the customer, as the source names them", (Tag.KEY,),
               references="customers.customer_id"),
        Column("fact", "string", "name of the fact", (Tag.KEY,)),
        Column("valid_from", "date", "first local day on which it held", (Tag.KEY,)),
        Column("value", "string", "the value as text", (Tag.PLAIN,), nullable=True),
        Column("number", "float64", "the value as a number, where it is one", (Tag.PLAIN,), nullable=True),
        Column("origin", "string", "how it came to be known", (Tag.PLAIN,), codes=codes.FactOrigin),
    ),
    alone=True,
)  # fmt: skip

IDENTIFIER_TOKENS = Table(
    "identifier_tokens",
    "a keyed hash of an identifier that a customer or application used from valid_from on; for ring features",
    ("subject", "kind", "token", "valid_from"),
    (
        Column("subject", "string", "customer id or application id", (Tag.KEY,)),
        Column("kind", "string", "what the token stands for", (Tag.KEY,), codes=codes.TokenKind),
        Column("token", "string", "keyed hash; only equality means anything", (Tag.KEY, Tag.TOKEN)),
        Column("valid_from", "date", "first local day of use", (Tag.KEY,)),
    ),
)
