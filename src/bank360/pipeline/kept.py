"""Everybody's packed histories, kept from one step and one night to the next: a new day is added, nothing is rebuilt.

Kept histories are used where they stand for exactly what the warehouse has come to; added to where only events came
since (`storage/kept_state.py` says when that is so); and packed anew from all events in any other case, and kept. What
is computed on them is the same to the last bit each time. Salaries are found in all credits together, so income is
packed anew with every day. Since when things were delivered is looked up each time.
Neighbours: `build.py` packs, `storage/kept_histories.py` keeps.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.errors import Bank360Error
from bank360.features.families import ALL_FEATURES
from bank360.features.feature import AnyFeature
from bank360.features.history import Histories, Noticed, StreamHistory, packed_stream
from bank360.features.history_bytes import layout_stamp
from bank360.features.layers import LayeredStream, day_parts, layer_parts
from bank360.features.layout import Layout, layouts
from bank360.features.needs import all_needs
from bank360.features.scan import INCOME, scan_plan
from bank360.features.spilling import Outside
from bank360.pipeline.build import events_of, packed_histories
from bank360.pipeline.progress import Progress, silent
from bank360.storage.delivered import known_from
from bank360.storage.kept_histories import Kept, intact, keep, open_kept, write_layers
from bank360.storage.kept_state import News, kept_token, news_since, note_kept, warehouse_state
from bank360.storage.warehouse import Warehouse

Int32s = npt.NDArray[np.int32]
MOST_LAYERS = 32  # of a stream; then they become one base again, about once a month
_NOT_ADDED_TO = (INCOME,)
# How rows are read as events (`storage/events.py`): raise it with any change by which an old row says another thing.
_READ_AS = "2"


@dataclass(frozen=True)
class _Own:
    """What histories are of: the bank's zone, currency and country, and the features that are read from them."""

    zone: str
    currency: str
    country: str
    features: Sequence[AnyFeature]

    @cached_property
    def layouts(self) -> dict[str, Layout]:
        return layouts(self.features)

    @property
    def about(self) -> dict[str, str]:
        stamp = layout_stamp(self.layouts)
        return {
            "layout": stamp,
            "read_as": _READ_AS,
            "zone": self.zone,
            "currency": self.currency,
            "country": self.country,
        }


def kept_histories(
    warehouse: Warehouse,
    folder: Path,
    zone: str,
    currency: str,
    country: str,
    features: Sequence[AnyFeature] = ALL_FEATURES,
    threads: int = 2,
    progress: Progress = silent,
    outside: Outside | None = None,
) -> Histories:
    """Return what `build.packed_histories` returns, packing no more than came since the histories in ``folder``.

    Parameters
    ----------
    warehouse
        With canonical tables filled and identity run, and no one else at work in it.
    folder
        Where they are kept; derived, may be thrown away.
    zone, currency, country, features, threads, progress, outside
        As for `build.packed_histories`.

    Raises
    ------
    NotReady
        If identity has not run yet.
    """
    warehouse.require("customer_index", "build")
    own, now = _Own(zone, currency, country, features), warehouse_state(warehouse)
    kept = _trusted(warehouse, folder, own)
    if kept is not None and kept.state != now:
        news = news_since(warehouse, kept.state, now)
        kept = None if news is None else _added(warehouse, folder, own, kept, now, news, threads, progress, outside)
    if kept is None:
        packed = packed_histories(warehouse, zone, currency, country, features, threads, progress, {}, outside)
        written = write_layers(folder, {name: layer_parts(one) for name, one in _fresh(packed).items()})
        noticed = {name: one.noticed for name, one in packed.streams.items()}
        kept = _noted(warehouse, folder, keep(folder, own.about, now, packed.n_customers, noticed, written))
    if any(len(layers) > MOST_LAYERS for layers in kept.streams.values()):
        kept = _compacted(warehouse, folder, own, kept)
    known = known_from(warehouse, all_needs(features), currency, country)
    return Histories(kept.n_customers, zone, _streams(own, kept), known)


