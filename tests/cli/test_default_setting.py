"""What a bank calls a default is its setting: it reaches the labels, the cards, and what makes training stale."""

import json

import pytest

from bank360.storage.registry import Registry
from tests.pipeline.trainable import trainable

SETTINGS = """
bank: {name: Test bank, zone: Europe/London, currency: GBP}
clock: 2026-07-01T12:00:00Z
engine: {threads: 1, memory: 1GB}
"""


@pytest.fixture
def home(tmp_path):
    """Accounts that fall late are 95 and 65 days past due in turn, owing 900.00 of 9,000.00; no status says default."""
    trainable(tmp_path / "warehouse.duckdb", days_past_due=(95, 65), status="arrears").close()
    return tmp_path


def test_another_number_of_days_gives_other_labels_another_card_and_trains_again(bank360, home):
    def trained(setting):
        (home / "bank360.yaml").write_text(SETTINGS + setting, encoding="utf-8")
        ran = bank360("train", "--trained-by", "trainer", "--json", "--home", home)
        assert ran.code == 0, ran.err
        told = json.loads(ran.out)
        return told and next(report for report in told["models"] if report["model"] == "application_pd")

    def card(report):
        return Registry(home / "registry").load("application_pd", report["versions"]["scorecard"]).card

    usual = trained("")
    assert trained("default: {days_past_due: 90}") is None  # said, and the same: nothing to train
    earlier = trained("default: {days_past_due: 60}")
    # Every second late account has 95 days, the others 65: by 60 days about twice as many defaulted.
    assert earlier["train"]["events"] == pytest.approx(2 * usual["train"]["events"], rel=0.1)
    notes = [next(note for note in card(one)["notes"] if note.startswith("Default:")) for one in (usual, earlier)]
    assert [note.split(",")[0] for note in notes] == [
        f"Default: more than {days} consecutive days past due" for days in (90, 60)
    ]
    assert card(usual)["data_version"] != card(earlier)["data_version"]


def test_credit_in_a_currency_without_a_material_amount_stops_training_and_names_the_setting(refused, home):
    (home / "bank360.yaml").write_text(SETTINGS + "default: {material_amounts: {EUR: 10000}}", encoding="utf-8")
    line = refused("train", "--trained-by", "trainer", "--home", home)
    assert "default.material_amounts: there is credit in GBP" in line
    assert "material_amounts: {GBP: AMOUNT}" in line
