"""Every canonical table of the path, in loading order (a table comes after those it refers to)."""

from bank360.bank.table import Table
from bank360.bank.tables_accounts import (
    ACCOUNT_PARTIES,
    ACCOUNT_TERMS,
    ACCOUNTS,
    BALANCES,
    CARDS,
    PRODUCTS,
)
from bank360.bank.tables_activity import FRAUD_CASES, INTERACTIONS, MERCHANTS, TRANSACTION_FACTS, TRANSACTIONS
from bank360.bank.tables_customers import (
    CUSTOMER_FACTS,
    CUSTOMER_PERSONAL,
    CUSTOMERS,
    IDENTIFIER_TOKENS,
    SOURCE_KEYS,
)
from bank360.bank.tables_lending import (
    APPLICATION_FACTS,
    APPLICATION_PARTIES,
    APPLICATIONS,
    BUREAU_REPORTS,
    CREDIT_MONTHS,
    PAYMENTS,
    SCHEDULE,
)

TABLES: tuple[Table, ...] = (
    CUSTOMERS,
    SOURCE_KEYS,
    CUSTOMER_PERSONAL,
    CUSTOMER_FACTS,
    PRODUCTS,
    ACCOUNTS,
    ACCOUNT_TERMS,
    ACCOUNT_PARTIES,
    CARDS,
    MERCHANTS,
    BALANCES,
    CREDIT_MONTHS,
    SCHEDULE,
    PAYMENTS,
    TRANSACTIONS,
    TRANSACTION_FACTS,
    APPLICATIONS,
    APPLICATION_PARTIES,
    APPLICATION_FACTS,
    BUREAU_REPORTS,
    IDENTIFIER_TOKENS,
    FRAUD_CASES,
    INTERACTIONS,
)

TABLE_BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}
