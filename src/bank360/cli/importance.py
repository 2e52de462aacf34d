"""``bank360 models importance``: which behaviour tells who will be at risk, and what is left of a published claim."""

import json as json_text
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from bank360.bank.counted import counted
from bank360.cli.home import HomeOption, JsonOption, open_home, warehouse_of
from bank360.cli.progress import progress_bar

if TYPE_CHECKING:
    from bank360.learning.importance import Importance
    from bank360.learning.metrics.estimate import Estimate
    from bank360.models.at_risk_study import StudyPart
    from bank360.pipeline.at_risk_study import AtRiskStudy


def importance(
    label: Annotated[str, typer.Argument(help="What is foreseen: at_risk.")],
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Print what tells who comes to be at risk.

    A logistic regression and boosted trees on customers whom neither has seen, in later months; the inputs of each
    measure are shuffled together. Nothing is registered, and nobody is scored.

    Example: bank360 models importance at_risk --home demo
    """
    from bank360.cli.runs import Bank, run_identify
    from bank360.pipeline.at_risk_study import study_at_risk

    bank = open_home(home)
    settings = bank.settings
    with warehouse_of(bank) as warehouse, progress_bar() as report:
        ready = Bank(bank, warehouse, report)
        run_identify(ready)
        own = settings.bank
        found = study_at_risk(
            warehouse, ready.as_of, own.zone, own.currency, own.country, label, settings.seed,
            settings.engine.threads, report,
        )  # fmt: skip
    if json:
        typer.echo(json_text.dumps(asdict(found)))
        return
    for line in _lines(found):
        typer.echo(line)


def _lines(found: "AtRiskStudy") -> list[str]:
    from bank360.labels.at_risk import LABEL

    days = f"others from {' to '.join(found.test_days)}"
    lines = [
        f"{LABEL.name}: {LABEL.meaning}",
        f"of {LABEL.population}",
        f"trained on days from {' to '.join(found.train_days)}; tested on {days}, one day each",
    ]
    if not found.overdrafts:
        lines.append("no balances were delivered: unarranged overdrafts are not seen")
    for part in found.parts:
        lines += ["", *_part(part)]
    return [*lines, "", *_NOTES]


def _part(part: "StudyPart") -> list[str]:
    from bank360.models.at_risk_study import CLAIMED, CLAIMED_AUC, SHUFFLES

    trained = f"{part.train_rows:,} rows of {counted(part.train_customers, 'customer')}, {part.train_events:,} at risk"
    tested = f"{counted(part.test_rows, 'other')}, {part.test_events:,} at risk"
    lines = [
        f"Of {part.population}, by {part.inputs} ({part.n_inputs} inputs)",
        f"  trained on {trained}; tested on {tested}",
    ]
    for one in part.candidates:
        beside = "" if one.gain is None else f", {_signed(one.gain)} beside {part.candidates[0].candidate}"
        lines.append(f"  {one.candidate:<9} AUC {one.auc}{beside}")
    names = [one.candidate for one in part.candidates]
    lines.append(_row(f"AUC lost by shuffling ({SHUFFLES} times)", [f"{name:<29}rank" for name in names]))
    by_name = [{each.name: each for each in one.importances} for one in part.candidates]
    lines += [_row(name, [_ranked(each[name]) for each in by_name]) for name in by_name[-1]]
    lines.append(_row("spend level and volatility as one", [_signed(one.together) for one in part.candidates]))
    strongest = ", ".join(f"{one.strongest} ({one.candidate})" for one in part.candidates)
    reached = ", ".join(f"{one.reaches} ({one.candidate})" for one in part.candidates)
    lines.append(f"  that {' and '.join(CLAIMED)} are the strongest: {strongest}")
    lines.append(f"  that the AUC is at least {CLAIMED_AUC}: {reached}")
    return lines


_NOTES = (
    "Intervals are of 95 %; those of ranks hold for all measures together. Reproduced: both are shown ahead of every",
    "other measure. Refuted: another one is shown ahead of one of them. Not shown: neither. That the AUC is at least a",
    "number is reproduced where its whole interval is, refuted where all of it is below, not shown where it holds the",
    "number.",
)


def _row(name: str, cells: list[str]) -> str:
    return f"  {name:<35}" + "  ".join(f"{cell:<39}" for cell in cells).rstrip()


def _ranked(one: "Importance") -> str:
    return f"{_signed(one.fall):<29}{one.rank} ({one.best} to {one.worst})"


def _signed(estimate: "Estimate") -> str:
    return f"{estimate.value:+.4f} ({estimate.low:+.4f} to {estimate.high:+.4f})"
