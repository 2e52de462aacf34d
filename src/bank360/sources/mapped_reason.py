"""What a flat file's column may say to a declined customer: a code of `bank.reasons`, or a text of the mapping's own.

`mapped_flat` refuses by it what is neither, and `flat_guess` proposes by it only what will not be refused.
"""

import re

from bank360.bank.reasons import REASONS
from bank360.sources.mapped_node import Node

_CODE = re.compile(r"[A-Z][0-9]{2,}")
_SHORTEST, _LONGEST = 3, 120


def is_reason(said: str) -> bool:
    """Return whether a text can be read by a customer as a reason: 3 to 120 printable characters, and no code.

    >>> is_reason("Debt compared with income"), is_reason("Os"), is_reason("R01")
    (True, False, False)
    """
    return _SHORTEST <= len(said) <= _LONGEST and said.isprintable() and not _CODE.fullmatch(said)


def reason_of(node: Node) -> str:
    """Return the code or the text at a node, a text with single spaces between its words.

    Raises
    ------
    SettingsError
        If it is neither; the message names the column.
    """
    if isinstance(node.value, str) and _CODE.fullmatch(node.value):
        return node.choice([reason.code for reason in REASONS])
    said = " ".join(node.text().split())
    if not is_reason(said):
        node.fail(
            f"must be a code such as R01, or what a declined customer reads, {_SHORTEST} to {_LONGEST} characters long"
        )
    return said
