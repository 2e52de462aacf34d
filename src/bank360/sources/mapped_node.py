"""A place in a mapping: its value, and its path for messages. Reads settings strictly and says which key is wrong.

A mapping holds names, codes and choices, never an expression: nothing in it is ever evaluated.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bank360.bank.errors import SettingsError


@dataclass(frozen=True)
class Node:
    """A value somewhere in a mapping; ``path`` reads like ``sources.core.mapping.files.accounts``."""

    path: str
    value: Any

    def fail(self, problem: str) -> NoReturn:
        """Raise a SettingsError about this place."""
        raise SettingsError(f"{self.path}: {problem}")

    def keys(self, known: Iterable[str], needed: Iterable[str] = ()) -> Mapping[str, "Node"]:
        """Return the entries by key; a key that is not ``known`` or a ``needed`` one that is missing is refused."""
        known = tuple(known)
        entries = self.entries()
        for key in entries:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f" Did you mean '{near[0]}'?" if near else ""
                self.fail(f"unknown key '{key}'.{hint} Known keys: {', '.join(known)}.")
        for key in needed:
            if key not in entries:
                self.fail(f"the key '{key}' is missing. Add it.")
        return entries

    def entries(self) -> Mapping[str, "Node"]:
        """Return the entries of a mapping whose keys are free names."""
        if not isinstance(self.value, Mapping):
            self.fail(f"must hold keys and values, not {_kind(self.value)}")
        for key in self.value:
            if not isinstance(key, str):
                self.fail(f"the key {key!r} is {_kind(key)}{_quote(key)}")
        return {key: Node(f"{self.path}.{key}", value) for key, value in self.value.items()}

    def text(self) -> str:
        """Return a text that is not empty; a number is taken as its digits."""
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            return str(self.value)
        if not isinstance(self.value, str) or not self.value.strip():
            self.fail(f"must be a text, not {_kind(self.value)}{_quote(self.value)}")
        return self.value

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts (empty ones allowed), or one text as a list of one; a text twice is refused."""
        values = self.value if isinstance(self.value, list | tuple) else [self.value]
        found = []
        for index, value in enumerate(values):
            if isinstance(value, bool) or value is None or isinstance(value, list | Mapping):
                Node(f"{self.path}[{index}]", value).fail(f"must be a text, not {_kind(value)}{_quote(value)}")
            found.append(str(value))
        twice = sorted({value for value in found if found.count(value) > 1})
        if twice:
            self.fail(f"'{twice[0]}' stands twice")
        return tuple(found)

    def choice(self, choices: Iterable[str]) -> str:
        """Return one of the ``choices``."""
        choices = tuple(choices)
        if self.value not in choices:
            near = difflib.get_close_matches(str(self.value), choices, 1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            if isinstance(self.value, bool):
                hint = f" It is {_kind(self.value)}{_quote(self.value)}."
            self.fail(f"{self.value!r} is not one of {', '.join(choices)}.{hint}")
        return str(self.value)

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            self.fail(f"must be true or false, not {_kind(self.value)}")
        return self.value

    def count(self, low: int, high: int) -> int:
        """Return a whole number in ``[low, high]``."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not low <= self.value <= high:
            self.fail(f"must be a whole number from {low} to {high}, not {self.value!r}")
        return self.value

    def zone(self) -> str:
        """Return the name of a time zone."""
        name = self.text()
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(f"'{name}' is not a time zone of the IANA list, such as Europe/London")
        return name

    def encoding(self) -> str:
        """Return the name of a character encoding."""
        name = self.text()
        try:
            "".encode(name)  # unlike codecs.lookup this refuses rot13, base64 and other codecs that are not of text
        except (LookupError, ValueError):
            self.fail(f"'{name}' is not an encoding, such as utf-8, latin-1 or windows-1252")
        return name


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    if isinstance(value, Mapping):
        return "keys and values"
    if isinstance(value, list | tuple):
        return "a list"
    return f"{value!r}"


def _quote(value: object) -> str:
    """Return what to do about a value that YAML did not read as the text it was meant to be; often nothing."""
    if isinstance(value, bool):
        words, example = ("YES, ON and TRUE", "ON") if value else ("NO, OFF and FALSE", "NO")
        return f", as which YAML reads {words}: put it in quotes, such as '{example}'"
    return ": put it in quotes" if isinstance(value, int | float) else ""
