"""What a refusal says of a number that does not read: the marks that mend it, or that none does."""

import pyarrow as pa
import pytest

from bank360.bank.errors import DataRefused
from bank360.sources.cell_faults import CellFaults
from bank360.sources.mapped_cells import Cells
from bank360.sources.mapped_numbers import NumberStyle, amounts, numbers

KEY = "sources.core.mapping.files.transactions"
COMMAS = f'In the mapping, {KEY}: {{decimal: ",", thousands: "."}}.'
POINTS = f'In the mapping, {KEY}: {{decimal: ".", thousands: ","}}.'


def told(read, texts, style):
    """Return by row what is wrong with cells and the line of the mapping that mends it."""
    faults = CellFaults()
    cells = Cells(pa.array(texts), "u.csv", "Betrag", 2, faults, key=f"{KEY}.columns.amount")
    exponents = [pa.array([2] * len(texts))] if read is amounts else []
    read(cells, *exponents, style)
    with pytest.raises(DataRefused) as refused:
        faults.refuse()
    return {row: (fault.what, fault.line) for fault in refused.value.faults for row in fault.rows}


@pytest.mark.parametrize(("read", "what"), [(amounts, "is not an amount"), (numbers, "is not a number")])
def test_other_marks_are_advised_for_cells_that_read_under_them_and_for_no_others(read, what):
    neither = f"{what}, whether a comma or a point marks the decimals"
    german = NumberStyle(",")
    assert told(read, ["12,3,4", "1.234,56", "12.50", "1,5", "1,234.50"], german) == {
        2: (neither, ""), 3: (what, COMMAS), 4: (what, POINTS), 6: (what, POINTS),
    }  # fmt: skip
    assert told(read, ["12,3,4", "1.234,56", "12,50", "1.5", "1,234"], NumberStyle()) == {
        2: (neither, ""), 3: (what, COMMAS), 4: (what, COMMAS), 6: (what, POINTS),
    }  # fmt: skip
    assert told(read, ["12.3.4", "12,50 EUR"], german) == {2: (neither, ""), 3: (neither, "")}


@pytest.mark.parametrize(
    ("cell", "stated", "decimal", "thousands"),
    [
        ("1 234,56", ".", ",", " "),
        ("1 234.56", ".", ".", " "),
        ("1'234.56", ",", ".", "'"),
        ("1'234,56", ",", ",", "'"),
    ],
)
def test_french_and_swiss_marks_are_advised_too(cell, stated, decimal, thousands):
    line = f'In the mapping, {KEY}: {{decimal: "{decimal}", thousands: "{thousands}"}}.'
    assert told(amounts, [cell], NumberStyle(stated)) == {2: ("is not an amount", line)}
    amounts(Cells(pa.array([cell]), "u.csv", "Betrag", 2), pa.array([2]), NumberStyle(decimal, thousands))


def test_what_reads_under_no_marks_may_be_read_as_text_and_an_amount_may_not():
    cells = Cells(pa.array(["A12"]), "u.csv", "Betrag", 2)
    with pytest.raises(DataRefused, match="name it in nulls, or read the column as text"):
        numbers(cells)
    with pytest.raises(DataRefused, match=r"decimals\. Correct it\."):
        amounts(cells, pa.array([2]))


def test_a_cell_without_a_digit_is_no_number_of_any_marks():
    assert told(amounts, ["ten"], NumberStyle(",")) == {
        2: ("is not an amount", f'In the mapping, {KEY}: {{csv: {{nulls: ["", {{texts}}]}}}}.')
    }


def test_of_several_bad_cells_the_first_refuses_at_once_where_faults_are_not_gathered():
    with pytest.raises(DataRefused, match="row 2: '12,3,4' is not an amount, whether a comma or a point") as refused:
        amounts(Cells(pa.array(["12,3,4", "12.50"]), "u.csv", "Betrag", 2), pa.array([2, 2]), NumberStyle(","))
    assert refused.value.row == 2
