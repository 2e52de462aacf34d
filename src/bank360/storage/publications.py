"""Which versions were published, which one readers take, and the way back to one of the last three.

A version is complete before its row is written, and the row and the pointer change in one transaction of the store: a
reader that reads the pointer finds a whole version, always. Removed is only what nobody reads; then its row says so.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from bank360.bank.errors import NotFound
from bank360.storage.store.engine import Store
from bank360.storage.store.schema import publication_pointer, publications
from bank360.storage.version_place import VersionPlace
from bank360.storage.version_write import NewVersion

_CURRENT = select(publication_pointer.c.number)
KEPT = 3  # versions that can be rolled back to, the current one among them


@dataclass(frozen=True)
class Publication:
    """One published version: its number, the instant that it describes, when it was published, and for how many."""

    number: int
    as_of: int
    published_at: int
    customers: int


@dataclass(frozen=True)
class Described:
    """What a writer says of the version that it wrote: the instant described (microseconds UTC) and its customers."""

    as_of: int
    customers: int


def publish_version(
    store: Store, place: VersionPlace, write: Callable[[NewVersion], Described], at_us: int
) -> Publication:
    """Write a version aside, make it the current one, and remove versions that are too old and read by nobody.

    Parameters
    ----------
    write
        Fills an empty version.
    at_us
        When it is published, microseconds UTC.
    """
    with place.publishing():
        with store.reading() as connection:
            known = frozenset(one.number for one in standing_publications(connection))
            last = connection.execute(select(func.max(publications.c.number))).scalar_one() or 0
        place.sweep(known)
        number = last + 1
        with place.build(number) as connection:
            described = write(NewVersion(number, connection))
        made = Publication(number, described.as_of, at_us, described.customers)
        with store.writing() as connection:
            row = {"number": number, "as_of_us": made.as_of, "published_us": at_us, "customers": made.customers}
            connection.execute(insert(publications), row)
            connection.execute(update(publication_pointer).values(number=number))
        _remove_old(store, place, at_us)
    return made


def current_number(connection: Connection) -> int | None:
    """Return the number of the version that readers take; None before the first publish."""
    number: int | None = connection.execute(_CURRENT).scalar_one()
    return number


def standing_publications(connection: Connection) -> tuple[Publication, ...]:
    """Return the versions that are kept, the newest first."""
    p = publications.c
    rows = connection.execute(
        select(p.number, p.as_of_us, p.published_us, p.customers)
        .where(p.removed_us.is_(None))
        .order_by(p.number.desc())
    )
    return tuple(Publication(*row) for row in rows)


def roll_back(store: Store, number: int) -> Publication:
    """Make a kept version the current one, from the next request on.

    Raises
    ------
    NotFound
        If it is not kept.
    """
    with store.writing() as connection:
        kept = {one.number: one for one in standing_publications(connection)}
        if number not in kept:
            raise NotFound(f"Version {number} is not kept: {_in_words(kept)}.")
        connection.execute(update(publication_pointer).values(number=number))
    return kept[number]


def _remove_old(store: Store, place: VersionPlace, at_us: int) -> None:
    with store.reading() as connection:
        standing = [one.number for one in standing_publications(connection)]
    for number in standing[KEPT:]:
        with place.alone(number) as erase:
            if erase is None:
                continue
            with store.writing() as connection:
                if current_number(connection) == number:  # rolled back to
                    continue
                row = update(publications).where(publications.c.number == number)
                connection.execute(row.values(removed_us=at_us))
            erase()  # a kill before it leaves what the next publish sweeps away


def _in_words(kept: dict[int, Publication]) -> str:
    return f"there are {', '.join(map(str, sorted(kept)))}" if kept else "nothing is published"
