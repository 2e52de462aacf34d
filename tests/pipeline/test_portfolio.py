"""Portfolio figures of two loans, a card and a mortgage, worked by hand; and the same from a version."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from bank360.bank.calendar import instant, to_datetime
from bank360.pipeline.portfolio import LineFigures, portfolio, published_portfolio
from bank360.policies.expected_loss import LineExposure, at_stake, customer_loss
from bank360.storage.credit_accounts import exposures
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import open_warehouse
from tests.rows import fill

NOW = instant(datetime(2026, 6, 15, 12, tzinfo=UTC))
MAY, APRIL = date(2026, 5, 31), date(2026, 4, 30)


def month(account, end, balance, days=0, **more):
    return {"account_id": account, "month_end": end, "balance": balance, "days_past_due": days,
            "status": "performing", **more}  # fmt: skip


@pytest.fixture
def bank(tmp_path):
    """L1 (Ann, 10 %) pays; L2 (Bob, 20 %) is 95 days late; the joint card is 40 days late; M is a mortgage of Ann's."""
    with open_warehouse(tmp_path / "w.duckdb", 1, "500MB") as w:
        prepare(w)
        fill(w, "products", *({"product_id": p, "line": line} for p, line in
                              (("L", "personal_loan"), ("C", "credit_card"), ("M", "mortgage"))))  # fmt: skip
        fill(w, "source_keys", *({"source": "s", "source_key": k, "customer_id": c} for k, c in
                                 (("a", "CA"), ("b", "CB"))))  # fmt: skip
        opened = {"L1": date(2025, 1, 10), "L2": date(2025, 2, 1), "C1": date(2025, 3, 3), "M1": date(2020, 1, 1)}
        fill(w, "accounts", *({"account_id": a, "product_id": a[0], "currency": "GBP", "opened_on": on}
                              for a, on in opened.items()))  # fmt: skip
        parties = (("L1", "a", "owner"), ("L2", "b", "owner"), ("C1", "a", "owner"), ("C1", "b", "joint_holder"),
                   ("M1", "a", "owner"))  # fmt: skip
        fill(w, "account_parties", *({"account_id": a, "customer_id": k, "role": r} for a, k, r in parties))
        fill(
            w,
            "credit_months",
            month("L1", APRIL, 1_100), month("L1", MAY, 1_000),
            month("L2", APRIL, 2_000, 64), month("L2", MAY, 2_000, 95),
            month("C1", MAY, 500, 40, credit_limit=1_500),
            month("M1", MAY, 100_000), month("M1", APRIL, 100_500, written_off=7),
        )  # fmt: skip
        at = pa.array([datetime(2026, 6, 15)] * 2, pa.timestamp("us"))  # noqa: DTZ001
        index = pa.table({"customer_id": ["CA", "CB"], "customer": pa.array([0, 1], pa.int32())})
        w.replace_table("customer_index", index)
        w.replace_table("scores", pa.table({"customer_id": ["CA", "CB"], "as_of": at, "probability": [0.1, 0.2],
                                            "tier": ["low", "high"]}))  # fmt: skip
        yield w


def test_figures_by_line_are_those_worked_by_hand(bank, open_on):
    with open_on(bank, "Europe/London", "GBP", "GB") as engine:
        found = portfolio(engine.tables, NOW, "Europe/London", "GBP")
    by_line = {line.line: line for line in found.lines}
    # 0.65 × (1,000 × 0.10 + 2,000 in default) = 1,365
    assert by_line["personal_loan"] == LineFigures("personal_loan", 2, 3_000, 1, 2_000, 1, 2_000, 1_365, 0, 0, 1)
    # 1,000 are left to draw: 0.65 × (500 + 0.60 × 1,000) × (0.10 + 0.20) / 2 = 107.25
    assert by_line["credit_card"] == LineFigures("credit_card", 1, 500, 1, 500, 0, 0, 107, 0, 0, 0)
    # 0.15 × 100,000 × 0.10 = 1,500; 7 were written off in April, which is a default
    assert by_line["mortgage"] == LineFigures("mortgage", 1, 100_000, 0, 0, 0, 0, 1_500, 0, 7, 1)
    assert found.total == LineFigures("total", 4, 103_500, 2, 2_500, 1, 2_000, 2_972, 0, 7, 2)
    assert [(m.month_end, m.exposure, m.past_due_30, m.past_due_90) for m in found.months] == [
        (APRIL, 103_600, 2_000, 0),
        (MAY, 103_500, 2_500, 2_000),
    ]
    assert [(t.tier, t.customers, t.probability) for t in found.tiers] == [("high", 1, 0.2), ("low", 1, 0.1)]


