"""Merchants and terminals over the API: what the build stored, whose right it is, and what is masked or not there."""

from urllib.parse import quote

import pytest

from bank360.bank.vocabulary import Role
from bank360.policies.access_table import Action, FieldClass, Resource
from bank360.storage.warehouse import open_warehouse
from tests.api.conftest import STREET, TRADER, serving_api, with_api_settings
from tests.policies.test_access import written

CELLS, _ = written()


def stored(home, table):
    """Return the rows of a warehouse's table."""
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        return warehouse.query(f"SELECT * FROM {table} ORDER BY 1").to_pylist()


@pytest.fixture(scope="module")
def api(iban_home, tmp_path_factory):
    with serving_api(with_api_settings(iban_home, tmp_path_factory.mktemp("api") / "bank")) as opened:
        yield opened


@pytest.mark.parametrize("kind", ["merchant", "terminal"])
def test_a_place_is_told_as_the_build_stored_it_with_meaning_unit_window_and_what_is_unreported(api, iban_home, kind):
    # The busiest: counts that are not all 0.
    place = max(stored(iban_home, f"{kind}_features"), key=lambda row: row[f"{kind}_payments_7d"])
    said = api.ask("GET", f"/v1/{kind}s/{place[f'{kind}_id']}").json()
    values = {one["name"]: one["value"] for one in said["features"]}
    assert values == {name: value for name, value in place.items() if name not in (f"{kind}_id", "as_of")}
    assert (said["kind"], said["id"], said["currency"]) == (kind, place[f"{kind}_id"], "GBP")
    assert said["as_of"] == f"{place['as_of'].isoformat()}Z"
    assert said["not_reported"]["days"] == 7
    assert said["not_reported"]["payments"] == place[f"{kind}_payments_7d"] > 0
    by_name = {one["name"]: one for one in said["features"]}
    assert by_name[f"{kind}_paid_mean_30d"]["unit"] == "minor units"
    assert by_name[f"{kind}_fraud_rate_30d"]["window"] == (
        "the 30 whole local days that ended 7 days before the day described"
    )
    # What is still unreported begins where the frauds counted end.
    assert by_name[f"{kind}_frauds_7d"]["counted_until"] == by_name[f"{kind}_payments_7d"]["counted_from"]
    assert all(one["meaning"] and one["computed"] for one in said["features"])
    # This small bank has no confirmed fraud: nobody knows of any, which is no 0.
    assert {one["name"]: one["value"] for one in said["features"] if one["no_data"]} == {
        name: None for name in values if "fraud" in name
    }


@pytest.mark.parametrize("role", Role)
def test_who_may_read_scores_may_read_places(api, iban_home, role):
    name = stored(iban_home, "terminal_features")[0]["terminal_id"]
    may = (role, Action.READ, Resource.SCORE, FieldClass.ORDINARY) in CELLS
    assert api.ask("GET", f"/v1/terminals/{name}", role).status_code == (200 if may else 403)


def test_an_id_that_nothing_has_is_a_404_that_says_what_to_do_and_repeats_nothing(api, iban_home):
    terminal = stored(iban_home, "terminal_features")[0]["terminal_id"]
    for path in (f"/v1/merchants/{terminal}", "/v1/merchants/zzsent", "/v1/terminals/zzsent"):
        answer = api.ask("GET", path)
        kind = path.split("/")[2].removesuffix("s")
        assert answer.status_code == 404
        assert answer.json()["detail"] == (
            f"No {kind} of this id is published: ids are as transactions name them, and capitals count. One that a "
            "transaction has named since is there after the next nightly run."
        )
        assert terminal not in answer.text
        assert "zzsent" not in answer.text


def test_a_trader_known_by_an_iban_is_found_by_it_and_shown_masked(api):
    answer = api.ask("GET", f"/v1/merchants/{TRADER}")
    assert (answer.status_code, answer.json()["id"]) == (200, "•••3000")
    assert TRADER not in answer.text


def test_a_merchant_is_found_by_an_id_that_is_long_and_has_slashes_and_blanks(api):
    assert len(STREET) > 300
    for path in (quote(STREET, safe=""), quote(STREET)):  # "/" as %2F and as it is
        answer = api.ask("GET", f"/v1/merchants/{path}")
        assert (answer.status_code, answer.json()["id"]) == (200, STREET)


@pytest.mark.parametrize("kind", ["merchants", "terminals"])
def test_an_id_of_no_or_too_many_characters_or_with_a_control_character_is_refused(api, kind):
    for part, status in (("", 422), ("a" * 1_024, 404), ("a" * 1_025, 422), ("a%09b", 422)):
        assert api.ask("GET", f"/v1/{kind}/{part}").status_code == status
