"""The mapping proposed for a file of who holds what: an account, a customer, in which role and since when.

Used by `ledger_guess`.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from bank360.bank.tables_accounts import HOLDER_COLUMNS
from bank360.bank.vocabulary import PartyRole
from bank360.sources.file_look import MOSTLY, Look
from bank360.sources.flat_guess import date_format, day_and_month, open_ended, written_of
from bank360.sources.identifier_columns import CUSTOMER
from bank360.sources.label_guess import guessed_label, names_little
from bank360.sources.ledger_columns import (
    ACCOUNT,
    Entries,
    LedgerGuess,
    dated_by,
    doubled,
    named,
    names_most_rows,
)
from bank360.sources.mapped_flat import FLAT_NULLS
from bank360.sources.mapped_protected import name_words, protected_kind
from bank360.sources.money_guess import guessed_sign

_MOST_COLUMNS = 6
_ROLE_NAME = re.compile(
    r"rolle|role|(partei|inhaber|holder|party)_?(art|typ|type|kind)|funktion|beziehung|relation(ship)?"
)
_FROM = re.compile(
    r"^(gueltig_|valid_)?(ab|von|seit|from|since|start|begin(n)?|desde|depuis)(_|$)|start|begin|eroeff|open"
)
_UNTIL = re.compile(
    r"^(gueltig_|valid_)?(bis|to|until|end(e|et|s|ed)?|hasta|fin)_?(datum|date|am|on|tag)?(_|$)|"
    r"(^|_)(bis|end(e)?|until|to)(_|$)|clos|geschl|ablauf|abgelaufen|expir"
)
_ROLES: dict[PartyRole, frozenset[str]] = {
    PartyRole.OWNER: frozenset((
        "owner", "primary", "main", "holder", "inhaber", "kontoinhaber", "hauptinhaber", "erstinhaber", "eigentuemer",
        "alleininhaber", "titulaire", "titular", "primaryowner", "accountholder", "primaryholder",
    )),
    PartyRole.JOINT_HOLDER: frozenset((
        "joint", "jointholder", "jointowner", "secondary", "coowner", "mitinhaber", "zweitinhaber", "mitkontoinhaber",
        "gemeinschaft", "gemeinschaftsinhaber", "cotitulaire", "cotitular", "secondaryholder",
    )),
    PartyRole.AUTHORISED: frozenset((
        "authorised", "authorized", "user", "disponent", "bevollmaechtigter", "bevollmaechtigte", "bevollmaechtigt",
        "vollmacht", "verfuegungsberechtigter", "verfuegungsberechtigte", "verfuegungsberechtigt", "mandataire",
        "apoderado", "bevollmachtigter", "bevollmachtigte", "bevollmachtigt", "verfugungsberechtigter",
        "verfugungsberechtigte", "verfugungsberechtigt",
    )),
    PartyRole.GUARANTOR: frozenset(("guarantor", "buerge", "burge", "garant", "avalist", "avalista", "fiador")),
}  # fmt: skip
_KNOWN = {word: role.value for role, words in _ROLES.items() for word in words}
_ALWAYS = "1900-01-01"
_OF_ACCOUNTS = re.compile(r"kont[oe]|acc(oun)?t|compte|cuenta|conti")  # a file's name


def holders(look: Look, *, only_by_role: bool) -> LedgerGuess | None:
    """Propose who holds what from a file that says nothing else; None for any other file.

    Parameters
    ----------
    only_by_role
        Whether a column must say in which role: what else names an account and a customer may be a file of accounts.
    """
    account, customer = named(look, ACCOUNT), named(look, CUSTOMER)
    if account is None or customer is None or account == customer or len(look.header) > _MOST_COLUMNS:
        return None
    role = _role(look, taken=(account, customer))
    dates = [name for name in look.header if date_format(look, name) is not None]
    if any(protected_kind(name) == "birth" for name in dates) or guessed_sign(look, taken=(account, customer))[0]:
        return None
    others = [name for name in look.header if name not in (account, customer, role, *dates)]
    if role is None and (only_by_role or others):  # a list of cards names both too
        return None
    if only_by_role and len(others) > 1:
        return None
    label = guessed_label(look)
    if label is not None and label.column != role and not names_little(label.column):  # applications that name both
        return None
    said = _role_mapping(look, role)
    columns: dict[str, object] = {"account_id": account, "customer_id": customer, "role": said[0]}
    since, times, remarks = _since(look, dates)
    columns["valid_from"] = since
    until = next((name for name in dates if _UNTIL.search("_".join(name_words(name)))), None)
    if until is not None and until != _column(since):
        columns["valid_to"] = dated_by(look, until)
        remarks += [f"'{until}' is taken for the first day on which the role no longer stands: check that it is"]
    columns["liability_share"] = {"constant": 1.0}
    shared = "each holder is given the whole account: map 'liability_share' if the file says the share"
    entry = {**written_of(look), **times, "columns": columns}
    return LedgerGuess({"account_parties": entry}, (*said[1], *remarks, shared))


def without_holders(look: Look, found: LedgerGuess, others: Sequence[tuple[Look, LedgerGuess]]) -> LedgerGuess:
    """Return a guess on a file of accounts without the holders, or the question after them, that another file says.

    Told by both they would be doubled keys; where that file names other roles only, both are read. So they are where it
    names owners of a part of the accounts: the others would have no holder.
    """
    if {*found.entries} == {"accounts"} and any("account_parties" in guess.entries for _, guess in others):
        return replace(found, holders=None)
    owned = {account for one, guess in others for account in _owned(one, guess)}
    if {*found.entries} != {"accounts", "account_parties"} or not owned:
        return found
    account = str(_columns(found.entries["accounts"])["account_id"])
    accounts = {*look.column(account)}
    count = len(accounts & owned)
    unsettled = found.unsettled
    whole = look.whole and all(one.whole for one, guess in others if _owned(one, guess))
    if count >= MOSTLY * len(accounts) or not whole:  # first rows of two files need not be of the same accounts
        entries: Entries = {"accounts": found.entries["accounts"]}
        notes = (*found.notes, "who holds an account is read from the file of holders")
        if count < len(accounts):
            unsettled = (*unsettled, f"{_named(count, len(accounts))}: those that it does not name have no holder")
        return replace(found, entries=entries, unsettled=unsettled, notes=notes, holders=None)
    both = (
        f"{_named(count, len(accounts))}, so the holders of '{account}' that this file names are read too. An owner "
        "whom both name stands twice, or is refused where the days are alike: take out one file's account_parties, or "
        "have one file name all holders"
    )
    return replace(found, unsettled=unsettled, holders=both)


def several_rows_each(look: Look) -> list[str]:
    """Return a remark on a file of accounts in which accounts stand in several rows each, so that it is none."""
    account = named(look, ACCOUNT)
    stem = look.name.rsplit("/", 1)[-1].lower()
    if account is None or _OF_ACCOUNTS.search(stem) is None or names_most_rows(look, account):
        return []
    return [_rows_of_holders(look, account)]


def doubled_accounts(look: Look, account: str, customer: str | None) -> list[str]:
    """Return a remark on the rows of a file of accounts that repeat one: a slip, or the row of another holder."""
    if customer is not None:
        own, holder = look.header.index(account), look.header.index(customer)
        pairs = {(row[own].strip(), row[holder].strip()) for row in look.rows}
        held = [pair[0] for pair in pairs if not {*FLAT_NULLS} & {*pair}]  # an empty cell names no other holder
        if len(held) > len({*held}):
            return [_rows_of_holders(look, account)]
    return doubled(look, account)


def _rows_of_holders(look: Look, account: str) -> str:
    rows, different = len(look.rows), len({*look.column(account)})
    return (
        f"'{account}' names {different:,} accounts in {rows:,} rows, and a file of accounts has one row for each. If a "
        f"row is of a holder, map the file to 'account_parties' ({HOLDER_COLUMNS}), and have one with a row for each "
        "account delivered too"
    )


def _owned(look: Look, found: LedgerGuess) -> set[str]:
    """Return the accounts of which a file of holders names an owner; none for any other file."""
    if {*found.entries} != {"account_parties"}:
        return set()
    columns = _columns(found.entries["account_parties"])
    role, account = columns["role"], look.header.index(str(columns["account_id"]))
    if not isinstance(role, dict) or "constant" in role:
        return {row[account].strip() for row in look.rows} if isinstance(role, dict) else set()
    place, owner = look.header.index(role["column"]), PartyRole.OWNER.value
    return {row[account].strip() for row in look.rows if role["codes"].get(row[place].strip()) == owner}


def _named(count: int, of: int) -> str:
    return f"a file of holders names owners of {count:,} of {of:,} accounts in the rows looked at"


def _columns(entry: dict[str, object]) -> dict[str, object]:
    columns = entry["columns"]
    assert isinstance(columns, dict)
    return columns


def _column(mapped: object) -> object:
    return mapped.get("column") if isinstance(mapped, dict) else mapped


def _since(look: Look, dates: list[str]) -> tuple[object, dict[str, object], list[str]]:
    """Return the mapping of ``valid_from``, when rows were known, and what is to be checked."""
    dates = [name for name in dates if not open_ended(look, name)]
    filled = [name for name in dates if look.filled(name)]
    likely = [name for name in dates if _FROM.search("_".join(name_words(name)))]
    rest = [name for name in filled if not _UNTIL.search("_".join(name_words(name)))]
    since = next((name for name in likely if name in filled), next(iter(likely or rest), None))
    if since is None:
        always = "no column says since when: every role is taken to have always stood and been known"
        return {"constant": _ALWAYS}, {"known_time": {"constant": "1900-01-02"}}, [always]
    remarks = day_and_month(look, since)
    mapped = dated_by(look, since)
    if since not in filled:
        assert isinstance(mapped, dict)
        mapped = mapped | {"missing": _ALWAYS}
        remarks = [*remarks, f"a role without '{since}' is taken to have always stood and been known"]
    return mapped, {"known_after": "0d"}, remarks


def _role(look: Look, taken: tuple[str, ...]) -> str | None:
    """Return the column of roles: one whose values all are, or one that is named for it."""
    others = [name for name in look.header if name not in taken and date_format(look, name) is None]
    whole = (name for name in others if look.column(name) and all(map(_known, look.column(name))))
    spoken = (name for name in others if _ROLE_NAME.fullmatch("_".join(name_words(name))) and look.column(name))
    return next(whole, None) or next(spoken, None)


def _role_mapping(look: Look, role: str | None) -> tuple[object, list[str]]:
    """Return the mapping of the role, and what is to be settled of its codes."""
    if role is None:
        return {"constant": PartyRole.OWNER.value}, []
    values = sorted({*look.column(role)})
    codes = {value: known for value in values if (known := _known(value)) is not None}
    strange = [value for value in values if value not in codes]
    if not strange:
        return {"column": role, "codes": codes}, []
    ours = ", ".join(one.value for one in PartyRole)
    told = ", ".join(f"'{value}'" for value in strange)
    remark = (
        f"{told} of '{role}' {'is' if len(strange) == 1 else 'are'} not known: "
        f"say under its codes which of {ours} each is, or the load will be refused"
    )
    return {"column": role, "codes": codes} if codes else role, [remark]


def _known(value: str) -> str | None:
    """Return the role that a value says; owners are counted in many files, and the second is a joint holder.

    >>> _known("Inhaber"), _known("Inhaber 1"), _known("2. Kontoinhaber"), _known("Chef")
    ('owner', 'owner', 'joint_holder', None)
    """
    number = re.fullmatch(r"([0-9]+)\W*(\D+)|(\D+?)\W*([0-9]+)", value.strip())
    role = _KNOWN.get("".join(name_words(value)))
    later = number is not None and int(number[1] or number[4]) > 1
    return PartyRole.JOINT_HOLDER.value if later and role == PartyRole.OWNER.value else role
