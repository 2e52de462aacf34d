"""Who types an account's number finds its holders, masked; a card's token finds its holder for whom tokens may be told.

In the bank of `conftest.iban_home` every account's number is an IBAN.
"""

import pytest

from bank360.bank.vocabulary import Role
from bank360.policies.access_table import Action, FieldClass, Resource
from bank360.storage.warehouse import open_warehouse
from tests.api.conftest import serving_api, with_api_settings
from tests.policies.test_access import written

CELLS, _ = written()
MAY = [role for role in Role if (role, Action.READ, Resource.CUSTOMER, FieldClass.ORDINARY) in CELLS]


@pytest.fixture(scope="module")
def api(iban_home, tmp_path_factory):
    with serving_api(with_api_settings(iban_home, tmp_path_factory.mktemp("api") / "bank")) as opened:
        yield opened


@pytest.fixture(scope="module")
def rows(iban_home):
    """Return how to read a table of the bank."""
    with open_warehouse(iban_home / "warehouse.duckdb", 1, "500MB") as warehouse:
        yield lambda table: warehouse.query(f"SELECT * FROM {table} ORDER BY ALL").to_pylist()


def customers(rows):
    """Return by key of a source whose it is."""
    return {row["source_key"]: row["customer_id"] for row in rows("source_keys") if row["valid_to"] is None}


def holders(rows):
    """Return of every open account who holds it: an owner or joint holder whose part has not ended."""
    whose, found = customers(rows), {}
    for row in rows("account_parties"):
        if row["role"] in ("owner", "joint_holder") and row["valid_to"] is row["superseded_time"] is None:
            found.setdefault(row["account_id"], set()).add(whose[row["customer_id"]])
    return found


def found(api, text, role=Role.RISK_ANALYST):
    answer = api.ask("GET", "/v1/customers", role, params={"q": text, "limit": 200})
    assert answer.status_code == 200, answer.text
    assert text not in answer.text  # nor is a number that is asked by said in the answer
    return {row["customer_id"] for row in answer.json()["customers"]}


def test_an_iban_finds_the_holders_of_its_account_with_and_without_blanks_in_any_case(api, rows):
    accounts = sorted(holders(rows).items())
    joint = [one for one in accounts if len(one[1]) > 1]
    assert joint
    for iban, people in [*accounts[:5], *joint[:3]]:
        groups = " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
        for typed in (iban, groups, iban.lower(), f" {groups} "):
            assert found(api, typed) == people
        assert found(api, iban[:-1]) == set()
        assert found(api, iban[4:]) == set()


@pytest.mark.parametrize("role", MAY)
def test_who_may_find_customers_at_all_finds_them_by_an_account_and_by_a_token_only_where_tokens_may_be_told(
    api, rows, role
):
    iban, people = next(iter(sorted(holders(rows).items())))
    assert found(api, iban, role) == people
    card = rows("cards")[0]
    told = (role, Action.READ, Resource.CUSTOMER, FieldClass.TOKEN) in CELLS
    assert found(api, card["card_token"], role) == ({customers(rows)[card["customer_id"]]} if told else set())
