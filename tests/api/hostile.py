"""Raw requests that no well-meaning client sends: at least 500 for each operation, the same each time.

Each is method, path, headers and body as bytes. Every text that we put in carries `CANARY`, so that an echo is found.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.api.operations import DOCUMENT, ID, Operation

CANARY = "zqCanary7f"
LEAST = 500
EXAMPLE_CUSTOMER, EXAMPLE_ACCOUNT = b"C153cec131007", b"A0001234"  # what the document's examples name
_C = CANARY.encode()
JSON = (b"content-type", b"application/json")

# What a field may hold instead of what it should.
VALUES: tuple[bytes, ...] = (
    b"null", b"true", b"false", b"0", b"-1", b"1", b"1.5", b"-0", b"1e3", b"1e999", b"-1e999", b"NaN", b"Infinity",
    b"-Infinity", b"9223372036854775807", b"9223372036854775808", b"1" + b"0" * 400, b"0." + b"3" * 400, b"1e-400",
    b"2147483648", b"600.0", b"[]", b"{}", b"[1]", b"[[[[]]]]", b'""', b'"' + _C + b'"', b'"a\\u0000b"',
    b'"\\ud800"', b'"\\udfff\\ud800"', b'"\\u202e' + _C + b'"', b'"' + _C * 2_000 + b'"', b'"\xff"', b'"\xc3\x28"',
    b'"\xed\xa0\x80"', b'"\xf0\x9f\x98\x80"', b'"=cmd|' + _C + b'"', b'"<script>' + _C + b'</script>"',
    b"\"'; DROP TABLE decisions; -- " + _C + b'"', b'"../../' + _C + b'"', b'"%00' + _C + b'"', b'" "', b'"\\n\\r"',
    b'"' + "é".encode() * 70 + b'"', b'{"' + _C + b'": 1}', b'{"a": 1, "a": 2}', b"[" * 40 + b"]" * 40, b'"true"',
    b'"123"', b'"2026-01-01"', b'"approved"',
)  # fmt: skip
# Whole bodies.
BODIES: tuple[bytes, ...] = (
    b"", b" ", b"{", b"}", b"[", b"]", b"{}", b"[]", b"null", b"true", b"0", b'""', b"\x00", b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b"{}{}", b"{} " + _C, b'{"a":}', b"{'a':1}", b"{a:1}", b'{"a":1,}', b"[1,]", b"//" + _C + b"\n{}", b"NaN",
    b"1e999",
    b"[" * 100_000, b'{"a":' * 20_000, b"[" * 5_000 + b"]" * 5_000, b'{"' + _C * 3_000 + b'": 1}',
    b"{" + b",".join(b'"k%d":%d' % (n, n) for n in range(3_000)) + b"}", b'{"' + _C + b'": 1, "' + _C + b'": 2}',
    b"x" * 65_536, b"x" * 65_537, b"x" * 200_000, b" " * 60_000 + b"{}", b"\x1f\x8b\x08\x00" + _C,
    json.dumps({CANARY: CANARY}).encode("utf-16"), json.dumps({CANARY: 1}).encode("utf-32"), b'"' + _C + b'"',
    b"username=" + _C + b"&password=" + _C, b"username=%ff&password=%00", b"&=&=&=" + _C, b"%" * 500, b"a=1&" * 5_000,
    b"--" + _C + b'\r\ncontent-disposition: form-data; name="file"\r\n\r\nx\r\n--' + _C + b"--\r\n",
    b"<x>" + _C + b"</x>",
    b"\\ud800", b'{"__proto__": {"' + _C + b'": 1}}', b'{"__class__": "' + _C + b'"}',
)  # fmt: skip
CONTENT_TYPES: tuple[bytes, ...] = (
    b"application/json", b"application/json; charset=utf-16", b"APPLICATION/JSON", b"text/plain", b"",
    b"application/xml",
    b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=" + _C, b"application/json, text/html",
    b"application/vnd." + _C + b"+json", b";" * 50, b"\xff/\xfe", b"application/" + b"j" * 5_000,
)  # fmt: skip
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"idempotency-key", b""), (b"idempotency-key", b"short"), (b"idempotency-key", _C * 40), (b"idempotency-key",
    b"\xff" * 9),
    (b"idempotency-key", b"a b c d e f"), (b"idempotency-key", b"'; --" + _C), (b"authorization", b"Bearer " + _C),
    (b"authorization", b"Basic " + _C), (b"authorization", b"\xff" * 30), (b"authorization", _C), (b"authorization",
    b" "),
    (b"content-encoding", b"gzip"), (b"content-encoding", _C), (b"x-forwarded-for", _C), (b"x-forwarded-for",
    b"1.1.1.1, " + _C),
    (b"x-forwarded-for", b"::1, " * 500), (b"accept", _C), (b"accept", b"image/png"), (b"cookie", _C * 400),
    (b"host", _C), (b"x-http-method-override", b"DELETE"), (b"range", b"bytes=0-" + _C), (b"expect", _C),
    (b"if-match", _C), (b"x-" + _C, _C * 1_000), (b"accept-language", b"\xe9" + _C), (b"traceparent", _C),
    (b"origin", _C),
)  # fmt: skip
IN_PATHS: tuple[str, ...] = (
    CANARY, "..", ".", "%2e%2e%2f" + CANARY, "%00", "%0a" + CANARY, "%ff%fe", "%c0%ae", "%F0%9F%98%80", "a" * 129,
    "a" * 5_000,
    "'%20OR%201=1--" + CANARY, "%7b%7d" + CANARY, "%252e" + CANARY, "-1", "0", "null", "%20", "%E2%80%AE" + CANARY,
    "C1;" + CANARY, "C1,C2", "*", "%25", "%ed%a0%80", "%5c" + CANARY, "~" + CANARY, "$" + CANARY, "%7f", "%1b[31m",
    "%09",
)  # fmt: skip
IN_QUERIES: tuple[str, ...] = (
    CANARY, f"{CANARY}={CANARY}", "limit=0", "limit=-1", "limit=201", "limit=1e2", "limit=NaN", "limit=9" * 60,
    "limit=",
    "limit=1&limit=2", "limit=%ff", "after=" + CANARY, "after=1_1_" + CANARY, "after=_", "after=1_2_3_4",
    "after=" + "9" * 400,
    "after=99999999999999999999_1_a", "after=%00", "kind=" + CANARY, "kind=", "kind[]=alert", "state=%f0%28",
    "owner=%00",
    "owner=" + "o" * 500, "owner=" + CANARY, "customer=%0d%0a" + CANARY, "before=0", "before=-5",
    "before=" + "9" * 30, "before=1.5",
    "before=" + CANARY, "&&&&", "=", "%", "?" * 60, "a=" + "b" * 8_000, "reveal=true", "q=%00",
    "q=" + CANARY, "q=" + "x" * 300,
    "tier=" + CANARY, "tier=high&tier=low", "severity=" + CANARY, "limit=%31", "LIMIT=5", "limit=%20%35",
    "after=%F0%9F%98%80",
)  # fmt: skip


@dataclass(frozen=True)
class Raw:
    """One request as it is sent."""

    method: str
    path: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


def requests_for(operation: Operation, least: int = LEAST) -> list[Raw]:
    """Return at least ``least`` requests on an operation; the token is added by who sends them."""
    found = [*_structured(operation)]
    rng = random.Random(operation.name)
    base = [raw for raw in found if raw.body] or found
    while len(found) < least:
        found.append(_bent(rng, rng.choice(base)))
    return found


def named(raw: Raw, customer_id: str, account_id: str) -> Raw:
    """Return a request that names a customer and an account of the bank where it named the document's examples."""
    body = raw.body.replace(EXAMPLE_CUSTOMER, customer_id.encode()).replace(EXAMPLE_ACCOUNT, account_id.encode())
    return replace(raw, path=raw.path.replace(f"/v1/customers/{ID}", f"/v1/customers/{customer_id}"), body=body)


