"""``bank360 models fairness``: a trained bank's groups, counted again by a loop over its rows."""

import json
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bank360
from bank360.bank.calendar import day_number, local_days, to_date
from bank360.pipeline.fairness import _completed_years
from bank360.pipeline.periods import periods
from bank360.policies import credit_policy
from tests.pipeline.trainable import trainable

NOW = 1_782_907_200_000_000  # 2026-07-01 12:00 UTC
SETTINGS = """
bank: {name: Test bank, zone: Europe/London, currency: GBP}
clock: 2026-07-01T12:00:00Z
engine: {threads: 1, memory: 1GB}
"""
# Of customer k0, k1, k2, k3 and so on; two records of one person would be merged, so each is born on a day of his own.
RECORDED = """
UPDATE customers SET
    sex = CASE substr(customer_id, 2)::INT % 8
        WHEN 0 THEN 'female' WHEN 4 THEN 'other' WHEN 1 THEN 'male' WHEN 5 THEN 'male'
        WHEN 2 THEN 'unknown' WHEN 6 THEN 'unknown' END,
    birth_date = DATE '2004-06-30' - 40 * substr(customer_id, 2)::INT
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory, bank360):
    """A bank whose applicants default by their bureau score, with the first model promoted."""
    folder = tmp_path_factory.mktemp("bank")
    trainable(folder / "warehouse.duckdb").close()
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        connection.execute(RECORDED)
    (folder / "bank360.yaml").write_text(SETTINGS, encoding="utf-8")
    assert bank360("train", "--home", folder).code == 0
    promoted = bank360("models", "promote", "application_pd", "challenger", "--by", "approver", "--home", folder)
    assert promoted.code == 0, promoted.err
    return folder


@pytest.fixture(scope="module")
def found(bank360, home):
    ran = bank360("models", "fairness", "application_pd", "--cut", "0.3", "--json", "--home", home)
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


@pytest.fixture(scope="module")
def asked(home):
    """Who applied in the test period: number of the customer (None: a stranger) and local day."""
    when = periods(NOW, "Europe/London")
    with duckdb.connect(home / "warehouse.duckdb", read_only=True) as connection:
        rows = connection.execute(
            "SELECT p.customer_id, epoch_us(a.submitted_at) FROM applications a JOIN application_parties p"
            " USING (application_id) ORDER BY ALL"
        ).fetchall()
    return [
        (None if key is None else int(key[1:]), int(local_days([at], "Europe/London")[0]))
        for key, at in rows
        if when.test_start <= at < when.test_end
    ]


def _told(table):
    return {one["name"]: one["rows"] for one in table["groups"]} | dict(table["small"])


def test_men_women_and_others_are_those_on_record_and_strangers_are_unknown(found, asked):
    names = {0: "female", 4: "other", 1: "male", 5: "male"}
    expected = Counter("unknown" if who is None else names.get(who % 8, "unknown") for who, _ in asked)
    assert _told(found["attributes"]["sex"]) == expected
    assert len(expected) == 4
    assert sum(expected.values()) == found["rows"]


def _age(born, day):
    """Return how many birthdays somebody has had by a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def test_ages_are_birthdays_had_at_the_application(found, asked):
    edges = ((25, "under 25"), (40, "25 to 39"), (55, "40 to 54"), (65, "55 to 64"), (999, "65 and over"))
    expected = Counter(
        "unknown"
        if who is None
        else next(name for edge, name in edges if _age(date(2004, 6, 30) - timedelta(40 * who), to_date(day)) < edge)
        for who, day in asked
    )
    assert _told(found["attributes"]["age"]) == expected
    assert len(expected) == 6


@given(st.dates(date(1900, 1, 1), date(2030, 12, 31)), st.integers(0, 40_000))
def test_completed_years_are_those_of_the_calendar(born, days):
    day = born + timedelta(days)
    start = np.array([day_number(born)])
    assert _completed_years(start, start + days).tolist() == [_age(born, day)]


def test_nothing_but_the_report_reads_protected_attributes():
    source = Path(bank360.__file__).parent
    readers = [path for path in source.rglob("*.py") if "storage.protected" in path.read_text(encoding="utf-8")]
    assert readers == [source / "pipeline" / "fairness.py"]
    of_files = [path for path in source.rglob("*.py") if ".protected[" in path.read_text(encoding="utf-8")]
    assert of_files == [source / "pipeline" / "flat_fairness.py"]


def test_a_model_that_knows_no_sex_where_sex_says_nothing_shows_nothing(found):
    assert [one["shown"] for one in found["attributes"]["sex"]["groups"]] == [[], [], [], []]
    assert 0 < found["events"] < found["tested"] < found["rows"]


def test_the_table_says_what_was_refused_from_where_and_what_is_shown(bank360, home):
    ran = bank360("models", "fairness", "application_pd", "--home", home)
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0].startswith("application_pd, lightgbm ")
    # Where the shipped policy declines, those without history earlier.
    assert re.search(r"refused from 20\.0% on \([\d,]+ without history from 15\.0% on\)$", lines[0])
    assert any(line.startswith("By sex (ratios over those of ") for line in lines)
    assert sum(line.startswith("  shown to differ: ") for line in lines) >= 3


def test_who_has_no_history_is_held_to_the_cut_of_the_thin_file(bank360, home, tmp_path):
    """Nobody passes any more of whom the bank knows nothing where the thin file's cut lies below all of them."""
    shipped = Path(credit_policy.__file__).with_name("uk_personal_loan.yaml").read_text(encoding="utf-8")
    told = []
    for cut in ("0.15", "0.0002"):
        policy = tmp_path / "policy.yaml"
        edges = f"review_from: 0.0001\n  decline_from: {cut}"
        lowered = shipped.replace("review_from: 0.06\n  decline_from: 0.15", edges)
        assert lowered != shipped
        policy.write_text(lowered, encoding="utf-8")
        ran = bank360("models", "fairness", "application_pd", "--policy", policy, "--json", "--home", home)
        assert ran.code == 0, ran.err
        told.append(json.loads(ran.out))
    before, after = ({g["name"]: g["passing"]["value"] for g in one["attributes"]["sex"]["groups"]} for one in told)
    assert after["unknown"] == 0 < before["unknown"]
    assert told[0]["thin"] == told[1]["thin"] > 0
    assert [one["cut"] for one in told] == [0.2, 0.2]


@pytest.mark.parametrize("cut", ["0", "1"])
def test_a_cut_that_refuses_everybody_or_nobody_is_refused_before_anything_is_read(bank360, home, cut):
    ran = bank360("models", "fairness", "application_pd", "--cut", cut, "--home", home)
    assert ran.code == 2
    assert "everybody is refused" in " ".join(ran.err.split())


def test_a_model_or_version_that_is_not_there_is_answered_with_those_there_are(refused, home):
    assert "There are: application_pd" in refused("models", "fairness", "pd", "--home", home)
    line = refused("models", "fairness", "application_pd", "--version", "x", "--home", home)
    assert "no version 'x'" in line
