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
# The same in German, whose nouns keep their capitals.
_GERMAN_LONG = {
    "anz": "Anzahl", "betr": "Betrag", "durchschn": "durchschnittlich", "eink": "Einkommen", "ges": "gesamt",
    "jaehrl": "jährlich", "jährl": "jährlich", "kto": "Konto", "lfz": "Laufzeit", "mon": "in Monaten",
    "monatl": "monatlich", "mtl": "monatlich", "verw": "Verwendung",
}  # fmt: skip
_GERMAN = re.compile(
    r"[äöüß]|einkommen|betrag|zweck|wohn|kredit|laufzeit|beruf|konto|summe|anzahl|dauer|famili|arbeit|beschaeft|"
    r"sicherheit|zins|gehalt|miete|schuld|ausgabe|kinder|fahrzeug|haushalt|versicher|monatl|raten|rueck|vermoegen"
)
_GERMAN_WHOLE = {"Verwendung Zweck": "Verwendungszweck", "Verwendung zweck": "Verwendungszweck"}
_SAY_NOTHING = frozenset({
    "attr", "attribute", "col", "column", "feat", "feature", "field", "unnamed", "val", "value", "var", "variable",
})  # fmt: skip


def guessed_wording(name: str) -> str | None:
    """Return a column's name in plain words, None where it says nothing.

    >>> guessed_wording("LoanAmt"), guessed_wording("BILL_AMT1"), guessed_wording("revol.util")
    ('Loan amount', 'Bill amount 1', 'Revol use of the limit')
    >>> guessed_wording("numOpenAccts"), guessed_wording("x7"), guessed_wording("column_3")
    ('Number of open accounts', None, None)
    >>> guessed_wording("Einkommen_mtl"), guessed_wording("Anz_Kredite"), guessed_wording("Zinssatz % (p.a.)")
    ('Einkommen monatlich', 'Anzahl Kredite', 'Zinssatz % (p.a.)')
    """
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    words = re.findall(r"[^\W\d_]+|\d+", parted.lower())
    if all(len(word) == 1 or word.isdigit() or word in _SAY_NOTHING for word in words):
        return None
    if re.search(r"\s|-[A-Z]", name.strip()) and not name.isupper():
        return _as_written(name)
    if _GERMAN.search(name.lower()) and not name.isupper():
        return _german(re.findall(r"[^\W\d_]+|\d+", parted))
    told = [_LONG.get(word, word) for word in words]
    if told[0] == "number" and len(told) > 1 and told[1] != "of" and not told[1].isdigit():
        told.insert(1, "of")
    said = " ".join(told)
    return said[:1].upper() + said[1:]


def _as_written(name: str) -> str:
    """Return a header that a person wrote in words: as it is, but for English short words that have one meaning."""
    long = {} if _GERMAN.search(name.lower()) else _LONG
    words = [long.get(word.lower().removesuffix("."), word) for word in name.split()]
    said = " ".join(words)
    return said[:1].upper() + said[1:]


def _german(words: list[str]) -> str:
    said = " ".join(_GERMAN_LONG.get(word.lower(), word) for word in words)
    for apart, whole in _GERMAN_WHOLE.items():
        said = said.replace(apart, whole)
    return said[:1].upper() + said[1:]
