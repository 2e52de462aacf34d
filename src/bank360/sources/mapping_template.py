"""The ``bank360.yaml`` that ``bank360 init`` writes: commented, and filled in as far as a look at the files allows.

Pure: the caller hands in what storage read of each file. What is proposed is a guess from names and first rows, marked
to be checked; nothing is loaded before somebody has read it. Tables of a ledger become one source, so that a delivery
of them enters together; every other table is a flat source of its own. Each file is proposed for or passed over by
name, with what to do (`file_look`).
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from bank360.sources.country_guess import GuessedCountry, guessed_country
from bank360.sources.days_seen import DaysSeen, days_seen
from bank360.sources.file_look import Head, Look, PassedOver, date_patterns, look_at
from bank360.sources.flat_guess import flat_proposal
from bank360.sources.holder_guess import several_rows_each, without_holders
from bank360.sources.ledger_columns import Entries
from bank360.sources.ledger_guess import day_of, ledger_proposal, parts_pattern, same_shape, unread
from bank360.sources.mapping_examples import FLAT_EXAMPLE, FLAT_NEEDS_NONE, HEAD, LEDGER_EXAMPLE
from bank360.sources.money_guess import commonest_currency
from bank360.sources.odd_cells import unread_dates
from bank360.sources.personal_columns import may_be_personal, personal_kind
from bank360.sources.waiting_entries import WHERE, lacking_told, waiting_text

OWN_CURRENCY = "GBP"  # of a bank whose files say none
OWN_ZONE, OWN_COUNTRY = "Europe/London", "GB"


@dataclass(frozen=True)
class ProposedSource:
    """A source of the proposed file: its kind, the files it reads, and what is to be checked before the first load.

    ``days`` are those of its transactions, where it has any. ``unsettled`` are those of ``to_check`` that a load tells
    of until somebody takes them out of the settings: assumptions on what the file means. ``waiting`` is the text of
    entries that need more than their files have, for comments below ``files``.
    """

    name: str
    kind: Literal["flat", "ledger"]
    files: tuple[str, ...]
    mapping: dict[str, Any]
    to_check: tuple[str, ...]
    days: DaysSeen | None = None
    unsettled: tuple[str, ...] = ()
    waiting: str = ""


@dataclass(frozen=True)
class Proposal:
    """The text of a ``bank360.yaml``, the sources in it, and the files that it says nothing of.

    ``country`` is what the files show of where the bank is; None where they show nothing, and the text has the default.
    """

    text: str
    sources: tuple[ProposedSource, ...]
    passed_over: tuple[PassedOver, ...]
    country: str | None


def proposal(name: str = "My bank", heads: Sequence[Head] = ()) -> Proposal:
    """Return a commented ``bank360.yaml`` with a mapping proposed for each file that shows a table.

    Parameters
    ----------
    name
        The bank's.
    heads
        What storage read of each file in the folder.
    """
    seen = [look_at(head) for head in heads]
    looks = [one for one in seen if isinstance(one, Look)]
    currency = commonest_currency(looks)
    country = guessed_country(looks, currency)
    sources, waits = _sources(looks, currency, country)
    passed = tuple(one for one in (*seen, *waits) if isinstance(one, PassedOver))
    unneeded = FLAT_NEEDS_NONE if sources and all(one.kind == "flat" for one in sources) else ""
    zone = (None if country is None else country.zone) or OWN_ZONE
    own = OWN_COUNTRY if country is None else country.code
    said = {"currency": currency or OWN_CURRENCY, "zone": f"{zone:<17}", "country": own}
    parts = [HEAD.format(name=_plain(name), unneeded=unneeded, **said)]
    if sources:
        parts.append(
            "# Proposed from the files' names and first rows. Read and correct it before the first load.\nsources:\n"
        )
        parts += [_indented(_entry(source), "  ") for source in sources]
    else:
        parts.append("sources: []\n")
    if passed:
        parts.append("\n# No mapping is proposed for:\n")
        parts += [f"#   {one.name}: {one.why}\n" for one in passed]
    parts.append("\n# Examples of sources:\n#\n# sources:\n")
    parts += [_indented(LEDGER_EXAMPLE, "#   "), "#\n", _indented(FLAT_EXAMPLE, "#   ")]
    return Proposal("".join(parts), sources, passed, None if country is None else country.code)


def _sources(
    looks: Sequence[Look], currency: str | None, country: GuessedCountry | None
) -> tuple[tuple[ProposedSource, ...], tuple[PassedOver, ...]]:
    """Return the sources, and the files that wait for columns where no other file makes a source with them."""
    taken: set[str] = set()
    files: Entries = {}
    read: list[str] = []
    unsettled: list[str] = []
    notes: list[str] = []
    flat: list[ProposedSource] = []
    waits: dict[str, str] = {}
    alone: list[PassedOver] = []
    days: DaysSeen | None = None
    tables = [(look, pattern, ledger_proposal(look)) for look, pattern in _whole_tables(looks)]
    guesses = [
        (one, found) for look, _, found in tables if found for one in looks if one is look or same_shape(look, one)
    ]
    for look, pattern, guess in tables:
        found = None if guess is None else without_holders(look, guess, guesses)
        if found is None:
            mapping, assumed, remarks = flat_proposal(look)
            name = _own_name(look.name, taken)
            flat.append(
                ProposedSource(
                    name,
                    "flat",
                    (look.name,),
                    {"flat": mapping},
                    (*look.remarks, *unread_dates(look), *several_rows_each(look), *assumed, *remarks),
                    unsettled=assumed,
                ),
            )
            continue
        for table, entry in found.waiting.items():
            key, whole = _keyed(table, entry, look, pattern, {*files, *waits, *taken})
            waits[key] = waiting_text(key, whole, found.lacking[table])
            told = lacking_told(table, found.lacking[table])
            unsettled += [f"{look.name}: {told} {WHERE}"]
            alone.append(PassedOver(look.name, f"{told} {' '.join(f'{one}.' for one in found.unsettled)}".strip()))
        for table, entry in found.entries.items():
            key, whole = _keyed(table, entry, look, pattern, {*files, *waits, *taken})
            files[key] = whole
        if "transactions" in found.entries:
            days = days_seen([one for one in looks if same_shape(look, one)], day_of(found.entries["transactions"]))
        read += [look.name] if found.entries else []
        asked = () if found.holders is None else (found.holders,)
        unsettled += [f"{look.name}: {one}" for one in (*found.unsettled, *asked)]
        notes += [
            f"{look.name}: {one}"
            for one in (
                *look.remarks,
                *unread_dates(look),
                *found.notes,
                *_unused(unread(look, found.entries | found.waiting)),
            )
        ]
    if not files:
        return tuple(flat), tuple(alone)
    unsettled += _of_the_bank(currency, country, looks)
    ledger = ProposedSource(
        _free("core", taken),
        "ledger",
        tuple(read),
        {"files": files},
        (*unsettled, *notes),
        days,
        tuple(unsettled),
        "".join(waits.values()),
    )
    return (ledger, *flat), ()


def _keyed(
    table: str, entry: dict[str, object], look: Look, pattern: str | None, taken: set[str]
) -> tuple[str, dict[str, object]]:
    """Return an entry's key below ``files``, the file's name where another has the table's, and the whole entry."""
    key = table if table not in taken else _own_name(look.name, taken)
    return key, ({} if key == table else {"table": table}) | entry | ({"pattern": pattern} if pattern else {})


