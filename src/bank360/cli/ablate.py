"""``bank360 models ablate``: what each kind of input is worth to a model."""

import json as json_text
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from bank360.bank.counted import counted
from bank360.cli.home import HomeOption, JsonOption, open_home

if TYPE_CHECKING:
    from bank360.learning.metrics.estimate import Estimate

_MOST = 15


def ablate(
    model: Annotated[str, typer.Argument(help="A model of the bank's histories, such as application_pd.")],
    candidate: Annotated[
        str | None, typer.Option(help="Which of its candidates, such as lightgbm. Default: the plain one.")
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Print what each kind of input is worth to a model.

    It is fitted again without each, and each input is shuffled among the test rows. Nothing is registered.

    Example: bank360 models ablate application_pd --home demo
    """
    from bank360.cli.judging import judging
    from bank360.pipeline.ablate import ablate as find

    opened = open_home(home)
    settings = opened.settings
    with judging(opened) as by:
        found = find(
            by.bank.warehouse, by.describe, by.bank.as_of, settings.bank.zone, model, candidate, settings.seed,
            settings.engine.threads, by.definition, by.bank.progress,
        )  # fmt: skip
    if json:
        typer.echo(json_text.dumps({"model": model, **asdict(found)}))
        return
    rows = counted(found.rows, "later row")
    typer.echo(f"{model}, {found.candidate}: AUC {found.auc} on {rows}, {found.events:,} bad")
    typer.echo("\nFitted without      inputs  AUC                     change (95 % interval)")
    for one in found.without:
        typer.echo(f"  {one.group:<18}{len(one.inputs):>6}  {one.auc!s:<22}  {_signed(one.change)}")
    typer.echo("\nAUC lost where one input is shuffled (mean of five, least to most)")
    for each in found.shuffled[:_MOST]:
        typer.echo(f"  {each.name:<28}{each.group:<18}{_signed(each.fall)}")
    if len(found.shuffled) > _MOST:
        typer.echo(f"  and {counted(len(found.shuffled) - _MOST, 'input')} worth no more")


def _signed(estimate: "Estimate") -> str:
    return f"{estimate.value:+.4f} ({estimate.low:+.4f} to {estimate.high:+.4f})"
