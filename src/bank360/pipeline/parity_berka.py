"""The literature's split of the Czech bank: fit on loans to 1996-12-27, test on the 354 from 1997-01-03.

A loan is bad that ended unpaid (B) or runs in debt (D), as observed at the end of 1998. The inputs are the loan as
asked for and what the account showed before it, by the feature engine and nothing else: only transactions known before
the application count. It shows that engine and learning work on a real bank, beside published figures; there is no
threshold to pass. Many of the outcome windows are incomplete, and the report says how many.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bank360.bank.calendar import day_number, local_days
from bank360.features.families import ALL_FEATURES
from bank360.features.feature import AnyFeature, Calendar, Derived, Feature, Measure, SpineColumn
from bank360.features.ops import Op
from bank360.features.scan import EventScan
from bank360.features.spine import Spine
from bank360.learning.estimators.boosting import BoostingRules
from bank360.learning.metrics.discrimination import auc_interval
from bank360.learning.metrics.estimate import Estimate
from bank360.learning.tabular import Input, Recipe, fit_tabular
from bank360.pipeline.progress import Progress, silent
from bank360.sources.berka import BAD_STATUS, ZONE, berka_source, dispositions_file, dispositions_of
from bank360.storage.files import delivered_files, open_file

LAST_TRAINING, FIRST_TEST = date(1996, 12, 27), date(1997, 1, 3)
# 328 loans train: a tree with more or smaller leaves would only learn their noise. Set before the test was looked at.
CANDIDATES: tuple[tuple[str, Recipe], ...] = (
    ("scorecard", Recipe("scorecard")),
    ("lightgbm", Recipe("trees", boosting=BoostingRules(leaves=4, least_rows=20))),
)

_TABLE, _MONEY = "transactions", "minor units"
_BALANCE = Measure("ledger_balance_after", _TABLE, "balance_after", "Balance after each movement", _MONEY)
_IN = Measure("ledger_paid_in", _TABLE, "amount", "Money coming in", _MONEY, where=(("amount", ">", (0,)),))
_OUT = Measure("ledger_paid_out", _TABLE, "amount", "Money going out", _MONEY, -1, (("amount", "<", (0,)),))
_OVERDRAWN = Measure(
    "ledger_overdrawn_movements", "transactions", None, "Movements that left the account overdrawn", "events",
    where=(("balance_after", "<", (0,)),),
)  # fmt: skip
_PENALTY = Measure(
    "ledger_penalty_interest", "transactions", None, "Interest charged for an overdrawn account", "events",
    where=(("category", "in", ("interest",)), ("amount", "<", (0,))),
)  # fmt: skip
_HOUSEHOLD = Measure(
    "ledger_household", "transactions", "amount", "Household payments by standing order", "minor units", sign=-1,
    where=(("category", "in", ("utilities",)),),
)  # fmt: skip


def _feature(name: str, measure: Measure, op: Op, days: int | None) -> Feature:
    return Feature(name, measure, op, Calendar(days), measure.unit, f"{measure.meaning}: {op.value}")


_OWN: tuple[AnyFeature, ...] = (
    _feature("balance_min_90", _BALANCE, Op.MIN, 90),
    _feature("balance_min_365", _BALANCE, Op.MIN, 365),
    _feature("balance_mean_90", _BALANCE, Op.MEAN, 90),
    _feature("balance_mean_365", _BALANCE, Op.MEAN, 365),
    _feature("balance_std_365", _BALANCE, Op.STD, 365),
    _feature("balance_latest", _BALANCE, Op.LAST, 90),
    _feature("paid_in_90", _IN, Op.SUM, 90),
    _feature("paid_in_365", _IN, Op.SUM, 365),
    _feature("paid_in_max_365", _IN, Op.MAX, 365),
    _feature("paid_out_90", _OUT, Op.SUM, 90),
    _feature("paid_out_365", _OUT, Op.SUM, 365),
    _feature("overdrawn_365", _OVERDRAWN, Op.COUNT, 365),
    _feature("penalties_365", _PENALTY, Op.COUNT, 365),
    _feature("household_90", _HOUSEHOLD, Op.SUM, 90),
    SpineColumn("amount", "minor units", "Amount of the loan"),
    SpineColumn("instalment", "minor units", "Monthly instalment"),
    SpineColumn("term_months", "months", "Term"),
    Derived("instalment_to_income", "ratio", ("instalment", "paid_in_90"), "1", "Instalment over money in, 90 days"),
    Derived("amount_to_income", "ratio", ("amount", "paid_in_365"), "1", "Amount over money in, 365 days"),
    Derived("instalment_to_balance", "ratio", ("instalment", "balance_mean_90"), "1", "Instalment over mean balance"),
    Derived("out_to_in_90", "share", ("paid_out_90", "paid_in_90"), "1", "Money out over money in"),
)


def _of_dated_transactions(features: Iterable[AnyFeature]) -> tuple[AnyFeature, ...]:
    """Return the bank's own features that a ledger of dates, without balances table or merchants, can answer."""
    kept: dict[str, AnyFeature] = {}
    for feature in features:
        if isinstance(feature, Feature):
            if feature.measure.table == "transactions" and not feature.needs_time_of_day:
                kept[feature.name] = feature
        elif isinstance(feature, Derived) and all(name in kept for name in feature.inputs):
            kept[feature.name] = feature
    return tuple(kept.values())


