"""Every operation of the API as its OpenAPI document has it, for tests that hold all of them to a law."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from bank360.api.app import create_app
from bank360.home import Home
from bank360.settings import Settings

ID = "X0000"  # in place of every id in a path: nothing has it


@dataclass(frozen=True)
class Operation:
    """One operation: method, path template, and its entry in the document."""

    method: str
    path: str
    entry: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Method and template."""
        return f"{self.method} {self.path}"

    @property
    def url(self) -> str:
        """The path with an id that nothing has."""
        url = self.path
        for parameter in self.entry.get("parameters", ()):
            url = url.replace("{" + parameter["name"] + "}", ID)
        return url

    @property
    def is_open(self) -> bool:
        """Whether everybody may call it."""
        return self.entry["x-access"] == "everybody"


def the_app() -> FastAPI:
    """Return the app of no home: its document is the same for all."""
    return create_app(Home(Path("nowhere"), Settings()))


DOCUMENT: Mapping[str, Any] = the_app().openapi()
OPERATIONS = [
    Operation(method.upper(), path, entry) for path, entries in DOCUMENT["paths"].items()
    for method, entry in entries.items()
]  # fmt: skip
