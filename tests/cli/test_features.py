"""`bank360 features`: definitions, where they come from, and values with the very rows behind them."""

import json
import math
import re
import shutil
from datetime import UTC, timedelta

import numpy as np
import pytest

from bank360.bank.calendar import MICROS_PER_DAY, instant
from bank360.features.compute import compute
from bank360.features.families import CATALOGUE, FAMILIES_OF
from bank360.features.families.spending import CATEGORY_MAP
from bank360.features.feature import Feature
from bank360.features.scan import Entity
from bank360.features.spine import Spine
from bank360.models.catalogue import MODELS
from bank360.pipeline.describe import describing_only
from bank360.pipeline.feature_value import rows_behind
from bank360.pipeline.place_histories import place_histories
from bank360.pipeline.train import features_of
from bank360.storage.customer_features import customer_ids
from bank360.storage.places import one_place
from bank360.storage.warehouse import open_warehouse
from tests.features import naive
from tests.rows import fill, stored

OWN = ("Europe/London", "GBP", "GB")


@pytest.fixture(scope="module")
def somebody(scored) -> str:
    """The customer with most transactions on accounts that are held jointly."""
    with open_warehouse(scored / "warehouse.duckdb", 1, "500MB") as warehouse:
        rows = warehouse.query(
            "SELECT k.customer_id FROM account_parties h JOIN source_keys k ON k.source_key = h.customer_id"
            " JOIN transactions t ON t.account_id = h.account_id"
            " WHERE h.liability_share < 1 AND k.valid_to IS NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
        )
    return str(rows.to_pylist()[0]["customer_id"])


@pytest.fixture
def home_copy(scored, tmp_path):
    """A copy of the bank that a test may change."""
    return shutil.copytree(scored, tmp_path / "bank", ignore=shutil.ignore_patterns("raw", "landing", "published"))


def test_the_op_over_the_rows_that_are_named_is_the_value_for_every_feature(scored, somebody):
    """Every family of customers, on the night, and half a year before it."""
    events = of_events(Entity.CUSTOMER)
    with open_warehouse(scored / "warehouse.duckdb", 1, "500MB") as warehouse:
        now = warehouse.number("SELECT epoch_us(max(as_of)) FROM customer_features")
        with describing_only(warehouse, somebody, *OWN, events) as (own, describe, _):
            number = customer_ids(own).index(somebody)
            rows, named = 0, set()
            for at in (now, now - 183 * MICROS_PER_DAY):
                spine = Spine(np.array([0]), np.array([number], dtype=np.int32), np.array([at]))
                matrix = describe(spine, events)
                values = dict(zip(matrix.names, matrix.values[0].tolist(), strict=True))
                for behind in rows_behind(own, events, number, at, *OWN):
                    counted = [one.event for one in behind.events]
                    again = naive.feature_value(counted, behind.feature, at, OWN[0])
                    assert_explained(values[behind.feature.name], again, counted)
                    rows += len(counted)
                    named |= {tuple(str(event[name]) for name in behind.key) for event in counted}
    assert rows > 1_000
    assert len(named) > 100


@pytest.mark.parametrize("entity", [Entity.MERCHANT, Entity.TERMINAL])
def test_the_op_over_the_rows_that_are_named_is_the_value_of_a_place(home_copy, entity):
    """Every feature of the busiest one, nine days after some of its payments and at once after the last."""
    events = of_events(entity)
    with open_warehouse(home_copy / "warehouse.duckdb", 1, "500MB") as warehouse:
        paid = warehouse.query(
            f"SELECT {entity.key} AS place, transaction_id, event_time FROM transactions"
            f" WHERE {entity.key} = (SELECT mode({entity.key} ORDER BY {entity.key}) FROM transactions"
            " WHERE scheme IN ('card', 'cash')) AND amount < 0 ORDER BY event_time DESC, 2 LIMIT 40"
        ).to_pylist()
        for number, one in enumerate(paid[::3]):
            case = {"case_id": f"case {number}", "subject": one["transaction_id"], "kind": "card"}
            known = {"outcome": "confirmed", "known_time": one["event_time"] + timedelta(days=2)}
            fill(warehouse, "fraud_cases", case | known)
        index = one_place(paid[0]["place"])
        at = [micros_of(one["event_time"] + timedelta(days=9)) for one in paid[::8]]
        at.append(micros_of(paid[0]["event_time"] + timedelta(minutes=1)))
        histories = place_histories(warehouse, index, *OWN, events, 1)
        matrix = compute(histories, Spine(np.arange(len(at)), np.zeros(len(at), dtype=np.int32), np.array(at)), events)
        some = set()
        for as_of, row in zip(at, matrix.values.tolist(), strict=True):
            values = dict(zip(matrix.names, row, strict=True))
            for behind in rows_behind(warehouse, events, 0, as_of, *OWN, index):
                counted = [one.event for one in behind.events]
                again = naive.feature_value(counted, behind.feature, as_of, OWN[0])
                assert_explained(values[behind.feature.name], again, counted)
                some |= {behind.feature.name} if counted else set()
    assert some == {feature.name for feature in events}


