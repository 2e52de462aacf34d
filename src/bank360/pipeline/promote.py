"""Make a version the champion: asked of the one table of rights, sealed in the log, then written in the registry.

Who approves is a user with the role model approver and not who trained the version. A bank may have no users
yet: there the word of whoever is at the terminal is taken, and the record of the promotion says so
(`docs/decisions/0009-champion-scorecard-challenger-trees.md`). The demonstration bank approves by itself, stamped DEMO.
"""

from dataclasses import dataclass

from bank360.bank.calendar import to_datetime
from bank360.bank.vocabulary import Role
from bank360.pipeline.audit import act
from bank360.policies.access import Principal, authorize
from bank360.policies.access_table import Action, Resource
from bank360.storage.decision_log import DecisionLog, record_decision
from bank360.storage.registry import Registry
from bank360.storage.users import User

BY_PASSWORD = "a user's password"
BY_WORD = "the word of whoever is at the terminal: the bank has no users"


@dataclass(frozen=True)
class Approval:
    """What a promotion did: the version, the one that was champion before (None for the first), and who approved."""

    version: str
    replaced: str | None
    approved_by: str
    known_by: str


def approve_as_user(
    registry: Registry, log: DecisionLog, user: User, model: str, version: str, decision_id: str, by: str, at_us: int
) -> Approval:
    """Make a version the champion, as a user whose password was checked; the approval is sealed first.

    Parameters
    ----------
    decision_id
        A random id, of the record.
    by
        Who is at the terminal.
    at_us
        When, microseconds UTC.

    Raises
    ------
    NotAllowed
        If the user is no model approver, or trained the version.
    NotFound, ArtefactRefused
        As `Registry.load`.
    """
    hashed = _allowed(registry, Principal(user.name, user.role), model, version)
    _seal(registry, log, user.user_id, model, version, hashed, decision_id, by, at_us)
    return _promoted(registry, user.name, BY_PASSWORD, model, version, by, at_us)


def approve_by_word(
    registry: Registry,
    log: DecisionLog | None,
    name: str,
    model: str,
    version: str,
    decision_id: str,
    by: str,
    at_us: int,
) -> Approval:
    """Make a version the champion at the word of whoever is at the terminal; arguments as of `approve_as_user`.

    Parameters
    ----------
    log
        None where the bank has no key to seal with.
    """
    hashed = _allowed(registry, Principal(name, Role.MODEL_APPROVER), model, version)
    if log is not None:
        _seal(registry, log, by, model, version, hashed, decision_id, by, at_us)
    return _promoted(registry, name, BY_WORD, model, version, by, at_us)


def _seal(
    registry: Registry,
    log: DecisionLog,
    principal: str,
    model: str,
    version: str,
    hashed: str,
    decision_id: str,
    by: str,
    at_us: int,
) -> None:
    """Seal an approval before it takes effect: a kill between the two leaves one to repeat, no champion unrecorded."""
    before = str(registry.aliases(model).get("champion", ""))
    sealed = act(
        decision_id,
        principal,
        version,
        "model.approved",
        at_us,
        model=model,
        manifest=hashed,
        replaced=before,
        terminal=by,
    )
    record_decision(log, sealed, response=b"")


def _allowed(registry: Registry, principal: Principal, model: str, version: str) -> str:
    """Return the hash of the version's manifest once the principal may approve it."""
    loaded = registry.load(model, version)
    authorize(principal, Action.APPROVE, Resource.MODEL, first=str(loaded.card["trained_by"]))
    return loaded.hash


def _promoted(registry: Registry, name: str, known_by: str, model: str, version: str, by: str, at_us: int) -> Approval:
    said = {
        "role": str(Role.MODEL_APPROVER), "known_by": known_by, "terminal": by, "at": to_datetime(at_us).isoformat(),
    }  # fmt: skip
    replaced = registry.promote(model, version, approved_by=name, said=said)
    return Approval(version, replaced, name, known_by)
