"""Layer 5, the one frozen Settings: ``bank360.yaml`` in the bank's home folder, overridden by ``BANK360_*`` variables.

The only reader of the environment. Only the faces read it, and they hand plain values down; nothing below knows it.
A nested value is named with two underscores: ``BANK360_TIERS__HIGH=0.12``.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

FILE_NAME = "bank360.yaml"
CONFIG_NAME = "config.yaml"  # of one run, in flat keys: `home.py` reads it where a home has no bank360.yaml
SAMPLE_AUDIT_KEY = "bank360 sample audit key: for the demonstration bank only"  # known to everybody
_SHORTEST_KEY = 32
_ENGINES = re.compile(r"duckdb|spark://(local\[([1-9][0-9]*|\*)\]|[A-Za-z0-9._-]+:[0-9]{1,5})", re.ASCII)
_STREAMS = 8  # about as many as a bank has; of them one or two are large
_JUST_AFTER = timedelta(microseconds=1)


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _known_zone(name: str) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"'{name}' is not a time zone of the IANA list, such as Europe/London") from error
    return name


class Bank(_Section):
    """The bank itself."""

    name: str = "My bank"
    zone: Annotated[str, AfterValidator(_known_zone)] = "Europe/London"
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "GBP"  # of features' money; of amounts that state none
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "GB"  # ISO 3166: elsewhere is abroad


def _known_engine(url: str) -> str:
    if not _ENGINES.fullmatch(url):
        raise ValueError(f"'{url}' is no engine: write duckdb, spark://HOST:PORT of a master, or spark://local[2]")
    return url


class Engine(_Section):
    """What computes features over the whole bank, and how much of the machine a step may use."""

    # duckdb: this machine. spark://HOST:PORT: the cluster of that master. spark://local[2]: Spark on two cores of this
    # machine. docs/how-to/outgrow-one-machine.md says when and how.
    url: Annotated[str, AfterValidator(_known_engine)] = "duckdb"
    # Where a Spark finds the bank's tables during a step: below the home folder, or absolute; all its machines see it.
    exchange: str = "exchange"
    python: str | None = None  # of Spark's workers, with bank360 in it; default: the one that runs this
    threads: Annotated[int, Field(ge=1, le=256)] = 2
    # Of DuckDB; of packed events a stream takes an eighth at most, the rest of them lies on the home's disk.
    memory: Annotated[str, Field(pattern="^[0-9]+(MB|GB)$")] = "3GB"

    @property
    def memory_of_a_stream(self) -> int:
        """How many bytes one stream's packed events may take: all streams together at most `memory`, or nearly."""
        return int(self.memory[:-2]) * {"MB": 10**6, "GB": 10**9}[self.memory[-2:]] // _STREAMS


class StandardRequest(_Section):
    """The loan for which the night run scores every adult customer, so that all have a score and a tier."""

    product_id: str = "LOAN"
    amount: Annotated[int, Field(gt=0, le=10**12)] = 500_000  # minor units: 5,000.00
    term_months: Annotated[int, Field(ge=1, le=600)] = 36


class Tiers(_Section):
    """Lower edges, on the probability of default for the standard request, of the tiers Medium and High."""

    medium: Annotated[float, Field(gt=0, lt=1)] = 0.08
    high: Annotated[float, Field(gt=0, lt=1)] = 0.15

    @model_validator(mode="after")
    def _in_order(self) -> "Tiers":
        if self.medium >= self.high:
            raise ValueError(f"medium ({self.medium}) must lie below high ({self.high})")
        return self


class Default(_Section):
    """What counts as default: EU retail (EBA/GL/2016/07; RTS 2018/171), to be set by jurisdiction.

    The label's window of 12 months is no setting: the periods that train and test a model rest on it.
    """

    days_past_due: Annotated[int, Field(ge=1, le=365)] = 90  # more than so many consecutive days
    # Arrears above this count, in minor units by currency; credit in a currency that is not listed stops training.
    material_amounts: dict[Annotated[str, Field(pattern="^[A-Z]{3}$")], Annotated[int, Field(ge=0, le=10**12)]] = {
        "EUR": 10_000,
        "GBP": 10_000,
    }
    material_share: Annotated[float, Field(ge=0, lt=1)] = 0.01  # and above this share of the exposure
    indeterminate_days: Annotated[int, Field(ge=1, le=365)] = 30  # past due at the window's end: neither good nor bad
    forbearance: bool = False  # whether the flag of eased terms alone is unlikely to pay: set only for distressed ones

    @model_validator(mode="after")
    def _in_order(self) -> "Default":
        if self.indeterminate_days > self.days_past_due:
            raise ValueError(
                f"indeterminate_days ({self.indeterminate_days}) must not exceed days_past_due ({self.days_past_due})"
            )
        return self


