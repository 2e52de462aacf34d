"""A measured number with its interval. Nothing is reported without one."""

from dataclasses import dataclass
from math import isnan
from typing import Any


@dataclass(frozen=True)
class Estimate:
    """A value and its 95 % interval.

    >>> str(Estimate(0.7312, 0.70, 0.76))
    '0.731 (0.700 to 0.760)'
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"

    def to_json(self) -> dict[str, Any]:
        """Return the numbers as JSON values; None for NaN."""
        return {name: None if isnan(value) else value for name, value in vars(self).items()}
