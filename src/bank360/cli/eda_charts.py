"""Charts of an exploration as PNG images: distributions, boxes, correlations, what is missing. Drawn by matplotlib.

Headless: figures are made without a display or a global state, so the same exploration gives the same bytes. The
library is the extra ``plots``; this module is imported only where charts are drawn.
"""

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from math import ceil
from typing import TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bank360.bank.counted import counted
from bank360.dashboard.palette import BLUE, INK, LINE, ORANGE, QUIET, SKY, SURFACE, VERMILLION
from bank360.learning.exploration import MOST_CORRELATED, Exploration, NumberColumn, TextColumn

_Column = TypeVar("_Column", bound=NumberColumn | TextColumn)

_PER_PAGE, _ACROSS = 24, 4
_BOXES_PER_PAGE, _MOST_MISSING, _MOST_LEFT_OUT = 24, 60, 5
_LONGEST_NAME, _LONGEST_LEVEL = 34, 18
_DIVERGING = LinearSegmentedColormap.from_list("correlation", [VERMILLION, SURFACE, BLUE])
# The names that `charts` gives, as files: what an earlier report left is known by them.
IMAGE = re.compile(r"(?:(?:distributions|boxplots)(?:-\d+)?|correlations|missing)\.png")


def charts(found: Exploration) -> Iterator[tuple[str, str, bytes]]:
    """Yield ``(name, what it shows, PNG)`` of every chart that the exploration has something for."""
    columns: list[NumberColumn | TextColumn] = [one for one in found.numbers if one.missing < one.rows]
    columns += [one for one in found.texts if one.levels]
    for page, some in _pages(columns, _PER_PAGE):
        yield f"distributions{page}", f"Distributions of {counted(len(some), 'column')}", _distributions(some)
    # The quartiles of two values say nothing that their shares, in the distributions, do not say better.
    boxed = [one for one in found.numbers if one.distinct > 2]
    left_out = _left_out([one.name for one in found.numbers if one.distinct == 2])
    for page, some_boxes in _pages(boxed, _BOXES_PER_PAGE):
        yield (
            f"boxplots{page}",
            f"Boxplots of {counted(len(some_boxes), 'column')}, each on its own scale{left_out}",
            _boxes(some_boxes),
        )
    if len(found.correlated) > 1:
        fullest = (
            f", those of {len(found.numbers)} with most values" if len(found.correlated) == MOST_CORRELATED else ""
        )
        shown = f"Rank correlations (Spearman) of {len(found.correlated)} columns{fullest}"
        yield "correlations", shown, _heatmap(found)
    if found.numbers or found.texts:
        yield "missing", f"Share of rows without a value{_of_many(found)}", _missing(found)


def _left_out(names: Sequence[str]) -> str:
    """Return which columns of two values have no box, for the title of those that have one."""
    if not names:
        return ""
    more = f" and {len(names) - _MOST_LEFT_OUT:,} more" if len(names) > _MOST_LEFT_OUT else ""
    return f"; without those of two values, which the distributions show: {', '.join(names[:_MOST_LEFT_OUT])}{more}"


def _of_many(found: Exploration) -> str:
    count = len(found.numbers) + len(found.texts)
    return "" if count <= _MOST_MISSING else f", the {_MOST_MISSING} columns with most gaps of {count}"


def _pages(columns: Sequence[_Column], size: int) -> Iterator[tuple[str, Sequence[_Column]]]:
    several = len(columns) > size
    for start in range(0, len(columns), size):
        yield f"-{start // size + 1}" if several else "", columns[start : start + size]


def _distributions(columns: Sequence[NumberColumn | TextColumn]) -> bytes:
    figure, places = _grid(len(columns), 2.3)
    for place, column in zip(places, columns, strict=False):
        if isinstance(column, NumberColumn):
            place.bar(
                column.edges[:-1], column.counts, np.diff(column.edges), align="edge", color=BLUE, edgecolor=SURFACE,
                linewidth=0.3,
            )  # fmt: skip
            if column.distinct <= len(column.counts) and np.all(np.diff(column.edges) == 1.0):
                place.xaxis.set_major_locator(MaxNLocator(integer=True))
            place.axvline(column.quantiles[3], color=ORANGE, linewidth=1.2)
            left = column.below + column.above
            _titled(place, column.name, f"{left:,} beyond" if left else "")
        else:
            names = [_short(level, _LONGEST_LEVEL) for level, _ in column.levels]
            rows = [count for _, count in column.levels]
            if column.others:
                names, rows = [*names, "(others)"], [*rows, column.others]
            at = np.arange(len(rows))
            place.barh(at, rows, color=[*[SKY] * len(column.levels), LINE][: len(rows)])
            place.set_yticks(at, names)
            place.invert_yaxis()
            _titled(place, column.name, f"{column.distinct:,} different")
    return _png(figure)


