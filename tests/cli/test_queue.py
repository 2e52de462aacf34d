"""The queue at the terminal, filled by a publish: what it lists, in which order, and that a second refresh is quiet."""

import json
import shutil

import pytest

from bank360.bank.money import in_major
from bank360.bank.vocabulary import CaseAct, CaseOutcome, OverrideCode, Role
from bank360.home import open_home, store_of
from bank360.policies.expected_loss import ONE_PROBABILITY
from bank360.storage.cases import Proposal, add_event, case_by_id, set_closed, set_owner, set_proposal
from bank360.storage.published import open_published
from bank360.storage.published_lists import found_customers
from bank360.storage.queue_pages import each_case, queue_money, queue_totals
from bank360.storage.users import User, insert_user


@pytest.fixture(scope="module")
def published(scored, bank360, tmp_path_factory):
    home = shutil.copytree(scored, tmp_path_factory.mktemp("queue") / "bank")
    settings = home / "bank360.yaml"
    settings.write_text(settings.read_text("utf-8") + "demo: true\n", "utf-8")
    ran = bank360("publish", "now", "--home", home)
    assert ran.code == 0, ran.err
    return home


def test_a_publish_opens_the_cases_of_its_tiers_and_alerts(published, bank360):
    cases = json.loads(bank360("queue", "list", "--limit", 500, "--json", "--home", published).out)
    listed = json.loads(bank360("profile", "list", "--limit", 9_999, "--json", "--home", published).out)
    alerts = json.loads(bank360("alerts", "--limit", 9_999, "--json", "--home", published).out)
    of = {kind: {case["customer_id"] for case in cases if case["kind"] == kind} for kind in ("tier", "alert")}
    assert of["alert"] == {alert["customer_id"] for alert in alerts}
    own = open_home(published)
    with store_of(own) as store, open_published(store, own.published) as versions, versions.current() as version:
        rows = {row.customer_id: row for row in found_customers(version, most=500).rows}
    assert of["tier"] == {
        row["customer_id"] for row in listed
        if row["tier"] != "low" and (row["tier"] != "in_default" or rows[row["customer_id"]].at_stake)
    }  # fmt: skip
    for case in cases:
        row = rows[case["customer_id"]]
        assert (case["money_at_stake"], case["expected_loss"]) == (row.at_stake, row.expected_loss)
    losses = [-1 if case["expected_loss"] is None else case["expected_loss"] for case in cases]
    assert losses == sorted(losses, reverse=True)


def test_every_list_of_losses_says_on_which_probability_they_rest(published, bank360):
    (first,) = json.loads(bank360("queue", "list", "--kind", "tier", "--limit", 1, "--json", "--home", published).out)
    for words in (("list",), ("show", first["case_id"])):
        assert ONE_PROBABILITY in bank360("queue", *words, "--home", published).out
    # An application's probability is that of what is asked for.
    assert ONE_PROBABILITY not in bank360("queue", "list", "--kind", "application", "--home", published).out


def test_the_list_ends_with_what_its_cases_add_up_to_and_what_each_debt_once_comes_to(published, bank360):
    own = open_home(published)
    with store_of(own) as store, store.reading() as connection:
        each, once = each_case(queue_totals(connection)), queue_money(connection)
    assert each.at_stake > once.at_stake  # somebody has an alert and a tier
    *_, by_case, by_debt = bank360("queue", "list", "--home", published).out.splitlines()
    for line, said, money in ((by_case, "each case", each), (by_debt, "each customer's debt once", once)):
        stake, lost = (f"GBP {in_major(amount, 'GBP')}" for amount in (money.at_stake, money.expected_loss))
        assert line == f"together, {said}: {stake} at stake, {lost} expected loss"


def test_the_beginning_of_a_cases_id_is_enough(published, bank360):
    (first,) = json.loads(bank360("queue", "list", "--limit", 1, "--json", "--home", published).out)
    whole, short = (bank360("queue", "show", said, "--home", published) for said in
                    (first["case_id"], first["case_id"][:9]))  # fmt: skip
    assert whole.out == short.out != ""


def test_the_same_version_again_opens_nothing(published, bank360):
    ran = bank360("queue", "refresh", "--json", "--home", published)
    said = json.loads(ran.out)
    assert (said["opened"], said["withdrawn"]) == (0, 0)
    assert said["found_again"] > 0


def test_a_case_is_shown_with_what_happened_to_it(published, bank360, refused):
    (first,) = json.loads(bank360("queue", "list", "--limit", 1, "--json", "--home", published).out)
    shown = bank360("queue", "show", first["case_id"], "--home", published).out.splitlines()
    assert shown[0].split()[:3] == ["case", "kind", "urgency"]
    assert shown[1].startswith(first["case_id"])
    assert shown[2] == first["ground"]
    assert shown[3].split() == ["when", "(UTC)", "who", "what", "said"]
    assert shown[4].endswith("system:queue    opened")
    assert "Times of cases are by the wall clock, and not by the bank's, which 'As of' elsewhere is by." in shown
    listed = bank360("queue", "list", "--kind", first["kind"], "--limit", 1, "--home", published).out.splitlines()
    assert listed[0] == shown[0]
    assert listed[1] == shown[1]
    assert listed[3] == "The first 1; --limit says how many are printed."
    assert "nobody's" in listed[-3]
    assert bank360("queue", "list", "--closed", "--home", published).out.startswith("No case like this.")
    assert "There is no case 'K0'" in refused("queue", "show", "K0", "--home", published)


def test_people_are_named_and_a_closed_case_has_its_outcome_and_who_closed_it(published, bank360):
    (first,) = json.loads(bank360("queue", "list", "--limit", 1, "--json", "--home", published).out)
    case = first["case_id"]
    with store_of(open_home(published)) as store, store.writing() as connection:
        for user_id, name in (("f00dfeed", "olga"), ("deadbeef", "otto")):
            insert_user(connection, User(user_id, name, Role.RISK_OFFICER), "x", 0)
        set_owner(connection, case, "f00dfeed")
        add_event(connection, case, CaseAct.ASSIGNED, "deadbeef", 5, {"owner": "f00dfeed"})
        set_proposal(connection, case, Proposal(CaseOutcome.APPROVED, OverrideCode.INCOME_EVIDENCED, "f00dfeed"))
    said = bank360("queue", "show", case, "--home", published).out
    assert "olga proposes: approved, because income_evidenced; a second person must agree" in said
    assert "otto            assigned            owner=olga" in said
    with store_of(open_home(published)) as store, store.writing() as connection:
        found = case_by_id(connection, case)
        assert found is not None
        opened = found.opened_at_us
        set_closed(connection, case, CaseOutcome.APPROVED, opened + 3 * 86_400_000_000)
        add_event(connection, case, CaseAct.OVERRIDE_APPROVED, "deadbeef", 6, {"proposed_by": "f00dfeed"})
    listed = bank360("queue", "list", "--closed", "--home", published).out
    assert listed.splitlines()[1].endswith("approved by otto")
    assert " 3 d " in listed  # as long as it was open
    shown = bank360("queue", "show", case, "--home", published).out
    assert "proposed_by=olga" in shown
    assert not [hashed for hashed in ("f00dfeed", "deadbeef") if hashed in listed + shown]
