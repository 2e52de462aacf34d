"""A quality finding: what is wrong with rows that were accepted all the same. Data, never an exception."""

from dataclasses import dataclass

from bank360.bank.personal_numbers import masked_key
from bank360.bank.vocabulary import Severity


@dataclass(frozen=True)
class Finding:
    """One finding about a table; becomes a row of ``quality_findings``.

    Parameters
    ----------
    table, column
        What it is about; ``column`` is None for a finding about whole rows.
    rule
        Stable name of the rule that found it ("dangling_reference", "late_rows").
    severity
        How bad it is.
    rows
        How many rows it concerns, at least 1.
    example
        One key or line to look at; never personal data: a key that is a personal number is masked.
    message
        What was found and what to do about it, in one line.
    """

    table: str
    column: str | None
    rule: str
    severity: Severity
    rows: int
    example: str | None
    message: str

    def __post_init__(self) -> None:
        if self.example is not None:
            object.__setattr__(self, "example", masked_key(self.example))
