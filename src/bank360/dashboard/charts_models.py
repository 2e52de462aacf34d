"""Charts of the Models page: how well versions rank, and whether their probabilities come true."""

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from bank360.dashboard import palette
from bank360.dashboard.charts import AnyChart, Rows, coloured, data, in_percent, legend, quiet

_STANDING = {"Champion": palette.CHAMPION, "Challenger": palette.CHALLENGER}


def intervals(rows: Rows) -> AnyChart:
    """Return AUC with its 95 % interval, a row of the chart per population, a mark per version.

    Parameters
    ----------
    rows
        ``population, standing ("Champion" or "Challenger"), value, low, high, said``.
    """
    base = alt.Chart(data(rows)).encode(
        y=alt.Y("population:N", sort=None, axis=quiet(labelLimit=170)),
        yOffset=alt.YOffset("standing:N", sort=list(_STANDING)),
        color=alt.Color("standing:N", scale=coloured(_STANDING), legend=legend()),
        tooltip=[
            alt.Tooltip("population:N", title="Population"),
            alt.Tooltip("standing:N", title="Version"),
            alt.Tooltip("said:N", title="AUC (95 % interval)"),
        ],
    )
    least = min((math.floor(row["low"] * 10) / 10 for row in rows), default=0.5)
    scale = alt.Scale(domain=[min(least, 0.5), 1.0])
    x = alt.X("low:Q", scale=scale, axis=quiet("AUC, out of time (0.5 is chance)", format=".1f", tickCount=6))
    rule = base.mark_rule(strokeWidth=3, opacity=0.55).encode(x=x, x2="high:Q")
    point = base.mark_point(filled=True, size=90, opacity=1).encode(x="value:Q")
    label = base.mark_text(align="left", dx=8, fontSize=11).encode(
        x="high:Q", text=alt.Text("value:Q", format=".3f"), color=alt.value(palette.INK)
    )
    return alt.layer(rule, point, label).properties(height=46 * len({row["population"] for row in rows}) + 130)


def grades(rows: Rows) -> AnyChart:
    """Return expected against observed by grade, observed with its 95 % interval.

    Parameters
    ----------
    rows
        ``grade`` (the probability it covers), ``expected, observed, low, high`` as shares of the grade's rows.
    """
    base = alt.Chart(data(rows)).encode(
        x=alt.X("grade:N", sort=None, axis=quiet("grade by probability, the safest first", labelAngle=-30))
    )
    y = alt.Y("expected:Q", axis=quiet("share of applications", labelExpr=in_percent()))
    colour = coloured({"Expected": palette.EXPECTED, "Observed": palette.OBSERVED})
    bar = base.transform_calculate(what="'Expected'").mark_bar(opacity=0.35, size=24).encode(
        y=y, color=alt.Color("what:N", scale=colour, legend=legend())
    )  # fmt: skip
    rule = base.mark_rule(strokeWidth=2, color=palette.OBSERVED).encode(y="low:Q", y2="high:Q")
    point = (
        base.transform_calculate(what="'Observed'")
        .mark_point(filled=True, size=80, opacity=1)
        .encode(
            y="observed:Q",
            color=alt.Color("what:N", scale=colour),
            tooltip=[
                alt.Tooltip("grade:N", title="Grade"),
                alt.Tooltip("expected:Q", title="Expected", format=".2%"),
                alt.Tooltip("observed:Q", title="Observed", format=".2%"),
            ],
        )
    )
    return alt.layer(bar, rule, point).properties(height=280)


def interval_rows(standing: str, measured: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of `intervals` for one version, from its card's measurements."""
    return [
        {
            "population": one["population"][:1].upper() + one["population"][1:],
            "standing": standing,
            "value": one["auc"]["value"],
            "low": one["auc"]["low"],
            "high": one["auc"]["high"],
            "said": f"{one['auc']['value']:.3f} ({one['auc']['low']:.3f} to {one['auc']['high']:.3f})",
        }
        for one in measured
    ]


def grade_rows(calibration: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of `grades`, from a card's calibration; a ratio to the expected becomes a share of the rows."""
    rows = []
    for one in calibration["grades"]:
        ratio, expected = one["observed_over_expected"], one["expected"] / one["rows"]
        rows.append(
            {
                "grade": f"{one['low']:.1%} to {one['high']:.1%}",
                "expected": expected,
                "observed": one["events"] / one["rows"],
                "low": ratio["low"] * expected,
                "high": ratio["high"] * expected,
            }
        )
    return rows
