"""A scorecard as a risk analyst reads it: every attribute, bin by bin, with points and what training saw there.

It is read off the fitted model, so it cannot differ from what scores. A row's points add up to its score; the score and
the calibrator give its probability, of which `probabilities` prints a ladder. Models of other kinds have no such table.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from bank360.learning.categories import Levels
from bank360.learning.scorecard import Scale, Scorecard, ScoredVariable
from bank360.learning.tabular import TabularModel
from bank360.models.spec import FittedModel

NO_VALUE = "no value"
NEUTRAL = "no value (too few to tell: neutral)"
_STEP = 20.0  # points between two lines of the ladder


@dataclass(frozen=True)
class BinRow:
    """One bin of one attribute.

    Parameters
    ----------
    bin
        The values in words: "over 480 to 560", names of levels, or "no value". Where training had too few rows without
        a value to tell, they get the points of the average applicant.
    woe
        Weight of evidence: above 0 riskier than the average applicant.
    points
        What a row in the bin gets; more is less risk.
    rows, share, bad, bad_rate
        Training rows in the bin, their share of all, how many of them were bad; the rate is None without rows.
    """

    bin: str
    woe: float
    points: float
    rows: int
    share: float
    bad: int
    bad_rate: float | None


@dataclass(frozen=True)
class Attribute:
    """One attribute of the card: its strength (information value), its coefficient on WoE, and its bins."""

    name: str
    information_value: float
    coefficient: float
    bins: tuple[BinRow, ...]


@dataclass(frozen=True)
class ScorecardTable:
    """One card of a model.

    Parameters
    ----------
    population
        Whom it scores.
    scale
        What points mean, before calibration.
    base_points
        The score of an applicant who is average in every attribute.
    attributes
        Strongest first.
    probabilities
        Score and calibrated probability, in steps of 20 points over what the card can give.
    unused
        Inputs that the card was offered and does not use: they told too little, or nothing new.
    """

    population: str
    scale: Scale
    base_points: float
    attributes: tuple[Attribute, ...]
    probabilities: tuple[tuple[float, float], ...]
    unused: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the table as JSON values."""
        return asdict(self) | {
            "probabilities": [{"score": score, "probability": p} for score, p in self.probabilities],
            "attributes": [asdict(a) | {"bins": [asdict(b) for b in a.bins]} for a in self.attributes],
            "unused": list(self.unused),
        }


def scorecard_tables(model: FittedModel) -> tuple[ScorecardTable, ...]:
    """Return the card of each part of the model that is a scorecard; none for other kinds."""
    return tuple(
        _table(part.population, part.model, part.model.estimator)
        for part in model.parts
        if isinstance(part.model.estimator, Scorecard)
    )


def _table(population: str, model: TabularModel, card: Scorecard) -> ScorecardTable:
    points = dict(card.points_by_bin())
    attributes = [
        Attribute(
            model.inputs[v.column].name,
            v.bins.information_value,
            v.coefficient,
            _bins(v, points[v.column], model.levels.get(model.inputs[v.column].name)),
        )
        for v in card.variables
    ]
    attributes.sort(key=lambda attribute: -attribute.information_value)
    used = {attribute.name for attribute in attributes}
    return ScorecardTable(
        population,
        card.scale,
        card.scale.points(card.intercept),
        tuple(attributes),
        _ladder(model, card, list(points.values())),
        tuple(i.name for i in model.inputs if i.name not in used),
    )


def _bins(variable: ScoredVariable, points: tuple[float, ...], levels: Levels | None) -> tuple[BinRow, ...]:
    bins = variable.bins
    total = max(sum(bins.rows), 1)
    texts = _ranges(bins.edges) if levels is None else _names(variable, levels)
    return tuple(
        BinRow(text, woe, own, rows, rows / total, bad, bad / rows if rows else None)
        for text, woe, own, rows, bad in zip(
            (*texts, NO_VALUE if bins.missing_woe else NEUTRAL),
            (*bins.woe, bins.missing_woe),
            points,
            bins.rows,
            bins.events,
            strict=True,
        )
    )


