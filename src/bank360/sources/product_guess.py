"""The mapping proposed for a file of products: what each is called, and of which line and family it is.

By the words of a column that says its kind. Whether it is secured, what it costs and how it is funded stays unknown
where no column is mapped for it. Used by `ledger_guess`.
"""

import re

from bank360.bank.vocabulary import ProductFamily, ProductLine
from bank360.sources.file_look import Look
from bank360.sources.flat_guess import date_format, dated, written_of
from bank360.sources.identifier_columns import names_a_party
from bank360.sources.label_guess import guessed_label, names_little
from bank360.sources.ledger_columns import LedgerGuess, doubled, names_most_rows
from bank360.sources.mapped_protected import name_words

_PRODUCT = r"(products?|produkte?|produits?|productos?|prodotto|prodotti)"
_CODE = r"(id|code|nr|no|num|number|nummer|key|ref|kuerzel|schluessel|kurzel|schlussel)"
_KEY = re.compile(rf"{_PRODUCT}_?{_CODE}?")
_PLAIN_KEY = re.compile(_CODE)
_NAME = re.compile(
    rf"({_PRODUCT}_?)?(name|bezeichnung|description|beschreibung|titel|title|label|text|libelle|denominacion|nombre|nom)"
)
_SINCE = re.compile(r"(gueltig_|valid_)?(ab|von|seit|from|since)|(launch|start|begin|einfuehrung).*")
_MOST_COLUMNS = 15
_LEAST_KNOWN = 0.5  # of the different values, to take a column for what says the line
# The first that a value's words have; what is for firms is none of our lines.
_NONE_OF_OURS = re.compile(r"gewerb|firmen|business|corporate|unternehm|betriebsmittel|leasing|aval|burgschaft")
_ACCOUNT = r"current|checking|cheque|giro|saving|compte courant|cuenta corriente|livret|epargne|ahorro"
# What an account comes with is none of its line.
_EXTRA = re.compile(rf"(({_ACCOUNT}).*?) (with|mit|avec|con)\b.*")
_LINES: tuple[tuple[ProductLine, re.Pattern[str]], ...] = (
    (ProductLine.INSURANCE, re.compile(r"versicher|insurance|assurance|seguro")),
    (ProductLine.MORTGAGE, re.compile(
        r"hypothe|baufin|immobilien(?! ?(fonds|aktien))|wohnbau|mortgage|home loan|housing loan|"
        r"(pret|credit) immobilier|hipotec")),
    (ProductLine.CREDIT_CARD, re.compile(r"kreditkart|credit ?card|carte de credit|tarjeta")),
    (ProductLine.PERSONAL_LOAN, re.compile(
        rf"kredit|darlehen|loan|\bpret\b|prestamo|^(?!.*({_ACCOUNT})).*\bcredit\b")),
    (ProductLine.INVESTMENT, re.compile(r"depot|wertpapier|fonds|\bfund|invest|securities|broker|aktien")),
    (ProductLine.SAVINGS, re.compile(
        r"spar(?!kasse)|tagesgeld|festgeld|termingeld|saving(?!s bank)|deposit|livret|epargne|ahorro")),
    (ProductLine.CURRENT_ACCOUNT, re.compile(
        r"giro|kontokorrent|current|checking|cheque|compte courant|cuenta corriente|gehaltskonto|basiskonto")),
)  # fmt: skip
_FAMILY = {
    ProductLine.CURRENT_ACCOUNT: ProductFamily.DEPOSITS, ProductLine.SAVINGS: ProductFamily.DEPOSITS,
    ProductLine.CREDIT_CARD: ProductFamily.LENDING, ProductLine.PERSONAL_LOAN: ProductFamily.LENDING,
    ProductLine.MORTGAGE: ProductFamily.LENDING, ProductLine.INSURANCE: ProductFamily.PROTECTION,
    ProductLine.INVESTMENT: ProductFamily.WEALTH,
}  # fmt: skip