def _of_the_bank(currency: str | None, country: GuessedCountry | None, looks: Sequence[Look]) -> list[str]:
    """Return what is assumed below ``bank:`` and what to set there."""
    assumed = []
    if currency is None:
        assumed.append(f"no file says in which currency its amounts are: set bank.currency, which is {OWN_CURRENCY}")
    if country is not None and country.code == OWN_COUNTRY and not country.by.endswith("looked at"):
        abroad = next((sign for look in looks if (sign := _written_abroad(look)) is not None), None)
        where = f"set bank.zone and bank.country, which are {OWN_ZONE} and {OWN_COUNTRY}"
        return assumed if abroad is None else [*assumed, f"{abroad}, as nobody writes in Britain: {where}"]
    if country is not None:
        zone = country.zone or f"{OWN_ZONE}, for none is known here of {country.code}: set it"
        told = f"bank.country is {country.code} by {country.by}, and bank.zone {zone}"
        return [*assumed, f"{told}: correct them if the bank is elsewhere"]
    where = f"set bank.zone and bank.country, which are {OWN_ZONE} and {OWN_COUNTRY}"
    if currency is not None:
        return [*assumed, f"the amounts are in {currency}, and no file says in which country the bank is: {where}"]
    abroad = next((sign for look in looks if (sign := _written_abroad(look)) is not None), None)
    if abroad is not None:
        return [*assumed, f"{abroad}, as nobody writes in Britain: {where}"]
    return [*assumed, f"no file says in which country the bank is: {where}"]


