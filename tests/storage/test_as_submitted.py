"""What no statement on applications and customers may read."""

import re

from bank360.bank.table import Tag
from bank360.bank.tables import TABLES
from bank360.storage import as_submitted, customer_spine, outcomes, product_lines, spines

READERS = (as_submitted, customer_spine, outcomes, product_lines, spines)


def test_no_statement_reads_a_protected_column_but_the_date_of_birth_for_the_age_of_18():
    protected = {c.name for table in TABLES for c in table.columns if Tag.PROTECTED in c.tags}
    values = [value for module in READERS for value in vars(module).values()]
    texts = [text for text in values if isinstance(text, str) and "SELECT" in text and "FROM" in text]
    read = {name for name in protected for text in texts if re.search(rf"\b{name}\b", text)}
    assert (len(texts) > 5, read) == (True, {"birth_date"})
    final = customer_spine._CUSTOMERS.rsplit("SELECT m.customer_id", 1)[1]
    assert "birth_date" not in final.split("FROM masters")[0]
    assert "m.birth_date <= CAST(? AS DATE) - INTERVAL 18 YEAR" in final
