"""The 360 in a published version: packed by customer when it is published, arranged when it is looked at.

What is packed are the rows themselves, not a screen: whoever may see identity gets it unmasked from the same rows, and
a screen that changes needs no new version. Instants are packed as microseconds, dates as days since 1970.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from bank360.bank.calendar import local_days, to_date, to_datetime
from bank360.pipeline.profile import (
    CONTACT_DAYS,
    LATEST_MOVEMENTS,
    RECENT_DAYS,
    Lacking,
    Profile,
    ProfileRows,
    arranged,
    days_before,
)
from bank360.pipeline.profile_blocks import Row
from bank360.storage.customer_features import customer_ids
from bank360.storage.known import features_without, parts_without
from bank360.storage.published import Version, packed
from bank360.storage.reads_everyone import IDENTITY, ROWS, Moment
from bank360.storage.warehouse import Warehouse

Columns = tuple[tuple[str, str], ...]  # names and types: "instant", "day" or "plain"
_EPOCH, _DAY_0 = datetime(1970, 1, 1), date(1970, 1, 1)  # noqa: DTZ001  (rows hold naive UTC, as the warehouse does)


@dataclass(frozen=True)
class PackedProfiles:
    """Everybody's rows, ready to be written.

    Parameters
    ----------
    sections
        Columns of each section.
    rows
        ``customer_id``, ``rows`` and ``identity`` of each customer.
    """

    sections: Mapping[str, Columns]
    rows: Iterator[dict[str, Any]]


def packed_profiles(warehouse: Warehouse, as_of: int, zone: str) -> PackedProfiles:
    """Return the rows of the 360 of every customer, as of an instant (microseconds UTC)."""
    day = to_date(int(local_days([as_of], zone)[0]))
    moment = Moment(
        to_datetime(as_of), day, zone, days_before(day, RECENT_DAYS, zone), days_before(day, CONTACT_DAYS, zone),
        LATEST_MOVEMENTS,
    )  # fmt: skip
    sections: dict[str, Columns] = {}
    by_owner: dict[str, dict[str, list[list[Any]]]] = {}
    for name, read in (IDENTITY | ROWS).items():
        table = read(warehouse, moment)
        sections[name], by_owner[name] = _by_owner(table)

    def rows() -> Iterator[dict[str, Any]]:
        for customer_id in customer_ids(warehouse):
            own = {
                column: packed({name: by_owner[name].pop(customer_id, []) for name in of})
                for column, of in (("rows", ROWS), ("identity", IDENTITY))
            }
            yield {"customer_id": customer_id, **own}

    return PackedProfiles(sections, rows())


def published_profile(version: Version, customer_id: str, reveal: bool = False) -> Profile:
    """Return the 360 of a customer as it was published; identity masked unless a reveal is asked for.

    Parameters
    ----------
    customer_id
        A stable customer id, or a key by which a source names the customer.

    Raises
    ------
    NotFound
        If nobody has this id or key.
    """
    found = version.customer_called(customer_id)
    said = version.profile_rows(found)
    assert said is not None  # whoever a version knows has a 360 in it
    read: dict[str, list[Row]] = {name: _rows(said[name], columns) for name, columns in version.meta.sections.items()}
    features = read.pop("features")
    # A section that a version was published without, by an older bank360, shows nothing until the next publish.
    shown = {field.name: read.get(field.name, []) for field in fields(ProfileRows) if field.name != "features"}
    rows = ProfileRows(**shown, features=features[0] if features else None)
    meta = version.meta
    lacking = Lacking(features_without(meta.known), parts_without(meta.known))
    return arranged(rows, found, meta.as_of, meta.zone, meta.currency, lacking, reveal)


def _by_owner(table: pa.Table) -> tuple[Columns, dict[str, list[list[Any]]]]:
    """Return a section's columns, and its rows by owner as lists of JSON values."""
    owners = table["owner"].to_pylist()
    columns, cells = [], []
    for field in table.schema:
        if field.name == "owner":
            continue
        values = table[field.name]
        kind = "instant" if pa.types.is_timestamp(field.type) else "day" if pa.types.is_date(field.type) else "plain"
        if kind != "plain":
            values = values.cast(pa.int64() if kind == "instant" else pa.int32())
        columns.append((field.name, kind))
        cells.append(values.to_pylist())
    found: dict[str, list[list[Any]]] = {}
    for owner, *row in zip(owners, *cells, strict=True):
        found.setdefault(owner, []).append(row)
    return tuple(columns), found


def _rows(rows: list[list[Any]], columns: Columns) -> list[Row]:
    return [{name: _cell(value, kind) for (name, kind), value in zip(columns, row, strict=True)} for row in rows]


def _cell(value: Any, kind: str) -> Any:
    if value is None or kind == "plain":
        return value
    return _EPOCH + timedelta(microseconds=value) if kind == "instant" else _DAY_0 + timedelta(days=value)
