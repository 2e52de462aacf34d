"""Each step of the night as the command line runs it: settings become plain arguments, progress becomes a bar.

A step runs only where something that it reads has changed; ``again`` runs it all the same.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bank360 import __version__
from bank360.bank.errors import NotReady
from bank360.bank.vocabulary import RiskTier
from bank360.cli.home import Home, place
from bank360.pipeline.progress import Progress

if TYPE_CHECKING:
    from bank360.bank.finding import Finding
    from bank360.features.history import Histories
    from bank360.pipeline.build import Built
    from bank360.pipeline.described import Engine
    from bank360.pipeline.identify import IdentityReport
    from bank360.pipeline.requests import StandardRequest
    from bank360.pipeline.score_batch import ScoreReport
    from bank360.pipeline.train import Describe
    from bank360.pipeline.train_report import Trained
    from bank360.storage.registry import Registry
    from bank360.storage.unnamed_files import UnnamedFiles
    from bank360.storage.warehouse import Warehouse


@dataclass(frozen=True)
class Bank:
    """A bank's home with its warehouse open: what every step needs."""

    home: Home
    warehouse: "Warehouse"
    progress: Progress

    @cached_property
    def now(self) -> datetime:
        """The instant that counts as now, by the settings' clock."""
        from bank360.storage.ledger import last_known_time

        last = last_known_time(self.warehouse)
        if last is None:
            raise NotReady(f"The warehouse in {place(self.home.path)} is empty. Run 'bank360 ingest' first.")
        return self.home.settings.now(last)

    @cached_property
    def as_of(self) -> int:
        """`now` in microseconds UTC."""
        from bank360.bank.calendar import instant

        return instant(self.now)

    @cached_property
    def registry(self) -> "Registry":
        """The model registry of the home."""
        from bank360.storage.registry import Registry

        return Registry(self.home.registry)

    @cached_property
    def histories(self) -> "Histories":
        """Every customer's packed histories, brought up to date at the first use; after identity has run."""
        from bank360.features.families import ALL_FEATURES
        from bank360.pipeline.kept import kept_histories

        own, threads = self.home.settings.bank, self.home.settings.engine.threads
        return kept_histories(
            self.warehouse, self.home.histories, own.zone, own.currency, own.country, ALL_FEATURES, threads,
            self.progress, self.outside,
        )  # fmt: skip

    @property
    def outside(self) -> "UnnamedFiles":
        """Where packed events go that are more than memory is to hold: on the disk of the kept histories."""
        from bank360.storage.unnamed_files import UnnamedFiles

        return UnnamedFiles(self.home.histories, self.home.settings.engine.memory_of_a_stream)

    @contextmanager
    def engine(self) -> "Iterator[Engine]":
        """Open what describes the whole bank, by the address in the settings, for one step."""
        from bank360.pipeline.engines import BankTables, open_engine

        said, own = self.home.settings.engine, self.home.settings.bank
        wanted = BankTables(
            self.warehouse, own.zone, own.currency, own.country, lambda: self.histories, said.threads, said.memory,
            self.home.path / said.exchange, said.python or sys.executable,
        )  # fmt: skip
        with open_engine(said.url, wanted) as engine:
            yield engine

    @contextmanager
    def describing(self) -> "Iterator[Describe]":
        """Open what gives features of any spine of the whole bank, by its engine, for one step."""
        with self.engine() as engine:
            yield lambda spine, features: engine.describe(spine, features).matrix

    @property
    def request(self) -> "StandardRequest":
        """The standard request of the settings."""
        from bank360.pipeline.requests import StandardRequest

        return StandardRequest(**self.home.settings.standard_request.model_dump())


def run_check(bank: Bank) -> "tuple[Finding, ...]":
    """Look for what is wrong with the accepted rows and store it."""
    from bank360.cli.sources import told_columns
    from bank360.pipeline.check import check

    zone = bank.home.settings.bank.zone
    return check(bank.warehouse, zone, bank.now, bank.progress, told_columns(bank.home))


def run_identify(bank: Bank, again: bool = False) -> "IdentityReport | None":
    """Resolve source keys to customers."""
    from bank360.pipeline.freshness import fingerprint, loaded, run_if_stale
    from bank360.pipeline.identify import identify

    zone, now = bank.home.settings.bank.zone, bank.now
    reads = fingerprint("identify", "pairs", __version__, loaded(bank.warehouse), again and str(now))
    return run_if_stale(
        bank.warehouse,
        "identify",
        reads,
        lambda: identify(bank.warehouse, zone, now, None, bank.progress),
    )


