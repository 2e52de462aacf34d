"""`explain`: one score taken apart, from that customer's rows alone, as the night run and the profile have it."""

import json
import math
import re

import numpy as np
import pytest

from bank360.bank.calendar import MICROS_PER_DAY
from bank360.features.compute import compute
from bank360.features.families import ALL_FEATURES
from bank360.features.spine import Spine
from bank360.pipeline.build import packed_histories
from bank360.pipeline.describe import describing_only
from bank360.storage.registry import Registry
from bank360.storage.warehouse import open_warehouse
from tests.features.bits import assert_same_bits

OWN = ("Europe/London", "GBP", "GB")
MERGED = "SELECT customer_id FROM source_keys WHERE valid_to IS NULL GROUP BY 1 HAVING count(*) > 1"
JOINT = (
    "SELECT k.customer_id FROM account_parties h JOIN source_keys k ON k.source_key = h.customer_id"
    " WHERE h.liability_share < 1 AND k.valid_to IS NULL"
)
ANYBODY = "SELECT customer_id FROM scores"


@pytest.fixture(scope="module")
def people(scored):
    """Customers as different as there are: with several records, with joint accounts, and a few of the rest."""
    found = []
    with open_warehouse(scored / "warehouse.duckdb", 1, "500MB") as warehouse:
        for sql in (MERGED, JOINT, ANYBODY):
            some = f"SELECT DISTINCT customer_id FROM ({sql}) SEMI JOIN scores USING (customer_id) ORDER BY 1 LIMIT 3"
            rows = warehouse.query(some).to_pylist()
            assert rows
            found += [str(row["customer_id"]) for row in rows]
    return list(dict.fromkeys(found))


def test_one_customers_rows_give_the_features_that_the_whole_banks_give_to_the_last_bit(scored, people):
    """On the night and half a year before it, which cuts through histories, holders and corrections."""
    with open_warehouse(scored / "warehouse.duckdb", 1, "500MB") as warehouse:
        now = warehouse.number("SELECT epoch_us(max(as_of)) FROM customer_features")
        at = np.array([now, now - 183 * MICROS_PER_DAY])
        histories = packed_histories(warehouse, *OWN, ALL_FEATURES, 1)
        for customer_id in people:
            dense = "SELECT customer FROM customer_index WHERE customer_id = ?"
            place = warehouse.number(dense, [customer_id])
            whole = compute(histories, Spine(np.arange(2), np.full(2, place, dtype=np.int32), at), ALL_FEATURES)
            with describing_only(warehouse, customer_id, *OWN) as (own, describe, _):
                place = own.number(dense, [customer_id])
                alone = describe(Spine(np.arange(2), np.full(2, place, dtype=np.int32), at), ALL_FEATURES)
            assert_same_bits(alone.values, whole.values)
            assert np.isfinite(whole.values[0]).sum() > 50


def test_what_is_taken_apart_is_the_score_that_stands(bank360, scored, people):
    with open_warehouse(scored / "warehouse.duckdb", 1, "500MB") as warehouse:
        rows = warehouse.query("SELECT customer_id, probability, margin, as_of FROM scores").to_pylist()
    stands = {row["customer_id"]: row for row in rows}
    for customer_id in people[:3]:
        told = json.loads(bank360("explain", customer_id, "--home", scored, "--json").out)
        assert told["stands"]
        assert (told["probability"], told["margin"]) == (
            stands[customer_id]["probability"], stands[customer_id]["margin"],
        )  # fmt: skip
        assert told["as_of"] == stands[customer_id]["as_of"].isoformat() + "+00:00"
    printed = bank360("explain", people[0], "--home", scored).out
    assert "the score that stands" in " ".join(printed.split())


def test_a_value_is_printed_as_the_profile_prints_it(bank360, scored, people):
    """The balance among the inputs, in the bank's currency, to the minor unit."""
    for customer_id in people:
        told = json.loads(bank360("explain", customer_id, "--home", scored, "--json").out)
        balance = next(one for one in told["inputs"] if one["name"] == "balance_mean_90d")
        if balance["value"] is None:
            continue
        printed = bank360("explain", customer_id, "--home", scored).out
        shown = bank360("profile", "show", customer_id, "--home", scored).out
        amount = f"{round(balance['value']) / 100:,.2f} GBP"
        assert amount in printed
        assert amount in shown
        assert "minor units" not in printed
        return
    pytest.fail("nobody has a balance")


def test_another_request_than_the_one_that_was_scored_is_applied_as_of_now(bank360, scored, people):
    ran = bank360("explain", people[0], "--home", scored, "--json")
    (scored / "bank360.yaml").write_text(
        (kept := (scored / "bank360.yaml").read_text(encoding="utf-8")) + "standard_request: {amount: 100000}\n",
        encoding="utf-8",
    )
    try:
        told = json.loads(bank360("explain", people[0], "--home", scored, "--json").out)
        printed = bank360("explain", people[0], "--home", scored).out
    finally:
        (scored / "bank360.yaml").write_text(kept, encoding="utf-8")
    assert (json.loads(ran.out)["stands"], told["stands"]) == (True, False)
    assert "1,000.00 GBP" in printed
    assert "applied as of now" in " ".join(printed.split())


