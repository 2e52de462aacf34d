"""``bank360 publish``: what the night found becomes what API and dashboard read; and the way back."""

import json as json_text
import time
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bank360 import __version__
from bank360.bank.counted import counted
from bank360.bank.errors import NotReady, SettingsError
from bank360.bank.vocabulary import RiskTier
from bank360.cli.home import Home, HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.progress import progress_bar
from bank360.cli.queue import run_queue
from bank360.cli.typed import made_whole
from bank360.home import STORE_FILE, store_of

if TYPE_CHECKING:
    from bank360.cli.runs import Bank
    from bank360.storage.publications import Publication


WITHOUT = "without scores, tiers and decisions"  # what a version lacks of a bank without a model


class Act(StrEnum):
    """What to do with published versions."""

    NOW = "now"
    LIST = "list"
    ROLLBACK = "rollback"


def publish(
    act: Annotated[Act, typer.Argument(help="Publish now, list what is kept, or roll back to a version.")] = Act.NOW,
    version: Annotated[int | None, typer.Argument(min=1, help="The version to roll back to.")] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Publish the night's results for API and dashboard.

    Readers go on with the version before until the new one is whole. The last three are kept: 'publish list' shows
    them, 'publish rollback VERSION' makes one of them current again, at once. A bank without a model is published
    without scores, as of its last build.

    Example: bank360 publish --home demo
    """
    from bank360.storage.publications import current_number, roll_back, standing_publications

    bank = open_home(home)
    if (act is Act.ROLLBACK) != (version is not None):
        raise SettingsError("Name the version to roll back to: bank360 publish rollback VERSION.")
    if act is Act.NOW:
        from bank360.cli.lacks import why_unscored
        from bank360.cli.runs import Bank, run_identify
        from bank360.pipeline.publish import scored_at

        with warehouse_of(bank) as warehouse, progress_bar() as report:
            ready = Bank(bank, warehouse, report)
            run_identify(ready)
            if takes_scores_away(ready, why_unscored(ready)):
                raise NotReady(
                    "Scores are published, and the model that made them is gone: a publish would take them off the "
                    "pages. Put the registry back, or train and approve a model."
                )
            made = run_publish(ready, again=True)
            unscored = None if scored_at(warehouse) else why_unscored(ready)
        assert made is not None
        if json:
            typer.echo(json_text.dumps(asdict(made) | ({} if unscored is None else {"not_scored": unscored})))
            return
        typer.echo(_in_words(made, current=True))
        if unscored is not None:
            typer.echo(made_whole(f"{WITHOUT.capitalize()}: {unscored}"))
        return
    with store_of(bank) as store:
        if version is not None:
            back = roll_back(store, version)
            typer.echo(json_text.dumps(asdict(back)) if json else _in_words(back, current=True))
            return
        with store.reading() as connection:
            kept, current = standing_publications(connection), current_number(connection)
    if json:
        typer.echo(json_text.dumps([asdict(one) | {"current": one.number == current} for one in kept]))
        return
    if kept:
        typer.echo(f"{'version':>7}  {'as of (UTC)':<16}  {'customers':>12}")
    for one in kept:
        mark = "  current" if one.number == current else ""
        typer.echo(f"{one.number:>7}  {_as_of(one):<16}  {one.customers:>12,}{mark}")
    if not kept:
        typer.echo("Nothing is published yet.")


def run_publish(bank: "Bank", again: bool = False) -> "Publication | None":
    """Publish what was scored last, unless that is what is published and can be read, and bring the queue up to it.

    Of a bank without a model what was built last. ``again`` publishes all the same.
    """
    from bank360.bank.calendar import instant
    from bank360.bank.errors import NotReady
    from bank360.cli.lacks import why_unscored
    from bank360.features.history_bytes import layout_stamp
    from bank360.pipeline.desk import packing
    from bank360.pipeline.freshness import fingerprint, loaded, run_if_stale
    from bank360.pipeline.publish import OwnBank, ToPublish, described_at, publish, scored_at
    from bank360.storage.ledger import last_known_time
    from bank360.storage.policy_files import policy_text
    from bank360.storage.published import open_published
    from bank360.storage.version_place import place_of
    from bank360.storage.version_schema import FORMAT

    text, own, unscored = policy_text(None), bank.home.settings.bank, why_unscored(bank)
    described = described_at(bank.warehouse)
    last = last_known_time(bank.warehouse)
    assert last is not None  # `Bank.now` has asked
    with store_of(bank.home, new=True) as store:
        with open_published(store, bank.home.published) as published:
            try:
                with published.current():
                    unread = False
            except NotReady:  # nothing yet, its bytes are gone, or an earlier bank360 wrote it
                unread = True
        champions = {name: bank.registry.aliases(name) for name in bank.registry.models()}
        reads = fingerprint(
            "publish", __version__, FORMAT, loaded(bank.warehouse), described, champions, text,
            asdict(bank.request), own.model_dump(), layout_stamp(packing()),
            bank.home.settings.tiers.model_dump(), [str(tier) for tier in RiskTier],
            *(() if scored_at(bank.warehouse) else (unscored,)),
        )  # fmt: skip

        def run() -> "Publication":
            wanted = ToPublish(
                bank.warehouse,
                bank.histories,
                bank.registry,
                text,
                bank.request,
                OwnBank(own.zone, own.currency, own.country),
                instant(last),
                time.time_ns() // 1000,
                unscored,
            )
            return publish(store, place_of(store.address, bank.home.published), wanted, bank.progress)

        made = run_if_stale(bank.warehouse, "publish", reads, run, again or unread)
    if made is not None:
        run_queue(bank.home)
    return made


def was_published(home: Home) -> bool:
    """Return whether any version is kept, in files or in the database that the settings name."""
    from bank360.storage.publications import standing_publications

    if home.settings.store.url is None and not (home.path / STORE_FILE).exists():
        return False  # and no store is made to find that out
    with store_of(home, new=True) as store, store.reading() as connection:
        return bool(standing_publications(connection))


def takes_scores_away(bank: "Bank", unscored: str | None) -> bool:
    """Return whether a publish would take scores off the pages: there were some, and the model that made them is gone.

    ``unscored`` says why nobody can be scored now; None where there is a model.
    """
    from bank360.pipeline.publish import scored_at
    from bank360.storage.published import open_published

    if unscored is None:
        return False
    if scored_at(bank.warehouse):
        return True
    with store_of(bank.home, new=True) as store, open_published(store, bank.home.published) as published:
        try:
            with published.current() as version:
                return version.unscored is None
        except NotReady:  # nothing yet, or an earlier bank360 wrote it
            return False


def _in_words(one: "Publication", current: bool) -> str:
    as_of = f"{_as_of(one)} UTC"
    mark = "  current" if current else ""
    return f"version {one.number}  as of {as_of}  {counted(one.customers, 'customer')}{mark}"


def _as_of(one: "Publication") -> str:
    from bank360.bank.calendar import to_datetime

    return f"{to_datetime(one.as_of):%Y-%m-%d %H:%M}"