def run_build(bank: Bank) -> "Built | None":
    """Compute and store every customer's, merchant's and terminal's features as of now."""
    from bank360.features.place_tables import PLACE_FEATURES
    from bank360.pipeline.build import build
    from bank360.pipeline.freshness import fingerprint, run_if_stale

    own = bank.home.settings.bank

    def built() -> "Built":
        with bank.engine() as engine:
            return build(
                bank.warehouse, bank.as_of, own.zone, own.currency, own.country, progress=bank.progress, engine=engine
            )

    # No model reads what describes places: it is no part of what training and scoring were run on.
    reads = fingerprint("places", _built_from(bank), repr(PLACE_FEATURES))
    return run_if_stale(bank.warehouse, "build", reads, built)


def run_train(bank: Bank, trained_by: str, again: bool = False) -> "Trained | None":
    """Train every model; None where nothing they read has changed since they were last trained."""
    from bank360.labels.application_default import DefaultDefinition
    from bank360.labels.catalogue import LABELS
    from bank360.models.catalogue import MODELS
    from bank360.pipeline.freshness import fingerprint, run_if_stale
    from bank360.pipeline.train import train
    from bank360.storage.shortfalls import note_shortfalls

    settings = bank.home.settings
    default = settings.default.model_dump()
    told = training_reads(bank)
    reads = fingerprint("train", _built_from(bank), settings.seed, settings.demo, repr(MODELS), repr(LABELS), default)

    def trained() -> "Trained":
        with bank.describing() as describe:
            found = train(
                bank.warehouse,
                bank.registry,
                describe,
                bank.as_of,
                settings.bank.zone,
                settings.seed,
                settings.engine.threads,
                trained_by,
                __version__,
                settings.demo,
                bank.progress,
                notes=_notes(bank.home),
                definition=DefaultDefinition(**default),
            )
        note_shortfalls(bank.warehouse, {left.model: left.why for left in found.not_trained}, told)
        return found

    return run_if_stale(
        bank.warehouse,
        "train",
        reads,
        trained,
        again or not any(bank.registry.versions(spec.name) for spec in MODELS),
    )


def training_reads(bank: Bank) -> str:
    """Return a fingerprint of what tells how many events training finds: the data, and what counts as one."""
    from bank360.pipeline.freshness import fingerprint, loaded

    return fingerprint("shortfalls", loaded(bank.warehouse), bank.home.settings.default.model_dump())


def _notes(home: Home) -> tuple[str, ...]:
    """Return what every metric on the warehouse's rows is stamped with, by each delivery as it was mapped."""
    from bank360.cli.sources import source_of_delivery
    from bank360.storage.landing import Landing

    landed = Landing(home.landing).deliveries()
    return tuple(dict.fromkeys(note for delivery in landed for note in source_of_delivery(delivery).notes))


def run_score(bank: Bank) -> "ScoreReport | None":
    """Score every adult customer for the standard request."""
    from bank360.pipeline.freshness import fingerprint, run_if_stale
    from bank360.pipeline.score_batch import MODEL, score_batch

    own, tiers = bank.home.settings.bank, bank.home.settings.tiers
    names = [str(tier) for tier in RiskTier]
    reads = fingerprint(
        "score", _built_from(bank), bank.registry.aliases(MODEL), asdict(bank.request), tiers.model_dump(), names
    )

    def scored() -> "ScoreReport":
        with bank.describing() as describe:
            return score_batch(
                bank.warehouse,
                bank.registry,
                describe,
                bank.as_of,
                own.zone,
                own.currency,
                bank.request,
                tiers.medium,
                tiers.high,
                bank.progress,
            )

    return run_if_stale(bank.warehouse, "score", reads, scored)


def _built_from(bank: Bank) -> str:
    from bank360.features.families import ALL_FEATURES
    from bank360.features.needs import all_needs
    from bank360.pipeline.freshness import fingerprint, loaded

    # By the day: on a bank's own clock every second would otherwise make everything stale.
    day = str(bank.now.date())
    declared: list[Any] = [repr(one) for one in (*ALL_FEATURES, *all_needs(ALL_FEATURES))]
    own = bank.home.settings.bank
    return fingerprint("build", __version__, loaded(bank.warehouse), day, declared, own.zone, own.currency, own.country)