def _ranges(edges: tuple[float, ...]) -> list[str]:
    """Return the bins of a number in words; a bin holds its upper edge and not its lower one.

    >>> _ranges((480.0, 560.5))
    ['up to 480', 'over 480 to 560.5', 'over 560.5']
    """
    if not edges:
        return ["any value"]
    between = [f"over {_number(a)} to {_number(b)}" for a, b in pairwise(edges)]
    return [f"up to {_number(edges[0])}", *between, f"over {_number(edges[-1])}"]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 10_000 else f"{value:.5g}"


def _names(variable: ScoredVariable, levels: Levels) -> list[str]:
    """Return the levels that each bin holds; rare and unseen ones stand together as "any other"."""
    names = [*sorted(levels.value), "any other"]
    values = np.array([*(levels.value[name] for name in names[:-1]), levels.other])
    place = variable.bins.index(values)
    return [
        ", ".join(name for name, at in zip(names, place, strict=True) if at == k) or "none seen"
        for k in range(len(variable.bins.woe))
    ]


def _ladder(model: TabularModel, card: Scorecard, points: list[tuple[float, ...]]) -> tuple[tuple[float, float], ...]:
    """Return scores from the lowest to the highest the card can give, in round steps, with their probability."""
    if not points:
        return ()
    low, high = (sum(pick(own) for own in points) for pick in (min, max))
    scores = np.arange(np.ceil(low / _STEP), np.floor(high / _STEP) + 1) * _STEP
    margins = (card.scale.base_score - scores) / card.scale.factor - np.log(card.scale.base_odds)
    return tuple((float(s), float(p)) for s, p in zip(scores, model.probability(margins), strict=True))


def scorecard_markdown(tables: tuple[ScorecardTable, ...], about: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the cards as lines of Markdown; nothing for a model that is no scorecard.

    Parameters
    ----------
    about
        By input name, what the model card says of it ("meaning", "unit").
    """
    lines: list[str] = []
    for table in tables:
        scale = table.scale
        said = (
            f"{scale.base_score:.0f} points are odds of {scale.base_odds:.0f} good to 1 bad before calibration; every "
            f"{scale.pdo:.0f} points more double the odds. An applicant average in every attribute has "
            f"{table.base_points:.0f}. Rows, share and bad rate are of training."
        )
        lines += [
            "",
            f"## Scorecard: {_POPULATIONS.get(table.population, table.population)}",
            "",
            said,
            "",
            "| attribute | bin | WoE | points | rows | share | bad | bad rate |",
            "|---|---|---:|---:|---:|---:|---:|---:|",
        ]
        for attribute in table.attributes:
            lines += [
                f"| {_called(attribute, about) if k == 0 else ''} | {one.bin} | {one.woe:+.3f} | {one.points:.1f} | "
                f"{one.rows:,} | {one.share:.1%} | {one.bad:,} | "
                f"{'-' if one.bad_rate is None else f'{one.bad_rate:.2%}'} |"
                for k, one in enumerate(attribute.bins)
            ]
        lines += [
            "",
            "| score | probability |",
            "|---:|---:|",
            *(f"| {score:.0f} | {p:.2%} |" for score, p in table.probabilities),
            "",
            f"Offered and not used, because they told too little or nothing new: {', '.join(table.unused) or 'none'}.",
        ]
    return lines


_POPULATIONS = {"all": "all applicants", "with history": "applicants with a history", "thin file": "thin file"}


def _called(attribute: Attribute, about: Mapping[str, Mapping[str, Any]]) -> str:
    known = about.get(attribute.name)
    said = "" if known is None else f": {known['meaning']} ({known['unit']})"
    return f"**{attribute.name}**{said}, IV {attribute.information_value:.3f}, weight {attribute.coefficient:.2f}"
