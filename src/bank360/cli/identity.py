"""``bank360 identity list``: the pairs of records that may be one person, for somebody to look at."""

import json as json_text
from typing import TYPE_CHECKING, Annotated

import typer

from bank360.bank.counted import counted
from bank360.cli.home import HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.typed import in_lines

if TYPE_CHECKING:
    from bank360.pipeline.possible_pairs import PairToReview

app = typer.Typer(no_args_is_help=True, help="Who is who: records that may be one person.")
_SETTLED = (
    "They stay two customers until a record says otherwise: nothing is settled by hand here. Mend the record that is "
    "wrong in its source, and the next night compares again."
)


@app.callback()
def _group() -> None:
    pass  # one verb so far, and it has a name


@app.command("list")
def list_pairs(
    limit: Annotated[int, typer.Option(min=1, help="How many to print, the surest first.")] = 20,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Print the pairs of records that may be one person.

    The surest first, with what agrees. Names are masked, and keys that are personal numbers (an IBAN, the number of a
    card or a telephone, an e-mail address); other keys are as their source has them. They are records of different
    customers, whom 'profile show' shows.

    Example: bank360 identity list --limit 50 --home demo
    """
    from rich.console import Console

    from bank360.cli.runs import Bank
    from bank360.pipeline.possible_pairs import pairs_to_review
    from bank360.pipeline.progress import silent

    bank = open_home(home)
    with warehouse_of(bank, read_only=True) as warehouse:
        now = Bank(bank, warehouse, silent).now
        found = pairs_to_review(warehouse, now, bank.settings.bank.zone, limit)
    if json:
        typer.echo(json_text.dumps(found.to_json()))
        return
    if not found.count:
        typer.echo("No two records may be one person without being taken for one.")
        return
    typer.echo(f"{counted(found.count, 'pair')} to review")
    typer.echo(f"{'likely':>7}  the two records, each of a customer of its own; below them what agrees")
    width = Console().width
    for pair in found.pairs:
        for line in _said(pair):
            for part in in_lines(line, width, "         "):
                typer.echo(part)
    if len(found.pairs) < found.count:
        typer.echo(f"{found.count - len(found.pairs):,} more; --limit says how many are printed.")
    for part in in_lines(_SETTLED, width, ""):
        typer.echo(part)


def _said(pair: "PairToReview") -> list[str]:
    one, other = (
        f"{who.customer_id} {who.name or 'no name'} ({who.source} {who.key})" for who in (pair.left, pair.right)
    )
    agreement = ", ".join(f"{name.replace('_', ' ')} {how}" for name, how in pair.agreement.items())
    likely = "> 99.9%" if pair.probability > 0.999 else f"{pair.probability:.1%}"
    return [f"{likely:>7}  {one} and {other}", f"         {agreement}"]
