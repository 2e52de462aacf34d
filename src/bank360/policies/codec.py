"""Frozen dataclasses to canonical JSON bytes and back, directed by their declared types.

The same walk over types writes and reads, so a field that is added is written, read and held to its type without a
second place to forget. Whole numbers stay whole, doubles stay doubles (``1`` is no ``1.0``), and what JSON cannot say
of a double is spelled out: ``{"double": "nan"}``, ``"inf"``, ``"-inf"``.

Types known: str, int, bool, float, None and unions of these, `StrEnum`, `Literal` of texts, tuples, and dataclasses of
known types.
"""

import json
import math
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import lru_cache
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
_NO_NUMBERS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def encoded(kind: type[T], value: T) -> bytes:
    """Return a value of a known type as canonical JSON: sorted keys, no spaces, UTF-8.

    Raises
    ------
    TypeError
        If a part is not of its declared type.
    """
    plain = _plain(kind, value)
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode()


def decoded(kind: type[T], data: bytes) -> T:
    """Return the value that `encoded` wrote.

    Raises
    ------
    ValueError, TypeError, KeyError, RecursionError
        If the bytes are no JSON, or none of that type.
    """
    answer: T = _typed(kind, json.loads(data, parse_constant=_refuse))
    return answer


def _plain(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _plain(_member(kind, type(value)), value)
    if origin is Literal:
        if value not in get_args(kind):
            raise TypeError(f"{value!r} is none of {get_args(kind)}")
        return value
    if origin is tuple:
        _held(type(value) is tuple, kind)
        return [_plain(one, each) for one, each in zip(_members(kind, len(value)), value, strict=True)]
    _held(type(value) is kind, kind)
    if isinstance(kind, type) and is_dataclass(kind):
        return {name: _plain(own, getattr(value, name)) for name, own in _fields(kind)}
    if isinstance(value, StrEnum):
        return value.value
    if kind is float and not math.isfinite(value):
        return {"double": "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"}
    return value


def _typed(kind: Any, plain: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _typed(_member(kind, float if isinstance(plain, dict) else type(plain)), plain)
    if origin is Literal:
        _held(plain in get_args(kind), kind)
        return plain
    if origin is tuple:
        _held(type(plain) is list, kind)
        return tuple(_typed(one, each) for one, each in zip(_members(kind, len(plain)), plain, strict=True))
    if isinstance(kind, type) and is_dataclass(kind):
        own = dict(_fields(kind))
        _held(type(plain) is dict and set(plain) == set(own), kind)
        return kind(**{name: _typed(each, plain[name]) for name, each in own.items()})
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(plain)
    if kind is float and isinstance(plain, dict):
        _held(set(plain) == {"double"}, kind)
        return _NO_NUMBERS[plain["double"]]
    _held(type(plain) is kind, kind)
    return plain


@lru_cache(maxsize=64)
def _fields(kind: type) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(kind)
    return tuple((field.name, hints[field.name]) for field in fields(kind))


def _members(kind: Any, n: int) -> tuple[Any, ...]:
    """Return the type of each of a tuple's ``n`` members."""
    own = get_args(kind)
    return own[:1] * n if len(own) == 2 and own[1] is Ellipsis else own


def _member(kind: Any, found: type) -> Any:
    """Return the member of a union that a value of the type found is of."""
    if found in get_args(kind):
        return found
    raise TypeError(f"a value of {found} stands where {kind} belongs")


def _held(holds: bool, kind: Any) -> None:
    if not holds:
        raise TypeError(f"a value is not of its declared type, {kind}")


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
