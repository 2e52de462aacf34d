"""A profile at 80 columns: no cut word, no ellipsis, every figure whole."""

import io
import re
from datetime import UTC, date, datetime

import pytest
from rich.console import Console

from bank360.cli.profile_print import print_profile, tables_of
from bank360.pipeline.profile import HeldKey, Profile, Score
from bank360.pipeline.profile_blocks import Block, Listing, Value

AT = datetime(2026, 7, 1, 9, 12, tzinfo=UTC)
SOURCE = "customer_features (spending)"
NIGHT = "purchases at night as a share of those with a time of day in 90 days"
COLUMNS = ("account_id", "product", "line", "role", "share", "opened_on", "closed_on", "currency", "balance",
           "balance_on", "credit_limit")  # fmt: skip
ACCOUNTS = (
    ("A00003647", "Current account", "current_account", "owner", 1.0, date(2016, 5, 1), None, "GBP", 21134,
     date(2026, 6, 30), 150_000),
    ("A00014320", "Personal loan", "personal_loan", "owner", 1.0, date(2020, 4, 21), date(2022, 4, 12), "GBP", None,
     None, None),
)  # fmt: skip


def printed(width):
    values = (
        Value(
            "balance",
            "average balance of a current account in 90 days",
            16016.0,
            "minor units",
            SOURCE,
            AT,
            headline=True,
        ),
        Value("night", NIGHT, 0.25, "1", SOURCE, AT, headline=True),
        Value("bets", "gambling", None, "1", SOURCE, AT, headline=True, no_data=("transactions.category: gambling",)),
    )
    block = Block("b", "What moves", values, (Listing("accounts", "accounts", COLUMNS, ACCOUNTS, "accounts", AT),))
    found = Profile("C01", AT, False, (HeldKey("core", "C1", date(2020, 1, 1), None),), "GBP", (block,) * 3, (), {})
    out = io.StringIO()
    print_profile(found, "Europe/London", console=Console(width=width, file=out))
    return out.getvalue()


def test_nothing_is_cut_at_80_columns():
    shown = printed(80)
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    words = shown.split()
    for whole in ("A00003647", "account,", "2026-06-30,", "1,500.00", "211.34,", "160.16", "loan,"):
        assert whole in words, whole
    assert f"from {tables_of(SOURCE)}" in shown
    assert not re.findall(r"[a-z]_[a-z]", shown)  # codes and names of tables are told in words


def test_a_wide_terminal_has_tables_with_a_source_beside_every_value():
    shown = printed(200)
    assert shown.count(tables_of(SOURCE)) == 9
    assert "account id" in shown


def test_no_data_is_said_with_what_was_never_delivered():
    shown = " ".join(printed(80).split())
    assert "gambling no data 2026-07-01" in shown
    assert "no data: nothing was ever delivered of transactions.category: gambling" in shown


MARKS = ("PAYMENT [/SEPA]", "REF [red] [1234]", "[bold]x", "100 :smile: per cent", "ends with \\")


@pytest.mark.parametrize("width", [80, 200])
def test_what_the_bank_wrote_is_printed_as_it_is_whatever_it_would_mean_to_the_terminal(width):
    values = tuple(Value(f"v{at}", "name", text, None, SOURCE, AT, headline=True) for at, text in enumerate(MARKS))
    listing = Listing("lines", "lines", ("transaction_id", "description"), tuple(enumerate(MARKS)), "[/i]", AT)
    keys = tuple(HeldKey("core", text, date(2020, 1, 1), None) for text in MARKS)
    score = Score("application_pd", "v1", AT, "[/LOAN]", 100_000, 36, -2.0, 0.1, "low", False, (), ())
    found = Profile("C[/1]", AT, False, keys, "GBP", (Block("b", "B", values, (listing,)),), (score,), {})
    out = io.StringIO()
    print_profile(found, "Europe/London", console=Console(width=width, file=out))
    shown = " ".join(out.getvalue().split())
    for text in MARKS:
        assert shown.count(text) == 3, text  # as a key, a value and a cell of a listing
    for text in ("C[/1]", "[/i]", "([/LOAN])"):
        assert text in shown


def test_every_amount_of_the_banks_tables_is_printed_in_major_units():
    rows = (("A1", AT.date(), 0, 15_173_342, 93_242, "performing"),)
    names = ("account_id", "month_end", "days_past_due", "balance", "amount_due", "status")
    block = Block("b", "Credit", (), (Listing("months", "month ends", names, rows, "credit_months", AT),))
    found = Profile("C01", AT, False, (), "GBP", (block,), (), {})
    text = io.StringIO()
    print_profile(found, "Europe/London", console=Console(file=text, width=120))
    assert "932.42" in text.getvalue()
    assert "93242" not in text.getvalue()
