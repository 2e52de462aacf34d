"""A bank's accounts numbered by IBANs, as many banks' ledgers have them."""

import string

import pyarrow as pa

from bank360.bank.tables import TABLES
from bank360.storage.warehouse import Warehouse


def iban(number: int) -> str:
    """Return the IBAN of an account of a German bank: its check digits are 98 less what is left by 97 (ISO 13616)."""
    account = f"37040044{number:010}"
    return f"DE{98 - int(account + '131400') % 97:02}{account}"


def number_by_ibans(warehouse: Warehouse) -> None:
    """Give every account of the synthetic bank an IBAN for its id, in all tables that name it."""
    own = [row["account_id"] for row in warehouse.query("SELECT account_id FROM accounts").to_pylist()]
    named = [iban(int(one.strip(string.ascii_letters))) for one in own]
    with warehouse.registered(pa.table({"own": own, "named": named})) as names:
        for table in TABLES:
            if any(column.name == "account_id" for column in table.columns):
                warehouse.execute(
                    f"UPDATE {table.name} SET account_id = n.named FROM {names} n WHERE account_id = n.own"
                )