def products(look: Look) -> LedgerGuess | None:
    """Propose a mapping to 'products'; None for any other file.

    A file without a column for the name, or for the kind, waits until somebody maps one.
    """
    key = _key(look)
    if (
        key is None
        or len(look.header) > _MOST_COLUMNS
        or any(names_a_party(name, look.column(name)) for name in look.header)
    ):
        return None
    others = [name for name in look.header if name != key and look.column(name)]
    name = next((one for one in others if _NAME.fullmatch("_".join(name_words(one)))), None)
    kind = _kind(look, [one for one in others if one != name]) or (
        name if _kind(look, [name] if name else []) else None
    )
    label = guessed_label(look)
    if (name is None and kind is None) or (label is not None and not names_little(label.column)):
        return None
    columns: dict[str, object] = {"product_id": key}
    since = next((one for one in others if _SINCE.fullmatch("_".join(name_words(one)))), None)
    pattern = None if since is None or not look.filled(since) else date_format(look, since)
    remarks: list[str] = []
    times: dict[str, object] = {"known_after": "0d"}
    if since is not None and pattern is not None:
        columns["valid_from"] = dated(since, pattern)
    else:
        columns["valid_from"], times = {"constant": "1900-01-01"}, {"known_time": {"constant": "1900-01-02"}}
        remarks.append("no column says since when: every product is taken to have always been on offer and known")
    if kind is not None:
        columns |= _coded(look, kind)
        remarks += _told(look, kind)
    if name is not None:
        columns["name"] = name
    entry = {**written_of(look), **times, "columns": columns}
    lacking = (*(("family", "line") if kind is None else ()), *(("name",) if name is None else ()))
    if lacking:
        return LedgerGuess({}, tuple(remarks), tuple(doubled(look, key)), {"products": entry}, {"products": lacking})
    return LedgerGuess({"products": entry}, tuple(remarks), tuple(doubled(look, key)))


def _key(look: Look) -> str | None:
    """Return the column that names the products: by its own name, or a code in a file that is named for products."""
    stem = "_".join(name_words(look.name.rsplit("/", 1)[-1].partition(".")[0]))
    spoken = {name: "_".join(name_words(name)) for name in look.header if names_most_rows(look, name)}
    own = next((name for name, words in spoken.items() if _KEY.fullmatch(words)), None)
    if own is not None or not re.search(_PRODUCT, stem):
        return own
    return next((name for name, words in spoken.items() if _PLAIN_KEY.fullmatch(words)), None)


def _kind(look: Look, names: list[str]) -> str | None:
    """Return the column of whose different values most are words for a line of ours."""
    known = {name: [_line(value) is not None for value in {*look.column(name)}] for name in names}
    shares = {name: sum(found) / len(found) for name, found in known.items() if found}
    best = max(shares, key=lambda name: shares[name], default=None)
    return best if best is not None and shares[best] > _LEAST_KNOWN else None


def _line(value: str) -> ProductLine | None:
    words = " ".join(name_words(value))
    if _NONE_OF_OURS.search(words):
        return None
    words = _EXTRA.sub(r"\1", words)
    return next((line for line, pattern in _LINES if pattern.search(words)), None)


def _coded(look: Look, kind: str) -> dict[str, object]:
    lines = {value: line for value in sorted({*look.column(kind)}) if (line := _line(value)) is not None}
    return {
        "family": {"column": kind, "codes": {value: _FAMILY[line].value for value, line in lines.items()}},
        "line": {"column": kind, "codes": {value: line.value for value, line in lines.items()}},
    }


def _told(look: Look, kind: str) -> list[str]:
    values = sorted({*look.column(kind)})
    known = ", ".join(f"{value} {line.value}" for value in values if (line := _line(value)) is not None)
    strange = ", ".join(f"'{value}'" for value in values if _line(value) is None)
    remarks = [f"family and line of a product are taken from '{kind}' ({known}): check the codes"]
    if strange:
        remarks.append(
            f"{strange} of '{kind}' {'are' if ',' in strange else 'is'} none of our lines: say under the codes of line "
            "and family what it comes nearest to, or the load will be refused"
        )
    return remarks
