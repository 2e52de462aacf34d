"""Charts of the Portfolio page: default by age of the loan, loss expected against written off, customers by tier."""

import altair as alt

from bank360.dashboard import palette
from bank360.dashboard.charts import AnyChart, Rows, coloured, data, in_money, in_percent, legend, quiet

_LOSSES = {"Expected in 12 months": palette.EXPECTED, "Written off in 12 months": palette.VERMILLION}


def vintage_curves(rows: Rows) -> AnyChart:
    """Return a line per quarter of opening, the darker the newer.

    Parameters
    ----------
    rows
        ``quarter`` ("2023 Q1"), ``order`` (0 for the oldest), ``months`` on book, ``share`` ever 90 days past due, and
        ``accounts``.
    """
    newest = max((row["order"] for row in rows), default=0)
    base = alt.Chart(data(rows)).encode(
        x=alt.X("months:Q", axis=quiet("months since opening", values=list(range(0, 25, 3))),
                scale=alt.Scale(domain=[0, 24])),
        y=alt.Y("share:Q", axis=quiet("ever 90+ days past due", labelExpr=in_percent(), tickCount=6)),
    )  # fmt: skip
    line = base.mark_line(strokeWidth=2).encode(
        detail="quarter:N",
        color=alt.Color("order:Q", scale=alt.Scale(domain=[0, newest], range=list(palette.RAMP[2:])), legend=None),
    )
    point = base.mark_circle(size=45, opacity=0).encode(
        tooltip=[
            alt.Tooltip("quarter:N", title="Opened in"),
            alt.Tooltip("accounts:Q", title="Accounts", format=","),
            alt.Tooltip("months:Q", title="Months since opening"),
            alt.Tooltip("share:Q", title="Ever 90+ days past due", format=".2%"),
        ]
    )
    return alt.layer(line, point).properties(height=280)


def losses(rows: Rows, sign: str) -> AnyChart:
    """Return expected loss against what was written off, by product line; one of them alone needs no legend.

    Parameters
    ----------
    rows
        ``line`` in words, ``what`` (a key of ``_LOSSES``), ``value`` in major units, ``said`` with its unit.
    """
    most = (max((row["value"] for row in rows), default=0) or 1) * 1.3
    both = len({row["what"] for row in rows}) > 1
    base = alt.Chart(data(rows)).encode(
        y=alt.Y("line:N", sort=None, axis=quiet(labelLimit=120)),
        yOffset=alt.YOffset("what:N", sort=list(_LOSSES)),
        x=alt.X(
            "value:Q",
            scale=alt.Scale(domain=[0, most]),
            axis=quiet(f"{sign} in 12 months", labelExpr=in_money(sign), tickCount=4),
        ),
    )
    bar = base.mark_bar(cornerRadiusEnd=3).encode(
        color=alt.Color(
            "what:N", scale=coloured(_LOSSES), legend=legend(direction="vertical", offset=4) if both else None
        ),
        tooltip=[
            alt.Tooltip("line:N", title="Line"),
            alt.Tooltip("what:N", title="Loss"),
            alt.Tooltip("said:N", title="Amount"),
        ],
    )
    text = base.mark_text(align="left", dx=4, fontSize=10, color=palette.QUIET).encode(text="said:N")
    return alt.layer(bar, text).properties(height=280)


def held_bars(rows: Rows) -> AnyChart:
    """Return the share of customers who hold each product line, with a mark where it was a year before.

    Parameters
    ----------
    rows
        ``line`` in words, ``share``, ``before`` (null: not known), ``said``: the share with its unit.
    """
    known = (one for row in rows for one in (row["share"], row["before"]) if one is not None)
    longest = max(0.01, max(known, default=1))
    base = alt.Chart(data(rows)).encode(y=alt.Y("line:N", sort=None, axis=quiet(labelLimit=140)))
    x = alt.X(
        "share:Q",
        scale=alt.Scale(domain=[0, longest * 1.2]),  # room for the number; the axis ends with all of them, 100 %
        axis=quiet("share of customers", labelExpr=in_percent(), values=ticks(longest)),
    )
    bar = base.mark_bar(color=palette.BLUE, cornerRadiusEnd=3, height=14).encode(
        x=x,
        tooltip=[
            alt.Tooltip("line:N", title="Line"),
            alt.Tooltip("said:N", title="Share of customers"),
            alt.Tooltip("before:Q", title="A year ago", format=".1%"),
        ],
    )
    mark = base.mark_tick(color=palette.ORANGE, thickness=3, height=20).encode(x="before:Q")
    # Beyond whichever is longer, the bar or the mark, so that neither is drawn over the number.
    beyond = base.transform_calculate(end="max(datum.share, datum.before)")
    text = beyond.mark_text(align="left", dx=8, fontSize=11, color=palette.INK).encode(x="end:Q", text="said:N")
    return alt.layer(bar, mark, text).properties(height=30 * len(rows) + 60)


def ticks(longest: float) -> list[float]:
    """Return where an axis of shares has its lines: up to five even steps, never beyond the whole.

    Parameters
    ----------
    longest
        What the axis must hold, at least 0.01.

    Examples
    --------
    >>> ticks(0.93), ticks(0.31), ticks(0.04)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.0, 0.1, 0.2, 0.3], [0.0, 0.01, 0.02, 0.03, 0.04])
    """
    step = next((one for one in (0.01, 0.02, 0.05, 0.1, 0.2) if longest <= 5 * one), 0.2)
    return [round(step * place, 2) for place in range(6) if step * place <= min(longest * 1.2, 1) + 1e-9]


def tier_bars(rows: Rows) -> AnyChart:
    """Return customers by risk tier, the riskiest first.

    Parameters
    ----------
    rows
        ``tier`` (a code), ``name`` in words, ``customers``, ``said``.
    """
    most = max((row["customers"] for row in rows), default=1) * 1.8
    base = alt.Chart(data(rows)).encode(
        y=alt.Y("name:N", sort=None, axis=quiet(labelOverlap=False)),
        x=alt.X("customers:Q", scale=alt.Scale(domain=[0, most]), axis=None),
    )
    bar = base.mark_bar(cornerRadiusEnd=3, height=20).encode(
        color=alt.Color("tier:N", scale=coloured(palette.TIER), legend=None),
        tooltip=[
            alt.Tooltip("name:N", title="Tier"),
            alt.Tooltip("customers:Q", title="Customers", format=","),
            alt.Tooltip("said:N", title="Customers, and their mean probability of default"),
        ],
    )
    text = base.mark_text(align="left", dx=5, fontSize=11, color=palette.INK).encode(text="said:N")
    return alt.layer(bar, text).properties(height=40 * len(rows) + 20)
