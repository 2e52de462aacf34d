"""A bank says its country once, in its settings; a mapping that says another one is told of."""

import pytest

from bank360.cli.home import open_home
from bank360.cli.mapping_notes import mapping_notes
from bank360.cli.sources import source_of, source_settings

SETTINGS = """
bank: {{zone: Europe/Vienna, currency: EUR, country: AT}}
clock: "2024-07-01T12:00:00Z"
sources:
  - name: core
    kind: mapped
    mapping:
      files:
        moves: {{table: transactions, pattern: ledger.csv, known_after: 1d,
                columns: {{transaction_id: id, account_id: acc, event_time: at, amount: sum{country}}}}}
"""


def told(tmp_path, country):
    (tmp_path / "bank360.yaml").write_text(SETTINGS.format(country=country))
    home = open_home(tmp_path)
    return home, home.settings.sources[0]


def test_a_mapping_without_a_country_is_read_with_the_banks_and_recorded_with_it(tmp_path):
    home, entry = told(tmp_path, "")
    settings = source_settings(home, entry)
    assert settings["country"] == "AT"
    assert source_of("core", settings, home.settings.now(None)).files[0].name == "moves"
    assert mapping_notes(home, [], frozenset()) == []


def test_what_is_recorded_of_a_mapping_that_says_where_payments_were_stays_as_it_was(tmp_path):
    home, entry = told(tmp_path, ", country: {constant: AT}")
    assert set(source_settings(home, entry)) == {"kind", "mapping", "zone", "currency"}
    assert mapping_notes(home, [], frozenset()) == []


@pytest.mark.parametrize("whole", [True, False])
def test_a_mapping_that_says_another_country_than_the_bank_is_told_of_with_what_follows(tmp_path, whole):
    home, _ = told(tmp_path, ", country: {constant: GB}")
    (note,) = mapping_notes(home, [], frozenset(), whole=whole)
    assert note.startswith("source 'core', file 'moves': 'country: {constant: GB}' puts every payment in GB, and ")
    assert "bank.country is AT, so that all of them count as abroad" in note
