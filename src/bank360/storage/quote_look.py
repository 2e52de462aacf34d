"""Whether the quotes of a delimited file may be wrong, told from its bytes alone, piece by piece.

Python's strict reader says for certain, and is some twenty times slower than a look at the bytes. Where nothing is odd
here, nothing is wrong there either; where something is, it may still be right (a value `5" pipe`).
"""

import numpy as np


class QuoteLook:
    """What is seen of the quotes of a file as its bytes pass by.

    Parameters
    ----------
    quote, delimiter
        One byte each; an empty quote is none, and nothing is ever odd.
    """

    def __init__(self, quote: bytes, delimiter: bytes) -> None:
        self._quote = quote
        # What may stand before a quote that opens a value, or after one that closes it.
        self._beside = np.isin(np.arange(256), [*(quote + delimiter + b"\r\n")])
        self._quotes = 0
        self._stray = False
        self._waiting = b"\n"  # the last byte that was looked at and the next, whose neighbour has not come yet

    def add(self, piece: bytes) -> None:
        """Look at the next bytes of the file."""
        if self._quote:
            self._waiting = self._look(self._waiting + piece)

    def may_be_wrong(self) -> bool:
        """Return, at the end of the file, whether a quote is left open, or stands where it neither opens nor closes."""
        self.add(b"\n")
        return self._stray or self._quotes % 2 == 1

    def _look(self, data: bytes) -> bytes:
        """Look at all but the first byte and the last, which are there to stand beside others; return what waits."""
        array = np.frombuffer(data, dtype=np.uint8)
        at = np.flatnonzero(array[1:-1] == self._quote[0]) + 1
        # Where none is stray every second one closes, also of two that stand for one, which close and open again.
        opens = (self._quotes + np.arange(len(at))) % 2 == 0
        self._stray |= not self._beside[array[np.where(opens, at - 1, at + 1)]].all()
        self._quotes += len(at)
        return data[-2:]