def _written_abroad(look: Look) -> str | None:
    """Return what in a file no British bank writes: days as 31.01.2024, postcodes of digits alone; None for nothing.

    A day of birth is never repeated, so that another column's day is the example where there is one.
    """
    for name in sorted(look.header, key=may_be_personal):
        cells = look.column(name)
        if any(pattern.startswith("%d.%m.") for pattern in date_patterns(cells)):
            shown = "written as 31.01.2024" if may_be_personal(name) else f"such as {cells[0]}"
            return f"{look.name}: '{name}' has days {shown}"
        if personal_kind(name, cells) == "postcode" and all(map(re.compile("[0-9]{4,5}").fullmatch, cells)):
            return f"{look.name}: '{name}' has postcodes of digits alone"
    return None


def _unused(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    shown = ", ".join(f"'{name}'" for name in names)
    return [f"not used: {shown}. Map a column if one of our tables has a place for it (sql/schema.sql lists them)"]


def _whole_tables(looks: Sequence[Look]) -> Iterable[tuple[Look, str | None]]:
    """Yield each table once, with the pattern of its parts where a ledger's table came in several files."""
    done: list[Look] = []
    for look in looks:
        parts = [one for one in looks if same_shape(look, one)]
        if len(parts) == 1 or ledger_proposal(look) is None:
            yield look, None
        elif look not in done:
            done += parts
            yield look, parts_pattern(look.name)


def _own_name(file: str, taken: set[str]) -> str:
    stem = re.sub(r"\.(gz|[a-z0-9]+)$", "", re.sub(r"\.gz$", "", file.rsplit("/", 1)[-1].lower()))
    stem = re.sub(r"[^a-z0-9]+", "_", stem).strip("_")[:40] or "file"
    return _free(stem if stem[0].isalpha() else f"file_{stem}", taken)


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_2"
    taken.add(name)
    return name


def _entry(source: ProposedSource) -> str:
    entry = {"name": source.name, "kind": "mapped", "folder": ".", "mapping": source.mapping}
    flat = source.mapping.get("flat", {})
    if "reasons" in flat:
        entry["mapping"] = {"flat": flat | {"reasons": _OnePerLine(flat["reasons"])}}
    text = yaml.dump([entry], Dumper=_Plain, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)
    if source.waiting:
        text += _indented(source.waiting, "      # ")
    if source.unsettled:
        text += "  # Assumed of the files: correct the mapping where one is wrong, and take out each that is right.\n"
        text += "  to_check:\n"
        text += "".join(f"    - {json.dumps(line, ensure_ascii=False)}\n" for line in source.unsettled)
    return text + "".join(f"  # {line}\n" for line in source.to_check if line not in source.unsettled)


class _OnePerLine(dict[str, str]):
    """Entries that somebody is to read and correct, each on a line of its own."""


class _Plain(yaml.SafeDumper):
    """Writes what stands twice in full: an alias says nothing to somebody who has to edit it."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Plain.add_representer(
    _OnePerLine, lambda to, entries: to.represent_mapping("tag:yaml.org,2002:map", entries.items(), flow_style=False)
)


def _plain(name: str) -> str:
    return yaml.safe_dump(name, default_style='"').strip()


def _indented(text: str, by: str) -> str:
    return "".join(f"{by}{line}\n" if line else f"{by.rstrip()}\n" for line in text.splitlines())
