"""Card fraud as the handbook has it: fitted on a week of payments, tested a week later, beside its published figures.

Le Borgne, Siblini, Lebichot and Bontempi (2022), chapter 3: each payment is described by its amount, whether it fell on
a weekend or at night, what its customer spent in 1, 7 and 30 days, and how many payments there were at its terminal in
as long a time that ended seven days before, with the share of them that was fraud. Reports are known after a week, so
the terminals' shares are complete; the windows of the book are closed at the payment, and ours end an instant after it.
Customers already known to be compromised are left out of the test; those of the training week are not set apart.

The files go the product's own way: source, warehouse, identity, streams of customers and terminals, kernel. The trees
are LightGBM's, the book's XGBoost's (`docs/decisions`, entities other than the customer).
"""

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bank360.bank.calendar import day_number, day_starts, local_days, local_hours, to_datetime
from bank360.bank.tables import TABLE_BY_NAME
from bank360.features.by_entity import compute_by_entity
from bank360.features.feature import AnyFeature, Derived, Feature, Measure, Rolling, SpineColumn
from bank360.features.ops import Op
from bank360.features.packing import NEVER
from bank360.features.scan import STREAM_BY_NAME, Entity, EventScan
from bank360.features.spine import Spine
from bank360.learning.estimators.boosting import BoostingRules, cross_validated, grow_trees
from bank360.learning.metrics.estimate import Estimate
from bank360.learning.metrics.ranking import group_ranking, mean_with_interval
from bank360.learning.splits import stratified_folds
from bank360.pipeline.build import packed_histories
from bank360.pipeline.identify import identify
from bank360.pipeline.place_histories import place_histories
from bank360.pipeline.progress import Progress, silent
from bank360.sources.fraud_handbook import COUNTRY, CURRENCY, REPORTED_AFTER, ZONE, fraud_handbook_source
from bank360.storage.events import event_stream
from bank360.storage.files import delivered_files, open_file
from bank360.storage.ledger import prepare
from bank360.storage.places import fraud_reports, place_index
from bank360.storage.warehouse import Warehouse, open_warehouse

Doubles = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
FIRST_TRAINING, FIRST_TEST, DAYS = date(2018, 7, 25), date(2018, 8, 8), 7
CARDS_A_DAY, SEEDS, DRAWS = 100, 10, 500
# Chosen on the training week alone, by cross-validated log loss: with few bins the amount over which the simulator
# plants fraud falls between two edges.
RULES = BoostingRules(max_rounds=400, learning_rate=0.1, least_rows=20, max_bins=1023)
FOLDS = 5
# The book's XGBoost: the lower ends are its chapter 3, default parameters; the upper ones are near chapter 6's table.
PUBLISHED = (("AUC ROC", 0.862, 0.869), ("average precision", 0.639, 0.687), ("card precision@100", 0.273, 0.303))

_DAY, _MONEY = 86_400, "minor units"
_PAID = Measure("paid", "transactions", "amount", "paid by card", _MONEY, sign=-1)
_AT_TERMINAL = Measure("at_terminal", "terminal_payments", None, "payment at the terminal", "count")
_FRAUD = Measure("fraud_at_terminal", "terminal_frauds", None, "payment at the terminal known to be fraud", "count")


def _of_customer(days: int) -> tuple[AnyFeature, ...]:
    window = Rolling(days * _DAY)
    return (
        Feature(f"customer_payments_{days}d", _PAID, Op.COUNT, window, "count", f"payments of the customer, {days} d"),
        Feature(f"customer_mean_{days}d", _PAID, Op.MEAN, window, _MONEY, f"average payment of the customer, {days} d"),
    )


def _of_terminal(days: int) -> tuple[AnyFeature, ...]:
    window, payments, frauds = Rolling(days * _DAY, ago=REPORTED_AFTER * _DAY), "terminal_payments", "terminal_frauds"
    return (
        Feature(f"{payments}_{days}d", _AT_TERMINAL, Op.COUNT, window, "count", f"payments at the terminal, {days} d"),
        Derived(f"terminal_risk_{days}d", "share", (f"{frauds}_{days}d", f"{payments}_{days}d"), "1",
                f"share of fraud at the terminal, {days} d"),
        Feature(f"{frauds}_{days}d", _FRAUD, Op.COUNT, window, "count", f"frauds at the terminal, {days} d"),
    )  # fmt: skip


FEATURES: tuple[AnyFeature, ...] = (
    SpineColumn("amount", _MONEY, "amount of the payment"),
    SpineColumn("weekend", "1", "whether it fell on a Saturday or Sunday"),
    SpineColumn("night", "1", "whether it fell before seven in the morning"),
    *(feature for days in (1, 7, 30) for feature in _of_customer(days)),
    *(feature for days in (1, 7, 30) for feature in _of_terminal(days)),
)
# The frauds at a terminal enter as shares only, as in the book.
INPUTS = tuple(feature.name for feature in FEATURES if not feature.name.startswith("terminal_frauds"))


