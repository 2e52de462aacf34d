"""A bank around a card file: the file's own columns are kept exactly; what is drawn is whole, and sees no fraud."""

import re
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from bank360.bank.calendar import local_micros
from bank360.bank.errors import DataRefused
from bank360.pipeline.ingest import ingest
from bank360.sources.card_file import behaviour, card_file_source
from bank360.sources.card_file.layout import CardRows
from bank360.sources.card_file.payments import payment_rows
from bank360.sources.card_file.people import people
from bank360.sources.synthetic import parameters
from bank360.storage.card_rows import bank_card_rows, write_card_file
from bank360.storage.warehouse import open_warehouse

NOW = datetime(2024, 6, 30, 12, tzinfo=UTC)
ZONE = "Europe/London"


def drawn(rows=2_000, frauds=40, seed=1):
    """Return rows that look like a card file: amounts of many sizes, few payments at night, doubled rows, a zero."""
    rng = np.random.default_rng(seed)
    seconds = np.floor(np.mod(rng.normal(15 * 3600, 5 * 3600, rows) + 86_400 * rng.integers(0, 2, rows), 172_800))
    components = np.round(rng.standard_t(4, (rows, 28)), 6)
    amount = np.exp(rng.normal(7.7, 1.5, rows)).astype(np.int64)
    amount[:3] = (0, 1, 2_569_116)
    components[5], seconds[5], amount[5] = components[4], seconds[4], amount[4]
    return CardRows(seconds, components, amount, np.arange(rows) % (rows // frauds) == 7)


@pytest.fixture
def load(tmp_path):
    def loaded(rows, *, part=True, spoil=None):
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        path = folder / "creditcard.csv"
        write_card_file(path, rows)
        if spoil is not None:
            path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
        warehouse = open_warehouse(tmp_path / "warehouse.duckdb", 1, "500MB")
        report = ingest(card_file_source(ZONE, "GBP", part=part), folder, tmp_path / "landing", warehouse, NOW)
        return report, warehouse

    return loaded


def test_the_files_own_columns_come_through_exactly(load):
    file = drawn()
    _, warehouse = load(file)
    with warehouse:
        bank = bank_card_rows(warehouse, ZONE)
        lines = warehouse.query("SELECT transaction_id FROM transactions ORDER BY 1").column(0).to_pylist()
    assert lines[:2] == ["K000000002", "K000000003"]  # line 1 is the header

    def sorted_rows(rows):
        table = np.column_stack([rows.seconds % 86_400, rows.amount, rows.fraud, rows.components])
        return table[np.lexsort(table.T)]

    np.testing.assert_array_equal(sorted_rows(bank), sorted_rows(file))


def test_every_row_refers_to_what_is_there_and_numbers_have_the_british_form(load):
    report, warehouse = load(drawn())
    assert not [one for one in report.findings if one.rule == "dangling_reference"]
    accepted = {one.table: one.accepted for one in report.tables}
    assert accepted["transactions"] == 2_000
    assert accepted["transaction_facts"] == 2_000 * 29
    assert accepted["fraud_cases"] == 40
    assert accepted["customers"] == accepted["cards"] == 2_000 // 50
    with warehouse:
        accounts = warehouse.query("SELECT account_id, branch FROM accounts").to_pylist()
        shares = warehouse.query("SELECT DISTINCT sum(liability_share) AS s FROM account_parties GROUP BY account_id")
        stray = warehouse.number(
            "SELECT count(*) FROM transactions t JOIN cards c USING (card_token) LEFT JOIN account_parties p"
            " ON p.account_id = t.account_id AND p.customer_id = t.actor_customer_id"
            " WHERE p.account_id IS NULL OR c.customer_id <> t.actor_customer_id OR c.account_id <> t.account_id"
        )
    assert all(re.fullmatch(r"[0-9]{8}", one["account_id"]) for one in accounts)
    assert all(re.fullmatch(r"[0-9]{2}-[0-9]{2}-[0-9]{2}", one["branch"]) for one in accounts)
    assert shares.column("s").to_pylist() == [1.0]
    assert stray == 0


def test_nothing_that_is_drawn_depends_on_fraud_or_components():
    file, who = drawn(), people(40)
    other = CardRows(file.seconds, file.components[::-1], file.amount, ~file.fraud)
    one, two = (payment_rows(rows, who, ZONE, "GBP", 2)["transactions"] for rows in (file, other))
    assert one.equals(two)


def test_purposes_follow_amount_and_hour():
    """Of a hundred pounds at noon more is travel than of five; at three in the night more is remote than at noon."""
    draws = (np.arange(20_000) + 0.5) / 20_000

    def purposes(pence, hour):
        kind, purpose = behaviour.drawn_behaviour(np.full(20_000, pence), np.full(20_000, hour), draws)
        return np.bincount(purpose, minlength=len(behaviour.NAMES)) / 20_000, behaviour.REMOTE[kind, purpose].mean()

    travel = behaviour.NAMES.index("travel")
    (small, at_noon), (large, _), (_, at_night) = purposes(500, 12), purposes(10_000, 12), purposes(500, 3)
    assert large[travel] > 5 * small[travel]
    assert at_night > 1.2 * at_noon


def test_the_chance_of_a_purpose_is_bayes_rule():
    """By hand for one amount and hour: prior x lognormal density x share of the hour, over all kinds and purposes."""
    draws = (np.arange(200_000) + 0.5) / 200_000
    kind, purpose = behaviour.drawn_behaviour(np.full(200_000, 2_100), np.full(200_000, 9), draws)
    weights = {}
    for k, one in enumerate(behaviour.KINDS):
        for c, (name, _, _, median, spread, *_) in enumerate(behaviour.PURPOSES):
            s = spread * one.spread
            density = np.exp(-0.5 * (np.log(2_100 / median) / s) ** 2) / s
            shop, remote = (np.array(h) / sum(h) for h in (parameters.HOURS_SHOP, parameters.HOURS_REMOTE))
            far = behaviour.REMOTE[k, c]
            weights[k, name] = one.share * behaviour.MIX[k, c] * density * (far * remote[9] + (1 - far) * shop[9])
    total = sum(weights.values())
    for k, name in ((1, "groceries"), (0, "shopping"), (2, "cash")):
        seen = np.mean((kind == k) & (purpose == behaviour.NAMES.index(name)))
        assert seen == pytest.approx(weights[k, name] / total, abs=2e-5)


def test_a_day_is_of_the_year_and_its_time_that_of_the_file():
    file = drawn()
    rows = payment_rows(file, people(40), ZONE, "GBP", 2)["transactions"]
    event = np.asarray(rows.column("event_time").cast(pa.int64()))
    wall = local_micros(event, ZONE)
    days = wall // 86_400_000_000
    assert (days.min(), days.max()) >= (15_614, 15_614)  # 2012-10-01
    assert days.max() <= 15_978  # 2013-09-30
    gap = days == 15_795  # 2013-03-31 has no hour from one to two: such a payment is an hour later
    np.testing.assert_array_equal((wall // 1_000_000 % 86_400)[~gap], (file.seconds % 86_400)[~gap])


def test_another_count_than_the_published_one_is_refused_unless_a_part_is_meant(load):
    with pytest.raises(DataRefused, match=r"2,000 rows and 40 frauds, the published file 284,807 and 492.*_part"):
        load(drawn(), part=False)
    report, warehouse = load(drawn())
    warehouse.close()
    (told,) = [one for one in report.findings if one.rule == "part_of_the_file"]
    assert "2,000 rows, 40 frauds (2.00%), where the published one has 284,807 and 492 (0.173%)" in told.message


def test_where_the_file_is_had_is_said_where_it_lacks(tmp_path):
    (tmp_path / "in").mkdir()
    with open_warehouse(tmp_path / "warehouse.duckdb", 1, "500MB") as warehouse, pytest.raises(DataRefused) as refused:
        ingest(card_file_source(ZONE, "GBP", part=False), tmp_path / "in", tmp_path / "landing", warehouse, NOW)
    assert "Fetch it from Kaggle (mlg-ulb/creditcardfraud)" in str(refused.value)
    assert "pattern" not in str(refused.value)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text.replace('"V14"', '"W14"'), "column 'V14', row 1: the column is missing"),
        (lambda text: text[: len(text) - 20], "file 'creditcard.csv'"),
        (lambda text: text.partition("\n")[0] + "\n", "0 rows and 0 frauds"),
    ],
)
def test_a_file_without_a_column_or_cut_short_is_refused_by_name(load, spoil, said):
    with pytest.raises(DataRefused, match=re.escape(said)):
        load(drawn(), part="0 rows" not in said, spoil=spoil)
