"""YAML of a policy, read strictly: a key twice, an alias, a missing or unknown key, another type: each is refused.

A policy is read by people and decides about people. What YAML forgives (the last of two equal keys wins, ``yes`` is a
truth value, 1e3 is text) would be a rule that nobody wrote. Neighbour: `credit_policy.py`, which says what keys mean.
"""

from collections.abc import Hashable
from typing import Any

import yaml

from bank360.bank.errors import SettingsError

_LONGEST = 65_536  # characters; a policy is a page


class _Strict(yaml.SafeLoader):
    """The safe loader, without doubled keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Return the mapping; raise where a key stands twice."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"{twice} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


class Section:
    """The keys of one section, taken one by one; what is left at the `end` is unknown and refused.

    Parameters
    ----------
    name, place
        The file, and where in it the section stands ("" at the top).
    values
        Its keys and values.
    """

    def __init__(self, name: str, place: str, values: Any) -> None:
        self._name, self._place = name, place
        if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
            raise SettingsError(f"{name}: {place or 'the top'} must hold keys and values. Mend it there.")
        self._left: dict[str, Any] = dict(values)

    def text(self, key: str) -> str:
        """Take a text that is not empty."""
        return self._text(self._take(key), key)

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of texts, at least one, each once."""
        return tuple(self._text(one, key) for one in self._list(key))

    def integer(self, key: str, low: int, high: int) -> int:
        """Take a whole number in a closed range."""
        return self._integer(self._take(key), key, low, high)

    def integers(self, key: str, low: int, high: int) -> tuple[int, ...]:
        """Take a list of whole numbers in a closed range, at least one, each once."""
        return tuple(self._integer(one, key, low, high) for one in self._list(key))

    def fraction(self, key: str) -> float:
        """Take a number above 0, at most 1: a rate, share or probability."""
        value = self._take(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
            raise self._wrong(key, "a number above 0 and at most 1, such as 0.099", value)
        return float(value)

    def section(self, key: str) -> "Section":
        """Take a section."""
        return Section(self._name, self._at(key), self._take(key))

    def sections(self, key: str) -> tuple["Section", ...]:
        """Take a list of sections, at least one."""
        return tuple(Section(self._name, f"{self._at(key)}[{k}]", one) for k, one in enumerate(self._list(key)))

    def end(self) -> None:
        """Refuse what was not taken."""
        if self._left:
            unknown = ", ".join(self._at(key) for key in sorted(self._left))
            raise SettingsError(f"{self._name}: nothing is called {unknown}. Take it out, or mend its spelling.")

    def _take(self, key: str) -> Any:
        if key not in self._left:
            raise SettingsError(f"{self._name}: {self._at(key)} is missing. State it there.")
        return self._left.pop(key)

    def _list(self, key: str) -> list[Any]:
        value = self._take(key)
        if not isinstance(value, list) or not value or any(value.count(one) > 1 for one in value):
            raise self._wrong(key, "a list with at least one entry, each once", value)
        return value

    def _text(self, value: Any, key: str) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(key, 'a text (a number that is meant as one in quotes, such as "1.0")', value)
        return value

    def _integer(self, value: Any, key: str, low: int, high: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self._wrong(key, f"a whole number from {low} to {high}", value)
        return value

    def _wrong(self, key: str, wanted: str, value: Any) -> SettingsError:
        return SettingsError(f"{self._name}: {self._at(key)} must be {wanted}, not {value!r:.60}. Mend it there.")

    def _at(self, key: str) -> str:
        return f"{self._place}.{key}" if self._place else key


def read_policy_text(text: str, name: str) -> Section:
    """Return the top of a policy's YAML.

    Raises
    ------
    SettingsError
        If the text is too long, no YAML, has a key twice or an alias, or holds no keys.
    """
    if len(text) > _LONGEST:
        raise SettingsError(f"{name} is longer than {_LONGEST:,} characters: that is no policy. Shorten it.")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise SettingsError(f"{name} has an alias (*name). Write the value out: a policy is read as it stands.")
        loader = _Strict(text)
        try:
            values = loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = "" if error.problem_mark is None else f", line {error.problem_mark.line + 1}"
        raise SettingsError(f"{name}{line}: is not YAML: {error.problem or error.context}. Mend it there.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SettingsError(f"{name} is not YAML: {' '.join(str(error).split())}. Mend it there.") from error
    return Section(name, "", values)
