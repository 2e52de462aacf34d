"""What a serving process keeps between decisions: the log, the policy, and what is ready of the current version.

Ready are the models that the version names, checked by the registry, and the plan of the features that they and
affordability read. They are made when a version is first decided from, once, and kept until another one is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from bank360.bank.errors import ArtefactRefused, NoModel, NotFound, NotReady
from bank360.features.families import ALL_FEATURES
from bank360.features.feature import SpineColumn
from bank360.features.history_bytes import layout_stamp
from bank360.features.layout import Layout, layouts
from bank360.features.one_customer import DescribeOne, describing_one
from bank360.features.scan import scan_plan
from bank360.models.catalogue import MODELS
from bank360.pipeline.told import SEEN, derived_from
from bank360.pipeline.train import features_of
from bank360.policies.credit_policy import CreditPolicy, credit_policy
from bank360.policies.credit_record import PD_MODEL, StoredModel
from bank360.policies.decision import Value
from bank360.storage.decision_log import DecisionLog
from bank360.storage.group_commit import GroupCommit
from bank360.storage.kept_policies import keep_policy
from bank360.storage.published import Published, Version
from bank360.storage.registry import Registry


@dataclass(frozen=True)
class Ready:
    """What decisions from one version need.

    Parameters
    ----------
    packed
        How histories are packed.
    describe
        Gives the features of one customer.
    models
        The version's champions, in the order of their names.
    """

    packed: Mapping[str, Layout]
    describe: DescribeOne
    models: tuple[StoredModel, ...]
    _numeric: frozenset[str]
    _never: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)

    def numbers(self, values: Mapping[str, Value]) -> dict[str, float]:
        """Return the spine columns that are numbers."""
        return {name: value for name, value in values.items() if name in self._numeric and isinstance(value, float)}

    def never(self, unasked: frozenset[str]) -> frozenset[str]:
        """Return what is derived from what nobody was asked for; worked out once for each set."""
        if unasked not in self._never:
            self._never[unasked] = derived_from(unasked)
        return self._never[unasked]


class Desk:
    """One process's way to decide; made by `open_desk`, shared by its threads."""

    def __init__(self, log: DecisionLog, published: Published, registry: Registry, policy: CreditPolicy) -> None:
        self.log, self.published, self.policy = log, published, policy
        self.commits = GroupCommit(log)
        self._registry = registry
        self._lock = Lock()
        self._ready: tuple[int, Ready] | None = None

    def ready(self, version: Version) -> Ready:
        """Return what decisions from a version need.

        Raises
        ------
        NotReady
            If it was published by other features than these.
        NoModel
            If it was published without a champion of the probability of default.
        ArtefactRefused
            If a model is not the one that the version names.
        """
        with self._lock:
            if self._ready is None or self._ready[0] != version.number:
                self._ready = (version.number, _ready(version, self._registry))
            return self._ready[1]


def open_desk(log: DecisionLog, published: Published, registry: Registry, policy_text: str, at_us: int) -> Desk:
    """Return a desk that decides by a policy, whose text is kept for replays from now on.

    Parameters
    ----------
    at_us
        Now, microseconds UTC.

    Raises
    ------
    SettingsError
        If the policy is wrong.
    """
    policy = credit_policy(policy_text, "the policy")
    keep_policy(log.store, policy.hash, policy.name, policy.version, policy_text, at_us)
    return Desk(log, published, registry, policy)


def why_undecided(version: Version, policy: CreditPolicy | None = None) -> str | None:
    """Return why no application can be decided from a version, and what to do; None where there is a model for it.

    Parameters
    ----------
    policy
        By which it would be: in another currency than the bank's it decides nothing. None: not asked.
    """
    if PD_MODEL in version.meta.models:
        meta = version.meta
        if policy is None or policy.currency == meta.currency:
            return None
        return (
            f"{policy.misfit(meta.currency, meta.country)} Try requests by a policy of the bank's own with 'bank360 "
            "decide --policy FILE'; what is served decides by the policy that comes with bank360."
        )
    if version.unscored is not None:
        return f"No model decides here: {version.unscored}"
    return "What is published has no champion. Run 'bank360 models promote', then 'bank360 nightly'."


def packing() -> dict[str, Layout]:
    """Return how the histories of a version are packed, by stream in the order of the scans."""
    by_stream = layouts(ALL_FEATURES)
    return {scan.stream.name: by_stream[scan.stream.name] for scan in scan_plan(ALL_FEATURES)}


def _ready(version: Version, registry: Registry) -> Ready:
    meta, packed = version.meta, packing()
    if layout_stamp(packed) != meta.layout_stamp:
        raise NotReady("What is published was packed for other features. Run 'bank360 publish'.")
    if (why := why_undecided(version)) is not None:
        raise NoModel(why)
    features = [f for f in features_of(MODELS) if not (isinstance(f, SpineColumn) and f.categorical)]
    have = {feature.name for feature in features}
    features += [feature for feature in ALL_FEATURES if feature.name in SEEN and feature.name not in have]
    numeric = frozenset(feature.name for feature in features if isinstance(feature, SpineColumn))
    describe = describing_one(features, packed, meta.zone, meta.data_from)
    models = tuple(_model(registry, name, *meta.models[name]) for name in sorted(meta.models))
    return Ready(packed, describe, models, numeric)


def _model(registry: Registry, name: str, version: str, digest: str) -> StoredModel:
    try:
        loaded = registry.load(name, version)
    except NotFound as error:
        raise NotReady(
            f"The registry has no {name} {version}, which the published version names. Put it back, or run "
            "'bank360 publish' to publish what is there."
        ) from error
    if loaded.hash != digest:
        raise ArtefactRefused(f"model '{name}' {version} is not the one that was published. Run 'bank360 publish'.")
    return StoredModel(loaded.model, loaded.version, loaded.hash)