FEATURES: tuple[AnyFeature, ...] = (*_of_dated_transactions(ALL_FEATURES), *_OWN)


@dataclass(frozen=True)
class ParityReport:
    """What the parity run found.

    Parameters
    ----------
    train, test
        Loans, and how many of them are bad.
    running
        Test loans that still ran at the end of 1998: their outcome was not yet known.
    auc
        By candidate, on the test loans, with its 95 % interval.
    inputs
        How many inputs the candidates could read.
    """

    train: tuple[int, int]
    test: tuple[int, int]
    running: int
    auc: tuple[tuple[str, Estimate], ...]
    inputs: int

    def lines(self) -> tuple[str, ...]:
        """Return the report as lines of text."""
        head = (
            f"Berka: fitted on {self.train[0]} loans to {LAST_TRAINING} ({self.train[1]} bad), tested on "
            f"{self.test[0]} from {FIRST_TEST} ({self.test[1]} bad), {self.inputs} inputs known before each loan"
        )
        warning = (
            f"Many of these windows are incomplete: {self.running} of the {self.test[0]} test loans were still running "
            "at the end of 1998, and some counted good may have turned bad later."
        )
        return (head, *(f"{name}: AUC {auc}" for name, auc in self.auc), warning)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "train": {"loans": self.train[0], "bad": self.train[1]},
            "test": {"loans": self.test[0], "bad": self.test[1], "still_running": self.running},
            "inputs": self.inputs,
            "auc": {name: auc.to_json() for name, auc in self.auc},
        }


def parity_berka(folder: Path, seed: int = 0, threads: int = 1, progress: Progress = silent) -> ParityReport:
    """Read the data set in ``folder``, compute features before each loan, fit and test.

    Raises
    ------
    DataRefused
        If a file is missing or anything in it cannot be accepted.
    """
    tables = _tables(folder, progress)
    spine, status = _spine(tables)
    progress("features before each loan", 0, 0)
    values = _features(tables, spine, threads)
    bad = np.isin(status, BAD_STATUS).astype(np.float64)
    days = local_days(spine.as_of, ZONE)
    train, test = days <= day_number(LAST_TRAINING), days >= day_number(FIRST_TEST)
    inputs = tuple(Input(feature.name) for feature in FEATURES)
    columns = {one.name: values[:, place] for place, one in enumerate(inputs)}
    aucs = []
    for name, recipe in CANDIDATES:
        progress(f"fitting {name}", 0, 0)
        model = fit_tabular(recipe, inputs, {c: v[train] for c, v in columns.items()}, bad[train], seed, threads)
        margin = model.margin(model.design({c: v[test] for c, v in columns.items()}))
        aucs.append((name, auc_interval(bad[test], margin)))
    return ParityReport(
        train=(int(train.sum()), int(bad[train].sum())),
        test=(int(test.sum()), int(bad[test].sum())),
        running=int(np.isin(status[test], ("C", "D")).sum()),
        auc=tuple(aucs),
        inputs=len(inputs),
    )


