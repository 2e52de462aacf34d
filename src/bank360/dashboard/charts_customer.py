"""Charts of the Customer 360: the arrears record, why the score is what it is, and where money went."""

from datetime import date, timedelta

import altair as alt

from bank360.dashboard import palette
from bank360.dashboard.charts import AnyChart, Rows, captions, coloured, data, in_money, legend, quiet

_WORST_OF = ((0, "up to date"), (29, "1 to 29"), (59, "30 to 59"), (90, "60 to 90"))


def arrears_of(days_past_due: int | None) -> str | None:
    """Return the step of the strip that days past due fall on; None where they are not known.

    >>> arrears_of(0), arrears_of(30), arrears_of(90), arrears_of(91), arrears_of(None)
    ('up to date', '30 to 59', '60 to 90', 'over 90', None)
    """
    if days_past_due is None:
        return None
    return next((word for most, word in _WORST_OF if days_past_due <= most), "over 90")


def last_month_end(day: date) -> str:
    """Return the month of the latest month end up to a day, as "2026-05".

    >>> last_month_end(date(2026, 7, 1)), last_month_end(date(2026, 7, 31)), last_month_end(date(2026, 1, 30))
    ('2026-06', '2026-07', '2025-12')
    """
    ended = (day + timedelta(days=1)).replace(day=1) - timedelta(days=1)
    return f"{ended:%Y-%m}"


def strip(rows: Rows, last: str) -> AnyChart:
    """Return the arrears record: a row per account, a cell per month, days past due in it where there are any.

    Parameters
    ----------
    rows
        ``account``, ``month`` ("2026-05"), ``days`` and ``step`` (`arrears_of`).
    last
        The month that the strip ends with: credit that was closed has no cells in its latest months.
    """
    base = alt.Chart(data(rows)).encode(
        x=alt.X(
            "month:O",
            scale=alt.Scale(domain=_months_to(max(last, *(str(row["month"]) for row in rows)))),
            axis=quiet(labelAngle=0, labelOverlap=False, labelExpr=_MONTH),
        ),
        y=alt.Y("account:N", sort=None, axis=quiet(labelLimit=190, labelOverlap=False)),
        tooltip=[
            alt.Tooltip("account:N", title="Account"),
            alt.Tooltip("month:O", title="Month end"),
            alt.Tooltip("days:Q", title="Days past due"),
        ],
    )
    cell = base.mark_rect(cornerRadius=2, stroke=palette.SURFACE, strokeWidth=2).encode(
        color=alt.Color(
            "step:N",
            scale=coloured(palette.ARREARS),
            legend=legend(symbolSize=60, columnPadding=6, labelFontSize=10, offset=2),
        )
    )
    text = base.transform_filter("datum.days > 0").mark_text(fontSize=10).encode(
        text="days:Q",
        color=alt.condition("datum.days > 59", alt.value(palette.SURFACE), alt.value(palette.INK)),
    )  # fmt: skip
    return alt.layer(cell, text).properties(height=30 * len({row["account"] for row in rows}) + 90)


def reason_bars(rows: Rows) -> AnyChart:
    """Return what each stated reason adds to the log-odds, the strongest first.

    Parameters
    ----------
    rows
        ``reason`` in words, ``value`` in log-odds.
    """
    most = max((row["value"] for row in rows), default=1.0) * 1.2
    base = alt.Chart(data(rows)).encode(y=alt.Y("reason:N", sort=None, axis=None))
    x = alt.X(
        "value:Q",
        scale=alt.Scale(domain=[0, most]),
        axis=quiet("log-odds, before calibration", format="+.1f", tickCount=5),
    )
    tooltip = [alt.Tooltip("reason:N", title="Reason"), alt.Tooltip("value:Q", title="Log-odds", format="+.2f")]
    bar = base.mark_bar(color=palette.RISKIER, cornerRadiusEnd=3, height=12, yOffset=4).encode(x=x, tooltip=tooltip)
    text = base.mark_text(align="left", dx=5, dy=4, fontSize=11, color=palette.QUIET).encode(
        x=x, text=alt.Text("value:Q", format="+.2f")
    )
    return alt.layer(bar, text, captions(base, "reason")).properties(height=44 * len(rows) + 70)


def flows(rows: Rows, sign: str) -> AnyChart:
    """Return money in (right) and out (left) by category.

    Parameters
    ----------
    rows
        ``category`` in words, ``way`` ("in" or "out"), ``value`` in major units, out as less than 0.
    sign
        What stands before an amount.
    """
    chart: alt.Chart = (
        alt.Chart(data(rows))
        .mark_bar(cornerRadiusEnd=3)
        .encode(
            y=alt.Y("category:N", sort=None, axis=quiet(labelLimit=150)),
            x=alt.X("value:Q", axis=quiet(f"{sign.strip()} in 90 days", labelExpr=in_money(sign), tickCount=5)),
            color=alt.Color("way:N", scale=coloured({"in": palette.BLUE, "out": palette.ORANGE}), legend=None),
            tooltip=[
                alt.Tooltip("category:N", title="Category"),
                alt.Tooltip("way:N", title="Direction"),
                alt.Tooltip("value:Q", title=sign, format=",.2f"),
            ],
        )
        .properties(height=22 * len({row["category"] for row in rows}) + 60)
    )
    return chart


def largest_of(shown: int, many: int) -> str:
    """Return which of the categories are drawn, where not all are.

    >>> largest_of(8, 12), largest_of(5, 5)
    ('The 8 largest of 12 categories, by money in and out together. ', '')
    """
    return "" if shown >= many else f"The {shown} largest of {many} categories, by money in and out together. "


def _months_to(last: str) -> list[str]:
    """Return the months of the strip, the oldest first, as "2026-05".

    >>> _months_to("2026-01")[0], _months_to("2026-01")[-2:]
    ('2024-02', ['2025-12', '2026-01'])
    """
    number = int(last[:4]) * 12 + int(last[5:]) - 1
    return [f"{one // 12}-{one % 12 + 1:02d}" for one in range(number - _SHOWN + 1, number + 1)]


_SHOWN = 24
# January says its year, the others their letter: two years fit below the narrowest strip.
_MONTH = (
    "slice(datum.value, 5, 7) == '01' ? '’' + slice(datum.value, 2, 4)"
    " : timeFormat(toDate(datum.value + '-15'), '%b')[0]"
)
