"""A small bank after its night, with a store, its published version and a desk."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bank360.bank.calendar import instant
from bank360.cli.runs import Bank
from bank360.home import open_home
from bank360.pipeline.desk import Desk, open_desk
from bank360.pipeline.progress import silent
from bank360.pipeline.publish import OwnBank, ToPublish
from bank360.storage.anchor import Anchor
from bank360.storage.decision_log import DecisionLog
from bank360.storage.ledger import last_known_time
from bank360.storage.policy_files import policy_text
from bank360.storage.published import Published
from bank360.storage.store.engine import Store, open_store
from bank360.storage.version_place import VersionPlace, place_of
from bank360.storage.warehouse import Warehouse, open_warehouse
from tests.cli.conftest import bank360, built, generated, scored
from tests.conftest import AUDIT_KEY
from tests.engines import open_on

__all__ = ["bank360", "built", "generated", "open_on", "scored"]  # fixtures: a bank after its night, and engines
PUBLISHED_AT = 1_800_000_000_000_000


@dataclass(frozen=True)
class Night:
    """A bank after its night: its home, its warehouse open, and what a publish of it reads."""

    home: Path
    warehouse: Warehouse
    bank: Bank

    def to_publish(self, at: int = PUBLISHED_AT) -> ToPublish:
        """Return what a publish of it reads."""
        own, last = self.bank.home.settings.bank, last_known_time(self.warehouse)
        assert last is not None
        return ToPublish(
            self.warehouse,
            self.bank.histories,
            self.bank.registry,
            policy_text(None),
            self.bank.request,
            OwnBank(own.zone, own.currency, own.country),
            instant(last),
            at,
        )


@pytest.fixture(scope="session")
def night(scored: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """The bank after its night; it is only read."""
    home = tmp_path_factory.mktemp("night") / "bank"
    shutil.copytree(scored, home)
    with open_warehouse(home / "warehouse.duckdb", threads=1) as warehouse:
        yield Night(home, warehouse, Bank(open_home(home), warehouse, silent))


@dataclass(frozen=True)
class Serving:
    """A bank that serves: the night, its store, where its versions lie, readers and a desk."""

    night: Night
    store: Store
    place: VersionPlace
    published: Published
    desk: Desk


def serving(night: Night, store: Store, folder: Path, published: bool = True) -> Iterator[Serving]:
    """Yield the night's bank serving from a store, its versions below ``folder``."""
    from bank360.pipeline.publish import publish

    place = place_of(store.address, folder / "published")
    if published:
        publish(store, place, night.to_publish())
    log = DecisionLog(store, Anchor(folder / "store.anchor", AUDIT_KEY))
    with Published(store, place) as readers:
        yield Serving(night, store, place, readers, open_desk(log, readers, night.bank.registry, policy_text(None), 1))


@pytest.fixture
def desk_bank(night: Night, store: Store, tmp_path: Path) -> Iterator[Serving]:
    """The night's bank published and serving, on each database."""
    yield from serving(night, store, tmp_path)


@pytest.fixture(scope="module")
def read_bank(night: Night, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The night's bank published and serving on SQLite, for tests that only read it."""
    folder = tmp_path_factory.mktemp("serving")
    with open_store(f"sqlite:///{folder / 'store.sqlite3'}") as store:
        yield from serving(night, store, folder)
