"""JSON as the API reads it: what two readers could understand differently is refused, not repaired. Pure.

Refused: bytes that are not UTF-8, a key twice, NaN and infinities (also ``1e999``), lone surrogates, NUL, numbers of
more digits than any field of ours has, and more nesting than any body of ours has. Why is said by a code; the input is
not.
"""

import json
import math
from typing import NoReturn

DEEPEST = 12
_LONGEST_NUMBER = 32  # characters


class NotStrict(ValueError):
    """The bytes are not JSON as we read it; its text is a code that tells nothing of them."""


def strict_json(body: bytes) -> object:
    """Return what a JSON text says.

    Raises
    ------
    NotStrict
        If it is not JSON, or could be read in more than one way.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotStrict("not_utf8") from error
    if _depth(text) > DEEPEST:
        raise NotStrict("too_deep")
    try:
        found: object = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_number
        )
    except json.JSONDecodeError as error:
        raise NotStrict("not_json") from error
    return _sound(found)


def _depth(text: str) -> int:
    """Return how deep brackets nest, those in strings left out; at most one more than is allowed."""
    depth = deepest = 0
    quoted = escaped = False
    for character in text:
        if quoted:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                quoted = False
        elif character == '"':
            quoted = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > DEEPEST:
                return deepest
        elif character in "]}":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict("key_twice")
    return found


def _constant(_name: str) -> NoReturn:
    raise NotStrict("not_a_number")


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise NotStrict("number_too_long")
    return int(digits)


def _number(digits: str) -> float:
    if len(digits) > _LONGEST_NUMBER:
        raise NotStrict("number_too_long")
    value = float(digits)
    if not math.isfinite(value):
        raise NotStrict("not_a_number")
    return value


def _sound(found: object) -> object:
    """Return what was found if every text in it can be stored: no lone surrogate, no NUL."""
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and ("\x00" in one or any("\ud800" <= character <= "\udfff" for character in one)):
            raise NotStrict("not_text")
    return found
