"""From rows of direct identifiers to one comparable record per source key.

Rows of one source key are folded to the last known value of each column, normalised (`normalise`), and given what the
comparison needs beside it: the full names a given name may stand for, whether the name is a common one, and every home
known. A contact
that many keys share (a branch's telephone, "noreply@") identifies nobody and is dropped.

Invariant: the result depends on the set of rows, never on their order; records are sorted by source key and numbered
from 0 (`record`), so that the same input gives the same output everywhere downstream.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pyarrow as pa

from bank360.identity import normalise
from bank360.identity.diminutives import full_names, is_listed

_PERSONAL: dict[str, pa.DataType] = {
    "source_key": pa.string(),
    "valid_from": pa.date32(),
    "known_time": pa.timestamp("us"),
    "given_name": pa.string(),
    "family_name": pa.string(),
    "birth_date": pa.date32(),
    "address_line": pa.string(),
    "city": pa.string(),
    "postcode": pa.string(),
    "email": pa.string(),
    "phone": pa.string(),
}
PERSONAL_SCHEMA = pa.schema(_PERSONAL)

# A household shares a contact among a handful of people; more than this is an office's or a placeholder.
SHARED_CONTACT_LIMIT = 10
# A misspelling is rare. A given name is a name of its own if it is listed, or from this many keys on and this share.
COMMON_NAME_KEYS, COMMON_NAME_SHARE = 5, 1 / 5000

_TEXT_RULES: dict[str, Callable[[str | None], str | None]] = {
    "given_name": normalise.name,
    "family_name": normalise.name,
    "address_line": normalise.address_line,
    "city": normalise.plain_words,
    "postcode": normalise.postcode,
    "email": normalise.email,
    "phone": normalise.phone,
}
IDENTIFYING = ("given_name", "family_name", "birth_date", "address_line", "city", "postcode", "email", "phone")

# ``full_names``: what the given name may be short for; ``given_common``: a name of its own and not a misspelling;
# ``homes``: street line and postcode of every home known, the last one included.
_RECORD: dict[str, pa.DataType] = {
    "record": pa.int64(),
    "source_key": pa.string(),
    **{column: pa.string() for column in IDENTIFYING},
    "full_names": pa.list_(pa.string()),
    "given_common": pa.bool_(),
    "homes": pa.list_(pa.string()),
}
RECORD_SCHEMA = pa.schema(_RECORD)


def comparable_records(personal: pa.Table, as_of: date) -> pa.Table:
    """Return one normalised record per source key.

    Parameters
    ----------
    personal
        Rows with the columns of `PERSONAL_SCHEMA`, any order, several per source key (a history of identifiers).
    as_of
        The local day on which the records are compared; birth dates after it say nothing.

    Returns
    -------
    pa.Table
        Of `RECORD_SCHEMA`, a row per source key, sorted by it: ``record`` counts from 0, the columns of `IDENTIFYING`
        are normalised text (birth date as YYYYMMDD), null where nothing is known. An empty input gives an empty table.
    """
    rows = personal.select(PERSONAL_SCHEMA.names).cast(PERSONAL_SCHEMA).to_pydict()
    for column, rule in _TEXT_RULES.items():
        rows[column] = _mapped(rows[column], rule)
    rows["birth_date"] = _mapped(rows["birth_date"], partial(normalise.birth_date, as_of=as_of))

    latest: dict[str, dict[str, str]] = {}
    homes: dict[str, set[str]] = defaultdict(set)
    # Identifiers last in the order make rows of one key, day and instant fold alike in whatever order they came.
    order = zip(*(rows[column] for column in ("source_key", "valid_from", "known_time")), strict=True)
    texts = zip(*(rows[column] for column in IDENTIFYING), strict=True)
    for place, said in sorted(
        (place, tuple(text or "" for text in row)) for place, row in zip(order, texts, strict=True)
    ):
        record = latest.setdefault(place[0], {})
        new = {column: text for column, text in zip(IDENTIFYING, said, strict=True) if text}
        record.update(new)
        if "address_line" in new and "postcode" in new:
            homes[place[0]].add(f"{new['address_line']}|{new['postcode']}")

    keys = sorted(latest)
    columns = {column: [latest[key].get(column) for key in keys] for column in IDENTIFYING}
    for column in ("email", "phone"):
        holders = Counter(columns[column])
        columns[column] = [None if holders[text] > SHARED_CONTACT_LIMIT else text for text in columns[column]]
    frequency = Counter(columns["given_name"])
    common_from = max(COMMON_NAME_KEYS, len(keys) * COMMON_NAME_SHARE)
    given = columns["given_name"]
    return pa.table(
        {
            "record": range(len(keys)),
            "source_key": keys,
            **columns,
            "homes": [sorted(homes[key]) or None for key in keys],
            "full_names": [None if name is None else full_names(name) for name in given],
            "given_common": [
                name is not None and (is_listed(name) or frequency[name] >= common_from) for name in given
            ],
        },
        schema=RECORD_SCHEMA,
    )


def _mapped(values: list[Any], rule: Callable[[Any], str | None]) -> list[str | None]:
    """Return ``rule`` of each value, worked out once per distinct value."""
    known = {value: rule(value) for value in set(values)}
    return [known[value] for value in values]
