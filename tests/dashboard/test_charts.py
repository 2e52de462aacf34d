"""What charts draw can be read: axes end where the quantity does, words stand clear of lines, months are right."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.bank.vocabulary import Role
from bank360.dashboard.charts_customer import arrears_of, last_month_end, strip
from bank360.dashboard.charts_desk import month, steps
from bank360.dashboard.charts_portfolio import held_bars, ticks
from bank360.dashboard.opened import bank
from bank360.pipeline.published_rows import published_profile
from bank360.storage.published_lists import LONGEST_PAGE, found_customers
from tests.dashboard.bank import published_home, served_home  # noqa: F401 - fixtures
from tests.dashboard.visitor import go, texts, visitor


def dicts(chart):
    """Yield every dict of a chart as Vega-Lite reads it."""
    waiting = [chart.to_dict()]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()


@given(st.floats(min_value=0.01, max_value=1))
def test_no_axis_of_shares_goes_beyond_the_whole_and_its_lines_go_up_to_the_longest_bar(longest):
    lines = ticks(longest)
    assert lines[0] == 0
    assert lines[-1] <= 1
    assert 1 < len(lines) <= 6
    assert longest - lines[-1] < 0.2


def test_the_chart_of_holdings_has_that_axis_and_counts_where_a_bar_was_a_year_ago():
    rows = [{"line": "Savings", "share": 0.4, "before": 0.99, "said": "40.0 %"},
            {"line": "Loan", "share": 0.1, "before": None, "said": "10.0 %"}]  # fmt: skip
    axes = [one["axis"] for one in dicts(held_bars(rows)) if "values" in (one.get("axis") or ())]
    assert axes
    assert all(axis["values"] == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] for axis in axes)


def test_no_amount_of_the_month_is_written_across_the_line_of_the_buffer():
    """Reckoned in pixels of the chart's height, from the texts and the line as Vega-Lite is told to draw them."""
    buffer, ends = 100.0, (-900.0, -301.0, 0.0, 45.0, 99.0, 100.0, 101.0, 130.0, 900.0)
    bars = [
        {"name": f"{low} {high}", "low": low, "high": high, "value": high - low, "kind": "goes out"}
        for low in ends for high in ends
    ]  # fmt: skip
    spec = month(bars, buffer, "£").to_dict()
    rows_of, [_, *layers] = spec["datasets"], spec["layer"]
    per_pixel = (max(ends) - min(ends)) / spec["height"]
    (line,) = (one for one in layers if one["mark"]["type"] == "rule")
    (at_line,) = (row[line["encoding"]["y"]["field"]] / per_pixel for row in rows_of[line["data"]["name"]])
    written = 0
    for one in layers:
        if one["mark"]["type"] == "text":
            # Vega-Lite's text is 11 pixels high, its middle at the value and dy pixels further down.
            assert not {"baseline", "fontSize", "angle"} & one["mark"].keys()
            for row in rows_of[one["data"]["name"]]:
                middle = row[one["encoding"]["y"]["field"]] / per_pixel - one["mark"]["dy"]
                assert abs(middle - at_line) > 11 / 2, row
                written += 1
    assert written == len(bars)


def test_every_amount_of_the_month_is_written_once():
    rows = [row | {"kind": "goes out"} for row in steps([("Income", 2105.0), ("Spend", -2400.0)], "Left over")]
    spec = month(rows, 100.0, "£").to_dict()
    layers = (one for one in spec["layer"] if isinstance(one["mark"], dict) and one["mark"]["type"] == "text")
    written = [[row["name"] for row in spec["datasets"][one["data"]["name"]]] for one in layers]
    assert written == [["Income", "Spend"], ["Left over"]]


def test_the_arrears_record_ends_with_the_latest_month_end_though_the_credit_was_closed_before():
    rows = [{"account": "A", "month": "2024-12", "days": 0, "step": arrears_of(0)}]
    (months,) = {
        tuple(one["scale"]["domain"]) for one in dicts(strip(rows, last_month_end(date(2026, 7, 1))))
        if one.get("field") == "month" and "scale" in one
    }  # fmt: skip
    assert (months[0], months[-1], len(months)) == ("2024-07", "2026-06", 24)


@pytest.mark.usefixtures("served_home")
def test_the_chart_of_money_says_how_many_categories_it_leaves_out():
    with bank().published.current() as version:
        many = {
            one.customer_id: sum(
                len([row for row in listing.rows if row[listing.columns.index("currency")] == "GBP"])
                for block in published_profile(version, one.customer_id).blocks
                for listing in block.listings
                if listing.name == "categories"
            )
            for one in found_customers(version, most=LONGEST_PAGE).rows
        }
    most, fewest = max(many, key=many.__getitem__), min((n, one) for one, n in many.items() if n)[1]
    assert many[most] > 8 >= many[fewest]
    for customer, left_out in ((most, True), (fewest, False)):
        said = texts(go(visitor(Role.RISK_ANALYST), "customers", customer=customer))
        (note,) = (one for one in said if "In to the right, out to the left." in one)
        assert note.startswith(f"The 8 largest of {many[customer]} categories") == left_out
