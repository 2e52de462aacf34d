"""A bank's home folder as every face sees it: where everything is, its settings, and its store opened.

The paths below a home are spelled only here. Faces (`cli`, `api`) stand above; nothing below knows it.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bank360.bank.errors import NotReady, SettingsError

if TYPE_CHECKING:
    from bank360.settings import Settings
    from bank360.storage.decision_log import DecisionLog
    from bank360.storage.published import Published
    from bank360.storage.store.engine import Store

_PLAIN = re.compile(r"[\w@%+=:,./-]+", re.ASCII)
STORE_FILE = "store.sqlite3"


@dataclass(frozen=True)
class Home:
    """A bank's home folder and its settings; the paths below it are spelled only here."""

    path: Path
    settings: "Settings"

    @property
    def raw(self) -> Path:
        """Deliveries as received from the bank's systems."""
        return self.path / "raw"

    @property
    def landing(self) -> Path:
        """Append-only, content-addressed copies of what was received."""
        return self.path / "landing"

    @property
    def warehouse(self) -> Path:
        """The warehouse file; derived, may be thrown away."""
        return self.path / "warehouse.duckdb"

    @property
    def histories(self) -> Path:
        """Everybody's packed histories, kept from night to night; derived, may be thrown away."""
        return self.path / "histories"

    @property
    def registry(self) -> Path:
        """Model versions."""
        return self.path / self.settings.registry

    @property
    def published(self) -> Path:
        """What was published, a file per version; of a store in PostgreSQL only its lock."""
        return self.path / "published"

    @property
    def unloaded(self) -> Path:
        """Where a database is unloaded for one load, a folder for each source; empty between loads."""
        return self.path / "unloaded"

    @property
    def export(self) -> Path:
        """The star schema as files, where an export is not told another folder."""
        return self.path / "export"

    @property
    def truth(self) -> Path:
        """What the synthetic bank knows about itself; only its check and the oracle read it."""
        return self.path / "truth"


def open_home(path: Path | None) -> Home:
    """Return the home folder asked for, or this folder, or ``./demo``, whichever holds a bank360.yaml.

    A folder asked for may hold a config.yaml instead (`pipeline/run_config.py`).

    Raises
    ------
    NotReady
        If no folder with a bank360.yaml is found.
    SettingsError
        If its bank360.yaml is wrong.
    """
    from bank360.settings import CONFIG_NAME, FILE_NAME

    candidates = (path,) if path is not None else (Path(), Path("demo"))
    for folder in candidates:
        if (folder / FILE_NAME).exists():
            return Home(folder, read_settings(folder))
    if path is not None and (path / CONFIG_NAME).exists():
        return Home(path, read_settings(path))
    where = place(Path() if path is None else path)
    raise NotReady(f"No {FILE_NAME} in {where}. Run 'bank360 init {typeable(path or 'my-bank')}' or 'make demo' first.")


def place(folder: Path) -> str:
    """Return a folder as a message names it.

    >>> place(Path("demo")), place(Path("."))
    ('demo', 'this folder')
    """
    return "this folder" if folder == Path() else str(folder.resolve() if ".." in folder.parts else folder)


def typeable(path: Path | str) -> str:
    """Return a path as a shell reads it back; in double quotes, for messages put whole commands in single ones.

    >>> typeable("demo"), typeable("my bank")
    ('demo', '"my bank"')
    """
    text = str(path)
    return text if _PLAIN.fullmatch(text) else '"' + re.sub(r'(["\\$`])', r"\\\1", text) + '"'


def read_settings(folder: Path) -> "Settings":
    """Return the settings in ``folder``; SettingsError names the key at fault in one line."""
    from pydantic import ValidationError

    from bank360.settings import CONFIG_NAME, FILE_NAME, load_settings

    path = folder / FILE_NAME
    keys: Mapping[str, str] = {}
    try:
        if path.exists() or not (folder / CONFIG_NAME).exists():
            return load_settings(folder)
        path = folder / CONFIG_NAME
        from bank360.pipeline.run_config import KEY_OF, settings_of_config
        from bank360.settings import Settings, read_yaml

        keys = KEY_OF
        return Settings(**settings_of_config(read_yaml(path), str(path)))
    except ValidationError as error:
        faults = "; ".join(
            ": ".join(filter(None, (_place(fault["loc"], keys), _in_words(fault["type"], fault["msg"]))))
            for fault in error.errors(include_url=False, include_context=False, include_input=False)
        )
        raise SettingsError(f"{path}: {faults}. Mend it there (or the BANK360_* variable).") from error
    except ValueError as error:
        variable = re.search(r'field "(\w+)" from source "EnvSettingsSource"', str(error))
        if variable is None:
            raise SettingsError(str(error)) from error
        name = f"BANK360_{variable[1].upper()}"
        raise SettingsError(f"The variable {name} holds no JSON. Name one value: {name}__KEY=VALUE.") from error


def _place(loc: tuple[int | str, ...], keys: Mapping[str, str]) -> str:
    """Return the key at fault as the file that was read calls it."""
    said = ".".join(map(str, loc))
    ours = next((one for one in keys if said == one or said.startswith(f"{one}.")), None)
    return said if ours is None else keys[ours] + said.removeprefix(ours)


def _in_words(kind: str, message: str) -> str:
    """Return a fault that pydantic found, as somebody who never heard of pydantic reads it."""
    if kind == "extra_forbidden":
        return "there is no such key"
    return message.removeprefix("Value error, ").replace("Input should", "it should")


@contextmanager
def log_of(home: Home, *, new: bool = False) -> Iterator["DecisionLog"]:
    """Open the home's store with its decision log for one command and close it after.

    Parameters
    ----------
    new
        Whether a store may be made where there is none: for commands that write.

    Raises
    ------
    SettingsError
        If the bank has no audit key.
    NotReady
        If the store is not there or cannot be opened.
    """
    from bank360.storage.anchor import Anchor
    from bank360.storage.decision_log import DecisionLog

    key = home.settings.secret_audit_key()
    if key is None:
        raise SettingsError(
            "No audit key: decisions and users could not be sealed. Put 32 random bytes (openssl rand -hex 32) in "
            "BANK360_AUDIT_KEY, and keep a copy where the store's backups are not."
        )
    with store_of(home, new=new) as store:
        yield DecisionLog(store, Anchor(home.path / home.settings.store.anchor, key))


@contextmanager
def store_of(home: Home, *, new: bool = False) -> Iterator["Store"]:
    """Open the home's store alone, for what seals nothing; arguments and errors as `log_of`."""
    from bank360.storage.store.engine import open_store

    with open_store(store_url(home), new=new) as store:
        yield store


def store_url(home: Home) -> str:
    """Return the address of the home's store."""
    url = home.settings.store.url
    return f"sqlite:///{home.path / STORE_FILE}" if url is None else url.get_secret_value()


def fresh_id() -> str:
    """Return a random id of 128 bits."""
    return secrets.token_hex(16)


def now_of(home: Home, published: "Published", wall_us: int) -> int:
    """Return what counts as now for a bank that is served, microseconds UTC: as the settings' clock says.

    Parameters
    ----------
    published
        The bank's versions: where the clock follows the data, it goes on from the current one's instant.
    wall_us
        The wall clock, microseconds UTC.

    Raises
    ------
    NotReady
        If the clock follows the data and nothing is published.
    """
    if home.settings.clock == "data":
        with published.current() as version:
            return version.meta.now(wall_us)
    return this_instant(home)


def this_instant(home: Home) -> int:
    """Return when an act at the terminal happens, microseconds UTC."""
    at = home.settings.now(None)
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000 + at.microsecond
