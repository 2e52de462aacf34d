"""Charts of the Loan desk: what is left of a month's income, and what each reason adds to the risk."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from bank360.dashboard import palette
from bank360.dashboard.charts import AnyChart, captions, coloured, data, in_money, legend, quiet

_KINDS = {
    "comes in": palette.BLUE,
    "goes out": palette.ORANGE,
    "is left": palette.GREEN,
    "is missing": palette.VERMILLION,
}
_RISK = {"riskier": palette.RISKIER, "less risky": palette.SAFER, "sum": palette.QUIET}


def steps(parts: Sequence[tuple[str, float]], total: str) -> list[dict[str, Any]]:
    """Return the bars of a waterfall: each part from where the one before ended, then the sum from 0.

    >>> [(row["name"], row["low"], row["high"]) for row in steps([("a", 5.0), ("b", -2.0)], "c")]
    [('a', 0.0, 5.0), ('b', 5.0, 3.0), ('c', 0.0, 3.0)]
    """
    rows, at = [], 0.0
    for name, value in parts:
        rows.append({"name": name, "low": at, "high": at + value, "value": value})
        at += value
    return [*rows, {"name": total, "low": 0.0, "high": at, "value": at}]


def month(rows: Sequence[Mapping[str, Any]], buffer: float, sign: str) -> AnyChart:
    """Return a month from income to what is left over, beside the buffer that must be.

    Parameters
    ----------
    rows
        `steps` with ``kind``, a key of ``_KINDS``; major units.
    buffer
        Must be left over, major units.
    """
    base = alt.Chart(data(rows)).encode(
        x=alt.X(
            "name:N",
            sort=None,
            axis=quiet(labelAngle=-30, labelOverlap=False, labelFontSize=10),
        )
    )
    bar = base.mark_bar(cornerRadius=3, width={"band": 0.8}).encode(
        y=alt.Y("low:Q", scale=alt.Scale(padding=18), axis=quiet(f"{sign} a month", labelExpr=in_money(sign))),
        y2="high:Q",
        color=alt.Color("kind:N", scale=coloured(_KINDS), legend=None),
        tooltip=[alt.Tooltip("name:N", title="Of a month"), alt.Tooltip("value:Q", title=sign, format=",.2f")],
    )
    said = [dict(row) | placed(row, buffer) for row in rows]
    texts = [
        alt.Chart(data([row for row in said if row["above"] is above]))
        .mark_text(dy=-8 if above else 10, color=palette.INK)
        .encode(x=alt.X("name:N", sort=None), y="at:Q", text=alt.Text("value:Q", format=",.0f"))
        for above in (True, False)
    ]
    line = (
        alt.Chart(data([{"buffer": buffer}]))
        .mark_rule(strokeDash=[5, 4], color=palette.VERMILLION)
        .encode(y="buffer:Q")
    )
    return alt.layer(bar, line, *texts).properties(height=270)


def placed(row: Mapping[str, Any], buffer: float) -> dict[str, Any]:
    """Return where the amount of a bar is written: above it, or below where above would be on the line of the buffer.

    >>> placed({"low": 0.0, "high": 900.0}, 100.0), placed({"low": 45.0, "high": -301.0}, 100.0)
    ({'at': 900.0, 'above': True}, {'at': -301.0, 'above': False})
    """
    above = max(row["low"], row["high"]) > buffer
    return {"at": max(row["low"], row["high"]) if above else min(row["low"], row["high"]), "above": above}


def waterfall(rows: Sequence[Mapping[str, Any]]) -> AnyChart:
    """Return how the log-odds come about: the base, what each reason adds or takes, and the sum.

    Parameters
    ----------
    rows
        `steps` with ``kind``, a key of ``_RISK``.
    """
    base = alt.Chart(data(rows)).encode(y=alt.Y("name:N", sort=None, axis=None))
    bar = base.mark_bar(cornerRadius=2, height=12, yOffset=4).encode(
        x=alt.X("low:Q", scale=alt.Scale(padding=44), axis=quiet("log-odds, before calibration", format="+.1f")),
        x2="high:Q",
        color=alt.Color("kind:N", scale=coloured(_RISK), legend=legend()),
        tooltip=[alt.Tooltip("name:N", title="Reason"), alt.Tooltip("value:Q", title="Log-odds", format="+.2f")],
    )
    right = base.transform_calculate(right="max(datum.low, datum.high)")
    text = right.mark_text(align="left", dx=5, dy=4, fontSize=11, color=palette.QUIET).encode(
        x="right:Q", text=alt.Text("value:Q", format="+.2f")
    )
    return alt.layer(bar, text, captions(base, "name")).properties(height=40 * len(rows) + 110)