def _keys_of_text(mapping: dict[str, Any]) -> dict[str, Any]:
    """Refuse a key, at any depth, that JSON has no word for: a mapping is kept with its deliveries as JSON."""
    waiting: list[tuple[str, object]] = [("", mapping)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            for key, below in value.items():
                if not (key is None or isinstance(key, str | int | float)):  # numbers and yes/no are codes of files
                    place = f"{path}: " if path else ""
                    raise ValueError(f"{place}the key {key} is not text to YAML: put it in quotes, '{key}'")
                waiting.append((f"{path}.{key}" if path else str(key), below))
        elif isinstance(value, list | tuple):
            waiting += ((f"{path}[{index}]", below) for index, below in enumerate(value))
    return mapping


class SinceEntry(_Section):
    """By which column new rows of a relation are told, and how far below its highest value they are read again."""

    column: Annotated[str, Field(min_length=1)]
    # Rows that are committed late have lower values than others that were read: as long as a transaction may take.
    again: timedelta | Annotated[int, Field(ge=0)]

    @field_validator("again", mode="before")
    @classmethod
    def _delay(cls, said: object) -> object:
        found = re.fullmatch(r"([0-9]{1,4})([dh])", said) if isinstance(said, str) else None
        if found is None and not (isinstance(said, int) and not isinstance(said, bool)):
            raise ValueError(f"'{said}' is neither a time such as 2d or 12h nor a number of values such as 10000")
        return said if found is None else timedelta(**{{"d": "days", "h": "hours"}[found[2]]: int(found[1])})


def _postgres(address: SecretStr) -> SecretStr:
    if not re.match("postgres(ql)?://", address.get_secret_value()):
        raise ValueError("is not an address such as postgresql://reader@db.internal/core")
    return address


class SourceEntry(_Section):
    """One source of the bank: what kind it is and where its deliveries lie: below the home folder, or in a database."""

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,62}$")]
    kind: Literal[
        "synthetic",
        "mapped",
        "berka",
        "fraud_handbook",
        "loan_applications_csv",
        "credit_card_customers_csv",
        "creditcard_csv",
        "creditcard_csv_part",
        "cdnow",
    ]
    folder: str = "raw"
    mapping: Annotated[
        dict[str, Any], AfterValidator(_keys_of_text)
    ] = {}  # of kind 'mapped' only; sources/mapped.py says what may stand here
    # In place of a folder: the mapping's files name relations of this PostgreSQL. Secret, for it may hold a password;
    # better not: libpq takes it from ~/.pgpass or PGPASSWORD.
    database: Annotated[SecretStr, AfterValidator(_postgres)] | None = None
    since: dict[str, SinceEntry] = {}  # by relation; of one that is not named all rows are read at each load
    to_check: tuple[str, ...] = ()  # what `init` assumed and nobody has settled: told at each load until taken out

    @model_validator(mode="after")
    def _files_or_relations(self) -> "SourceEntry":
        files = self.mapping.get("files")
        entries = {} if not isinstance(files, dict) else {k: v for k, v in files.items() if isinstance(v, dict)}
        relations = {str(one["relation"]) for one in entries.values() if "relation" in one}
        if self.database is None and (relations or self.since):
            raise ValueError(
                f"source '{self.name}' reads relations: state its 'database', postgresql://USER@HOST/DATABASE"
            )
        if self.database is not None and self.kind != "mapped":
            raise ValueError(f"source '{self.name}': only a source of kind 'mapped' reads a database")
        others = [name for name, one in entries.items() if "relation" not in one]
        if self.database is not None and (others or not entries or "flat" in self.mapping):
            what = f"file '{others[0]}' names no 'relation'" if others else "its mapping names 'files' alone"
            raise ValueError(
                f"source '{self.name}' reads a database: {what}. Files of a folder are a source of their own"
            )
        unknown = [name for name in self.since if name not in relations]
        if unknown:
            raise ValueError(f"source '{self.name}', since: no file of its mapping has the relation '{unknown[0]}'")
        return self


class Training(_Section):
    """How the candidates of a flat file are fitted and compared; without a word here as each model's file says."""

    # By which the better candidate becomes the challenger; none: the trees.
    metric: Literal["roc_auc", "average_precision", "ks"] | None = None
    trees: dict[str, int | float] = {}  # rules of `learning/estimators/boosting.py` by name, such as learning_rate


class StoreSettings(_Section):
    """Where the record is kept: decisions, users."""

    # sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE; default: store.sqlite3 in the home folder. Secret, for
    # it may hold a password.
    url: SecretStr | None = None
    anchor: str = "store.anchor"  # below the home folder, or absolute: best on another disk than the store


def _known_network(text: str) -> str:
    from ipaddress import ip_network

    try:
        ip_network(text)
    except ValueError as error:
        raise ValueError(f"'{text}' is no address or network, such as 10.0.0.5 or 10.0.0.0/24") from error
    return text


