"""What a refusal says of a number that does not read: the marks that mend it, or that none does."""

import pyarrow as pa
import pytest

from bank360.bank.errors import DataRefused
from bank360.sources.cell_faults import CellFaults
from bank360.sources.mapped_cells import Cells
from bank360.sources.mapped_numbers import NumberStyle, amounts, numbers, whole_numbers

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


@pytest.mark.parametrize("style", [NumberStyle(), NumberStyle(","), NumberStyle(",", "."), NumberStyle(".", ",")])
@pytest.mark.parametrize("read", [amounts, numbers])
@pytest.mark.parametrize("cell", ["ten", "-", ".", "€", "k.A.", "-,-"])
def test_a_cell_without_a_digit_is_no_number_of_any_marks(read, cell, style):
    what = "is not an amount" if read is amounts else "is not a number"
    assert told(read, ["10", cell], style) == {
        3: (what, f'In the mapping, {KEY}: {{csv: {{nulls: ["", {{texts}}]}}}}.')
    }


@pytest.mark.parametrize(("read", "what"), [(amounts, "is not an amount"), (numbers, "is not a number")])
def test_where_a_thousands_mark_is_stated_wrong_marks_are_told_too(read, what):
    misplaced = ("has its thousands separator in the wrong place", "")
    german, british = NumberStyle(",", "."), NumberStyle(".", ",")
    assert told(read, ["5.00", "1234.50", "1,234.50", "1.234,50"], german) == dict.fromkeys((2, 3, 4), (what, POINTS))
    assert told(read, ["5,00", "1.234,50", "1,234.50"], british) == dict.fromkeys((2, 3), (what, COMMAS))
    assert told(read, ["1.23.4,5", "12.3.4"], german) == {2: misplaced, 3: misplaced}
    neither = (f"{what}, whether a comma or a point marks the decimals", "")
    assert told(read, ["12.50 EUR", "5.00"], german) == {2: neither, 3: (what, POINTS)}
    with pytest.raises(
        DataRefused, match=r"row 2: '1\.23\.4' has its thousands separator in the wrong place\. Correct"
    ):
        amounts(Cells(pa.array(["1.23.4", "5.00"]), "u.csv", "Betrag", 2), pa.array([2, 2]), german)


def test_a_whole_number_beyond_64_bits_is_told_by_its_cell():
    cells = Cells(pa.array([2**63 - 1, 2**63, None], pa.uint64()), "u.parquet", "Nr", 1, key=f"{KEY}.columns.n")
    with pytest.raises(DataRefused, match=r"row 2: '9223372036854775808' is too large for a whole number\. Correct it"):
        whole_numbers(cells)
    assert whole_numbers(Cells(cells.values[::2], "u.parquet", "Nr", 1)).to_pylist() == [2**63 - 1, None]


def test_of_several_bad_cells_the_first_refuses_at_once_where_faults_are_not_gathered():
    with pytest.raises(DataRefused, match="row 2: '12,3,4' is not an amount, whether a comma or a point") as refused:
        amounts(Cells(pa.array(["12,3,4", "12.50"]), "u.csv", "Betrag", 2), pa.array([2, 2]), NumberStyle(","))
    assert refused.value.row == 2
