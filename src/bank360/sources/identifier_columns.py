"""Columns that number people, accounts or contracts: customer number, IBAN, loan reference. No model reads them.

Known by their names in several languages: whose number it is, then that it is one (``KdNr``, ``CustomerID``,
``loan_ref``), or a number that everybody knows (``IBAN``). An id of anything else (a branch, a product) may be a kind
of its own and is left to `mapped_inputs`. Used by `flat_guess`, which proposes them under ``exclude``, by
`mapped_inputs`, which leaves them out, and by the guesses on a ledger's tables, for whose row it is.
"""

import re
from collections.abc import Collection

from bank360.sources.mapped_protected import name_words

# A column that says which customer a row is of, in whatever words.
CUSTOMER = re.compile(
    r"cust|client|kunde|^kd[-_. ]?(nr|no|num|id)|member|party|person|holder|inhaber|cif|titulaire|klient|klant|zákazn"
)
_OF = (
    r"(acc(oun)?t|acc|konto|kto|kunden?|kd|customer|cust|client|cliente|cif|member|mitglieds?|person(en)?|party|"
    r"borrower|applicant|holder|inhaber|user|loan|kredit|darlehens?|credit|contract|vertrags?|agreement|application|"
    r"appl?|antrags?|kreditantrags?|deal|case|dossier|contrat|contrato|compte|cuenta|conto|depot|card|karten?|klant|"
    r"rekening|aanvraag|lening|krediet)"
)
# The number first, then of whom or what, as Romance and Slavic languages have it.
_NUMBER_OF = re.compile(
    r"(numer|numero|num|nr|no|n|id|identyfikator|codice|codigo|cod|cislo|kod)(de(la|l)?|del(la|lo)?|di|do|da)?"
    r"(klienta|umowy|rachunku|konta|kredytu|pozyczki|wniosku|karty|dowodu(osobistego)?|client|compte|contrat|dossier|"
    r"cliente|cuenta|contrato|prestamo|solicitud|tarjeta|conto|contratto|mutuo|prestito|finanziamento|rapporto|pratica|"
    r"conta|emprestimo|proposta|cartao|uctu|smlouvy|uveru|zakaznika|zadosti|pujcky)"
)
# A count stands before what it counts (number_of_loans) or behind a plural (loans_no): neither is read here.
_NUMBERED = re.compile(rf"{_OF}(ids?|uuid|guid|no|nr|num|number|nummer|numero|key|ref|reference|referenz|token)")
_KNOWN = re.compile(
    r"iban|bban|ssn|passport(no|nr|number)|taxid|steuer(id|nr|nummer)|svnr|sozialversicherungs(nr|nummer)|"
    r"(national|social)(insurance|security)(no|number)|pesel|(numer|nr)?nip|regon|(seriainumer)?dowod(u)?osobist(y|ego)|"
    r"rodnecislo|codicefiscale|partitaiva|cpf|cnpj|niss|bsn|burgerservicenummer|sofinummer|rijksregisternummer|"
    r"(numero|documento|num)(de)?(dni|nie|nif)"
)
_LETTERED = re.compile(r"dni|nie|nif")  # words of other languages too: known by their letter
_WITH_LETTER = re.compile(r"[xyz]?[0-9]{7,8}-?[a-z]")
_FLAGS = frozenset(
    (
        "0",
        "1",
        "y",
        "n",
        "j",
        "yes",
        "no",
        "ja",
        "nein",
        "oui",
        "non",
        "true",
        "false",
        "none",
        "tak",
        "nie",
        "ano",
        "ne",
        "sim",
        "nao",
        "não",
        "nee",
        "si",
        "sí",
    )
)
_MOST_OF_A_COUNT = 99


def names_a_party(name: str, cells: Collection[str]) -> bool:
    """Return whether a column holds the number or id of a person, an account or a contract.

    Flags (``IBAN: yes``) and small numbers that repeat, as counts do, are none.

    Parameters
    ----------
    cells
        Values that the column has, row by row, empty ones apart.

    >>> names_a_party("KdNr", ["100234", "100235"]), names_a_party("LoanRef", ["L-1"]), names_a_party("IBAN", ["DE02"])
    (True, True, True)
    >>> names_a_party("loan_no", ["1", "2", "1", "1", "2"]), names_a_party("branch_id", ["17"])
    (False, False)
    """
    values = {cell.strip().lower() for cell in cells}
    if not values or values <= _FLAGS:
        return False
    words = name_words(name)
    ends = ["".join(words[start:]) for start in range(len(words))]  # main_customer_id ends in a customer's id
    if any(map(_KNOWN.fullmatch, ends)):
        return True
    if any(map(_LETTERED.fullmatch, ends)) and all(map(_WITH_LETTER.fullmatch, values)):
        return True
    named = any(_NUMBERED.fullmatch(one) or _NUMBER_OF.fullmatch(one) for one in ends)
    return named and not _counts(values, len(cells))


def _counts(values: Collection[str], rows: int) -> bool:
    """Return whether values are small whole numbers of which each stands in two rows or more, on average."""
    small = all(re.fullmatch(r"[0-9]{1,9}", value) and int(value) <= _MOST_OF_A_COUNT for value in values)
    return small and 2 * len(values) <= rows
