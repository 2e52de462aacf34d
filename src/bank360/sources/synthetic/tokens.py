"""Ids and keyed hashes as Arrow strings, made by array arithmetic: no Python string per row.

A token stands for an identifier after keyed hashing: 16 hex digits that mean nothing but equality. Here it is a mixed
counter (splitmix64) under a salt per kind, which collides as seldom.
"""

from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa

# An Arrow array of any element type: the stubs' overloads cannot say "any of these".
Arrow = Any

_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def numbered(prefix: str, numbers: npt.ArrayLike, width: int) -> Arrow:
    """Return ids such as ``C0000042``: prefix and ``width`` digits; ValueError where a number does not fit.

    >>> numbered("C", [42], 4).to_pylist()
    ['C0042']
    """
    values = np.asarray(numbers, dtype=np.uint64)
    if len(values) and int(values.max()) >= 10**width:
        raise ValueError(f"id {prefix}{values.max()} does not fit {width} digits: the bank is too large for its ids")
    lead = np.frombuffer(prefix.encode(), dtype=np.uint8)
    text = np.empty((len(values), len(lead) + width), dtype=np.uint8)
    text[:, : len(lead)] = lead
    left = values
    # Digits in pairs of four: one division per four digits of a table of ten thousand.
    for end in range(len(lead) + width, len(lead), -4):
        take = min(4, end - len(lead))
        left, low = np.divmod(left, np.uint64(10_000))
        text[:, end - take : end] = _FOUR_DIGITS[low.astype(np.int64)][:, 4 - take :]
    return _fixed_width(text)


def tokens(kind: str, numbers: npt.ArrayLike) -> Arrow:
    """Return the token of each number of a ``kind``; equal numbers, equal tokens."""
    x = np.asarray(numbers).astype(np.uint64) + np.uint64(crc32(kind.encode()) * 0x9E3779B97F4A7C15 % 2**64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x ^ (x >> np.uint64(31))
    nibbles = np.empty((len(x), 16), dtype=np.uint8)
    for place in range(16):
        nibbles[:, place] = _HEX[((x >> np.uint64(60 - 4 * place)) & np.uint64(15)).astype(np.int64)]
    return _fixed_width(nibbles)


def coded(codes: npt.ArrayLike, words: Arrow, null: npt.NDArray[np.bool_] | None = None) -> Arrow:
    """Return dictionary-encoded strings: ``words[codes]``; a negative code, or ``null``, is no value.

    ``words`` must differ from each other: Parquet files with a doubled word in the dictionary are not the same twice.
    """
    at = np.asarray(codes)
    missing = at < 0
    if null is not None:
        missing = missing | null
    indices: Arrow = pa.array(np.where(missing, 0, at).astype(np.int32), mask=missing if missing.any() else None)
    return pa.DictionaryArray.from_arrays(indices, words)


def _fixed_width(text: npt.NDArray[np.uint8]) -> Arrow:
    count, width = text.shape
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets.tobytes()), pa.py_buffer(text.tobytes()))


_DIGITS = np.frombuffer(b"0123456789", dtype=np.uint8)
_FOUR_DIGITS = np.stack([_DIGITS[np.arange(10_000) // 10**power % 10] for power in (3, 2, 1, 0)], axis=1)