class Api(_Section):
    """How much the API lets through, and from whom it believes a forwarded address."""

    anonymous_per_minute: Annotated[int, Field(ge=1, le=10**6)] = 10  # per address
    user_per_minute: Annotated[int, Field(ge=1, le=10**6)] = 600  # per person logged in
    service_per_minute: Annotated[int, Field(ge=1, le=10**6)] = 60_000  # per system logged in (role service)
    token_minutes: Annotated[int, Field(ge=1, le=1440)] = 60
    body_bytes: Annotated[int, Field(ge=1024, le=10**8)] = 65_536
    at_once: Annotated[int, Field(ge=1, le=10_000)] = 64  # requests in work per process; more are told to come again
    # Addresses or networks of our own proxies; X-Forwarded-For of anybody else is not believed.
    trusted_proxies: tuple[Annotated[str, AfterValidator(_known_network)], ...] = ()


class Settings(BaseSettings):
    """Everything a bank may set. Unknown keys are refused."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="BANK360_", env_nested_delimiter="__", yaml_file=None
    )

    bank: Bank = Bank()
    # "wall": the wall clock. "data": starts at the last instant known to the warehouse (demonstration and historical
    # banks). An ISO instant: that instant.
    clock: Literal["wall", "data"] | datetime = "wall"
    engine: Engine = Engine()
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 42
    standard_request: StandardRequest = StandardRequest()
    tiers: Tiers = Tiers()
    default: Default = Default()
    sources: tuple[SourceEntry, ...] = ()
    registry: str = "registry"  # of model versions: below the home folder, or absolute
    training: Training = Training()
    store: StoreSettings = StoreSettings()
    api: Api = Api()
    audit_key: SecretStr | None = None  # seals the decision log; BANK360_AUDIT_KEY, or a bank360.yaml that few can read
    demo: bool = False  # the demonstration bank approves its own models, stamped DEMO

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let variables win over the file, which `load_settings` passes as init values."""
        return env_settings, init_settings

    @model_validator(mode="after")
    def _aware_clock(self) -> "Settings":
        if isinstance(self.clock, datetime) and self.clock.tzinfo is None:
            raise ValueError("clock: the instant has no zone; write 2026-07-01T00:00:00Z")
        names = [source.name for source in self.sources]
        if len(set(names)) != len(names):
            raise ValueError(f"sources: a name stands twice in {names}")
        return self

    @model_validator(mode="after")
    def _real_secrets(self) -> "Settings":
        key = None if self.audit_key is None else self.audit_key.get_secret_value()
        if key is not None and len(key.encode()) < _SHORTEST_KEY:
            raise ValueError(f"audit_key: must be at least {_SHORTEST_KEY} bytes; make one with: openssl rand -hex 32")
        if key == SAMPLE_AUDIT_KEY and not self.demo:
            raise ValueError("audit_key: the sample key seals nothing; make one of your own with: openssl rand -hex 32")
        return self

    def secret_audit_key(self) -> bytes | None:
        """Return the key that seals the decision log; the demonstration bank has the sample key, others None."""
        if self.audit_key is not None:
            return self.audit_key.get_secret_value().encode()
        return SAMPLE_AUDIT_KEY.encode() if self.demo else None

    def now(self, last_known: datetime | None) -> datetime:
        """Return the instant that counts as now (aware, UTC).

        Parameters
        ----------
        last_known
            The last instant known to the warehouse, for ``clock: data``; None while it is empty. Now is a microsecond
            later: what is known at an instant is visible only after it.
        """
        if isinstance(self.clock, datetime):
            return self.clock.astimezone(UTC)
        if self.clock == "data" and last_known is not None:
            return last_known + _JUST_AFTER
        return datetime.now(UTC)  # the one place that reads the clock: all below the faces are told what time it is


def load_settings(home: Path) -> Settings:
    """Return the settings of the bank whose home folder is ``home``; without a file, the defaults.

    Raises
    ------
    ValueError
        If the file is not YAML, or a value in it or in the environment is not allowed (pydantic's ValidationError).
    """
    path = home / FILE_NAME
    return Settings(**read_yaml(path)) if path.exists() else Settings()


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the keys and values of a YAML file; ValueError if it holds anything else."""
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        raise ValueError(_unreadable(path, error)) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not YAML in UTF-8: {' '.join(str(error).split())}") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ValueError(f"{path} must hold keys and values, such as 'bank:', not a {type(values).__name__}")
    return values


def _unreadable(path: Path, error: yaml.MarkedYAMLError) -> str:
    """Return what is wrong with a file that is no YAML, by its name and line."""
    mark, problem = error.problem_mark or error.context_mark, error.problem or error.context or "cannot be read"
    line = "" if mark is None else f", line {mark.line + 1}"
    begun = error.context_mark
    since = "" if begun is None or error.context is None else f" ({error.context} that begins in line {begun.line + 1})"
    return f"{path}{line}: is not YAML: {problem}{since}. Mend it there."
