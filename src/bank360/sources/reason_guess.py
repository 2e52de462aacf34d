"""The words in which a column of a flat file speaks to a declined customer, guessed from its name.

A decline has to name its reasons, so `bank360 init` proposes a text for each column that a model may read, and somebody
who knows the file corrects it. A name that says nothing (``x7``) gets no text: better none than a wrong one.
Used by `flat_guess`.
"""

import re

# As files shorten them; only where the short word has one meaning in lending.
_LONG = {
    "acc": "account", "accts": "accounts", "acct": "account", "addr": "address", "amnt": "amount", "amt": "amount",
    "app": "application", "appl": "application", "avail": "available", "avg": "average", "bal": "balance",
    "chg": "charge", "chk": "checking", "cnt": "count", "cr": "credit", "cred": "credit", "cur": "current",
    "curr": "current", "delinq": "missed payments", "dep": "deposit", "dlq": "missed payments",
    "dpd": "days past due", "dti": "debt compared with income", "dur": "duration", "emp": "employment",
    "hist": "history", "inc": "income", "inq": "enquiries", "inst": "instalment", "int": "interest",
    "lim": "limit", "ltv": "loan compared with value", "max": "largest", "min": "smallest", "mnth": "month",
    "mo": "months", "mort": "mortgage", "mos": "months", "mth": "month", "mths": "months", "nb": "number",
    "no": "number", "nr": "number", "num": "number", "od": "overdraft", "pct": "percentage", "perc": "percentage",
    "pmt": "payment", "prev": "previous", "prop": "property", "purp": "purpose", "pymt": "payment",
    "qty": "quantity", "rev": "revolving", "sav": "savings", "tot": "total", "trx": "transactions",
    "txn": "transactions", "util": "use of the limit", "yr": "year", "yrs": "years",
}  # fmt: skip
_SAY_NOTHING = frozenset({
    "attr", "attribute", "col", "column", "feat", "feature", "field", "unnamed", "val", "value", "var", "variable",
})  # fmt: skip


def guessed_wording(name: str) -> str | None:
    """Return a column's name in plain words, None where it says nothing.

    >>> guessed_wording("LoanAmt"), guessed_wording("BILL_AMT1"), guessed_wording("revol.util")
    ('Loan amount', 'Bill amount 1', 'Revol use of the limit')
    >>> guessed_wording("numOpenAccts"), guessed_wording("x7"), guessed_wording("column_3")
    ('Number of open accounts', None, None)
    """
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    words = re.findall(r"[^\W\d_]+|\d+", parted.lower())
    if all(len(word) == 1 or word.isdigit() or word in _SAY_NOTHING for word in words):
        return None
    told = [_LONG.get(word, word) for word in words]
    if told[0] == "number" and len(told) > 1 and told[1] != "of" and not told[1].isdigit():
        told.insert(1, "of")
    said = " ".join(told)
    return said[:1].upper() + said[1:]
