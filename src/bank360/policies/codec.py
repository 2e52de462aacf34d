"""Frozen dataclasses to canonical JSON bytes and back, directed by their declared types.

The same walk over types writes and reads, so a field that is added is written, read and held to its type without a
second place to forget. Whole numbers stay whole, doubles stay doubles (``1`` is no ``1.0``), and what JSON cannot say
of a double is spelled out: ``{"double": "nan"}``, ``"inf"``, ``"-inf"``.

A field that was added after records were sealed carries the metadata `ADDED`: where it is None it is not written, and
where it is not there it is None, so that older records keep their bytes.

Types known: str, int, bool, float, None and unions of these, `StrEnum`, `Literal` of texts, tuples, and dataclasses of
known types.
"""

import json
import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import lru_cache
from types import UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
ADDED: Mapping[str, bool] = {"added": True}
_PLAIN = frozenset({str, int, bool, type(None)})  # JSON's own: written as they are
_NO_NUMBERS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def encoded(kind: type[T], value: T) -> bytes:
    """Return a value of a known type as canonical JSON: sorted keys, no spaces, UTF-8.

    Raises
    ------
    TypeError
        If a part is not of its declared type.
    """
    plain = _writer(cast(Hashable, kind))(value)
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


@lru_cache(maxsize=512)
def _writer(kind: Any) -> Callable[[Any], Any]:
    """Return what turns a value of a type into JSON values; worked out once for each type."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        of_member = {member: _writer(member) for member in get_args(kind)}
        as_it_is = frozenset(of_member) & _PLAIN

        def union(value: Any) -> Any:
            if type(value) in as_it_is:
                return value
            write = of_member.get(type(value))
            if write is None:
                raise TypeError(f"a value of {type(value)} stands where {kind} belongs")
            return write(value)

        return union
    if origin is Literal:
        allowed = get_args(kind)

        def literal(value: Any) -> Any:
            if value not in allowed:
                raise TypeError(f"{value!r} is none of {allowed}")
            return value

        return literal
    if origin is tuple:
        return _tuple_writer(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        parts, added = [(name, _writer(own)) for name, own in _fields(kind)], _added(kind)

        def record(value: Any) -> Any:
            _held(type(value) is kind, kind)
            said = {name: write(getattr(value, name)) for name, write in parts}
            return {name: one for name, one in said.items() if one is not None or name not in added} if added else said

        return record

    return _scalar_writer(kind)


def _scalar_writer(kind: Any) -> Callable[[Any], Any]:
    def plain(value: Any) -> Any:
        if type(value) is not kind:
            _held(False, kind)
        return value

    def double(value: Any) -> Any:
        if type(value) is not float:
            _held(False, kind)
        if math.isfinite(value):
            return value
        return {"double": "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"}

    def code(value: Any) -> Any:
        _held(type(value) is kind, kind)
        return value.value

    if kind is float:
        return double
    return code if isinstance(kind, type) and issubclass(kind, StrEnum) else plain


def _tuple_writer(kind: Any) -> Callable[[Any], Any]:
    own = get_args(kind)
    if len(own) == 2 and own[1] is Ellipsis:
        each = _writer(own[0])

        def many(value: Any) -> Any:
            _held(type(value) is tuple, kind)
            return [each(one) for one in value]

        return many
    writers = [_writer(one) for one in own]
    if len(writers) == 2:  # most of a record: names with their values
        write_first, write_second = writers

        def pair(value: Any) -> Any:
            _held(type(value) is tuple, kind)
            first, second = value
            return [write_first(first), write_second(second)]

        return pair

    def fixed(value: Any) -> Any:
        _held(type(value) is tuple, kind)
        return [write(one) for write, one in zip(writers, value, strict=True)]

    return fixed


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
        _held(type(plain) is dict and set(own) - _added(kind) <= set(plain) <= set(own), kind)
        return kind(**{name: _typed(each, plain[name]) for name, each in own.items() if name in plain})
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


@lru_cache(maxsize=64)
def _added(kind: Any) -> frozenset[str]:
    return frozenset(field.name for field in fields(kind) if field.metadata == ADDED)


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
