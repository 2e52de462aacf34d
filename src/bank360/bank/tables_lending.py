"""Tables about lending: applications and what was known at them, and how credit accounts are repaid."""

from bank360.bank import vocabulary as codes
from bank360.bank.table import Column, Table, Tag

APPLICATIONS = Table(
    "applications",
    "one application for credit and how it ended",
    ("application_id",),
    (
        Column("application_id", "string", "the application", (Tag.KEY,)),
        Column("product_id", "string", "product applied for", (Tag.KEY,), references="products.product_id"),
        Column("channel", "string", "where it was made", (Tag.PLAIN,), codes=codes.Channel),
        Column("requested_amount", "int64", "amount applied for", (Tag.MONEY,), unit="minor units", low=0),
        Column("term_months", "int64", "term applied for; null where revolving", (Tag.PLAIN,), unit="months",
               nullable=True, low=1, high=600),
        Column("purpose", "string", "declared purpose", (Tag.PLAIN,), nullable=True),
        Column("submitted_at", "timestamp", "instant of submission (UTC); as_of of every application model; for"
               " precision 'day', a moment that stands for that local day", (Tag.PLAIN,)),
        Column("event_precision", "string", "whether the time of day of the submission is known", (Tag.PLAIN,),
               codes=codes.EventPrecision),
        Column("outcome", "string", "how it ended", (Tag.PLAIN,), codes=codes.Outcome),
        Column("decided_at", "timestamp", "instant of the decision (UTC)", (Tag.PLAIN,), nullable=True),
        Column("decision_source", "string", "what decided", (Tag.PLAIN,), nullable=True, codes=codes.DecisionSource),
        Column("override_reason", "string", "why a person overrode the policy", (Tag.PLAIN,), nullable=True),
        Column("offered_amount", "int64", "amount offered", (Tag.MONEY,), unit="minor units", nullable=True, low=0),
        Column("offered_rate", "float64", "rate offered", (Tag.PLAIN,), unit="1/year", nullable=True, low=0, high=10),
        Column("taken_up", "bool", "whether the offer was taken", (Tag.PLAIN,), nullable=True),
        Column("account_id", "string", "account it became", (Tag.KEY,), nullable=True,
               references="accounts.account_id"),
    ),
)  # fmt: skip

APPLICATION_PARTIES = Table(
    "application_parties",
    "one applicant of an application and what they declared in it",
    ("application_id", "seq"),
    (
        Column("application_id", "string", "the application", (Tag.KEY,), references="applications.application_id"),
        Column("seq", "int64", "1 for the first applicant", (Tag.KEY,), low=1, high=99),
        Column("customer_id", "string", "the applicant as the source names them; null where not yet a customer",
               (Tag.KEY,), nullable=True, references="customers.customer_id"),
        Column("declared_income", "int64", "declared net monthly income", (Tag.MONEY,), unit="minor units a month",
               nullable=True, low=0),
        Column("housing_cost", "int64", "declared rent or mortgage payment", (Tag.MONEY,), unit="minor units a month",
               nullable=True, low=0),
        Column("outgoings", "int64", "declared other commitments", (Tag.MONEY,), unit="minor units a month",
               nullable=True, low=0),
        Column("employment", "string", "declared employment", (Tag.PLAIN,), nullable=True),
        Column("employed_months", "int64", "declared months in that employment", (Tag.PLAIN,), unit="months",
               nullable=True, low=0, high=1200),
    ),
)  # fmt: skip

APPLICATION_FACTS = Table(
    "application_facts",
    "one further column that a source supplies about an application",
    ("application_id", "fact"),
    (
        Column("application_id", "string", "the application", (Tag.KEY,), references="applications.application_id"),
        Column("fact", "string", "name of the fact", (Tag.KEY,)),
        Column("value", "string", "the value as text", (Tag.PLAIN,), nullable=True),
        Column("number", "float64", "the value as a number, where it is one", (Tag.PLAIN,), nullable=True),
        Column("origin", "string", "how it came to be known", (Tag.PLAIN,), codes=codes.FactOrigin),
    ),
    alone=True,
)

BUREAU_REPORTS = Table(
    "bureau_reports",
    "one report of a credit bureau, pulled at an application or for a customer",
    ("report_id",),
    (
        Column("report_id", "string", "the report", (Tag.KEY,)),
        Column("subject", "string", "application id or customer id it is about", (Tag.KEY,)),
        Column("pulled_at", "timestamp", "instant it was pulled (UTC)", (Tag.PLAIN,)),
        Column("score", "int64", "bureau score; higher is better; null for no file", (Tag.PLAIN,), unit="points",
               nullable=True, low=0, high=1000),
        Column("version", "string", "version of the bureau's model", (Tag.PLAIN,)),
        Column("searches_6m", "int64", "credit searches in six months", (Tag.PLAIN,), unit="count", nullable=True,
               low=0, high=1000),
        Column("external_debt", "int64", "unsecured debt elsewhere", (Tag.MONEY,), unit="minor units", nullable=True,
               low=0),
        Column("worst_status", "int64", "worst months in arrears elsewhere in 24 months", (Tag.PLAIN,), unit="months",
               nullable=True, low=0, high=9),
    ),
)  # fmt: skip

CREDIT_MONTHS = Table(
    "credit_months",
    "the state of a credit account at a month's end",
    ("account_id", "month_end"),
    (
        Column("account_id", "string", "the account", (Tag.KEY,), references="accounts.account_id"),
        Column("month_end", "date", "last local day of the month", (Tag.KEY,)),
        Column("balance", "int64", "amount owed, not negative", (Tag.MONEY,), unit="minor units", low=0),
        Column("credit_limit", "int64", "limit; null for instalment credit", (Tag.MONEY,), unit="minor units",
               nullable=True, low=0),
        Column("amount_due", "int64", "due in the month", (Tag.MONEY,), unit="minor units", low=0),
        Column("paid", "int64", "paid in the month", (Tag.MONEY,), unit="minor units", low=0),
        Column("arrears", "int64", "due and not paid so far", (Tag.MONEY,), unit="minor units", low=0),
        Column("days_past_due", "int64", "days past due at the month's end", (Tag.PLAIN,), unit="days", low=0,
               high=20000),
        Column("status", "string", "where the account stands", (Tag.PLAIN,), codes=codes.CreditStatus),
        Column("forbearance", "bool", "whether terms were eased for hardship", (Tag.PLAIN,)),
        Column("written_off", "int64", "written off in the month", (Tag.MONEY,), unit="minor units", low=0),
    ),
)  # fmt: skip

SCHEDULE = Table(
    "schedule",
    "one instalment due on an instalment account",
    ("account_id", "seq"),
    (
        Column("account_id", "string", "the account", (Tag.KEY,), references="accounts.account_id"),
        Column("seq", "int64", "instalment number from 1", (Tag.KEY,), low=1, high=600),
        Column("due_on", "date", "local day it falls due", (Tag.PLAIN,)),
        Column("amount_due", "int64", "amount", (Tag.MONEY,), unit="minor units", low=0),
    ),
)

PAYMENTS = Table(
    "payments",
    "one repayment of a credit account, made or returned",
    ("payment_id",),
    (
        Column("payment_id", "string", "the payment", (Tag.KEY,)),
        Column("account_id", "string", "the account repaid", (Tag.KEY,), references="accounts.account_id"),
        Column("paid_on", "date", "local day", (Tag.PLAIN,)),
        Column("amount", "int64", "amount, not negative", (Tag.MONEY,), unit="minor units", low=0),
        Column("returned", "bool", "whether the paying bank sent it back", (Tag.PLAIN,)),
    ),
)
