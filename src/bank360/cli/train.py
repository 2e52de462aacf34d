"""``bank360 train``: the bank's models, or those of one flat file by its mapping alone."""

import json as json_text
from collections.abc import Sequence
from getpass import getuser
from typing import TYPE_CHECKING, Annotated

import typer

from bank360.bank.errors import NotReady
from bank360.cli.home import Home, HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.progress import progress_bar
from bank360.cli.sources import entry_named, flat_map_of, flat_only
from bank360.cli.typed import command

if TYPE_CHECKING:
    from bank360.storage.registry import Registry


def train(
    trained_by: Annotated[
        str,
        typer.Option(
            default_factory=getuser,
            help="Who trains; a champion needs somebody else's approval.",
            show_default="your login",
        ),
    ],
    source: Annotated[str | None, typer.Option(help="Train on this source's flat file, by its mapping alone.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Even if nothing has changed.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Train every model; each is a challenger until approved.

    Tested out of time: on later applications than it was trained on. With --source, the models of a flat file by its
    mapping; where the bank has one such file and nothing else, without it too.

    Example: bank360 train --home demo
    """
    bank = open_home(home)
    if source is not None:
        _train_flat(bank, source, trained_by, json)
        return
    from bank360.cli.lacks import require_outcomes
    from bank360.cli.metrics import print_training
    from bank360.cli.runs import Bank, run_identify, run_train

    flat = flat_only(bank)
    if len(flat) == 1:
        _train_flat(bank, flat[0], trained_by, json)
        return
    if flat:
        raise NotReady(
            f"{bank.path / 'bank360.yaml'} has flat files only, and each trains a model of its own: "
            + ", ".join(f"'bank360 train --source {name}'" for name in flat)
            + "."
        )
    with warehouse_of(bank) as warehouse, progress_bar() as report:
        ready = Bank(bank, warehouse, report)
        require_outcomes(ready)
        run_identify(ready)
        trained = run_train(ready, trained_by, again)
    if trained is not None and not trained.reports:
        raise NotReady(" ".join(one.why for one in trained.not_trained))
    if json:
        typer.echo(json_text.dumps(trained and trained.to_json()))
    elif trained is None:
        typer.echo("Nothing that the models read has changed: the registered versions stand. --again trains anyway.")
    else:
        from bank360.storage.registry import Registry

        print_training(trained)
        typer.echo("\nNext: read the cards; have somebody else approve; score.")
        _print_next(Registry(bank.registry), [report.model for report in trained.reports], "score")


def _train_flat(home: Home, name: str, trained_by: str, json: bool) -> None:
    from bank360.cli.unsettled import tell_unsettled
    from bank360.pipeline.flat_run import boosting_rules, challenger_of, run_record, told_settings
    from bank360.pipeline.train_table import register_table, train_table
    from bank360.storage.registry import Registry

    entry = entry_named(home, name)
    tell_unsettled([entry])
    flat, settings, registry = flat_map_of(home, entry), home.settings, Registry(home.registry)
    asked, threads = settings.training, settings.engine.threads
    rules = boosting_rules(asked.trees)
    with progress_bar() as report:
        trained = train_table(flat, home.path / entry.folder, settings.seed, threads, report, rules)
    found = trained[0]
    now = settings.now(None).isoformat()
    challenger = challenger_of(found.found, asked.metric)
    versions = {
        candidate: register_table(
            trained, flat, candidate, registry, name, now, settings.seed, trained_by,
            alias="challenger" if candidate == challenger else None,
        )
        for candidate in (one.candidate for one in found.found.metrics)
    }  # fmt: skip
    told = told_settings(
        entry.folder, settings.registry, settings.seed, asked.metric, rules, entry.mapping or {"kind": entry.kind}
    )
    kept = registry.note_run(name, run_record(told, found.found, versions, challenger, now))
    if json:
        typer.echo(json_text.dumps(found.to_json() | {"versions": versions, "challenger": challenger}))
        return
    for line in found.lines():
        typer.echo(line)
    for candidate, version in versions.items():
        role = ", challenger" if candidate == challenger else ""
        typer.echo(f"registered {name} {version} ({candidate}{role})")
    if asked.metric is not None:
        typer.echo(f"'{challenger}' challenges: it is the better by {asked.metric}.")
    typer.echo(f"What the run was told and found: {kept}")
    typer.echo("Next: read the cards; have somebody else approve; score a file.")
    _print_next(registry, [name], f"score --in new.csv --out scored.csv --source {name}")


def _print_next(registry: "Registry", models: Sequence[str], scoring: str) -> None:
    """Print of each model which version to approve and why, with the commands that show, approve and score."""
    from bank360.cli.approving import next_steps

    typer.echo(f"  {command(f'models show {models[0]} --version challenger')}")
    for model in models:
        why, *commands = next_steps(registry, model)
        typer.echo(f"  {why}")
        for words in commands:
            typer.echo(f"  {command(words)}")
    typer.echo(f"  {command(scoring)}")
