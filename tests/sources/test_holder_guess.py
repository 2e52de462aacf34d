"""Who holds what: which files say it, since when, and when the holders that a file of accounts names give way."""

import pytest
import yaml

from bank360.sources.file_look import Head
from bank360.sources.mapping_template import proposal

N = 30  # accounts


def head(name, header, rows):
    return Head(name, text="\n".join([header, *(";".join(map(str, row)) for row in rows)]).encode() + b"\n")


ACCOUNTS = head(
    "konten.csv", "Kontonr;Kundennr;Produkt;Eroeffnet", [(f"A{k}", f"K{k}", "GIRO", "13.03.2018") for k in range(N)]
)


def held(accounts, roles=("Inhaber", "Mitinhaber"), since="Ab"):
    rows = [(f"K{k}{place or ''}", f"A{k}", role, "13.06.2019") for k in accounts for place, role in enumerate(roles)]
    return head("inhaber.csv", f"KundenNr;Kontonr;Rolle;{since}", rows)


def proposed(*heads):
    """Return the entries of holders by the file that each reads, and what that source asks to check."""
    sources = yaml.safe_load(proposal("b", heads).text)["sources"]
    source = next(one for one in sources if "files" in one["mapping"])
    files = source["mapping"]["files"]
    found = {one["pattern"]: one for name, one in files.items() if one.get("table", name) == "account_parties"}
    return found, " ".join(source.get("to_check", ()))


def test_a_list_of_cards_without_dates_is_no_file_of_holders():
    cards = head("karten.csv", "card_token;account_id;customer_id", [(f"T{k}", f"A{k}", f"K{k}") for k in range(N)])
    assert {*proposed(ACCOUNTS, cards)[0]} == {"konten.csv"}


def test_accounts_and_customers_alone_are_holders():
    pairs = head("zuordnung.csv", "Kontonr;Kundennr", [(f"A{k // 2}", f"K{k}") for k in range(N)])
    assert {*proposed(pairs)[0]} == {"zuordnung.csv"}


def test_a_file_of_joint_accounts_leaves_the_other_accounts_their_holders():
    found, to_check = proposed(held(range(5)), ACCOUNTS)
    assert {*found} == {"inhaber.csv", "konten.csv"}
    assert "a file of holders names owners of 5 of 30 accounts" in to_check
    assert "'Kundennr' is taken for the only holder of each account" not in to_check


def test_owners_of_few_accounts_are_no_owners_of_all():
    roles = head(
        "inhaber.csv", "KundenNr;Kontonr;Rolle;Ab",
        [(f"K{k}", f"A{k}", "Inhaber" if k < 5 else "Disponent", "13.06.2019") for k in range(N)],
    )  # fmt: skip
    assert {*proposed(roles, ACCOUNTS)[0]} == {"inhaber.csv", "konten.csv"}


def test_a_file_of_nearly_all_accounts_says_who_holds_them():
    found, to_check = proposed(held(range(N - 5)), ACCOUNTS)
    assert {*found} == {"inhaber.csv"}
    assert "names owners of 25 of 30 accounts" in to_check


def test_a_file_of_all_accounts_leaves_nothing_to_check():
    found, to_check = proposed(held(range(N)), ACCOUNTS)
    assert {*found} == {"inhaber.csv"}
    assert "names owners of" not in to_check


def test_a_file_that_was_read_in_part_is_not_judged_by_it():
    part = held(range(5))
    found, to_check = proposed(Head(part.name, text=part.text, whole=False), ACCOUNTS)
    assert {*found} == {"inhaber.csv"}
    assert (
        "names owners of 5 of 30 accounts in the rows looked at: those that it does not name have no holder" in to_check
    )


def test_numbered_holders_are_an_owner_and_a_joint_holder():
    role = proposed(held(range(N), roles=("Inhaber 1", "Inhaber 2")))[0]["inhaber.csv"]["columns"]["role"]
    assert role["codes"] == {"Inhaber 1": "owner", "Inhaber 2": "joint_holder"}


@pytest.mark.parametrize(
    "name", ["Ablauf", "Ablaufdatum", "abgelaufen_am", "expiry_date", "bis", "valid_to", "Enddatum", "ended_on"]
)
def test_the_day_a_role_ends_is_not_the_day_it_began(name):
    columns = proposed(held(range(N), since=name))[0]["inhaber.csv"]["columns"]
    assert columns["valid_from"] == {"constant": "1900-01-01"}
    assert columns["valid_to"]["column"] == name


@pytest.mark.parametrize("name", ["Ab", "gueltig_ab", "Von", "valid_from", "Beginn", "Eroeffnungsdatum", "Ab_Datum"])
def test_the_day_a_role_began_is_known_by_its_name(name):
    assert proposed(held(range(N), since=name))[0]["inhaber.csv"]["columns"]["valid_from"]["column"] == name


@pytest.mark.parametrize("name", ["token_date", "total_since", "Todesdatum", "finanziert_am", "endorsed_on"])
def test_a_word_that_only_begins_like_an_end_is_none(name):
    columns = proposed(held(range(N), since=name))[0]["inhaber.csv"]["columns"]
    assert columns["valid_from"]["column"] == name
    assert "valid_to" not in columns


@pytest.mark.parametrize(
    ("more", "several"),
    [
        ((("A5", ""),), False),  # a slip: its second row lacks the customer
        ((("A5", "N/A"),), False),
        ((("A5", "K77"),), True),
        ((("A5", "K77"), ("A99", "")), True),  # one without any holder hides no other's second
    ],
)
def test_a_row_of_an_account_without_its_customer_is_no_row_of_a_holder(more, several):
    rows = [*((f"A{k}", f"K{k}") for k in range(N)), *more]
    accounts = head("konten.csv", "Kontonr;Kundennr;Produkt;Eroeffnet", [(*row, "GIRO", "13.03.2018") for row in rows])
    told = " ".join(proposal("b", [accounts]).sources[0].to_check)
    assert ("If a row is of a holder" in told) == several
    assert ("it is empty or repeats an earlier row's" in told) != several
