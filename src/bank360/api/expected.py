"""What the API expects at a place of a request: from its own OpenAPI document, never from what was sent. Pure.

A client is told what is allowed by the same document that describes the operation, so that both say one thing; what the
document has no words for is left unsaid. Neighbour: `problems.py`, which says what was wrong.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_Schema = Mapping[str, Any]
_JSON = "application/json"
_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")  # codes for a field that is not there


@dataclass(frozen=True)
class Expected:
    """What would have been right.

    Parameters
    ----------
    allowed
        Every value of an enumeration, or every name of a field where the name itself is unknown; None: no such list.
    words
        In words, with bounds: ``a whole number from 1 to 200``; None where the list says it, or nothing is known.
    """

    allowed: tuple[str, ...] | None = None
    words: str | None = None


NOTHING = Expected()


def expected_at(
    document: Mapping[str, Any], method: str, path: str, loc: Sequence[str | int], kind: str
) -> Expected:  # fmt: skip
    """Return what an operation expects where a request is wrong.

    Parameters
    ----------
    document
        The OpenAPI document.
    method, path
        Of the operation, the path as a template.
    loc
        Where the fault is: ``body``, ``path``, ``query`` or ``header``, then names and places in lists.
    kind
        The fault as a code; of an unknown field the names that there are, are expected.
    """
    operation = document["paths"].get(path, {}).get(method.lower())
    if operation is None or not loc:
        return NOTHING
    place, *names = loc
    unknown = kind in _UNKNOWN
    at = names[:-1] if unknown else names
    if place == "body":
        schema = operation.get("requestBody", {}).get("content", {}).get(_JSON, {}).get("schema")
    else:
        own = [one for one in operation.get("parameters", ()) if one["in"] == place]
        if unknown:
            return Expected(allowed=tuple(one["name"] for one in own))
        schema = next((one["schema"] for one in own if at and _same(one["name"], at[0])), None)
        at = at[1:]
    for name in at:
        schema = None if schema is None else _inside(_resolved(document, schema), name)
    if schema is None:
        return NOTHING
    found = _resolved(document, schema)
    if unknown:
        return Expected(allowed=tuple(found.get("properties", ())))
    if "enum" in found or "const" in found:
        return Expected(allowed=tuple(map(str, found.get("enum", (found.get("const"),)))))
    return Expected(words=_in_words(found))


def _same(name: str, other: str | int) -> bool:
    return name.lower().replace("-", "_") == str(other).lower().replace("-", "_")


def _resolved(document: Mapping[str, Any], schema: _Schema) -> _Schema:
    """Return a schema itself: references followed, and of what may be null the rest."""
    while True:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif "anyOf" in schema:
            schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
        else:
            return schema


def _inside(schema: _Schema, name: str | int) -> _Schema | None:
    if isinstance(name, int):
        items: _Schema | None = schema.get("items")
        return items
    own: _Schema | None = schema.get("properties", {}).get(name)
    return own


def _in_words(schema: _Schema) -> str | None:
    kind = schema.get("type")
    if kind in ("integer", "number"):
        what = "a whole number" if kind == "integer" else "a number"
        return what + _bounds(schema.get("minimum"), schema.get("maximum"), "from")
    if kind == "string":
        size = _bounds(schema.get("minLength"), schema.get("maxLength"), "of")
        what = f"a text{size} characters" if size else "a text"
        return what + (f", by the pattern {schema['pattern']}" if "pattern" in schema else "")
    if kind == "array":
        size = _bounds(schema.get("minItems"), schema.get("maxItems"), "of")
        return f"a list{size} entries" if size else "a list"
    if kind == "object":
        needed = ", ".join(schema.get("required", ()))
        return f"an object with {needed}" if needed else "an object"
    return "true or false" if kind == "boolean" else None


def _bounds(least: float | None, most: float | None, word: str) -> str:
    """Return bounds that both count, in words after a noun; empty without bounds."""
    if least is None and most is None:
        return ""
    if most is None:
        return f" {word} at least {int(least or 0)}"
    if least is None:
        return f" {word} at most {int(most)}"
    return f" {word} {int(least)}" if least == most else f" {word} {int(least)} to {int(most)}"
