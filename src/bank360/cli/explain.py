"""``bank360 explain``: one customer's score taken apart, in the units and as of the instant that the profile shows."""

import json as json_text
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bank360.bank.counted import counted
from bank360.cli.home import HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.progress import progress_bar
from bank360.cli.quantities import outside_in_words, with_unit

if TYPE_CHECKING:
    from bank360.pipeline.explain import ExplainedInput, Explanation


_DIGITS = 3  # of log-odds


def explain(
    customer: Annotated[str, typer.Argument(help="Customer id, or a key by which a source names the customer.")],
    version: Annotated[str, typer.Option(help="A version of the model, or champion, or challenger.")] = "champion",
    most: Annotated[int, typer.Option(min=1, help="How many inputs to print.")] = 12,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Take one customer's score apart, input by input.

    What each adds to the score for the standard request, in log-odds: 0 is even odds, each +0.69 doubles them. Their
    sum is calibrated; the probability is that of the log-odds after it.

    Example: bank360 explain Ca1b2c3d4e5f6 --home demo
    """
    from bank360.cli.lacks import require_champion
    from bank360.cli.runs import Bank
    from bank360.pipeline.explain import explain as take_apart

    bank = open_home(home)
    own = bank.settings.bank
    with warehouse_of(bank, read_only=True) as warehouse, progress_bar() as report:
        ready = Bank(bank, warehouse, report)
        if version == "champion":
            require_champion(ready)
        found = take_apart(
            warehouse, ready.registry, customer, ready.now, own.zone, own.currency, own.country, ready.request, version
        )
    if json:
        typer.echo(json_text.dumps(found.to_json()))
        return
    for line in _lines(found, most, ZoneInfo(own.zone), own.currency):
        typer.echo(line)


def _lines(found: "Explanation", most: int, zone: ZoneInfo, currency: str) -> list[str]:
    from rich.console import Console

    from bank360.models.calibrated import calibration_step, unstated
    from bank360.policies.risk_tier import OF_A_NEW_REQUEST

    width = Console().width
    request = found.request
    amount = with_unit(request.amount, "minor units", currency)
    when = f"{found.as_of.astimezone(zone):%Y-%m-%d %H:%M}"
    term = counted(request.term_months, "month")
    said = [
        f"{found.model} {found.version} ({found.candidate}) for {found.customer_id}",
        f"{amount} over {term} ({request.product_id}), as of {when}: {_standing(found)}",
        f"probability {found.probability:.1%}",
    ]
    if found.in_default:
        said.append(f"The customer is in default: {OF_A_NEW_REQUEST}.")
    said.append(_told(found, zone))
    said += [f"Warning: {outside_in_words(one, currency)}" for one in found.outside]
    lines = [line for one in said for line in wrap(one, width, subsequent_indent="  ", break_on_hyphens=False)]
    lines += [f"{'adds':>8}  {'value':>20}  input", f"{found.base:>+8.3f}  {'':>20}  base"]
    shown = [one for one in found.inputs if one.contribution != 0][:most]
    for one in shown:
        lines += _row(f"{one.contribution:>+8.3f}  {_value(one, currency):>20}  ", one.meaning, width)
    rest = [one for one in found.inputs if one not in shown]
    if rest:
        together = unstated(found.margin, (found.base, *(one.contribution for one in shown)), _DIGITS)
        lines += _row(f"{together:>+8.3f}  {'':>20}  ", f"{counted(len(rest), 'further input')} together", width)
    step = calibration_step(found.margin, found.probability)
    lines += [f"{step.before:>+8.3f}  {'':>20}  log-odds before calibration: the sum of the above"]
    lines += wrap(f"{step.in_words(_DIGITS)}.", width, break_on_hyphens=False)
    return lines + [f"reason {code}: {wording}" for code, wording in found.stated]


def _standing(found: "Explanation") -> str:
    return "the score that stands" if found.stands else "no score of this version stands, so it is applied as of now"


def _told(found: "Explanation", zone: ZoneInfo) -> str:
    if found.applied_at is None:
        return "Nothing declared: no application in two years. Neutral values stand in for what only one would tell."
    day = found.applied_at.astimezone(zone)
    return (
        f"What was declared, and the bureau's answer, are of the application of {day:%Y-%m-%d}; the profile's declared"
        " facts are of the customer's record, and may differ."
    )


def _value(one: "ExplainedInput", currency: str) -> str:
    if not one.asked:
        return "not asked"
    if one.value is None:
        return "no data" if one.no_data else "none"
    return one.value if isinstance(one.value, str) else with_unit(one.value, one.unit, currency)


def _row(head: str, text: str, width: int) -> list[str]:
    first, *more = wrap(text, max(width - len(head), 20), break_on_hyphens=False)
    return [head + first, *(" " * len(head) + line for line in more)]
