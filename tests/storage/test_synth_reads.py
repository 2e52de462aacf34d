"""The check of the synthetic bank means the same by default as the label that models are trained on."""

from datetime import date

import pyarrow as pa

from bank360.labels.application_default import DefaultDefinition
from bank360.storage.synth_reads import find_defaults
from bank360.storage.warehouse import scratch_connection


def test_a_default_is_what_the_label_calls_one():
    month = date(2024, 6, 30)
    rows = [
        ("late", month, 91, 20_000, 100_000, "arrears", 0),
        ("late", date(2024, 7, 31), 122, 20_000, 100_000, "arrears", 0),
        ("not yet", month, 90, 20_000, 100_000, "arrears", 0),
        ("small", month, 120, 10_000, 100_000, "arrears", 0),
        ("small share", month, 120, 15_000, 1_500_000, "arrears", 0),
        ("written off", month, 0, 0, 0, "performing", 5),
        ("in default", month, 0, 0, 0, "default", 0),
    ]
    names = ("account_id", "month_end", "days_past_due", "arrears", "balance", "status", "written_off")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    with scratch_connection() as connection:
        connection.register("credit_months", pa.table(columns | {"forbearance": [False] * len(rows)}))
        accounts = sorted(set(columns["account_id"]))
        connection.register("accounts", pa.table({"account_id": accounts, "currency": ["GBP"] * len(accounts)}))
        find_defaults(connection)
        found = connection.execute("SELECT account_id, day, month_end FROM defaults ORDER BY account_id").fetchall()
        connection.execute("DROP TABLE defaults")
        find_defaults(connection, DefaultDefinition(days_past_due=89))
        sooner = dict(connection.execute("SELECT account_id, day FROM defaults").fetchall())
    # The 91st day of a row with 91 is the month end itself; of one a month later it is counted back to the same day.
    assert found == [
        ("in default", month, month),
        ("late", month, month),
        ("written off", month, month),
    ]
    # By 89 days the 90th day counts: of the row with 91 it is the day before.
    assert sooner == {"late": date(2024, 6, 29), "not yet": month, "written off": month, "in default": month}
