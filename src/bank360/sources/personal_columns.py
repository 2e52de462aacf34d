"""Columns that say who somebody is or where: names, address, telephone, e-mail. No model reads them.

Known by their names in several languages, and by what stands in them: a flag (``FLAG_EMAIL``, ``telephone: none``) says
nothing of who somebody is. Days of birth are `mapped_protected`'s. Used by `ledger_guess`, which knows a file of people
by them, by `flat_guess`, which proposes them under ``exclude``, and by `mapped_inputs`, which leaves them out.
"""

import re
from collections.abc import Collection

from bank360.sources.identifier_columns import names_a_party
from bank360.sources.mapped_protected import name_words, protected_kind

# Whose it is, and which of several: neither changes what it is.
_WHOSE = re.compile(
    r"^(customers?|clients?|cust|kunden?|kd|applicant|borrower|debtor|person|accountholder|cardholder|holder|inhaber|"
    r"antragsteller|kreditnehmer|member|contact|kontakt|titulaire|cliente|titular|home|work|private?|primary|mailing|"
    r"residential|street|daytime|emergency)(?=.)"
)
_WHICH = re.compile(r"(?<=.)(nos?|nr|num|numbers?|nummer|numero|line|zeile|privat|mobil)$")
_WHOSE_AFTER = re.compile(
    r"(?<=..)(((de)?l?)?(client|titular|solicitant)e|do(cliente|titular)|(del)?richiedente|(vande)?klant|klienta|"
    r"wnioskodawcy|kredytobiorcy|zadatele|zakaznika|dluznika)$"
)
# Ours of table 'customer_personal', in its order, by names without marks between their words.
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"e?mails?(address|addr|adresse)?|courriel|correo(electronico)?|postaelettronica|"
        r"correioeletronico|indirizzoemail|adresemail|adresaemail|emailadres")),
    ("given_name", re.compile(
        r"(first|given|fore|middle|second)name|firstnames?|forename|vornamen?|rufname|prenoms?|nombres?|nome|voornaam|"
        r"nombredepila|fname|primernombre|segundonombre|primeironome|nomeproprio|voornamen|roepnaam|(drugie)?imie|"
        r"imiona|(krestni)?jmeno")),
    ("family_name", re.compile(
        r"(last|family|sur|maiden)name|(nach|familien|geburts|zu)name|nom(de)?famille|nom|apellidos?(paterno|materno)?|"
        r"cognome|sobrenome|achternaam|lname|(primer|segundo)apellido|apelidos?|ultimonome|tussenvoegsel|familienaam|"
        r"geslachtsnaam|nazwisko(rodowe|panienskie)?|(rodne)?prijmeni")),
    ("full_name", re.compile(
        r"names?|fullname|(voll|voller)name|vornamenachname|namevorname|nomcomplet|nom(et)?prenom|nombrecompleto|"
        r"nombre(s)?yapellidos?|nomecompleto|initials|nominativo|nomee?cognome|cognomee?nome|nomee?apelido|naam|"
        r"(volledige|klant)naam|voorletters|imiei?nazwisko|nazwiskoi?imie|jmenoa?prijmeni|prijmenia?jmeno|celejmeno")),
    ("address_line", re.compile(
        r"(address|addr)(line)?|street(name|address)?|strassenname|strasse|str|strassehaus|anschrift|(wohn)?adresse|"
        r"rue|calle|direccion|indirizzo(residenza|diresidenza)?|domicilio|haus|house|morada|endereco|rua|adres|"
        r"straat(naam)?|huis(nummer|nr)|adres(zamieszkania|zameldowania)|ulica|numerdomu|nrdomu|adresa|ulice|"
        r"(bydliste|trvalebydliste)")),
    ("city", re.compile(r"city|town|(wohn)?ort|stadt|ville|ciudad|citta|localidad|cidade|plzort|localidade|localita|"
        r"(citta|comune)(di)?residenza|woonplaats|plaats|miasto|miejscowosc|mesto|obec")),
    ("postcode", re.compile(r"post(al)?code|zip(code)?|plz|postleitzahl|codepostal|codigopostal|"
        r"codice(avviamento)?postale|"
        r"cep|kodpocztowy|psc")),
    ("phone", re.compile(
        r"(mobile|cell)?(phone|tele?phone|telefon|telefono|telefone|tel)|mobile|cell|handy|mobil|ruf|portable|gsm|fax|"
        r"cellulare|movil|telemovel|celular|telefoon|mobiel|telefonu|komorka|(numertelefonu|telefonkomorkowy)")),
)  # fmt: skip
_NUMBERED_ONLY = frozenset({"haus", "house", "ruf"})  # a thing without "nr" behind
_FLAGS = frozenset((
    "0", "1", "y", "n", "j", "yes", "no", "ja", "nein", "oui", "non", "si", "sí", "t", "f", "true", "false", "none",
    "unknown", "x", "tak", "nie", "ano", "ne", "sim", "nao", "não", "nee",
))  # fmt: skip
# Who holds an account, or is on the other side of a payment: a name, where it is no key.
_HOLDER = re.compile(
    r"(konto|karten|depot|mit)?inhaber(in)?(name)?|(account|card)?(holder|owner)s?(name)?|nameon(card|account)|"
    r"(be|ge)guenstigter?|(be|ge)gunstigter?|zahlungs(empfanger|pflichtiger|beteiligter)|(name)?zahlungsbeteiligter|"
    r"beguenstigterzahlungspflichtiger|begunstigterzahlungspflichtiger|(zahlungs)?empf(ae|a)nger(in)?(name)?|"
    r"auftraggeber(in)?(name)?|auftraggeberempf(ae|a)nger|auftraggeberbegunstigter|(name)?gegenpartei|"
    r"(payee|payer|beneficiary|recipient|sender|remitter|counterparty|counterpart|drawee|originator)(name)?|"
    r"titulaire(ducompte)?|beneficiaire|donneurdordre|emetteur|titular(delacuenta)?|beneficiario|ordenante|"
    r"intestatario|ordinante|destinatario|rekeninghouder|tegenpartij|naamtegenpartij|begunstigde|"
    r"posiadacz(rachunku)?|wlasciciel(rachunku)?|odbiorca|nadawca|kontrahent|majitel(uctu)?|prijemce|platce|protistrana"
)
_PHONE_DIGITS = 5
_NEED_NO_TEXT = ("postcode", "phone")
_SUCH = (
    "Ann Lee",
    "0151 2345678",
    "12345678Z",
)  # what stands in a column about who somebody is, for those that its name tells


