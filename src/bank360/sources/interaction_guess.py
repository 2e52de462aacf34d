"""The mapping proposed for a file of interactions: who met the bank when, where, and whether it was a visit or a call.

Known by a customer, a time and a column of kinds whose words say so; a file that is named for contacts and says only
their channel waits for the kind, and one whose rows nothing names for the key. What was bought is told apart: no kind
of ours is a purchase. Used by `ledger_guess`.
"""

import re

from bank360.bank.vocabulary import InteractionKind
from bank360.sources.channel_guess import guessed_codes
from bank360.sources.file_look import Look
from bank360.sources.flat_guess import row_date, written_of
from bank360.sources.identifier_columns import CUSTOMER
from bank360.sources.label_guess import guessed_label, names_little
from bank360.sources.ledger_columns import LedgerGuess, doubled, mostly_row_key, named, names_most_rows
from bank360.sources.mapped_protected import name_words
from bank360.sources.money_guess import guessed_sign

_MOST_COLUMNS = 15  # more are a table to learn from, with its customers' last contacts among them
_MOST_KINDS = 30
_LEAST_KNOWN = 0.5  # of the different values, for a column that is not named for it
_OF_CONTACTS = re.compile(r"interact|interakt|contact|kontakt|touchpoint|clickstream|besuch|visits?\b|calls?\b|anrufe")
_NAMED = re.compile(r"(interaction|interaktion|event|action|activity|contact|kontakt|touchpoint)_?(type|kind|art|typ)?")
_KINDS: dict[InteractionKind, frozenset[str]] = {
    InteractionKind.VISIT: frozenset(("visit", "visited", "branchvisit", "besuch", "visite", "visita", "meeting")),
    InteractionKind.CALL: frozenset((
        "call", "phonecall", "called", "inboundcall", "outboundcall", "anruf", "telefonat", "appel", "llamada",
    )),
    InteractionKind.VIEW: frozenset((
        "view", "viewed", "pageview", "productview", "impression", "ansicht", "vue", "vista",
    )),
    InteractionKind.CLICK: frozenset(("click", "clicked", "klick", "clic")),
    InteractionKind.OFFER: frozenset(("offer", "offered", "angebot", "offre", "oferta")),
    InteractionKind.ANSWER: frozenset(("answer", "answered", "reply", "response", "antwort", "reponse", "respuesta")),
}  # fmt: skip
_KNOWN = {word: kind.value for kind, words in _KINDS.items() for word in words}
_BOUGHT = frozenset(("purchase", "purchased", "buy", "bought", "kauf", "gekauft", "achat", "compra", "acquisto"))
_OTHERS = {
    "product_id": re.compile(r"(product|produkt|produit|producto|item)_?(id|code|nr|no|key)?"),
    "campaign_id": re.compile(r"(campaign|kampagne|campagne|campana)_?(id|code|nr|no|key)?"),
    "topic": re.compile(r"topic|subject|reason|thema|betreff|grund|sujet|motif|tema|motivo"),
}


def interactions(look: Look) -> LedgerGuess | None:
    """Propose a mapping to 'interactions'; None for any other file.

    A file that says no kind, or nothing that names its rows, waits until somebody maps it.
    """
    customer, day = named(look, CUSTOMER), row_date(look, look.header)
    if customer is None or day is None or len(look.header) > _MOST_COLUMNS:
        return None
    key = mostly_row_key(look, [name for name in look.header if name != customer])
    kind = _kind(look, taken=(customer, key))
    channel, said = guessed_codes(look, "channel")
    if channel is not None and kind is not None and channel["column"] == kind:
        channel, said = None, ()
    label = guessed_label(look)
    if label is not None and label.column != kind and not names_little(label.column):  # rows to learn from
        return None
    if key is None and names_most_rows(look, customer):  # something of each customer, and no log
        return None
    if kind is None and (channel is None or not _named_for_contacts(look) or guessed_sign(look, (customer,))[0]):
        return None
    columns: dict[str, object] = {} if key is None else {"interaction_id": key}
    columns |= {"customer_id": customer, "at": day[0]}
    columns |= {} if channel is None else {"channel": channel}
    remarks = [*day[1], *said]
    if kind is not None:
        columns["kind"], of_kind = _kind_mapping(look, kind)
        remarks += of_kind
    taken = {customer, key, kind, channel["column"] if channel else None}
    for ours, pattern in _OTHERS.items():
        found = next(
            (
                n
                for n in look.header
                if n not in taken and look.column(n) and pattern.fullmatch("_".join(name_words(n)))
            ),
            None,
        )
        if found is not None:
            columns[ours] = found
            taken.add(found)
    if "product_id" in columns:
        remarks.append(
            f"'{columns['product_id']}' is taken for the product's id: its values must be those of the table 'products'"
        )
    notes = [*(doubled(look, key) if key is not None else ())]
    notes += [] if "channel" in columns else ["channel is not mapped: map what the file says"]
    entry = {**written_of(look), "known_after": "1d", "columns": columns}
    lacking = tuple(name for name, has in (("interaction_id", key), ("kind", kind)) if has is None)
    if lacking:
        waiting = {"interactions": entry}
        return LedgerGuess({}, tuple(remarks), tuple(notes), waiting, {"interactions": lacking})
    return LedgerGuess({"interactions": entry}, tuple(remarks), tuple(notes))


def _named_for_contacts(look: Look) -> bool:
    return _OF_CONTACTS.search(look.name.rsplit("/", 1)[-1].lower()) is not None


def _kind(look: Look, taken: tuple[str | None, ...]) -> str | None:
    """Return the column of kinds: half of its different values are, or one is and the column is named for it."""
    for name in look.header:
        values = {*look.column(name)}
        if name in taken or not 1 <= len(values) <= _MOST_KINDS:
            continue
        known = sum(_plain(value) in _KNOWN for value in values)
        told = known + sum(_plain(value) in _BOUGHT for value in values)
        spoken = _NAMED.fullmatch("_".join(name_words(name))) is not None
        if known and (spoken or told >= _LEAST_KNOWN * len(values)):
            return name
    return None


def _kind_mapping(look: Look, name: str) -> tuple[object, list[str]]:
    """Return the mapping of the kind, and what is to be settled of its codes."""
    values = sorted({*look.column(name)})
    codes = {value: _KNOWN[_plain(value)] for value in values if _plain(value) in _KNOWN}
    bought = [value for value in values if _plain(value) in _BOUGHT]
    strange = [value for value in values if value not in codes and value not in bought]
    remarks = [f"'{name}' is taken for the kind: check what its codes are taken to mean"]
    if bought:
        codes |= dict.fromkeys(bought, InteractionKind.ANSWER.value)
        remarks.append(
            f"{_quoted(bought)} of '{name}' is no kind of ours and is read as an answer to no offer, which no feature "
            "counts: map what was bought to the table that says it, a product held to 'accounts' and a payment to "
            "'transactions'"
        )
    if strange:
        ours = ", ".join(one.value for one in InteractionKind)
        remarks.append(
            f"{_quoted(strange)} of '{name}' {'is' if len(strange) == 1 else 'are'} not known: say under its codes "
            f"which of {ours} each is, or the load will be refused"
        )
    return {"column": name, "codes": codes}, remarks


def _quoted(values: list[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _plain(value: str) -> str:
    return "".join(name_words(value))