@dataclass(frozen=True, eq=False)
class CardPayments:
    """The payments of both weeks, in the order of their instants, as they could be described when they were made.

    Parameters
    ----------
    payment
        Their ids.
    names, x
        The inputs, and their values, shape ``(n, n_inputs)``.
    customer, day
        Whose each is, and its day.
    fraud
        Whether it came out as fraud.
    train, test
        Which week it is in; a test payment of a customer already known to be compromised is in neither.
    """

    payment: npt.NDArray[np.object_]
    names: tuple[str, ...]
    x: Doubles
    customer: Int64s
    day: Int64s
    fraud: Bools
    train: Bools
    test: Bools


@dataclass(frozen=True)
class FraudParity:
    """What the parity run found: payments and frauds of both weeks, trees, and per measure the mean of the seeds.

    ``seeds`` are the least and the largest value of a single seed.
    """

    train: tuple[int, int]
    test: tuple[int, int]
    customers: int
    rounds: int
    seeds: int
    draws: int
    measures: tuple[tuple[str, Estimate, tuple[float, float]], ...]

    def lines(self) -> tuple[str, ...]:
        """Return the report as lines of text."""
        last_train, last_test = (date.fromordinal(d.toordinal() + DAYS - 1) for d in (FIRST_TRAINING, FIRST_TEST))
        fitted = f"{self.train[0]:,} payments of {FIRST_TRAINING} to {last_train} ({self.train[1]} fraud)"
        tested = f"{self.test[0]:,} of {FIRST_TEST} to {last_test} ({self.test[1]} fraud)"
        head = (
            f"Fraud handbook: fitted on {fitted}, tested on",
            f"{tested} by {self.customers:,} customers; {len(INPUTS)} inputs.",
            f"Reports known after {REPORTED_AFTER} days. LightGBM, {self.rounds} trees: mean of {self.seeds} seeds,",
            f"their range, and the 95 % interval of the mean by {self.draws} resamples of customers.",
            f"{'':<20}{'mean':>6}  {'interval':<16}{'seeds':<16}{'published XGBoost':<19}in the interval",
        )
        rows = []
        for (name, low, high), (_, found, seeds) in zip(PUBLISHED, self.measures, strict=True):
            inside = found.low <= low and high <= found.high
            rows.append(
                f"{name:<20}{found.value:>6.3f}  {f'{found.low:.3f} to {found.high:.3f}':<16}"
                f"{f'{seeds[0]:.3f} to {seeds[1]:.3f}':<16}{f'{low:.3f} to {high:.3f}':<19}{'yes' if inside else 'no'}"
            )
        return (*head, *rows)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return asdict(self)


def parity_fraud_handbook(
    folder: Path, seeds: int = SEEDS, draws: int = DRAWS, threads: int = 2, progress: Progress = silent
) -> FraudParity:
    """Run the book's experiment on its payments.

    Parameters
    ----------
    folder
        Holds the Parquet file of the payments, April to September 2018.
    seeds
        How many models, which differ in the inputs that each tree may read.
    draws
        Resamples of the test week's customers for the intervals.
    threads
        Threads of the engine.
    progress
        Told what is being done.

    Raises
    ------
    DataRefused
        If the file is missing or does not read.
    """
    with handbook_bank(folder, threads, progress) as warehouse:
        rows = card_payments(warehouse, threads, progress)
    x, outcome = rows.x[rows.train], rows.fraud[rows.train].astype(np.float64)
    signs = (0,) * len(rows.names)
    folds = stratified_folds(outcome, FOLDS, 0)
    progress("choosing how many trees", 0, seeds + 1)
    rounds, _ = cross_validated(
        [(x[folds != k], x[folds == k]) for k in range(FOLDS)], outcome, folds, signs, RULES, 0, threads
    )
    tested = rows.fraud[rows.test].astype(np.float64)
    customers, group = np.unique(rows.customer[rows.test], return_inverse=True)
    rankings = []
    for seed in range(seeds):
        progress("fitting", seed + 1, seeds + 1)
        score = grow_trees(x, outcome, signs, rounds, RULES, seed, threads).margin(rows.x[rows.test])
        rankings.append(group_ranking(tested, score, group, rows.day[rows.test], CARDS_A_DAY))
    progress("resampling", seeds + 1, seeds + 1)
    single = np.array([ranking.measures(np.ones(len(customers))) for ranking in rankings])
    span = list(zip(single.min(axis=0).tolist(), single.max(axis=0).tolist(), strict=True))
    found = mean_with_interval(rankings, draws, 0)
    return FraudParity(
        (int(rows.train.sum()), int(outcome.sum())),
        (int(rows.test.sum()), int(tested.sum())),
        len(customers),
        rounds,
        seeds,
        draws,
        tuple((name, estimate, one) for (name, _, _), estimate, one in zip(PUBLISHED, found, span, strict=True)),
    )


