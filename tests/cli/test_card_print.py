"""A card in a terminal of 80 columns: every line fits, and no word or number of it is lost."""

import re

import pytest

from bank360.cli.card_print import fitted

CARD = """# pd: scorecard

Probability that a customer of the bank who applied for credit is in default twelve months after the account was opened.

* Label: default of the definition, observed over a window of twelve months, and nobody before it is complete is bad.

| population | rows | events | AUC (95 %) | baseline AUC (95 %) | KS | observed / expected |
|---|---|---|---|---|---|---|
| all | 1000 | 300 | 0.782 (0.751 to 0.811) | 0.700 (0.650 to 0.750) | 0.459 | 1.004 (0.911 to 1.101) |
| thin file | 7 | 1 | too few events | | | |

| attribute | bin | WoE | points | rows | share | bad | bad rate |
|---|---|---:|---:|---:|---:|---:|---:|
| **bureau_score**: score of the bureau (points), IV 0.321, weight 0.91 | up to 480 | +1.2 | 12.0 | 9 | 1.0% | 3 | 33% |
|  | over 480 | -0.2 | 40.0 | 91 | 9.0% | 3 | 3% |

| score | probability |
|---:|---:|
| 400 | 12.00% |
"""


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_longer_and_nothing_is_lost(width):
    printed = fitted(CARD, width)
    assert max(map(len, printed.splitlines())) <= width
    cells = set(re.findall(r"[\w.%+]+", CARD)) - {""}
    assert cells - set(re.findall(r"[\w.%+]+", printed)) == set()


def test_a_table_that_fits_stands_in_columns_and_a_wider_one_row_by_row():
    lines = fitted(CARD, 80).splitlines()
    assert lines[-2:] == ["score  probability", "400    12.00%"]
    at = lines.index("population: all")
    assert lines[at + 1].startswith("  rows: 1000; events: 300; AUC (95 %): 0.782 (0.751 to 0.811);")
    assert lines[lines.index("population: thin file") + 1] == "  rows: 7; events: 1; AUC (95 %): too few events"
    # A row without a first cell goes on with the one above it.
    assert "  bin: over 480; WoE: -0.2; points: 40.0; rows: 91; share: 9.0%; bad: 3; bad" in lines