def _tables(folder: Path, progress: Progress) -> dict[str, pa.Table]:
    """Return every canonical table of the data set, read and converted as a load would."""
    declared = dispositions_file()
    found: dict[str, tuple[str, str]] = {}
    for batch, _ in open_file(folder / declared.pattern, declared.pattern, declared).batches():
        found |= dispositions_of(batch)
    source = berka_source(found)
    parts = {part.name: part for part in source.files}
    batches: dict[str, list[pa.RecordBatch]] = {}
    for part, name, path in delivered_files(source, folder):
        progress(f"reading {name}", 0, 0)
        for batch, first in open_file(path, name, parts[part]).batches():
            for table, rows in source.convert[part](batch, first).rows.items():
                batches.setdefault(table, []).append(rows.select(sorted(rows.schema.names)))
    return {table: pa.Table.from_batches(parts_of) for table, parts_of in batches.items()}


def _owners(tables: dict[str, pa.Table]) -> dict[str, int]:
    """Return the dense customer of each account: its owner, numbered in order of the account's file."""
    owners: dict[str, int] = {}
    for row in tables["account_parties"].select(["account_id", "customer_id", "role"]).to_pylist():
        if row["role"] == "owner":
            owners.setdefault(row["account_id"], len(owners))
    return owners


def _spine(tables: dict[str, pa.Table]) -> tuple[Spine, npt.NDArray[np.str_]]:
    """Return the loans as rows to describe, sorted by id, and how each stood at the end of 1998."""
    owners = _owners(tables)
    applications = tables["applications"].sort_by("application_id")
    facts = tables["application_facts"].sort_by("application_id")
    terms = {row["account_id"]: row for row in tables["account_terms"].to_pylist()}
    client_of = {row["application_id"]: row["customer_id"] for row in tables["application_parties"].to_pylist()}
    account_of = {
        row["customer_id"]: row["account_id"] for row in tables["account_parties"].to_pylist() if row["role"] == "owner"
    }
    ids = applications["application_id"].to_pylist()
    own = [terms[account] for account in applications["account_id"].to_pylist()]
    spine = Spine(
        row_id=np.array(ids),
        customer=np.array([owners[account_of[client_of[one]]] for one in ids], dtype=np.int32),
        as_of=np.asarray(applications["submitted_at"].cast(pa.int64())),
        columns={
            "amount": np.asarray(applications["requested_amount"], dtype=np.float64),
            "instalment": np.array([row["instalment"] for row in own], dtype=np.float64),
            "term_months": np.array([row["term_months"] for row in own], dtype=np.float64),
        },
    )
    return spine, np.array(facts["value"].to_pylist(), dtype=np.str_)


def _features(tables: dict[str, pa.Table], spine: Spine, threads: int) -> npt.NDArray[np.float64]:
    from bank360.features.compute import compute
    from bank360.features.history import Histories, packed_stream
    from bank360.features.layout import layouts
    from bank360.features.scan import scan_plan

    owners = _owners(tables)
    streams = {}
    packing = layouts(FEATURES)
    for scan in scan_plan(FEATURES):
        name = scan.stream.name
        events = _events(tables["transactions"], scan, owners)
        streams[name] = packed_stream(events, packing[name], len(owners), ZONE, threads)
    histories = Histories(len(owners), ZONE, streams)
    return compute(histories, spine, FEATURES, threads=threads).values


def _events(ledger: pa.Table, scan: EventScan, owners: dict[str, int]) -> Sequence[pa.RecordBatch]:
    """Return the ledger as the engine reads it: dense customer, times, precision, and the columns of the scan."""
    accounts: list[Any] = ledger["account_id"].to_pylist()
    columns: dict[str, Any] = {
        "customer": pa.array([owners.get(account, -1) for account in accounts], pa.int32()),
        "event_time": ledger["event_time"],
        "known_time": ledger["known_time"],
        "date_only": pa.repeat(True, len(ledger)),
        # One currency, one country, nothing reversed: a category is what a movement was for.
        "home_currency": pa.repeat(True, len(ledger)),
        "abroad": pa.repeat(False, len(ledger)),
        "purpose": ledger["category"],
        "outgoing": pc.less(ledger["amount"], pa.scalar(0)),
    }
    columns |= {name: ledger[name] for name in scan.columns if name not in columns}
    return pa.table(columns).combine_chunks().to_batches()
