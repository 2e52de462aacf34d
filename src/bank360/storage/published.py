"""Readers of what was published: one version for a whole request, whatever is published meanwhile.

A process holds one `Published`. `current` reads the pointer, and lends that version until the block ends; versions that
are not current any more are let go when their last block ends. `published_lists.py` reads lists, this the single rows.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Engine, bindparam, select, union_all

from bank360.bank.errors import NotFound, NotReady
from bank360.storage.known import Known
from bank360.storage.publications import current_number
from bank360.storage.store.engine import Store, told_as_ours
from bank360.storage.version_place import VersionPlace, place_of
from bank360.storage.version_schema import (
    FORMAT,
    about,
    accounts,
    decision_inputs,
    keys,
    profile_rows,
    recent,
)

UNSCORED = "unscored"  # under which a version of a bank that scores nobody says why
_INPUTS = select(decision_inputs.c.facts, decision_inputs.c.history).where(
    decision_inputs.c.customer_id == bindparam("of_customer")
)


@dataclass(frozen=True)
class VersionMeta:
    """What a version is.

    Parameters
    ----------
    as_of, published_at
        The instant that it describes, and when it was published; microseconds UTC.
    known_through
        The watermark: the last instant at which anything in it became known.
    clock_starts
        Where the clock of a demonstration or historical bank stands at ``published_at``; it advances from there.
    zone, currency, country
        The bank's own.
    customers
        How many.
    models
        Champions by model name: version and hash of the manifest.
    policy, policy_hash
        Name and SHA-256 of the policy of the night; online decisions use the policy that is in force.
    standard_request
        Product, amount (minor units) and term (months) that everybody is scored for.
    product_lines
        Line of each product by its id.
    layout_stamp
        How histories are packed; see `features/history_bytes.py`.
    category_map
        The version of the map of essential and discretionary spending by which its features were made.
    data_from
        By feature, the last instant at which it has no data; see `features/needs.py`.
    known
        What the bank had delivered by ``as_of``: what rests on anything else is not known, and never 0.
    sections
        Of the rows of a profile: names and types of the columns, by section.
    """

    as_of: int
    published_at: int
    known_through: int
    clock_starts: int
    zone: str
    currency: str
    country: str
    customers: int
    models: Mapping[str, tuple[str, str]]
    policy: str
    policy_hash: str
    standard_request: tuple[str, int, int]
    product_lines: Mapping[str, str]
    layout_stamp: str
    category_map: str
    data_from: Mapping[str, int]
    known: Known
    sections: Mapping[str, tuple[tuple[str, str], ...]]

    def now(self, wall: int) -> int:
        """Return what counts as now at ``wall`` (microseconds UTC) for a bank whose clock follows its data."""
        return self.clock_starts + max(wall - self.published_at, 0)

    def to_json(self) -> str:
        """Return the same as JSON, with the format of the version."""
        known = {name: sorted(words) for name, words in asdict(self.known).items()}
        told = asdict(self) | {"known": known}
        return json.dumps({"format": FORMAT, **told}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "VersionMeta":
        """Return what `to_json` wrote.

        Raises
        ------
        NotReady
            If it was written by another version of bank360.
        """
        said = json.loads(text)
        if said.pop("format") != FORMAT:
            raise NotReady("What is published was written by another version of bank360. Run 'bank360 publish'.")
        said["models"] = {name: tuple(pair) for name, pair in said["models"].items()}
        said["standard_request"] = tuple(said["standard_request"])
        said["known"] = Known(**{name: frozenset(words) for name, words in said["known"].items()})
        said["sections"] = {name: tuple(map(tuple, columns)) for name, columns in said["sections"].items()}
        return cls(**said)


@dataclass(frozen=True)
class DecisionInputs:
    """What an online decision reads of a customer: facts as published, and the packed history."""

    facts: Mapping[str, Any]
    history: bytes


@dataclass(frozen=True)
class PublishedAccount:
    """Whose an account is (None: nobody known), its product line (None: not known) and currency."""

    account_id: str
    customer_id: str | None
    line: str | None
    currency: str


class Version:
    """One published version, open for reading; made by `Published.current`.

    ``unscored`` says why nobody in it is scored, and what to do; None where the bank scores.
    """

    def __init__(self, number: int, engine: Engine) -> None:
        self.number = number
        self._engine = engine
        with self.reading() as connection:
            said = connection.execute(select(about.c.value).where(about.c.name == "meta")).scalar_one()
            why = connection.execute(select(about.c.value).where(about.c.name == UNSCORED)).scalar_one_or_none()
        self.meta = VersionMeta.from_json(said)
        self.unscored: str | None = None if why is None else json.loads(why)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection to the version; nothing in it ever changes."""
        with told_as_ours(), self._engine.connect() as connection:
            yield connection

    def figures(self, name: str) -> Any:
        """Return figures of the whole bank that were published as JSON under a name.

        Raises
        ------
        NotReady
            If none were.
        """
        with self.reading() as connection:
            found = connection.execute(select(about.c.value).where(about.c.name == name)).scalar_one_or_none()
        if found is None:
            raise NotReady(f"No '{name}' is published. Run 'bank360 publish'.")
        return json.loads(found)

    def resolved(self, name: str) -> str | None:
        """Return the customer whom ``name`` names: a stable id, or a key of a source; None if nobody."""
        with self.reading() as connection:
            return connection.execute(
                union_all(
                    select(decision_inputs.c.customer_id).where(decision_inputs.c.customer_id == name),
                    select(keys.c.customer_id).where(keys.c.source_key == name),
                )
            ).scalars().first()  # fmt: skip

    def customer_called(self, name: str) -> str:
        """Return as `resolved`; NotFound where nobody is called so."""
        found = self.resolved(name)
        if found is None:
            said = "No customer and no source key is called so. Check its spelling, capitals included."
            raise NotFound(said, of="customer")
        return found

    def keys_of(self, customer_id: str) -> tuple[str, ...]:
        """Return the keys by which sources name a customer."""
        with self.reading() as connection:
            return tuple(
                connection.execute(select(keys.c.source_key).where(keys.c.customer_id == customer_id)).scalars()
            )

    def decision_inputs(self, customer_id: str) -> DecisionInputs | None:
        """Return what a decision reads of a customer, in one look-up; None where there is no such customer."""
        with self.reading() as connection:
            row = connection.execute(_INPUTS, {"of_customer": customer_id}).one_or_none()
        return None if row is None else DecisionInputs(json.loads(row.facts), bytes(row.history))

    def credits(self, customer_id: str) -> bytes:
        """Return a customer's rows that say something of income, as published; none where nobody is there."""
        wanted = select(decision_inputs.c.credits).where(decision_inputs.c.customer_id == customer_id)
        with self.reading() as connection:
            return bytes(connection.execute(wanted).scalar_one_or_none() or b"")

    def account(self, account_id: str) -> PublishedAccount | None:
        """Return an account; None where the version has none of this id."""
        with self.reading() as connection:
            row = connection.execute(select(accounts).where(accounts.c.account_id == account_id)).one_or_none()
        return None if row is None else PublishedAccount(*row)

    def purposes(self, transaction_ids: list[str]) -> dict[str, tuple[str, bool]]:
        """Return, of the transactions named, those that the version has and that may still arrive, by what they say.

        That is what each was for, a reversal what its original was for, and whether it gives back (`reversals.py`).
        """
        if not transaction_ids:
            return {}
        wanted = select(recent).where(recent.c.transaction_id.in_(transaction_ids))
        with self.reading() as connection:
            return {row.transaction_id: (row.category, row.gives_back) for row in connection.execute(wanted)}

    def contents(self, transaction_ids: list[str]) -> dict[str, int]:
        """Return the same transactions by what they say, as `event_content.content_number` gives it."""
        wanted = select(recent).where(recent.c.transaction_id.in_(transaction_ids))
        with self.reading() as connection:
            return {row.transaction_id: row.content for row in connection.execute(wanted)}

    def profile_rows(self, customer_id: str) -> dict[str, list[list[Any]]] | None:
        """Return the rows of a customer's 360 by section, as they were packed; None if nobody."""
        wanted = select(profile_rows.c.rows, profile_rows.c.identity).where(profile_rows.c.customer_id == customer_id)
        with self.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        return None if row is None else _unpacked(bytes(row.rows)) | _unpacked(bytes(row.identity))


