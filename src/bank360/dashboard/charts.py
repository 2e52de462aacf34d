"""What all charts share: rows as Altair takes them, the theme's quiet axes, and colours with a meaning.

Charts take plain rows and return an Altair chart; they read nothing. Neighbours: `charts_<page>.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from bank360.dashboard import palette

Rows = Sequence[Mapping[str, Any]]
AnyChart = alt.Chart | alt.LayerChart | alt.FacetChart


def data(rows: Rows) -> alt.InlineData:
    """Return rows as the data of a chart."""
    return alt.InlineData(values=[dict(row) for row in rows])


def quiet(title: str | None = None, **said: Any) -> alt.Axis:
    """Return an axis with a title in words and no more ink than it needs."""
    return alt.Axis(
        title=title, gridColor=palette.LINE, domain=False, ticks=False, labelColor=palette.QUIET,
        titleColor=palette.QUIET, titleFontWeight="normal", **said,
    )  # fmt: skip


def in_percent(digits: int = 0) -> str:
    """Return how an axis writes shares: as `wording.percent` does."""
    return f"format(datum.value * 100, '.{digits}f') + ' %'"


def in_money(sign: str) -> str:
    """Return how an axis writes amounts in major units: as `wording.money_short` does, "£250 k"."""
    size = "abs(datum.value)"
    words = f"{size} >= 1e6 ? format({size} / 1e6, '~r') + ' m' : {size} >= 1e3 ? format({size} / 1e3, '~r') + ' k'"
    return f"(datum.value < 0 ? '-' : '') + '{sign}' + ({words} : format({size}, '~r'))"


def coloured(meanings: Mapping[str, str]) -> alt.Scale:
    """Return a scale that gives each word its colour."""
    return alt.Scale(domain=list(meanings), range=list(meanings.values()))


def legend(**said: Any) -> alt.Legend:
    """Return a legend above the chart, without a title."""
    return alt.Legend(title=None, orient="top", labelColor=palette.INK, **said)


def captions(base: alt.Chart, field: str) -> alt.Chart:
    """Return what each row of a bar chart is about, above its bar and over the whole width: reasons are long."""
    written: alt.Chart = base.mark_text(align="left", baseline="bottom", dy=-8, fontSize=12, color=palette.INK).encode(
        x=alt.value(0), text=f"{field}:N"
    )
    return written
