"""A refusal says where, what and what to do, on one line; the tree is drawn as it is."""

import re

import pytest

from bank360.bank import errors
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


def test_the_drawing_shows_every_error_below_the_one_it_is_derived_from():
    drawn: list[tuple[str, str]] = []
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.fullmatch(r"    ([│ ├└─]*)([A-Z]\w+)  +\S.*", line)
        if found is None:
            continue
        depth, name = len(found[1]), found[2]
        above = [one for one in above if one[0] < depth]
        if above:
            drawn.append((name, above[-1][1]))
        above.append((depth, name))
    real = [
        (one.__name__, one.__base__.__name__)
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, Bank360Error) and one is not Bank360Error and one.__base__
    ]
    assert sorted(drawn) == sorted(real)
