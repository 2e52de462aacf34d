"""``bank360 models fairness``: how a model's cut falls on groups of applicants."""

import json as json_text
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bank360.bank.counted import counted
from bank360.bank.errors import NotFound
from bank360.cli.home import Home, HomeOption, JsonOption, open_home
from bank360.cli.progress import progress_bar
from bank360.cli.sources import entry_named, flat_map_of, trainable

if TYPE_CHECKING:
    from bank360.learning.metrics.estimate import Estimate
    from bank360.learning.metrics.fairness import Group
    from bank360.pipeline.fairness import FairnessReport

_HEADINGS = (
    "rows", "pass", "impact ratio", "good refused", "ratio", "bad refused", "ratio", "AUC", "observed/expected",
)  # fmt: skip
_NOTES = (
    "Values with 95 % intervals. An impact ratio below 0.8 is evidence of adverse impact on the group, one above 1.25",
    "on those it is over; where odds are equal, the other ratios are 1. 'Shown to differ' holds at 5 % for all groups",
    "and measures of an attribute together.",
)
_NAME = 12  # letters of a group, at least; a file may call it longer
_WIDTHS = (7, 5, 20, 12, 20, 11, 20, 20, 20)


def fairness(
    model: Annotated[
        str, typer.Argument(help="A model of the bank's histories, such as application_pd, or of a flat file.")
    ],
    version: Annotated[str, typer.Option(help="A version, champion or challenger.")] = "champion",
    cut: Annotated[
        float | None,
        typer.Option(
            min=0.0, max=1.0, help="Refused from here on. Default: where the policy declines; of a flat file name it."
        ),
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="A policy file. Default: the shipped one.")] = None,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Print how a model's cut falls on groups of applicants.

    By sex, marital status and age, in the year that came after training; of a flat file, by its protected columns, on
    rows that the model was not fitted on. Protected attributes are read for this report and decide nothing.

    Example: bank360 models fairness application_pd --home demo
    """
    opened = open_home(home)
    flat = model in trainable(opened)
    if flat and cut is None:
        raise typer.BadParameter(f"no policy declines by '{model}', the model of a flat file. Give a cut: --cut 0.1.")
    at, thin_at = _cuts(model, policy) if cut is None else (cut, cut)
    if not (0 < at < 1 and 0 < thin_at < 1):
        raise typer.BadParameter("at a cut of 0 everybody is refused, at 1 nobody. Give one between: --cut 0.1.")
    found = _of_a_file(opened, model, version, at) if flat else _of_histories(opened, model, version, at, thin_at)
    if json:
        typer.echo(json_text.dumps(_plain(asdict(found))))
        return
    for line in _lines(found):
        typer.echo(line)


def _of_histories(home: Home, model: str, version: str, cut: float, thin_cut: float) -> "FairnessReport":
    from bank360.cli.judging import judging
    from bank360.models.catalogue import MODEL_BY_NAME
    from bank360.pipeline.fairness import fairness_report

    if model not in MODEL_BY_NAME:
        there = ", ".join((*MODEL_BY_NAME, *trainable(home)))
        raise NotFound(f"There is no model '{model}', of histories or of a flat file. There are: {there}.")
    with judging(home) as by:
        return fairness_report(
            by.bank.warehouse, by.bank.registry, by.describe, by.bank.as_of, home.settings.bank.zone, model, version,
            cut, thin_cut, by.definition, by.bank.progress,
        )  # fmt: skip


def _of_a_file(home: Home, model: str, version: str, cut: float) -> "FairnessReport":
    from bank360.pipeline.flat_fairness import flat_fairness_report
    from bank360.pipeline.flat_run import boosting_rules
    from bank360.storage.registry import Registry

    entry, settings = entry_named(home, model), home.settings
    with progress_bar() as report:
        return flat_fairness_report(
            flat_map_of(home, entry), home.path / entry.folder, Registry(home.registry), version, cut,
            settings.engine.threads, report, boosting_rules(settings.training.trees),
        )  # fmt: skip


def _cuts(model: str, policy: Path | None) -> tuple[float, float]:
    """Return from where on the policy declines by a model, and those without history by it."""
    from bank360.policies.credit_policy import credit_policy
    from bank360.policies.credit_record import FRAUD_MODEL
    from bank360.storage.policy_files import policy_text

    read = credit_policy(policy_text(policy), "the shipped policy" if policy is None else policy.name)
    cut, thin_cut = (read.fraud, read.fraud) if model == FRAUD_MODEL else (read.pd, read.thin_pd)
    return cut.decline_from, thin_cut.decline_from


def _lines(found: "FairnessReport") -> list[str]:
    of = "row that it was not fitted on", "rows that it was not fitted on"
    rows = counted(found.rows, *of) if found.flat else f"{counted(found.rows, 'application')} after training"
    thin = "" if found.thin_cut == found.cut else f" ({found.thin:,} without history from {found.thin_cut:.1%} on)"
    bad = f"{found.events:,} bad" if found.flat else f"{found.tested:,} with an outcome, {found.events:,} bad"
    stamp = f" [{'; '.join(found.stamps)}]" if found.stamps else ""
    head = f"{found.model}, {found.candidate} {found.version}: {rows}, {bad}"
    lines = [f"{head}; refused from {found.cut:.1%} on{thin}{stamp}", *found.left]
    for attribute, table in found.attributes.items():
        reference = table.reference or "nobody"
        wide = max((_NAME, *(len(group.name) for group in table.groups)))
        lines += ["", f"By {attribute} (ratios over those of {reference})", _line("", _HEADINGS, wide)]
        lines += [_line(group.name, _cells(group), wide) for group in table.groups]
        lines += [f"  {name}: {counted(count, 'row')}, too few to say" for name, count in table.small]
        lines += [f"  shown to differ: {name}, {measure}" for name, measure in table.shown] or [
            "  shown to differ: nothing"
        ]
    return [*lines, "", *_NOTES]


def _line(name: str, cells: tuple[str, ...], wide: int) -> str:
    return f"  {name:<{wide}}" + "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))


def _cells(group: "Group") -> tuple[str, ...]:
    return (
        f"{group.rows:,}", f"{group.passing.value:.0%}", _told(group.impact), _share(group.good_refused),
        _told(group.good_ratio), _share(group.bad_refused), _told(group.bad_ratio), _told(group.auc),
        _told(group.observed),
    )  # fmt: skip


def _share(share: "Estimate") -> str:
    return "-" if share.value != share.value else f"{share.value:.1%}"


def _told(estimate: "Estimate | None") -> str:
    if estimate is None or estimate.value != estimate.value:
        return "-"
    return f"{estimate.value:.2f} ({estimate.low:.2f}-{estimate.high:.2f})"


def _plain(value: Any) -> Any:
    """Return values as JSON has them: None for NaN."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and value != value else value
