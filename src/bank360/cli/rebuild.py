"""``bank360 rebuild``: throw the warehouse away and make it anew from the landing zone."""

from typing import Annotated

import typer

from bank360.bank.counted import counted
from bank360.cli.home import HomeOption, open_home, warehouse_of
from bank360.cli.progress import progress_bar
from bank360.cli.typed import made_whole


def rebuild(
    as_loaded: Annotated[
        bool, typer.Option("--as-loaded", help="Read each file as it was read before, though its mapping has changed.")
    ] = False,
    reread: Annotated[
        bool, typer.Option("--reread", help="Read by the mapping as it is now what --as-loaded kept from it, too.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Make the warehouse anew from every file received.

    Every file is read by the mapping as it is now, but for those that --as-loaded kept from it; then who is who,
    features and scores again, and a new version for API and dashboard where one was published. Nothing can be lost.

    Example: bank360 rebuild --home demo
    """
    from bank360.cli.lacks import why_unscored
    from bank360.cli.publish import run_publish, takes_scores_away, was_published
    from bank360.cli.readings import current_sources, done_about, still_kept
    from bank360.cli.runs import Bank, run_build, run_check, run_identify, run_score
    from bank360.cli.sources import source_of_delivery
    from bank360.pipeline.ingest import IngestReport, Refusal
    from bank360.pipeline.rebuild import rebuild as replay

    if as_loaded and reread:
        raise typer.BadParameter("--as-loaded keeps what --reread reads again. Give one of them.")
    bank = open_home(home)
    engine = bank.settings.engine
    with progress_bar() as report:
        rebuilt = replay(
            bank.warehouse, bank.landing, source_of_delivery, current_sources(bank), bank.settings.now(None),
            engine.threads, engine.memory, report, as_loaded=as_loaded, kept_too=reread,
        )  # fmt: skip
    loads = rebuilt.loads
    accepted = [load for load in loads if isinstance(load, IngestReport)]
    replayed, rows = len(accepted), sum(load.rows for load in accepted)
    typer.echo(f"{counted(replayed, 'delivery', 'deliveries')} replayed, {counted(rows, 'row')} accepted")
    for changed in rebuilt.changed:
        typer.echo(done_about(changed, as_loaded))
    for kept in rebuilt.kept:
        typer.echo(made_whole(still_kept(kept)))
    for name in rebuilt.unread:
        typer.echo(f"{name} is not read any more: nothing in its mapping matches it. It stays in the landing zone.")
    for load in loads:
        if isinstance(load, Refusal):
            typer.echo(f"refused again: {load.reason}", err=True)
    if not accepted:
        return
    with warehouse_of(bank) as warehouse, progress_bar() as report:
        ready = Bank(bank, warehouse, report)
        run_check(ready)
        run_identify(ready)
        built = run_build(ready)
        if built is not None:
            typer.echo(f"{built.features} features of {counted(built.customers, 'customer')} built")
        unscored = why_unscored(ready)
        if unscored is None:
            scored = run_score(ready)
            if scored is not None:
                typer.echo(f"{counted(scored.customers, 'customer')} scored by version {scored.version}")
        else:
            typer.echo(made_whole(f"Nobody is scored: {unscored}"))
        # What was published is of the rows as they were read before, findings and control totals with it.
        if was_published(bank) and not takes_scores_away(ready, unscored):
            published = run_publish(ready)
            if published is not None:
                typer.echo(f"version {published.number} is what API and dashboard read now")
        if rebuilt.changed and not as_loaded and ready.registry.models():
            again = " and ".join(f"'{one}'" for one in _training(ready.registry.models()))
            typer.echo(made_whole(f"The models were trained on what was read before. Run {again} to train again."))


def _training(models: tuple[str, ...]) -> list[str]:
    """Return the commands that train these models: the bank's own together, one of a flat file by its source."""
    from bank360.models.catalogue import MODELS

    own = {spec.name for spec in MODELS}
    flat = [f"bank360 train --source {name}" for name in models if name not in own]
    return [*(["bank360 train"] if own & set(models) else []), *flat]
