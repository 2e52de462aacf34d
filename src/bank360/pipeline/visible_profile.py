"""What a role may see of a profile: each value by the class of its field, each listing by the resource it shows.

Every face shows profiles through here, so that a field hidden at one is hidden at all. A masked identifier identifies
nobody, and what else a column is stays: the masked year of a birth date is still a protected attribute.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bank360.bank.table import Column
from bank360.bank.tables_customers import CUSTOMER_PERSONAL, CUSTOMERS
from bank360.bank.vocabulary import Role
from bank360.pipeline.profile import Profile
from bank360.pipeline.profile_blocks import Block, Listing
from bank360.policies.access import allowed, field_classes
from bank360.policies.access_table import Action, FieldClass, Resource

_COLUMNS: dict[str, Column] = {column.name: column for column in (*CUSTOMERS.columns, *CUSTOMER_PERSONAL.columns)}
_COLUMNS["age"] = _COLUMNS["birth_date"]  # read off it
_WORKED_OUT = frozenset({"age"})  # at the instant of the profile, of what stands beside it: no news of its source
_RESOURCE_OF = {"applications": Resource.APPLICATION}  # listings of something else than the customer


@dataclass(frozen=True)
class Freshness:
    """Of one source of one block: how many values it gives, and when the latest became known; None: not said."""

    block: str
    source: str
    values: int
    as_of: datetime | None


def visible_profile(found: Profile, role: Role) -> Profile:
    """Return a profile with nothing in it that the role may not read.

    Parameters
    ----------
    found
        Revealed only if the role may read identities, which whoever reveals has asked.
    """
    scores = found.scores if allowed(role, Action.READ, Resource.SCORE, FieldClass.ORDINARY) else ()
    first, second, third = (_block(block, role) for block in found.blocks)
    return replace(found, blocks=(first, second, third), scores=scores)


def freshness(found: Profile) -> tuple[Freshness, ...]:
    """Return where a profile comes from and how old each part is, without any value of it."""
    parts: dict[tuple[str, str], list[datetime | None]] = {}
    for block in found.blocks:
        for value in block.values:
            if value.name not in _WORKED_OUT:
                parts.setdefault((block.label, value.source), []).append(value.as_of)
        for listing in block.listings:
            parts.setdefault((block.label, listing.source), []).extend([listing.as_of] * len(listing.rows))
    return tuple(
        Freshness(block, source, len(known), max((at for at in known if at is not None), default=None))
        for (block, source), known in parts.items()
    )


def _block(block: Block, role: Role) -> Block:
    values = tuple(value for value in block.values if _may(role, _classes(value.name, value.masked)))
    listings = tuple(
        _listing(listing, role)
        for listing in block.listings
        if allowed(role, Action.READ, _RESOURCE_OF.get(listing.name, Resource.CUSTOMER), FieldClass.ORDINARY)
    )
    return replace(block, values=values, listings=listings)


def _listing(listing: Listing, role: Role) -> Listing:
    """Return a listing without columns that the role may not read; identifiers in it are masked or were asked for."""
    kept = [place for place, name in enumerate(listing.columns) if _may(role, _classes(name, masked=True))]
    if len(kept) == len(listing.columns):
        return listing
    rows = tuple(tuple(row[place] for place in kept) for row in listing.rows)
    return replace(listing, columns=tuple(listing.columns[place] for place in kept), rows=rows)


def _classes(name: str, masked: bool) -> frozenset[FieldClass]:
    column = _COLUMNS.get(name)
    classes = frozenset({FieldClass.ORDINARY}) if column is None else field_classes(column)
    return (classes - {FieldClass.IDENTITY} if masked else classes) or frozenset({FieldClass.ORDINARY})


def _may(role: Role, classes: frozenset[FieldClass]) -> bool:
    return all(allowed(role, Action.READ, Resource.CUSTOMER, one) for one in classes)