def _boxes(columns: Sequence[NumberColumn]) -> bytes:
    figure, places = _grid(len(columns), 1.15)
    for place, column in zip(places, columns, strict=False):
        _, _, q1, median, q3, _, _ = column.quantiles
        low, high = column.whiskers
        box = {"q1": q1, "med": median, "q3": q3, "whislo": low, "whishi": high, "fliers": []}
        place.bxp(
            [box], orientation="horizontal", widths=0.5, showfliers=False, patch_artist=True,
            boxprops={"facecolor": SKY, "edgecolor": BLUE}, medianprops={"color": ORANGE, "linewidth": 1.6},
            whiskerprops={"color": BLUE}, capprops={"color": BLUE},
        )  # fmt: skip
        place.set_yticks([])
        _titled(place, column.name, f"{column.beyond:,} outside" if column.beyond else "")
    return _png(figure)


def _heatmap(found: Exploration) -> bytes:
    count = len(found.correlated)
    side = max(4.0, 0.32 * count + 2.5)
    figure = Figure(figsize=(side + 0.8, side), layout="constrained")
    place = figure.add_subplot()
    image = place.imshow(found.correlations, cmap=_DIVERGING, vmin=-1, vmax=1)
    names = [_short(name, _LONGEST_NAME) for name in found.correlated]
    place.set_xticks(range(count), names, rotation=90, fontsize=7)
    place.set_yticks(range(count), names, fontsize=7)
    if count <= 16:
        for (row, column), value in np.ndenumerate(found.correlations):
            if np.isfinite(value):
                colour = SURFACE if abs(value) > 0.6 else INK
                place.text(
                    column, row, f"{round(value, 2) + 0.0:.2f}", ha="center", va="center", fontsize=6, color=colour
                )
    figure.colorbar(image, ax=place, shrink=0.7)
    return _png(figure)


def _missing(found: Exploration) -> bytes:
    every: list[NumberColumn | TextColumn] = [*found.numbers, *found.texts]
    columns = sorted(every, key=lambda one: -one.missing)[:_MOST_MISSING]
    figure = Figure(figsize=(8.0, max(1.6, 0.19 * len(columns) + 0.8)), layout="constrained")
    place = figure.add_subplot()
    at = np.arange(len(columns))
    shares = [100.0 * one.missing / max(one.rows, 1) for one in columns]
    place.barh(at, shares, color=VERMILLION)
    place.set_yticks(at, [_short(one.name, _LONGEST_NAME) for one in columns], fontsize=7)
    place.set_xlim(0, 100)
    place.set_xlabel("% of rows", fontsize=8)
    place.invert_yaxis()
    _quiet(place)
    return _png(figure)


def _grid(count: int, height: float) -> tuple[Figure, list[Axes]]:
    across = min(_ACROSS, count)
    down = ceil(count / across)
    figure = Figure(figsize=(3.1 * across, height * down + 0.2), layout="constrained")
    places = [figure.add_subplot(down, across, at + 1) for at in range(count)]
    return figure, places


def _titled(place: Axes, name: str, note: str) -> None:
    place.set_title(_short(name, _LONGEST_NAME), fontsize=8, color=INK, loc="left")
    if note:
        place.set_title(note, fontsize=6, color=QUIET, loc="right")
    _quiet(place)


def _quiet(place: Axes) -> None:
    place.tick_params(labelsize=6, colors=QUIET)
    place.xaxis.get_offset_text().set_fontsize(6)
    for side in ("top", "right"):
        place.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        place.spines[side].set_color(LINE)


def _short(text: str, most: int) -> str:
    """Return a name cut to ``most`` characters; a dollar sign is one, not the start of a formula."""
    cut = text if len(text) <= most else f"{text[: most - 1]}…"
    return cut.replace("$", r"\$")


def _png(figure: Figure) -> bytes:
    out = BytesIO()
    figure.savefig(out, format="png", dpi=110, facecolor=SURFACE, metadata={"Software": None})
    return out.getvalue()