def test_what_customers_owe_adds_up_to_the_banks_expected_loss_a_joint_account_in_full_for_each(bank):
    owed = {}
    for row in exposures(bank, to_datetime(NOW), date(2026, 6, 15), "GBP").to_pylist():
        owed.setdefault(row.pop("customer_id"), []).append(LineExposure(**row))
    # Ann: loan 1,000, mortgage 100,000, card 500 of 1,500; Bob: loan of 2,000 in default, and the same card.
    assert {customer: at_stake(held) for customer, held in owed.items()} == {"CA": 102_100, "CB": 3_100}
    # Ann 0.10 × (0.65 × 1,000 + 0.15 × 100,000 + 0.65 × 1,100); Bob 0.65 × 2,000 + 0.20 × 0.65 × 1,100
    assert (customer_loss(owed["CA"], 0.1), customer_loss(owed["CB"], 0.2)) == (round(1_636.5), 1_443)
    assert customer_loss(owed["CA"], None) is None
    # The bank counts the card once, at the mean of both: 0.15 where each of them has it in full, 0.10 and 0.20.
    whole = portfolio(bank, NOW, "Europe/London", "GBP").total.expected_loss
    assert whole == round(1_636.5 + 1_443 - 0.65 * 1_100 * 0.15)


def test_of_who_is_not_scored_only_what_is_in_default_is_known_to_be_lost():
    assert customer_loss([LineExposure("personal_loan", 0, in_default=1_000)], None) == 650
    assert customer_loss([LineExposure("credit_card", 0, 500)], None) is None
    assert customer_loss([], None) == 0


def test_where_nobody_is_scored_lending_is_the_same_and_no_loss_is_expected(bank):
    scored = portfolio(bank, NOW, "Europe/London", "GBP")
    bank.execute("DROP TABLE scores")
    found = portfolio(bank, NOW, "Europe/London", "GBP", scored=False)
    assert (found.scored, found.tiers, found.total.expected_loss) == (False, (), None)
    assert {line.expected_loss for line in found.lines} == {None}
    # What is owed, late, written off and in default rests on no score; not in default are 103,500 - 2,000.
    same = [replace(line, expected_loss=None, unscored=0) for line in (*scored.lines, scored.total)]
    assert [replace(line, unscored=0) for line in (*found.lines, found.total)] == same
    assert found.total.unscored == 101_500
    assert (found.months, found.vintages) == (scored.months, scored.vintages)


def test_a_vintage_counts_who_was_ever_ninety_days_late_by_then_of_all_opened_in_the_quarter(bank, open_on):
    with open_on(bank, "Europe/London", "GBP", "GB") as engine:
        (vintage,), (later,) = (
            portfolio(engine.tables, NOW + days * 86_400_000_000, "Europe/London", "GBP").vintages for days in (0, 100)
        )
    # The first quarter of 2025 ended on 31 March: its accounts are all on book for 12 months by 15 June 2026. L2 was 95
    # days late on 31 May 2026, 16 months after it was opened.
    assert (vintage.quarter, vintage.accounts) == (date(2025, 1, 1), 3)
    assert vintage.ever_90 == ((3, 0.0), (6, 0.0), (9, 0.0), (12, 0.0))
    assert later.ever_90 == ((3, 0.0), (6, 0.0), (9, 0.0), (12, 0.0), (15, 0.0))


def test_a_version_holds_the_same_figures(read_bank):
    with read_bank.published.current() as version:
        meta = version.meta
        assert published_portfolio(version) == portfolio(
            read_bank.night.warehouse, meta.as_of, meta.zone, meta.currency
        )
