"""Which version of a model to have approved, and why: the challenger where it earned it, else the plain baseline.

A version that was damaged is never named, nor does it stop who asks: `models` and `promote` say what is wrong with it.
"""

from collections.abc import Mapping
from typing import Any

from bank360.bank.errors import ArtefactRefused
from bank360.models.promotion import advised
from bank360.storage.registry import Registry


def to_approve(registry: Registry, model: str) -> tuple[str, str]:
    """Return the version to name to ``models promote``, and why; "challenger" where there is none to hold it to.

    The baseline is the one of the same training: of its candidate, on the same data, by the same code.
    """
    aliases = registry.aliases(model)
    if "challenger" not in aliases:
        return "challenger", ""
    card = _card(registry, model, "challenger")
    if card is None:
        return "challenger", "it is damaged, and 'models show' says where"
    if card["candidate"] == card["baseline_candidate"]:
        return "challenger", "it is the plain baseline"
    advice = advised(card)
    if advice.challenger:
        return "challenger", advice.why
    same = ("data_version", "code_version", "trained_as_of")
    for version in registry.versions(model):
        other = _card(registry, model, version)
        if (
            other is not None
            and other["candidate"] == card["baseline_candidate"]
            and all(other[key] == card[key] for key in same)
        ):
            return version, advice.why
    return "challenger", "its plain baseline is not registered, or damaged"


def next_steps(registry: Registry, model: str) -> tuple[str, ...]:
    """Return why a version should be champion, and the command that makes it so; where it is already, only why."""
    version, why = to_approve(registry, model)
    champion = registry.aliases(model).get("champion")
    standing = champion is not None and champion == registry.aliases(model).get(version, version)
    said = f"{model}: {why}" if why else model
    return (said,) if standing else (said, f"models promote {model} {version} --by NAME")


def _card(registry: Registry, model: str, version: str) -> Mapping[str, Any] | None:
    try:
        return registry.load(model, version).card
    except ArtefactRefused:
        return None