def test_an_input_outside_training_is_named_with_its_value_and_range(bank360, scored):
    part = Registry(scored / "registry").load("application_pd").model.parts[0].model
    ranges = {one.name: (part.low[j], part.high[j]) for j, one in enumerate(part.inputs)}
    low, high = ranges["balance_mean_90d"]
    with open_warehouse(scored / "warehouse.duckdb", 1, "500MB") as warehouse:
        beyond = warehouse.query(
            "SELECT customer_id, balance_mean_90d AS value FROM customer_features SEMI JOIN scores USING (customer_id)"
            " WHERE balance_mean_90d < ? OR balance_mean_90d > ? ORDER BY customer_id",
            [float(low), float(high)],
        ).to_pylist()
        stored = warehouse.query("SELECT * FROM score_outside WHERE input = 'balance_mean_90d' ORDER BY customer_id")
    assert beyond
    assert [(row["customer_id"], row["value"]) for row in stored.to_pylist()] == [
        (row["customer_id"], row["value"]) for row in beyond
    ]
    someone, value = beyond[0]["customer_id"], beyond[0]["value"]
    amounts = [f"{round(number) / 100:,.2f} GBP" for number in (value, low, high)]
    said = f"(balance_mean_90d) is {amounts[0]}, outside what the model was trained on: {amounts[1]} to {amounts[2]}."
    for verb in (["profile", "show"], ["explain"]):
        printed = " ".join(bank360(*verb, someone, "--home", scored).out.split())
        assert said in printed


def test_an_explanation_adds_up_on_the_screen_too(bank360, scored):
    with open_warehouse(scored / "warehouse.duckdb", 1, "500MB") as warehouse:
        someone = warehouse.row("SELECT customer_id FROM scores ORDER BY probability DESC, customer_id LIMIT 1")[0]
    printed = bank360("explain", someone, "--home", scored).out
    assert printed.startswith("application_pd ")
    assert f"for {someone}" in printed
    assert "  base\n" in printed
    told = json.loads(bank360("explain", someone, "--home", scored, "--json").out)
    parts = [told["base"], *(one["contribution"] for one in told["inputs"])]
    assert abs(sum(parts) - told["margin"]) < 1e-9
    _, tail = printed.split("  input\n", 1)
    rows, told_sum = tail.split("log-odds before calibration: the sum of the above")[0], told["margin"]
    *added, total = [float(line.split()[0]) for line in rows.splitlines() if line.lstrip()[:1] in "+-" and line.strip()]
    assert total == pytest.approx(told_sum, abs=5e-4)
    assert sum(added) == pytest.approx(total, abs=1e-9)  # as printed, to the last digit
    found = re.search(
        r"log-odds before calibration ([-+.\d]+); calibration adds ([-+.\d]+): log-odds ([-+.\d]+), which is a "
        rf"probability of {told['probability'] * 100:.1f} %",
        " ".join(tail.split()),
    )
    assert found is not None
    before, adds, after = found.groups()
    assert float(before) == total
    assert float(before) + float(adds) == pytest.approx(float(after))
    assert 1 / (1 + math.exp(-float(after))) == pytest.approx(told["probability"], abs=1e-3)
    assert told["log_odds"] == pytest.approx(float(after), abs=5e-4)


def test_of_who_is_in_default_the_explanation_says_that_it_is_of_a_new_request(bank360, scored):
    with open_warehouse(scored / "warehouse.duckdb", 1, "500MB") as warehouse:
        by_tier = {
            tier: warehouse.row("SELECT min(customer_id) FROM scores WHERE tier = ?", [tier])[0]
            for tier in ("in_default", "low")
        }
    for tier, someone in by_tier.items():
        told = json.loads(bank360("explain", someone, "--home", scored, "--json").out)
        printed = " ".join(bank360("explain", someone, "--home", scored).out.split())
        assert told["in_default"] == (tier == "in_default")
        assert ("The customer is in default: the probability is that of a new request" in printed) == told["in_default"]


def test_a_source_key_is_explained_as_its_customer(bank360, scored):
    with open_warehouse(scored / "warehouse.duckdb", 1, "500MB") as warehouse:
        key, someone = warehouse.row(
            "SELECT k.source_key, k.customer_id FROM source_keys k JOIN scores s USING (customer_id)"
            " WHERE k.valid_to IS NULL ORDER BY k.source_key LIMIT 1"
        )
    told = json.loads(bank360("explain", key, "--home", scored, "--json").out)
    assert told["customer_id"] == someone


def test_nobody_of_that_name_cannot_be_explained(refused, scored):
    assert "No customer and no source key is called 'NOBODY'" in refused("explain", "NOBODY", "--home", scored)


def test_whoever_has_left_is_not_told_that_they_are_a_child(bank360, scored):
    sql = (
        "SELECT k.customer_id FROM customers c JOIN source_keys k ON k.source_key = c.customer_id"
        " WHERE c.superseded_time IS NULL AND c.left_on IS NOT NULL AND c.birth_date < DATE '1990-01-01'"
        " AND k.valid_to IS NULL AND k.customer_id NOT IN (SELECT customer_id FROM scores) ORDER BY 1 LIMIT 1"
    )
    with open_warehouse(scored / "warehouse.duckdb", 1, "500MB") as warehouse:
        (found,) = warehouse.query(sql).to_pylist()
    ran = bank360("explain", found["customer_id"], "--home", scored)
    assert ran.code == 2
    assert "no company, and nobody who has left or died" in " ".join(ran.err.split())
