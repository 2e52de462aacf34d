"""What a refusal says of a column that tells debits from credits."""

import pyarrow as pa
import pytest

from bank360.bank.errors import DataRefused
from bank360.sources.mapped import mapped_source
from bank360.sources.mapped_sign import Indicator, unknown_direction

MAPPING = {
    "files": {
        "umsaetze": {
            "table": "transactions",
            "pattern": "u.csv",
            "known_after": "1d",
            "sign": {"indicator": "SH", "debit": ["S", "Soll"], "credit": ["H"]},
            "columns": {"transaction_id": "ID", "account_id": "K", "event_time": "T", "amount": "B"},
        }
    }
}


def test_a_code_of_neither_direction_names_the_two_settings_that_list_codes():
    source = mapped_source("core", MAPPING, "Europe/Berlin", "EUR", country="DE")
    rows = pa.RecordBatch.from_pylist(
        [{"ID": f"U{n}", "K": "K1", "T": "2024-01-31", "B": "1.50", "SH": sign} for n, sign in enumerate("SQQ")]
    )
    with pytest.raises(DataRefused) as refused:
        source.convert["umsaetze"](rows, 2)
    assert str(refused.value) == (
        "file 'umsaetze', column 'SH', rows 3, 4: 'Q' is not a known code. The mapping knows 'S', 'Soll' for debit and "
        "'H' for credit: list it under sources.core.mapping.files.umsaetze.sign.debit if such rows take money out of "
        "the account, under sources.core.mapping.files.umsaetze.sign.credit if they bring it in, or correct the cell. "
        "Nothing was loaded."
    )


def test_of_many_codes_the_first_are_named_and_the_rest_counted():
    sign = Indicator("SH", tuple("ABCDEFGH"), ("H",))
    assert "knows 'A', 'B', 'C', 'D', 'E', 'F' and 2 more for debit" in unknown_direction(sign, "key")


def test_an_amount_with_a_sign_beside_an_indicator_is_told_how_to_have_its_sign_count():
    source = mapped_source("core", MAPPING, "Europe/Berlin", "EUR", country="DE")
    rows = pa.RecordBatch.from_pylist([{"ID": "U1", "K": "K1", "T": "2024-01-31", "B": "-12.50", "SH": "S"}])
    with pytest.raises(DataRefused) as refused:
        source.convert["umsaetze"](rows, 2)
    assert str(refused.value) == (
        "file 'umsaetze', column 'B', row 2: '-12.50' has a sign although another column says debit or credit. If the "
        "amounts of this file carry their own sign, take sources.core.mapping.files.umsaetze.sign out (an amount with "
        "a minus then leaves the account), or write 'sign: debit_positive' if one with a minus comes in; else correct "
        "the cell. Nothing was loaded."
    )