def of_events(entity):
    features = [feature for family in FAMILIES_OF[entity].values() for feature in family]
    return [feature for feature in features if isinstance(feature, Feature)]


def assert_explained(value, again, counted):
    assert value == again or (math.isnan(value) and (math.isnan(again) or not counted))


def micros_of(at):
    return instant(at.replace(tzinfo=UTC))


def test_one_value_is_printed_with_its_parts_window_and_rows(bank360, scored, somebody):
    ran = bank360("features", "value", somebody, "--feature", "spend_growth", "--most", "2", "--home", scored)
    assert ran.code == 0, ran.err
    assert "spend_growth" in ran.out
    assert "spend_90d: " in ran.out
    assert "earlier rows: --most " in ran.out
    said = ran.out
    ran = bank360("features", "value", somebody, "--feature", "spend_90d", "--home", scored, "--json")
    found = json.loads(ran.out)
    assert found["customer_id"] == somebody
    assert [one["feature"] for one in found["values"]] == ["spend_90d"]
    assert f"spend_90d: {len(found['rows'])} rows of 'transactions'" in said


def test_lineage_goes_down_to_the_rows_of_one_customer(bank360, refused, scored, somebody):
    ran = bank360("features", "lineage", "spend_growth", "--of", somebody, "--most", "2", "--home", scored)
    assert ran.code == 0, ran.err
    columns, _, below = ran.out.partition("model application_pd")
    assert "transactions.amount" in columns
    valued = bank360("features", "value", somebody, "--feature", "spend_growth", "--most", "2", "--home", scored).out
    assert below.endswith(valued)
    told = json.loads(bank360("features", "lineage", "spend_90d", "--of", somebody, "--home", scored, "--json").out)
    asked = json.loads(bank360("features", "value", somebody, "--feature", "spend_90d", "--home", scored, "--json").out)
    assert told["of"] == asked
    assert asked["rows"] != []
    assert "No customer" in refused("features", "lineage", "spend_90d", "--of", "nobody", "--home", scored)