def _trusted(warehouse: Warehouse, folder: Path, own: _Own) -> Kept | None:
    """Return what is kept if it was packed from this warehouse, by these settings, and is whole."""
    token = kept_token(warehouse)
    kept = open_kept(folder) if token is not None else None
    whole = kept is not None and kept.token == token and kept.about == own.about and intact(folder, kept)
    return kept if whole else None


def _added(
    warehouse: Warehouse, folder: Path, own: _Own, kept: Kept, now: Mapping[str, Any], news: News, threads: int,
    progress: Progress, outside: Outside | None,
) -> Kept:  # fmt: skip
    """Keep a layer of what came since over what is kept."""
    n = int(now["customers"])
    numbers = _numbers(kept, n, news.places)
    plan = scan_plan(own.features)
    parts, noticed = {}, {}
    for done, scan in enumerate(plan):
        name = scan.stream.name
        progress(f"reading new {name.replace('_', ' ')}", done, len(plan))
        came = events_of(warehouse, scan, own.zone, own.currency, own.country, news.batches, outside)
        came, layout = _numbered(came, numbers), own.layouts[name]
        if name in _NOT_ADDED_TO:  # of all days, so not held in memory as a day's are
            anew = packed_stream(came, layout, n, own.zone, threads, outside)
            parts[name], noticed[name] = layer_parts(anew), anew.noticed
        else:
            parts[name], said = day_parts(came, layout, n, own.zone, threads)
            noticed[name] = _together(kept.noticed[name], said)
    progress("reading new events", len(plan), len(plan))
    written = write_layers(folder, parts, numbers if n > kept.n_customers else None)
    return _noted(warehouse, folder, keep(folder, own.about, now, n, noticed, written, kept, _NOT_ADDED_TO))


def _compacted(warehouse: Warehouse, folder: Path, own: _Own, kept: Kept) -> Kept:
    """Keep all layers as one base, in the order in which the bank counts its customers now."""
    written = write_layers(folder, {name: layer_parts(stream) for name, stream in _streams(own, kept).items()})
    token = keep(folder, own.about, kept.state, kept.n_customers, kept.noticed, written)
    return _noted(warehouse, folder, token)


def _noted(warehouse: Warehouse, folder: Path, token: str) -> Kept:
    note_kept(warehouse, token)
    kept = open_kept(folder)
    if kept is None or kept.token != token:
        raise Bank360Error(f"The histories just kept in {folder} are gone: somebody else works in it. Run it again.")
    return kept


def _streams(own: _Own, kept: Kept) -> dict[str, LayeredStream]:
    names = [scan.stream.name for scan in scan_plan(own.features)]  # the order counts: bytes of histories go by it
    return {
        name: LayeredStream(own.layouts[name], kept.streams[name], kept.numbers, kept.noticed[name]) for name in names
    }


def _fresh(packed: Histories) -> dict[str, StreamHistory]:
    return {name: one for name, one in packed.streams.items() if isinstance(one, StreamHistory)}


def _numbers(kept: Kept, n: int, places: Int32s) -> Int32s:
    """Return each customer's number in the layers: those of then keep theirs, who is new gets the next."""
    numbers = np.empty(n, dtype=np.int32)
    numbers[places] = kept.numbers
    new = np.ones(n, dtype=np.bool_)
    new[places] = False
    numbers[new] = np.arange(kept.n_customers, n, dtype=np.int32)
    return numbers


def _numbered(batches: Iterator[pa.RecordBatch], numbers: Int32s) -> Iterator[pa.RecordBatch]:
    """Yield batches with the customers' numbers in the layers in place of the bank's."""
    for batch in batches:
        place = batch.schema.get_field_index("customer")
        yield batch.set_column(place, "customer", pa.array(numbers[batch.column(place).to_numpy()]))


def _together(one: Noticed, other: Noticed) -> Noticed:
    clipped = {name: one.clipped.get(name, 0) + other.clipped.get(name, 0) for name in {**one.clipped, **other.clipped}}
    return Noticed(clipped, one.dated + other.dated)
