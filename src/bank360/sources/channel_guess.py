"""Which column of a file of transactions says where and how money moved, and what its codes mean: a guess.

By the column's name and by its values; a code that nobody here knows becomes ``unknown`` and is said, so that its
meaning can be stated. Used by `ledger_guess`.
"""

import re

from bank360.bank.vocabulary import Channel, Scheme
from bank360.sources.file_look import Look
from bank360.sources.mapped_protected import name_words

_MOST_CODES = 30
_LEAST_KNOWN = 0.5  # of the different values, for a column that is not named for it
_NAMED = {
    "channel": re.compile(r"channel|kanal|canal|entrymode|posentry|vertriebsweg"),
    "scheme": re.compile(r"scheme|paymentmethod|paymenttype|txntype|transactiontype|trxtype|buchungsart|zahlungsart"),
}
_CODES: dict[str, dict[str, str]] = {
    "channel": {
        **{one.value: one.value for one in Channel},
        "a": "atm", "p": "pos", "w": "online", "m": "mobile", "b": "branch", "automat": "atm", "cashpoint": "atm",
        "pointofsale": "pos", "store": "pos", "terminal": "pos", "shop": "pos", "instore": "pos", "card": "pos",
        "web": "online", "internet": "online", "ecom": "online", "ecommerce": "online", "onlinebanking": "online",
        "app": "mobile", "mobileapp": "mobile", "filiale": "branch", "agence": "branch", "teller": "branch",
        "counter": "branch", "tel": "phone", "telephone": "phone", "callcenter": "phone", "callcentre": "phone",
        "batch": "system", "auto": "system", "automatic": "system",
    },
    "scheme": {
        **{one.value.replace("_", ""): one.value for one in Scheme},
        "dd": "direct_debit", "lastschrift": "direct_debit", "so": "standing_order", "dauerauftrag": "standing_order",
        "sto": "standing_order", "ft": "transfer", "bacs": "transfer", "fps": "transfer", "sepa": "transfer",
        "payment": "transfer", "uberweisung": "transfer", "ueberweisung": "transfer", "debitcard": "card",
        "creditcard": "card", "karte": "card", "atm": "cash", "withdrawal": "cash", "fees": "fee", "charge": "fee",
        "int": "interest", "zinsen": "interest", "ueb": "transfer", "da": "standing_order", "ls": "direct_debit",
    },
}  # fmt: skip


def guessed_codes(look: Look, ours: str) -> tuple[dict[str, object] | None, tuple[str, ...]]:
    """Return the mapping of ``channel`` or ``scheme`` with what is to be checked; None where no column looks like it.

    A column named for it will do with one code known; any other needs half of its different values known.
    """
    known = _CODES[ours]
    for name in look.header:
        values = sorted({*look.column(name)})
        if not 1 < len(values) <= _MOST_CODES:
            continue
        codes = {value: known[_plain(value)] for value in values if _plain(value) in known}
        named = _NAMED[ours].search("".join(name_words(name))) is not None
        whole_words = sum(len(_plain(value)) > 1 for value in codes)
        if not codes or not (named or whole_words > _LEAST_KNOWN * len(values)):
            continue
        mapped: dict[str, object] = {"column": name, "codes": codes, "other": "unknown", "missing": "unknown"}
        strange = [value for value in values if value not in codes]
        remarks = [f"'{name}' is taken for {ours}: check what its codes are taken to mean"]
        if strange:
            remarks.append(f"{', '.join(strange)} of '{name}' become unknown: say under its codes what they mean")
        return mapped, tuple(remarks)
    return None, ()


def _plain(value: str) -> str:
    return "".join(name_words(value))
