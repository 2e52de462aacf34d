"""From a settings entry to the source it names, and from a landed delivery back to the source that read it."""

import difflib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bank360.bank.errors import NotFound

if TYPE_CHECKING:
    from bank360.cli.home import Home
    from bank360.settings import SourceEntry
    from bank360.sources.mapped_flat import FlatMap
    from bank360.sources.source import Source
    from bank360.storage.landing import Delivery


def entry_named(home: "Home", name: str) -> "SourceEntry":
    """Return the source called ``name``; NotFound says which there are."""
    entries = home.settings.sources
    for entry in entries:
        if entry.name == name:
            return entry
    near = difflib.get_close_matches(name, [entry.name for entry in entries], 1)
    there = ", ".join(entry.name for entry in entries)
    raise NotFound(
        f"{home.path / 'bank360.yaml'} states no source '{name}'."
        + (f" Did you mean '{near[0]}'?" if near else "")
        + (f" Its sources: {there}." if there else " It states none: add one below 'sources:'.")
    )


_TEN_COLUMNS = "loan_applications_csv"  # the one kind of a known file that has an outcome of its own


def trainable(home: "Home") -> tuple[str, ...]:
    """Return the sources that a model can be trained on by their mapping alone: flat files with a label."""
    flats = ((entry.name, entry.kind, entry.mapping.get("flat")) for entry in home.settings.sources)
    return tuple(
        name
        for name, kind, flat in flats
        if kind == _TEN_COLUMNS or (kind == "mapped" and isinstance(flat, dict) and "label" in flat)
    )


def flat_map_of(home: "Home", entry: "SourceEntry") -> "FlatMap":
    """Return the flat mapping of a source to train or score by: its own, or that of a file known by its kind.

    Raises
    ------
    SettingsError
        If it has no flat file with a label.
    """
    if entry.kind == _TEN_COLUMNS:
        from bank360.sources.loan_applications_csv import loan_applications_map

        return replace(loan_applications_map(home.settings.bank.zone), name=entry.name)
    from bank360.pipeline.train_table import table_mapping

    return table_mapping(entry.name, entry.mapping, home.settings.bank.zone)


def flat_only(home: "Home") -> tuple[str, ...]:
    """Return the sources of a bank that has nothing but flat files with a label; none where it has anything else."""
    flat = trainable(home)
    return flat if all(entry.name in flat for entry in home.settings.sources) else ()


def rows_of_nobody(entry: "SourceEntry") -> bool:
    """Return whether nothing in a flat mapping says what a row is: no subject, no outcome, nothing of the profile.

    Such a file may be a log of anything, and each of its rows would make a customer.
    """
    flat = _below(entry.mapping, "flat")
    return entry.kind == "mapped" and bool(flat) and {"subject", "label", "profile"}.isdisjoint(flat)


def told_columns(home: "Home") -> frozenset[tuple[str, str]] | None:
    """Return table and column of each that the bank's mappings take from a file; None where a source has no mapping.

    A column that is mapped to a constant, or not at all, says nothing of the bank's data.
    """
    told = set()
    for entry in home.settings.sources:
        if entry.kind != "mapped":
            return None
        for name, file in _below(entry.mapping, "files").items():
            table = str(_below(file).get("table", name))
            told |= {
                (table, ours) for ours, theirs in _below(file, "columns").items() if "constant" not in _below(theirs)
            }
            if _below(file, "sign"):
                told.add((table, "amount"))
        profile = _below(_below(entry.mapping, "flat"), "profile")
        told |= {("customers", ours) for ours, theirs in profile.items() if "constant" not in _below(theirs)}
    return frozenset(told)


def _below(value: object, key: str | None = None) -> dict[str, Any]:
    """Return what stands below a key; nothing where no keys do: what a mapping may hold is checked when it is used."""
    found = value if key is None else _below(value).get(key)
    return found if isinstance(found, dict) else {}


def source_settings(home: "Home", entry: "SourceEntry") -> dict[str, Any]:
    """Return what a delivery of ``entry`` is stored with, so that a rebuild reads it as it was read."""
    bank = home.settings.bank
    told = {"kind": entry.kind, "mapping": entry.mapping, "zone": bank.zone, "currency": bank.currency}
    # Only of a mapping that needs it: what is recorded of the others stays as it was.
    return {**told, "country": bank.country} if _is_local(entry.mapping) else told


def _is_local(mapping: dict[str, Any]) -> bool:
    """Return whether a mapping leaves it to the bank's settings where some file's payments were."""
    return any("country" not in _below(file, "columns") for _, file in _payments(mapping))


def _payments(mapping: dict[str, Any]) -> list[tuple[str, Any]]:
    files = _below(mapping, "files").items()
    return [(name, file) for name, file in files if _below(file).get("table", name) == "transactions"]


def other_country(home: "Home", entry: "SourceEntry") -> list[str]:
    """Return for each file whose payments all have another country than the bank what follows, and what to do."""
    own = home.settings.bank.country
    said = []
    for name, file in _payments(entry.mapping):
        stated = _below(_below(file, "columns"), "country").get("constant")
        if stated not in (None, own):
            said.append(
                f"source '{entry.name}', file '{name}': 'country: {{constant: {stated}}}' puts every payment in "
                f"{stated}, and bank.country is {own}, so that all of them count as abroad. If the bank is in {stated},"
                " set bank.country and take the line out; if the payments were not, take it out; else leave it so."
            )
    return said


def source_of(name: str, settings: Mapping[str, Any], received_at: datetime) -> "Source":
    """Return the source called ``name`` as `source_settings` describe it, for a delivery received at an instant.

    Raises
    ------
    SettingsError
        If the kind is unknown or the mapping is wrong.
    """
    from bank360.bank.calendar import instant, local_days, to_date
    from bank360.sources.registry import Told, source_of_kind

    zone = settings["zone"]
    received_on = to_date(int(local_days([instant(received_at)], zone)[0]))
    told = Told(
        name, zone, settings["currency"], received_on, settings["mapping"], received_at, settings.get("country")
    )
    return source_of_kind(settings["kind"], told)


def source_of_delivery(delivery: "Delivery") -> "Source":
    """Return the source that reads a landed delivery."""
    return source_of(delivery.source, delivery.settings, delivery.received_at)
