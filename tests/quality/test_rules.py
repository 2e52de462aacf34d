"""Each rule finds what it is for, and says nothing about sound data."""

import pytest

from bank360.bank.tables import TABLE_BY_NAME
from bank360.bank.vocabulary import Severity
from bank360.quality.profile import AgeByCode, ColumnProfile, ControlTotal, Dangling, TableProfile, Uncategorised
from bank360.quality.reconciliation import loads_reconciled
from bank360.quality.rules import control_totals, table_findings

SOUND = ColumnProfile(nulls=0, constant=False)


def rules(**counts):
    """Names of the rules that find something about transactions with these counts."""
    return [finding.rule for finding in table_findings({"transactions": TableProfile(**({"rows": 100} | counts))})]


def test_sound_data_has_no_findings():
    assert rules(columns={"amount": SOUND}, against_sign={"salary that leaves the account": (1, 40)}) == []


def test_an_empty_table_says_nothing():
    assert table_findings({"transactions": TableProfile(0, early=3)}) == ()


@pytest.mark.parametrize(
    ("counts", "rule"),
    [
        ({"early": 1}, "known_early"),
        ({"late": 7}, "late_rows"),
        ({"date_only": 100}, "date_only"),
        ({"columns": {"raw_text": ColumnProfile(100, constant=False)}}, "empty_column"),
        ({"columns": {"amount": ColumnProfile(0, constant=True)}}, "constant_column"),
        ({"against_sign": {"salary that leaves the account": (30, 40)}}, "wrong_sign"),
        ({"dangling": {"account_id": Dangling(4, 2, "A9")}}, "dangling_reference"),
        ({"without_age": (3, 90)}, "unknown_age"),
        ({"no_country": (7, "UK")}, "no_country"),
        ({"unread": (3, "C1")}, "unread_reports"),
        ({"uncategorised": Uncategorised("GBP", 1, 90, 5, 100)}, "unknown_category"),
        ({"unchecked": ("card_token",)}, "reference_not_checked"),
    ],
)
def test_each_rule_finds_its_own(counts, rule):
    assert rules(**counts) == [rule]


def test_products_that_nobody_delivered_are_asked_for_with_the_columns_that_they_need():
    (found,) = table_findings({"accounts": TableProfile(5, unchecked=("product_id",))})
    assert found.message.endswith(
        "Map a file of products to 'products', which needs product_id (the product), valid_from (first local day on "
        "offer), family (top of the product tree: deposits, lending, protection, wealth), line (product line: "
        "current_account, savings, credit_card, personal_loan, mortgage, insurance, investment), name (plain name)"
    )


@pytest.mark.parametrize(("number", "rows", "values"), [(1, "1 row", "1 value"), (2000, "2,000 rows", "2,000 values")])
def test_messages_count_one_as_one_and_thousands_with_their_comma(number, rows, values):
    dangling = {"account_id": Dangling(number, number, "A9")}
    profile = TableProfile(5000, early=number, late=number, date_only=number, dangling=dangling)
    messages = [finding.message for finding in table_findings({"transactions": profile})]
    assert len(messages) == 4
    assert {message.partition(" of ")[0] for message in messages} == {rows}
    assert f"{rows} of 'transactions' with a value of 'account_id' that is nowhere ({values})" in messages[0]


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ((25, 24, 100, 10), True),  # nearly all of the code are old, few of the others
        ((19, 19, 100, 10), False),  # too few to say
        ((25, 19, 100, 10), False),  # three quarters are not nearly all
        ((25, 24, 100, 60), False),  # so is everybody else
    ],
)
def test_a_code_whose_applicants_are_nearly_all_old_where_others_are_not_tells_age(counts, found):
    profile = TableProfile(200, employments=(AgeByCode("R", *counts),))
    findings = table_findings({"application_parties": profile})
    assert [one.rule for one in findings] == (["age_like_code"] if found else [])
    assert all("codes: {R: retired}" in one.message and one.rows == 25 for one in findings)


@pytest.mark.parametrize(
    ("rows", "amount", "severity"),
    [(0, 0, None), (2, 500_00, Severity.INFO), (2, 500_01, Severity.WARNING)],  # 500 of 10,000 are 5 %
)
def test_money_that_leaves_without_a_category_is_told_with_its_share(rows, amount, severity):
    profile = TableProfile(100, uncategorised=Uncategorised("EUR", rows, 80, amount, 10_000_00))
    findings = table_findings({"transactions": profile})
    assert [one.severity for one in findings] == ([] if severity is None else [severity])
    start = f"2 of 80 rows of 'transactions' by which money leaves have category unknown: {amount // 100}.0"
    assert all(one.message.startswith(start) and "of 10,000.00 EUR (5.0%)" in one.message for one in findings)


@pytest.mark.parametrize("counts", [(0, 90), (90, 90), (0, 0)])
def test_where_all_or_none_have_a_birth_date_no_single_one_is_missing(counts):
    assert rules(without_age=counts) == []


def test_a_dangling_reference_is_an_error_where_the_contract_refuses_it():
    profile = TableProfile(10, dangling={"product_id": Dangling(1, 1, "P9")})
    (finding,) = table_findings({"accounts": profile})
    assert TABLE_BY_NAME["accounts"].on_dangling == "refuse"
    assert finding.severity is Severity.ERROR


def test_a_column_with_one_value_and_gaps_is_not_constant():
    assert rules(columns={"merchant_id": ColumnProfile(60, constant=True)}) == []


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("transactions", "currency"),
        ("transactions", "channel"),
        ("transactions", "account_id"),
        ("transactions", "source_system"),
        ("merchants", "category_version"),
        ("bureau_reports", "version"),
    ],
)
def test_what_is_constant_by_nature_is_no_finding(table, column):
    assert table_findings({table: TableProfile(100, columns={column: ColumnProfile(0, constant=True)})}) == ()


@pytest.mark.parametrize(
    ("delivered", "accepted", "unchanged", "found", "off"),
    [(10, 8, 2, 8, None), (10, 8, 1, 8, 1), (10, 8, 2, 5, 3)],
)
def test_a_load_must_add_up(delivered, accepted, unchanged, found, off):
    findings = control_totals([ControlTotal("b1", "transactions", delivered, accepted, unchanged, found)])
    assert [finding.rows for finding in findings] == ([] if off is None else [off])
    other = ControlTotal("b2", "transactions", 5, 5, 0, 5)
    both = loads_reconciled([ControlTotal("b1", "transactions", delivered, accepted, unchanged, found), other])
    assert (both.compared, both.accounts) == (delivered + 5, 2)
    assert (both.differing, both.differing_accounts) == ((0, 0) if off is None else (off, 1))


@pytest.mark.parametrize(
    ("unchanged", "amounts", "off"),
    [
        (0, (700, 700, 700), 0),
        (0, (700, 700, 699), 1),  # a row changed in the table
        (0, (700, 698, 698), 2),  # it changed on its way in
        (2, (900, 700, 700), 0),  # rows that were known have their part of what was delivered
        (2, (900, 700, 710), 10),
    ],
)
def test_the_money_of_a_load_must_add_up_and_where_it_does_not_one_of_its_rows_is_wrong(unchanged, amounts, off):
    total = ControlTotal("b1", "transactions", 8 + unchanged, 8, unchanged, 8, amounts)
    assert (total.money_off, total.off) == (off, 1 if off else 0)
    delivered, accepted, found = amounts
    words = f"{delivered} delivered, {accepted} accepted, {found} there: that does not add up"
    assert [words in one.message for one in control_totals([total])] == ([True] if off else [])
