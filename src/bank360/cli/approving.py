"""Which version of a model to have approved, and why: the challenger where it earned it, else the plain baseline."""

from bank360.models.promotion import advised
from bank360.storage.registry import Registry


def to_approve(registry: Registry, model: str) -> tuple[str, str]:
    """Return the version to name to ``models promote``, and why; "challenger" where there is none to hold it to.

    The baseline is the one of the same training: of its candidate, on the same data, by the same code.
    """
    aliases = registry.aliases(model)
    if "challenger" not in aliases:
        return "challenger", ""
    card = registry.load(model, "challenger").card
    if card["candidate"] == card["baseline_candidate"]:
        return "challenger", "it is the plain baseline"
    advice = advised(card)
    if advice.challenger:
        return "challenger", advice.why
    same = ("data_version", "code_version", "trained_as_of")
    for version in registry.versions(model):
        other = registry.load(model, version).card
        if other["candidate"] == card["baseline_candidate"] and all(other[key] == card[key] for key in same):
            return version, advice.why
    return "challenger", "its plain baseline is not registered"


def next_steps(registry: Registry, model: str) -> tuple[str, ...]:
    """Return why a version should be champion, and the command that makes it so; where it is already, only why."""
    version, why = to_approve(registry, model)
    champion = registry.aliases(model).get("champion")
    standing = champion is not None and champion == registry.aliases(model).get(version, version)
    said = f"{model}: {why}" if why else model
    return (said,) if standing else (said, f"models promote {model} {version} --by NAME")