def may_be_personal(name: str) -> bool:
    """Return whether a column may say who somebody is, by its name alone: no message repeats what stands in it.

    >>> may_be_personal("Geburtsdatum"), may_be_personal("IBAN"), may_be_personal("E-Mail"), may_be_personal("Betrag")
    (True, True, True, False)
    """
    named = any(personal_kind(name, [such]) is not None for such in _SUCH)
    party = any(names_a_party(name, [such]) for such in _SUCH) or names_a_holder(name, [_SUCH[0]])
    return named or party or protected_kind(name) is not None


def names_a_holder(name: str, cells: Collection[str]) -> bool:
    """Return whether a column names who holds an account or is on the other side of a payment; a flag names nobody.

    Parameters
    ----------
    cells
        Values that the column has, empty ones apart.

    >>> names_a_holder("Kontoinhaber", ["Uwe Klein"]), names_a_holder("payee", ["Ann Lee"])
    (True, True)
    >>> names_a_holder("account_owner", ["yes", "no"]), names_a_holder("holder_type", ["joint"])
    (False, False)
    """
    values = {cell.strip().lower() for cell in cells}
    return bool(values) and not values <= _FLAGS and _HOLDER.fullmatch("".join(name_words(name))) is not None


def personal_kind(name: str, cells: Collection[str]) -> str | None:
    """Return what a column says of who or where somebody is, as a column of ours or ``full_name``; None for nothing.

    Parameters
    ----------
    cells
        Values that the column has, empty ones apart.

    >>> personal_kind("KundenVorname", ["Uwe"]), personal_kind("PLZ", ["50667"]), personal_kind("E-Mail", ["a@b.c"])
    ('given_name', 'postcode', 'email')
    >>> personal_kind("telephone", ["yes", "none"]), personal_kind("product_name", ["Giro"])
    (None, None)
    """
    values = {cell.strip().lower() for cell in cells}
    if not values or values <= _FLAGS:
        return None
    joined = "".join(name_words(name))
    kind = next((found for word in _spellings(joined) for found, named in _KINDS if named.fullmatch(word)), None)
    if kind is None or (kind not in _NEED_NO_TEXT and _numbers(values, kind)):
        return None
    digits = [sum(letter.isdigit() for letter in value) for value in values]
    return None if kind == "phone" and 2 * sum(count >= _PHONE_DIGITS for count in digits) < len(digits) else kind


def _spellings(joined: str) -> tuple[str, ...]:
    """Return a column's words as they stand, without whose it is, and without its number."""
    bare = _WHOSE_AFTER.sub("", _WHOSE.sub("", joined))
    numberless = tuple(_WHICH.sub("", word) for word in (joined, bare))
    alone = _NUMBERED_ONLY & {joined, bare}
    return () if alone else (joined, bare, *numberless)


def _numbers(values: Collection[str], kind: str) -> bool:
    """Return whether values are numbers only, as no name, street or e-mail address is; a house number may be one."""
    return kind != "address_line" and all(re.fullmatch(r"[0-9.,+-]+", value) for value in values)