def valid_body(operation: Operation) -> dict[str, Any] | None:
    """Return a body as the document's examples have it; None where the operation takes none as JSON."""
    content = operation.entry.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    schema = DOCUMENT["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    if "examples" in schema:
        return dict(schema["examples"][0])
    return {name: _example(field) for name, field in schema["properties"].items()}


def _example(field: dict[str, Any]) -> Any:
    if "examples" in field:
        return field["examples"][0]
    if "enum" in field:
        return field["enum"][0]
    return {"boolean": True, "integer": 1, "string": "x"}[field["type"]]


def _structured(operation: Operation) -> Iterator[Raw]:
    key = (b"idempotency-key", b"hostile-key-1")
    good = valid_body(operation)
    body = b"" if good is None else json.dumps(good).encode()
    for path in _paths(operation):
        yield Raw(operation.method, path, (JSON, key), body)
    for query in IN_QUERIES:
        yield Raw(operation.method, f"{operation.url}?{query}", (JSON, key), body)
    for header in HEADERS:
        yield Raw(operation.method, operation.url, (JSON, header) if header[0] == key[0] else (JSON, key, header), body)
    for kind in CONTENT_TYPES:
        yield Raw(operation.method, operation.url, ((b"content-type", kind), key), body)
    for whole in BODIES:
        for headers in ((JSON, key), (key,), ((b"content-type", b"application/x-www-form-urlencoded"), key)):
            yield Raw(operation.method, operation.url, headers, whole)
    for name in good or ():
        others = [f'"{n}": {json.dumps(v)}'.encode() for n, v in (good or {}).items() if n != name]
        for value in VALUES:
            yield Raw(operation.method, operation.url, (JSON, key), b"{" + b", ".join(
                [*others, b'"' + name.encode() + b'": ' + value]) + b"}")  # fmt: skip
        yield Raw(operation.method, operation.url, (JSON, key), b"{" + b", ".join(others) + b"}")
        yield Raw(operation.method, operation.url, (JSON, key), json.dumps({**(good or {}), CANARY: 1}).encode())


def _paths(operation: Operation) -> Iterator[str]:
    if operation.url == operation.path:
        return
    for part in IN_PATHS:
        yield operation.url.replace("X0000", part)


def _bent(rng: random.Random, raw: Raw) -> Raw:
    """Return a request with some bytes of its body changed, cut or doubled."""
    body = bytearray(raw.body or b"{}")
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(body) + 1)
        what = rng.randrange(4)
        if what == 0 and at < len(body):
            body[at] ^= 1 << rng.randrange(8)
        elif what == 1:
            body[at:at] = rng.choice(VALUES)[:200]
        elif what == 2:
            del body[at : at + rng.randint(1, 9)]
        else:
            body[at:at] = body[at : at + rng.randint(1, 40)]
    return Raw(raw.method, raw.path, raw.headers, bytes(body))
