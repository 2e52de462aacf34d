"""What goes over the wire: the base of every body and answer, and the texts and numbers that they are made of.

Strict: no field unknown, no type guessed, no infinity, a range on every number and a longest length on every text.
Money is minor units of the currency named beside it; instants are UTC.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MOST_MONEY = 10**12  # minor units
# Said of every instant that stands beside one of the other clock (`clock` of the settings).
WALL = "By the wall clock, as all that people and the queue do."
BANKS = "By the bank's clock: the wall clock, or with `clock: data` or an instant in its settings that of its data."
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Letters of any language, no control characters; ids of sources are as their systems made them.
Id = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]
# Of merchants and terminals: free texts in some sources, and nothing bounds them there, only what is asked.
PlaceId = Annotated[str, Field(min_length=1, max_length=1_024, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]
Mark = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[A-Za-z0-9_.:+=/-]+$")]
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_. -]+$")]  # of a closed list elsewhere
Pseudonym = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$")]
Words = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]+$")]
Money = Annotated[int, Field(ge=0, le=MOST_MONEY)]
PageSize = Annotated[int, Field(ge=1, le=200)]
IdempotencyKey = Annotated[str, Field(min_length=8, max_length=128, pattern=r"^[A-Za-z0-9_.:-]+$")]


class Body(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Query(BaseModel):
    """What a client asks for in the address; texts there are numbers and codes, so types are read and not strict."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Answer(BaseModel):
    """What we answer."""

    model_config = ConfigDict(frozen=True)


def utc(at_us: int) -> datetime:
    """Return an instant given in microseconds UTC."""
    return _EPOCH + timedelta(microseconds=at_us)
