"""A refusal says where, what and what to do, on one line."""

import pytest

from bank360.bank.errors import Bank360Error, DataRefused


@pytest.mark.parametrize(
    ("column", "row", "where"),
    [
        (None, None, "file 'a.csv'"),
        ("amount", None, "file 'a.csv', column 'amount'"),
        ("amount", 7, "file 'a.csv', column 'amount', row 7"),
    ],
)
def test_a_refusal_names_the_place_as_far_as_it_is_known(column, row, where):
    refused = DataRefused("a.csv", "'ten' is not a number", "Correct it.", column, row)
    assert str(refused) == f"{where}: 'ten' is not a number. Correct it. Nothing was loaded."
    assert isinstance(refused, Bank360Error)