def test_a_day_is_the_banks_own_and_its_midnight_counts_nothing_of_it(bank360, scored, somebody):
    ran = bank360("features", "value", somebody, "--as-of", "2023-02-01", "--home", scored, "--json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert found["as_of"] == "2023-02-01T00:00:00+00:00"
    own = {feature.name for family in FAMILIES_OF[Entity.CUSTOMER].values() for feature in family}
    assert [one["feature"] for one in found["values"]] == [feature.name for feature in CATALOGUE if feature.name in own]
    ran = bank360("features", "value", somebody, "--as-of", "yesterday", "--home", scored)
    assert ran.code == 2
    assert "'yesterday' is no day and no instant. Write --as-of 2026-03-01" in ran.err
    ran = bank360("features", "value", somebody, "--as-of", "2126-02-01", "--home", scored)
    assert ran.code == 2
    assert "--as-of 2126-02-01 lies after now, which is " in ran.err
    assert "leave --as-of out" in ran.err


def test_a_definition_names_window_rows_needs_and_models(bank360):
    ran = bank360("features", "show", "salaries_90d")
    assert ran.code == 0, ran.err
    for words in (
        "the 90 whole local days before",
        "three credits of the same payer",
        "bank holidays are known of a bank in GB",
        "less is riskier",
        "application_pd",
    ):
        assert words in " ".join(ran.out.split())
    ran = bank360("features", "lineage", "spend_growth")
    assert "transactions.amount" in ran.out
    assert "1.0" not in ran.out
    assert "4.05556 * spend_90d / spend_365d - 1" in ran.out
    assert "model application_pd, reason R15" in ran.out


def test_the_list_is_the_whole_catalogue_or_one_family(bank360):
    ran = bank360("features", "list", "--json")
    catalogue = [feature.name for feature in CATALOGUE]
    names = [one["name"] for one in json.loads(ran.out)]
    assert names[: len(catalogue)] == catalogue
    assert set(names) == {*catalogue, *(feature.name for feature in features_of(MODELS))}
    ran = bank360("features", "list", "--family", "cross_border")
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[1].startswith("cross border (")
    ran = bank360("features", "list", "--family", "application")
    assert ran.out.splitlines()[1].startswith("application (")
    assert "  shared_device " in ran.out


def test_whoever_looks_for_credit_score_income_and_repayment_history_finds_the_three(bank360):
    lines = bank360("features", "list").out.splitlines()
    assert {"income", "repayment"} <= {line.split(" (")[0] for line in lines if " (" in line}
    assert [line.split()[1:6] for line in lines if line.startswith("  bureau_score ")] == [
        ["score", "of", "the", "credit", "bureau"]
    ]


def test_what_is_read_of_an_application_is_shown_with_lineage_and_its_value_refused_with_what_to_ask(
    bank360, refused, scored, somebody
):
    shown = " ".join(bank360("features", "show", "shared_device").out.split())
    assert "shared_device: others' applications with the same device in 90 days of an application" in shown
    assert "family application, owned by fraud" in shown
    assert "needs rows in 'applications'; rows in 'application_parties'; rows in 'identifier_tokens'" in shown
    with_data = bank360("features", "show", "shared_device", "--home", scored).out
    assert "  data      the bank has delivered what it needs" in with_data
    said = bank360("features", "lineage", "shared_device").out
    assert "  identifier_tokens.token\n" in said
    assert "model application_fraud, reason R21" in said
    for words in (("value", somebody, "--feature", "shared_device"), ("lineage", "shared_device", "--of", somebody)):
        told = " ".join(refused("features", *words, "--home", scored).split())
        assert "'shared_device' is of an application: no customer, merchant or terminal has a value of it." in told
        assert "'bank360 explain" in told
        assert " prints what the models read for the standard request" in told


def test_lineage_names_all_that_a_value_rests_on(bank360):
    said = bank360("features", "lineage", "balance_mean_90d").out
    assert "  account_parties.liability_share\n" in said
    assert "whose it is: account_parties.account_id, " in said
    assert "known when:  known_time and superseded_time of each of these tables" in said
    assert "  transactions.event_precision\n" in bank360("features", "lineage", "night_purchases_90d").out
    found = json.loads(bank360("features", "lineage", "spend_90d", "--json").out)
    assert {"transactions.account_id", "transactions.actor_customer_id"} <= set(found["found_by"])


def test_a_derived_feature_shows_the_windows_of_its_parts_and_the_map_that_it_reads(bank360):
    said = " ".join(bank360("features", "show", "spend_growth").out.split())
    year = "spend_365d: the 365 whole local days before the day described"
    assert f"window spend_90d: the 90 whole local days before the day described; {year}" in said
    assert f"map essential and discretionary spending by category map {CATEGORY_MAP}" in said
    assert "category map" not in bank360("features", "show", "balance_mean_90d").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("list", "--family", "money"), "There is no family 'money'. There are: spending"),
        (("show", "spend_90"), "There is no feature 'spend_90'. Did you mean spend_90d"),
        (("value", "nobody", "--home"), "No customer and no source key is called 'nobody'"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(bank360, scored, words, told):
    ran = bank360("features", *words, *([scored] if words[-1] == "--home" else []))
    assert ran.code == 2
    assert told in " ".join(ran.err.split())


def test_a_merchants_values_are_printed_with_the_payments_behind_one(bank360, scored):
    with open_warehouse(scored / "warehouse.duckdb", 1, "500MB") as warehouse:
        busiest = warehouse.query(
            "SELECT merchant_id AS id, max(event_time) AS last FROM transactions"
            " WHERE scheme = 'card' AND merchant_id IS NOT NULL"
            " AND event_time < (SELECT max(event_time) FROM transactions) - INTERVAL 10 DAY"  # now is just after it
            " GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
        ).to_pylist()[0]
    told = ("features", "value", busiest["id"], "--of", "merchant", "--home", scored)
    day = str((busiest["last"] + timedelta(days=8)).date())
    ran = bank360(*told, "--feature", "merchant_aged_payments_7d", "--as-of", day, "--json")
    assert ran.code == 0, ran.err
    answer = json.loads(ran.out)
    assert answer["merchant_id"] == busiest["id"]
    assert len(answer["rows"]) == answer["values"][0]["value"] >= 1
    everything = bank360(*told, "--as-of", day)
    assert f"merchant {busiest['id']} as of {day}" in everything.out
    rate = next(line for line in everything.out.splitlines() if line.startswith("  merchant_fraud_rate_30d"))
    assert "no data" in rate, "so small a bank has no case about a card"


def test_the_riskiest_merchants_and_terminals_are_listed_as_the_build_stored_them(bank360, refused, scored, home_copy):
    for kind in ("merchant", "terminal"):
        ran = bank360("features", "riskiest", "--of", kind, "--home", scored)
        assert ran.code == 0, ran.err
        assert "nothing was delivered of fraud_cases.kind: card" in " ".join(ran.out.split()), (
            "so small a bank has none"
        )
    with open_warehouse(home_copy / "warehouse.duckdb", 1, "500MB") as warehouse:
        one = warehouse.row("SELECT transaction_id, merchant_id, terminal_id FROM transactions WHERE scheme = 'card'"
                            " AND terminal_id IS NOT NULL AND merchant_id IS NOT NULL AND amount < 0"
                            " AND event_time < (SELECT max(event_time) FROM transactions) - INTERVAL 10 DAY"
                            " ORDER BY event_time DESC, 1 LIMIT 1")  # fmt: skip
        case = {"case_id": "of a card", "subject": one[0], "kind": "card", "outcome": "confirmed"}
        fill(warehouse, "fraud_cases", case | {"known_time": stored("2020-01-01")})
        warehouse.execute("DELETE FROM steps WHERE step = 'build'")
    assert "and of " in bank360("build", "--home", home_copy).out
    for kind, place in zip(("merchant", "terminal"), one[1:], strict=True):
        ran = bank360("features", "riskiest", "--of", kind, "--home", home_copy)
        assert f"1 of {kind}" not in ran.out
        assert ran.out.splitlines()[-1].endswith("prints what is known of one.")
        told = json.loads(bank360("features", "riskiest", "--of", kind, "--home", home_copy, "--json").out)
        (risky,) = told["places"]
        assert (risky["id"], risky["frauds"], told["with_fraud"]) == (place, 1, 1)
        assert f"{risky['share']:.1%}" in ran.out
        value = ("features", "value", place, "--of", kind, "--feature", f"{kind}_fraud_rate_30d", "--home", home_copy)
        answer = json.loads(bank360(*value, "--json").out)
        assert answer["values"][0]["value"] == risky["share"], "the one number wherever it is shown"
        assert answer["as_of"] == told["as_of"]
    assert "'bank360 queue list" in refused("features", "riskiest", "--of", "customer", "--home", scored)


def test_a_feature_of_somebody_else_and_a_merchant_nobody_paid_are_refused_by_name(bank360, scored, somebody):
    other = bank360("features", "value", somebody, "--feature", "merchant_frauds_7d", "--home", scored)
    assert other.code != 0
    assert "describes a merchant, not a customer" in other.err
    nobody = bank360("features", "value", "M9999999", "--of", "merchant", "--home", scored)
    assert nobody.code != 0
    assert "No transaction names merchant 'M9999999'. Did you mean M" in nobody.err


def test_before_a_build_a_customers_value_says_that_nothing_has_been_built(bank360, refused, client_home, tmp_path):
    home = client_home(tmp_path, core="id,since\n1,2024-01-05\n")
    assert bank360("ingest", "--home", home).code == 0
    for words in ((), ("--as-of", "2024-06-01")):
        said = refused("features", "value", "1", *words, "--home", home)
        assert said.startswith("bank360: Nothing has been built yet: ")
        assert said.endswith(f"Run 'bank360 build --home {home}' first.")


def test_no_data_at_an_instant_says_what_had_not_been_delivered_by_then(bank360, client_home, tmp_path):
    home = client_home(tmp_path, core="id,since\n1,2024-01-05\n")
    assert [bank360(step, "--home", home).code for step in ("ingest", "build")] == [0, 0]
    told = bank360("features", "value", "1", "--feature", "calls_365d", "--home", home)
    said = " ".join(told.out.split())
    lacking = "rows in 'interactions'; interactions.kind: call"
    assert f"no data: by this instant the bank had not delivered {lacking}. At a later one it may" in said


def test_the_instant_is_told_to_the_second_where_it_has_seconds(bank360, client_home, tmp_path):
    """A day's file under 'known_after: 0d' is known at the midnight that ends the day: seen after it, and not at it."""
    home = client_home(tmp_path, core="id,since\n1,2024-01-05\n")
    assert [bank360(step, "--home", home).code for step in ("ingest", "build")] == [0, 0]
    value = ("features", "value", "1", "--feature", "calls_365d", "--home", home, "--as-of")
    zone = "Europe/London"
    assert f" as of 2024-02-01 00:00:01 {zone}\n" in bank360(*value, "2024-02-01T00:00:01").out
    assert f" as of 2024-02-01 00:00 {zone}\n" in bank360(*value, "2024-02-01").out


def test_the_instant_that_is_printed_can_be_asked_for_again(bank360, client_home, tmp_path):
    """By 'clock: data' now is a microsecond after what was known last, which at that microsecond is not seen."""
    home = client_home(tmp_path, core="id,since\n1,2024-01-05\n")
    settings = home / "bank360.yaml"
    settings.write_text(re.sub("(?m)^clock: .*$", "clock: data", settings.read_text("utf-8")), "utf-8")
    assert [bank360(step, "--home", home).code for step in ("ingest", "build")] == [0, 0]
    value = ("features", "value", "1", "--feature", "calls_365d", "--home", home)
    told = bank360(*value).out
    instant = told.partition(" as of ")[2].partition(" Europe/London\n")[0]
    assert instant.endswith(".000001")
    assert bank360(*value, "--as-of", instant.replace(" ", "T")).out == told
    later = bank360(*value, "--as-of", instant.replace(" ", "T")[:-1] + "2")
    assert f"lies after now, which is {instant} Europe/London here" in " ".join(later.err.split())


def test_a_definition_with_a_home_says_whether_that_bank_has_data_for_it(bank360, client_home, tmp_path):
    home = client_home(tmp_path / "bank", core="id,since\n1,2024-01-05\n")
    name = "calls_365d"
    nothing = bank360("features", "show", name, "--home", home)
    assert (nothing.code, "  data  " in nothing.out) == (0, False), "nothing is ingested: as without a home"
    assert nothing.out == bank360("features", "show", name).out
    assert bank360("ingest", "--home", home).code == 0
    said = " ".join(bank360("features", "show", name, "--home", home).out.split())
    assert "data none: the bank delivered no rows in 'interactions' and no interactions.kind: call models" in said
    (row,) = (
        row for row in json.loads(bank360("features", "list", "--home", home, "--json").out) if row["name"] == name
    )
    assert row["no_data"] == ["rows in 'interactions'", "interactions.kind: call"]
    listed = bank360("features", "list", "--home", home).out
    assert "no data in this bank" in " ".join(listed.split())


def test_a_definition_with_a_home_says_that_the_bank_has_what_it_needs(bank360, scored):
    said = bank360("features", "show", "spend_90d", "--home", scored).out
    assert "  data      the bank has delivered what it needs" in said