class Published:
    """The published versions of one store, for one process; made by `open_published`, closed by its context."""

    def __init__(self, store: Store, place: VersionPlace) -> None:
        self._store, self._place = store, place
        self._lock = Lock()
        self._open: dict[int, tuple[Version, ExitStack]] = {}
        self._readers: dict[int, int] = {}

    @contextmanager
    def current(self, number: int | None = None) -> Iterator[Version]:
        """Lend the current version for a block, which sees no other.

        Parameters
        ----------
        number
            What the pointer says, where the caller has just read it (`publications.current_number`).

        Raises
        ------
        NotReady
            If nothing is published yet.
        """
        version = self._entered(number)
        try:
            yield version
        finally:
            self._left(version.number)

    def unscored(self) -> str | None:
        """Return why nobody is scored in the current version; None where the bank scores, or nothing is published."""
        try:
            with self.current() as version:
                return version.unscored
        except NotReady:
            return None

    def known(self) -> Known | None:
        """Return what is known in the current version; None where nothing is published."""
        try:
            with self.current() as version:
                return version.meta.known
        except NotReady:
            return None

    def close(self) -> None:
        """Let go of every version."""
        with self._lock:
            while self._open:
                self._open.popitem()[1][1].close()

    def _entered(self, number: int | None) -> Version:
        tried: int | None = None
        while True:
            if number is None:
                with self._store.reading() as connection:
                    number = current_number(connection)
            if number is None:
                raise NotReady("Nothing is published yet. Run 'bank360 nightly', or 'bank360 publish'.")
            if number == tried:
                raise NotReady(f"Version {number} is published and its bytes are gone. Run 'bank360 publish'.")
            with self._lock:
                held = self._open.get(number)
                if held is None:
                    opened = self._place.open(number)
                    if opened is None:  # a newer one is current by now, and this one was removed
                        tried, number = number, None
                        continue
                    engine, stack = opened
                    try:
                        held = self._open[number] = (Version(number, engine), stack)
                    except BaseException:  # raised again: the lease is given back whatever is wrong with the version
                        stack.close()
                        raise
                self._readers[number] = self._readers.get(number, 0) + 1
                self._let_go(but=number)
                return held[0]

    def _left(self, number: int) -> None:
        with self._lock:
            self._readers[number] -= 1

    def _let_go(self, but: int) -> None:
        for number in [one for one in self._open if one != but and not self._readers.get(one)]:
            self._open.pop(number)[1].close()

    def __enter__(self) -> "Published":
        """Return it; it closes with the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()


def open_published(store: Store, folder: Path) -> Published:
    """Return the published versions of a store; of a SQLite store they lie below ``folder``."""
    return Published(store, place_of(store.address, folder))


def in_every_version(place: VersionPlace, numbers: Iterable[int], transaction_ids: list[str]) -> set[str]:
    """Return those of the transactions that each of the versions has; none where one is gone or of another format."""
    found = set(transaction_ids)
    for number in numbers:
        opened = place.open(number)
        if opened is None:
            return set()
        engine, lease = opened
        with lease:
            try:
                version = Version(number, engine)
            except NotReady:
                return set()
            found &= set(version.purposes(sorted(found)))
    return found


def packed(value: Any) -> bytes:
    """Return JSON values as packed bytes."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    compressed: bytes = pa.compress(text, codec="zstd", asbytes=True)
    return len(text).to_bytes(4, "little") + compressed


def _unpacked(data: bytes) -> Any:
    """Return what `packed` wrote."""
    size = int.from_bytes(data[:4], "little")
    return json.loads(pa.decompress(data[4:], decompressed_size=size, codec="zstd", asbytes=True))
