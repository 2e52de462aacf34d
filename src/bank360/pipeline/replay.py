"""Make a past decision again from its own record: recorded feature values, stored models, the policy kept by its hash.

Nothing of today's data is read, so the same bytes must come out whatever has happened since. Other bytes mean that a
model, a policy or our own arithmetic is not what it was. Neighbour: `policies/credit_record.py`, whose code it is.
"""

from dataclasses import dataclass

from bank360.bank.errors import NotFound
from bank360.policies.credit_record import StoredModel, replay
from bank360.policies.decision import DecisionRecord, parse
from bank360.storage.decision_reads import CREDIT_DECISION, decision_by_id
from bank360.storage.kept_policies import kept_policy
from bank360.storage.registry import Registry
from bank360.storage.store.engine import Store


@dataclass(frozen=True)
class Replayed:
    """A past decision made again.

    Parameters
    ----------
    sequence
        Its place in the log.
    record
        As it was sealed.
    sealed, again
        The bytes that were sealed, and those that come out now.
    """

    sequence: int
    record: DecisionRecord
    sealed: bytes
    again: bytes

    @property
    def same(self) -> bool:
        """Whether the same bytes came out."""
        return self.sealed == self.again


def replay_decision(store: Store, registry: Registry, decision_id: str) -> Replayed:
    """Return a decision of the log, made again.

    Raises
    ------
    NotFound
        If the log has no such decision, or a model or policy of it is gone.
    ArtefactRefused
        If the record is none, or a model or policy is not the one that it names.
    """
    with store.reading() as connection:
        found = decision_by_id(connection, decision_id)
        if found is None or found.kind != CREDIT_DECISION:
            raise NotFound("The log has no credit decision of this id.", of="decision")
        record = parse(found.record)
        text = kept_policy(connection, record.policy_hash)

    def load(name: str, version: str) -> StoredModel:
        loaded = registry.load(name, version)
        return StoredModel(loaded.model, loaded.version, loaded.hash)

    return Replayed(found.sequence, record, found.record, replay(record, load, text))
