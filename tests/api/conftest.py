"""One small demonstration bank with its users, and clients of the API on a copy of it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from bank360.api.app import create_app
from bank360.api.startup import check_start
from bank360.bank.vocabulary import AlertSeverity, CaseKind, Role
from bank360.home import Home, open_home
from bank360.pipeline.demo_users import DEMO_USERS, SAMPLE_PASSWORD
from bank360.storage.cases import FoundCase, open_cases
from bank360.storage.store.engine import Store
from bank360.storage.warehouse import open_warehouse
from tests.cli.conftest import run
from tests.cli.ibans import number_by_ibans
from tests.dashboard.bank import published_home, unscored_home

__all__ = ["published_home", "unscored_home"]  # fixtures: built once for all tests of this folder
_LIMITS = "api: {anonymous_per_minute: 1000000, user_per_minute: 1000000}\n"
SETTINGS = f"""
bank: {{name: Test bank, zone: Europe/London, currency: GBP}}
demo: true
{_LIMITS}"""
NAMES = {role: name for name, role in reversed(DEMO_USERS)}
_KEYS = count()
TRADER = "DE89370400440532013000"  # an example of the registry (ISO 13616)
STREET = f"CAFÉ 1/2 & CO. / {'HIGH STREET ' * 24}LONDON"  # as a terminal may print it: over 300 characters


@dataclass
class Api:
    """A client of a running API that knows everybody's password."""

    client: TestClient
    home: Home
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """The store behind it."""
        store: Store = self.client.app.state.serving.store  # type: ignore[attr-defined]
        return store

    def token(self, name: str) -> str:
        """Return a token of a demonstration user."""
        if name not in self._tokens:
            answer = self.client.post("/v1/token", auth=(name, SAMPLE_PASSWORD))
            assert answer.status_code == 200, answer.text
            self._tokens[name] = answer.json()["access_token"]
        return self._tokens[name]

    def ask(self, method: str, path: str, who: str | Role | None = "ann", key: str | None = None, **more: Any) -> Any:
        """Send a request as a user, by name or role (None: as nobody), under a key of its own or the one given."""
        name = NAMES[who] if isinstance(who, Role) else who
        headers = {} if name is None else {"Authorization": f"Bearer {self.token(name)}"}
        headers["Idempotency-Key"] = key or f"key-{next(_KEYS):08}"
        return self.client.request(method, path, headers=headers | more.pop("headers", {}), **more)

    def case(self, customer: str = "C1", kind: CaseKind = CaseKind.ALERT, source: str = "salary_stopped") -> str:
        """Open a case and return its id."""
        found = FoundCase(kind, source, customer, "no salary for 52 days", AlertSeverity.MEDIUM, 412_000, 53_560)
        with self.store.writing() as connection:
            return open_cases(connection, [found], 1_760_000_000_000_000, f"case {next(_KEYS)}")[0]


@pytest.fixture(scope="session")
def bank_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a store and the demonstration users, and nothing published."""
    folder = tmp_path_factory.mktemp("api-bank")
    (folder / "bank360.yaml").write_text(SETTINGS, encoding="utf-8")
    check_start(open_home(folder))
    return folder


@pytest.fixture
def api_home(bank_folder: Path, tmp_path: Path) -> Path:
    """A copy of that home for one test."""
    return Path(shutil.copytree(bank_folder, tmp_path / "bank"))


@pytest.fixture
def api(api_home: Path) -> Iterator[Api]:
    """The API on a copy of that home."""
    with serving_api(api_home) as opened:
        yield opened


@pytest.fixture(scope="session")
def iban_home(published_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published bank where accounts and the last merchant are numbered by IBANs; the first one's id is a street."""
    folder = Path(shutil.copytree(published_home, tmp_path_factory.mktemp("ibans") / "bank"))
    with open_warehouse(folder / "warehouse.duckdb", 1, "500MB") as warehouse:
        number_by_ibans(warehouse)
        for which, name in (("min", STREET), ("max", TRADER)):
            one = f"(SELECT {which}(merchant_id) FROM merchant_features)"
            warehouse.execute(f"UPDATE merchant_features SET merchant_id = '{name}' WHERE merchant_id = {one}")
    assert run("publish", "--home", folder).code == 0
    return folder


def with_api_settings(home: Path, into: Path, more: str = "") -> Path:
    """Copy a published home, with limits that no test reaches and more settings; return the copy."""
    shutil.copytree(home, into)
    settings = into / "bank360.yaml"
    settings.write_text(f"{settings.read_text('utf-8')}{_LIMITS}{more}", encoding="utf-8")
    return into


class serving_api:  # noqa: N801 - used as a function
    """Run the API in this process on a home, for a block."""

    def __init__(self, folder: Path) -> None:
        self._home = open_home(folder)
        self._client = TestClient(create_app(self._home), raise_server_exceptions=False)

    def __enter__(self) -> Api:
        """Start it."""
        self._client.__enter__()
        return Api(self._client, self._home)

    def __exit__(self, *raised: object) -> None:
        """Stop it."""
        self._client.__exit__(*raised)
