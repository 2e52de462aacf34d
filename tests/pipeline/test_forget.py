"""A forgotten customer, on both databases: gone from every table, and everybody else as before."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from bank360.bank.errors import NotFound, RequestReused
from bank360.bank.vocabulary import AlertSeverity, CaseKind, CaseOutcome, CaseState, OverrideCode, Role
from bank360.home import log_of, open_home
from bank360.identity.comparisons import COMPARISONS
from bank360.identity.resolution import PossiblePair
from bank360.pipeline.audit import act, forget_customer, note_on_customer, what_forgetting_erases
from bank360.pipeline.case_acts import Acting, assign_case, comment_on_case
from bank360.pipeline.possible_pairs import published_pairs
from bank360.policies.access import Principal
from bank360.storage.cases import FoundCase, Proposal, case_by_id, open_cases, set_closed, set_proposal
from bank360.storage.decision_log import Message, Request, record_decision
from bank360.storage.decision_verify import verify_log
from bank360.storage.erasure import HAPPENS, Erased
from bank360.storage.possible_pairs import write_possible_pairs
from bank360.storage.published import open_published
from bank360.storage.store.schema import metadata
from bank360.storage.subjects import name_subject
from bank360.storage.users import User, insert_user
from bank360.storage.version_schema import version_metadata
from bank360.storage.warehouse import open_warehouse

ANN = Principal("u-1", Role.RISK_ANALYST)
MARKS = ("id", "ground", "comment", "answer")  # a canary of each, by customer


def canary(customer, of):
    return f"{of} of {customer} xq7"


def lived(log, customer):
    """Give a customer a note, a decision answered under a key, and a case with an owner, words and a proposal."""
    name = canary(customer, "id")
    note_on_customer(log, name, "fee returned", (f"n-{customer}", f"s-{customer}"), "u-1", 1)
    with log.store.writing() as connection:
        subject = name_subject(connection, name, "unused")
        found = FoundCase(CaseKind.ALERT, "shared_device", name, canary(customer, "ground"), AlertSeverity.LOW, 5, 1)
        (case_id,) = open_cases(connection, [found], 1, customer)
    made = act(f"d-{customer}", "u-1", subject, "credit.decision", 2, outcome="decline")
    answer, keyed = canary(customer, "answer").encode(), Request("u-1", "POST /x", customer, bytes([7]) * 32)
    record_decision(log, made, answer, keyed, [Message("credit.decided", f"d-{customer}".encode())])
    for number, do in enumerate(("assign", "comment")):
        again = Request("u-1", f"POST /{do}", customer, bytes([7]) * 32)
        acting = Acting(ANN, 3, f"{do}-{customer}", "unused", again, lambda case: str(case.customer_id).encode())
        if number == 0:
            assign_case(log, case_id, "ann", acting)
        else:
            comment_on_case(log, case_id, canary(customer, "comment"), acting)
    with log.store.writing() as connection:
        set_proposal(connection, case_id, Proposal(CaseOutcome.APPROVED, OverrideCode.INCOME_EVIDENCED, "u-1"))
    return case_id


@pytest.fixture
def two(log):
    """Two customers who lived alike, and the cases of both."""
    with log.store.writing() as connection:
        insert_user(connection, User("u-1", "ann", Role.RISK_ANALYST), "x", 0)
    return {customer: lived(log, customer) for customer in ("C1", "C2")}


def said_anywhere(store):
    """Return every cell of every table of the store as one text."""
    with store.reading() as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(select(table))]
    return "\n".join(str(bytes(cell) if isinstance(cell, memoryview) else cell) for row in rows for cell in row)


def test_nothing_of_the_customer_is_left_in_any_table_and_all_of_the_other(log, two, tmp_path):
    assert all(canary("C1", of) in said_anywhere(log.store) for of in MARKS)
    before = said_anywhere(log.store)
    would = what_forgetting_erases(log, canary("C1", "id"))
    assert said_anywhere(log.store) == before
    _, erased = forget_customer(log, canary("C1", "id"), "r-1", "operator:o", 9)
    assert (
        erased == would == Erased(records=4, cases=1, comments=1, answers=3)
    )  # a note, a decision, two acts on a case
    said = said_anywhere(log.store)
    assert [of for of in MARKS if canary("C1", of) in said] == []
    assert all(canary("C2", of) in said for of in MARKS)
    assert verify_log(log).faults == ()
    if log.store.dialect == "sqlite":  # what was deleted is overwritten; its log file is emptied when it is closed
        log.store.close()
        for path in Path(tmp_path).glob("store*"):
            assert not [of for of in MARKS if canary("C1", of).encode() in path.read_bytes()]


def test_the_case_stays_as_a_case_of_nobody_that_nobody_can_work_on(log, two):
    forget_customer(log, canary("C1", "id"), "r-1", "operator:o", 9)
    with log.store.reading() as connection:
        gone, other = case_by_id(connection, two["C1"]), case_by_id(connection, two["C2"])
    assert gone is not None
    assert other is not None
    assert (gone.customer_id, gone.ground, gone.proposal) == (None, "", None)
    assert (gone.state, gone.outcome, gone.closed_at_us) == (CaseState.CLOSED, CaseOutcome.WITHDRAWN, 9)
    assert (other.customer_id, other.state) == (canary("C2", "id"), CaseState.OPEN)


def test_a_key_whose_answer_was_erased_is_refused_and_done_by_nobody(log, two):
    forget_customer(log, canary("C1", "id"), "r-1", "operator:o", 9)
    entry = act("d-new", "u-1", "s", "credit.decision", 9)
    with pytest.raises(RequestReused):
        record_decision(log, entry, b"again", Request("u-1", "POST /x", "C1", bytes([7]) * 32))
    other = record_decision(log, entry, b"again", Request("u-1", "POST /x", "C2", bytes([7]) * 32))
    assert (other.response, other.repeated) == (canary("C2", "answer").encode(), True)


def test_a_customer_whom_only_the_queue_knows_is_erased_and_one_whom_nothing_knows_is_not(log, two):
    with log.store.writing() as connection:
        found = FoundCase(CaseKind.TIER, "tier", "C3", "risk tier high", AlertSeverity.HIGH, 5, 1)
        open_cases(connection, [found], 1, "C3")
    assert forget_customer(log, "C3", "r-3", "operator:o", 9)[1] == Erased(records=0, cases=1, comments=0, answers=0)
    before = said_anywhere(log.store)
    with pytest.raises(NotFound, match="knows no customer 'C3'"):
        forget_customer(log, "C3", "r-4", "operator:o", 9)
    with pytest.raises(NotFound, match="knows no customer 'C3'"):
        what_forgetting_erases(log, "C3")
    assert said_anywhere(log.store) == before


def test_the_id_of_a_case_is_not_made_of_its_customer(store):
    found = FoundCase(CaseKind.ALERT, "shared_device", "C1", "g", AlertSeverity.LOW, 1, 1)
    with store.writing() as connection:
        first = open_cases(connection, [found], 1, "a")
        set_closed(connection, first[0], CaseOutcome.CLEARED, 1)
        second = open_cases(connection, [found], 1, "b")
    assert first != second


def test_every_table_of_store_and_version_has_been_thought_of():
    tables = {table.name for table in metadata.sorted_tables}
    assert set(HAPPENS) == tables | {f"published.{table.name}" for table in version_metadata.sorted_tables}
    published = ((f"published.{table.name}", table) for table in version_metadata.sorted_tables)
    for name, table in (*((table.name, table) for table in metadata.sorted_tables), *published):
        if any(column.name.endswith(("customer_id", "subject", "account_id", "_key")) for column in table.columns):
            assert HAPPENS[name] != "nobody", name


@pytest.fixture
def paired(scored, tmp_path):
    """A bank after its night, of which identity left two pairs to look at; and the keys of who is in both of them."""
    home = shutil.copytree(scored, tmp_path / "bank", ignore=shutil.ignore_patterns("landing", "raw", "truth"))
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        mine = "SELECT source_key, customer_id FROM source_keys WHERE valid_to IS NULL"
        one, *others = warehouse.query(f"{mine} ORDER BY 1 LIMIT 3").to_pylist()
        agree = {comparison.name: "same" for comparison in COMPARISONS}
        write_possible_pairs(warehouse, [PossiblePair(one["source_key"], x["source_key"], 1.0, agree) for x in others])
    return home, one["source_key"], one["customer_id"]


def test_what_a_version_is_said_to_hold_of_nobody_holds_nothing_of_who_was_forgotten(paired, bank360, monkeypatch):
    monkeypatch.setenv("BANK360_AUDIT_KEY", "ab" * 32)
    path, key, customer = paired
    assert bank360("publish", "--home", path).code == 0
    home = open_home(path)
    with log_of(home) as log:
        note_on_customer(log, customer, "fee returned", ("n-1", "s-1"), "u-1", 1)
        forget_customer(log, customer, "r-1", "operator:o", 9)
    assert bank360("publish", "--home", path).code == 0
    with (
        log_of(home) as log,
        open_published(log.store, home.published) as published,
        published.current() as version,
        version.reading() as connection,
    ):
        pairs = published_pairs(version)
        nobodys = [table for table in version_metadata.sorted_tables if HAPPENS[f"published.{table.name}"] == "nobody"]
        told = "".join(str(cell) for table in nobodys for row in connection.execute(select(table)) for cell in row)
    assert pairs is not None
    assert (pairs.count, {(pair.left.customer_id, pair.left.key) for pair in pairs.pairs}) == (2, {(customer, key)})
    assert "portfolio" in told
    assert [said for said in (customer, key) if said in told] == []


def test_the_decision_record_lists_the_same_tables():
    text = (Path(__file__).parents[2] / "docs/decisions/0019-erasure-and-the-log.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("| `")]
    listed = {name.strip().strip("`"): what.strip() for names, what in rows for name in names.split(",")}
    assert listed == dict(HAPPENS)