def handbook_bank(folder: Path, threads: int = 2, progress: Progress = silent) -> Warehouse:
    """Return a warehouse in memory that holds the files as a bank, with its customers identified."""
    source = fraud_handbook_source()
    assert source.lookup is not None
    files = delivered_files(source, folder)
    progress("reading payments", 0, 0)
    looked_up = (batch for _, name, path in files for batch, _ in open_file(path, name, source.lookup.file).batches())
    convert = source.lookup.converts(looked_up)
    warehouse = open_warehouse(Path(":memory:"), threads, "2GB")
    prepare(warehouse)
    for part, name, path in files:
        for batch, first in open_file(path, name, source.files[0]).batches():
            for table, rows in convert[part](batch, first).rows.items():
                warehouse.append(table, _stored(table, rows, source.name))
    last = warehouse.number("SELECT epoch_us(max(known_time)) FROM fraud_cases")
    identify(warehouse, ZONE, to_datetime(last), progress=progress)
    return warehouse


def _stored(table: str, rows: pa.RecordBatch, source: str) -> pa.Table:
    given = pa.Table.from_batches([rows])
    for name, value in (("source_system", source), ("batch_id", "parity"), ("source_file_hash", "")):
        given = given.append_column(name, pa.repeat(value, len(given)))
    given = given.append_column("superseded_time", pa.nulls(len(given), pa.timestamp("us")))
    schema = TABLE_BY_NAME[table].arrow_schema
    return given.select(schema.names).cast(schema)


def card_payments(warehouse: Warehouse, threads: int = 2, progress: Progress = silent) -> CardPayments:
    """Return the payments of both weeks with their inputs, in the order of their instants."""
    train_from, test_from = (int(day_starts([day_number(day)], ZONE)[0]) for day in (FIRST_TRAINING, FIRST_TEST))
    week = DAYS * _DAY * 1_000_000
    rows = _between(warehouse, train_from, test_from + week).combine_chunks()
    at = np.asarray(rows["event_time"].cast(pa.int64()))
    customer, day = np.asarray(rows["customer"]).astype(np.int64), local_days(at, ZONE).astype(np.int64)
    known = _known_as_fraud(rows, fraud_reports(warehouse))
    # Whoever was known before the day began to have been defrauded, in the training week or since, is not tested.
    first_known = np.full(int(customer.max()) + 1, NEVER)
    np.minimum.at(first_known, customer, known)
    compromised = first_known[customer] < day_starts(day, ZONE)
    train, test = at < train_from + week, (at >= test_from) & ~compromised
    kept = np.flatnonzero(train | test)
    rows, at, customer, day = rows.take(kept), at[kept], customer[kept], day[kept]
    places = place_index(warehouse, Entity.TERMINAL)
    terminal = pc.index_in(rows["terminal_id"], places["place_id"].combine_chunks())
    spine = Spine(
        row_id=np.asarray(rows["transaction_id"], dtype=np.object_),
        customer=customer.astype(np.int32),
        as_of=at + 1,  # the payment itself is known, and so is a report of that very second
        columns={
            "amount": -np.asarray(rows["amount"]).astype(np.float64),
            "weekend": ((day + 3) % 7 >= 5).astype(np.float64),  # 1 January 1970 was a Thursday
            "night": (local_hours(at, ZONE) <= 6).astype(np.float64),
        },
        places={Entity.TERMINAL: np.asarray(terminal).astype(np.int32)},
    )
    own, there = (tuple(f for f in FEATURES if f.name.startswith(of)) for of in ("customer", "terminal"))
    histories = {
        Entity.CUSTOMER: packed_histories(warehouse, ZONE, CURRENCY, COUNTRY, own, threads, progress),
        Entity.TERMINAL: place_histories(warehouse, places, ZONE, CURRENCY, COUNTRY, there, threads),
    }
    progress("describing payments", 0, 0)
    matrix = compute_by_entity(histories, spine, FEATURES, threads)
    x = np.column_stack([matrix.column(name) for name in INPUTS])
    return CardPayments(
        spine.row_id.astype(np.object_), INPUTS, x, customer, day, known[kept] != NEVER, train[kept], test[kept]
    )


def _between(warehouse: Warehouse, low: int, high: int) -> pa.Table:
    """Return the payments of ``[low, high)``, earliest first."""
    scan = EventScan(STREAM_BY_NAME["transactions"], ("amount", "terminal_id"))
    parts = []
    for batch in event_stream(warehouse, scan, ZONE, CURRENCY, COUNTRY, with_key=True):
        at = np.asarray(batch.column("event_time").cast(pa.int64()))
        wanted = batch.select(["customer", "event_time", "amount", "terminal_id", "transaction_id"])
        parts.append(wanted.filter(pa.array((low <= at) & (at < high))))
    return pa.Table.from_batches(parts).sort_by([("event_time", "ascending"), ("transaction_id", "ascending")])


def _known_as_fraud(rows: pa.Table, reports: pa.Table) -> Int64s:
    """Return when each payment became known to be fraud, microseconds; `NEVER` if it never did."""
    place = pc.index_in(rows["transaction_id"].combine_chunks(), reports["transaction_id"].combine_chunks())
    known = reports["known_from"].cast(pa.int64()).combine_chunks().take(place)
    return np.asarray(known.fill_null(NEVER))
