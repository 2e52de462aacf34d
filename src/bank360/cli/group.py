"""A group of verbs whose ``--help`` stays light.

Typer coerces every option of the groups on the way to a verb, through pydantic, a third of a second to import; only a
flag that is a truth value already is let through. Without a default the flag ``--help`` is none of a group that was not
asked for help itself, so it gets one.
"""

from typing import Any

from typer.core import TyperGroup


class Group(TyperGroup):
    """A group that can be asked for a verb's help without an import of pydantic."""

    def get_help_option(self, ctx: Any) -> Any:
        """Return the option ``--help``, off where it was not typed."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False
        return option
