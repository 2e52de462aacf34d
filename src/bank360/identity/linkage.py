"""Runs the linkage model on a connection: blocked records in, scored candidate pairs out.

Splink writes the SQL; the connection is opened, locked and passed in by storage. Scratch tables are dropped again.
Neighbours: `comparisons` (the model), `parameters` (its numbers), `blocking` (which pairs), `clusters` (what becomes of
the pairs).
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, cast

import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.internals.comparison_level_creator import ComparisonLevelCreator
from splink.internals.comparison_level_library import CustomLevel
from splink.internals.comparison_library import CustomComparison

from bank360.identity.blocking import Blocked
from bank360.identity.comparisons import COMPARISONS, CONTRADICTED, CORROBORATED, Comparison
from bank360.identity.parameters import (
    Parameters,
    accepted_estimates,
    fixed_parameters,
    sure_matches,
    worth_estimating,
)

# u is a share of random pairs: of a level that one pair in ten thousand has, half a million show fifty.
_RANDOM_PAIRS, _TRAINING_PAIRS, _SEED = 500_000, 100_000, 360
_RECORDS, _PAIRS = "identity_records", "identity_pairs"


class Connection(Protocol):
    """What identity needs of a DuckDB connection."""

    def register(self, view_name: str, python_object: object) -> Any:
        """Show an Arrow table under a name."""

    def unregister(self, view_name: str) -> Any:
        """Take the name away again."""

    def sql(self, query: str) -> Any:
        """Run a query."""


@dataclass(frozen=True)
class ScoredPairs:
    """What the model says of pairs of records.

    Parameters
    ----------
    pairs
        A row per compared pair: ``left`` < ``right`` (record numbers), ``match_weight`` (bits: log2 of the posterior
        odds), ``contradicted`` and ``corroborated`` (bool; see `comparisons`), sorted by left and right.
    parameters
        What they were scored with.
    """

    pairs: pa.Table
    parameters: Parameters


def scored_pairs(connection: Connection, block: Blocked) -> ScoredPairs:
    """Return every pair of records that shares a blocking key, with its match weight.

    Parameters
    ----------
    connection
        A DuckDB connection on one thread, so that sums have one order; nothing is left on it.
    block
        Records with blocking keys; none gives no pairs.
    """
    usable = tuple(c for c in COMPARISONS if any(_has_values(block.records, column) for column in c.any_of))
    sure = sure_matches(block.records)
    fixed = fixed_parameters(usable, block.records.num_rows, sure)
    if not block.keys:
        return ScoredPairs(_no_pairs(), fixed)
    with _shown(connection, _RECORDS, block.records):
        parameters = fixed
        if worth_estimating(block.records, sure):
            parameters = accepted_estimates(usable, fixed, _trained(connection, usable, fixed))
        pairs = _predicted(connection, usable, parameters, block)
    return ScoredPairs(pairs, parameters)


def contradictions(connection: Connection, records: pa.Table, groups: Mapping[int, int]) -> set[tuple[int, int]]:
    """Return the pairs (smaller record first) within a group that contradict each other, blocked together or not.

    Parameters
    ----------
    groups
        Record number -> group number, for the records to look at.
    """
    if not groups:
        return set()
    table = pa.table({"record": pa.array(groups.keys(), pa.int64()), "grp": pa.array(groups.values(), pa.int64())})
    sides, levels = _sides_and_levels(records)
    with _shown(connection, _RECORDS, records), _shown(connection, _PAIRS, table):
        found = connection.sql(
            f"WITH sides AS (SELECT l.record AS a, r.record AS b, {sides} FROM {_PAIRS} x JOIN {_PAIRS} y"
            f" ON x.grp = y.grp AND x.record < y.record JOIN {_RECORDS} l ON l.record = x.record"
            f" JOIN {_RECORDS} r ON r.record = y.record), levels AS (SELECT a, b, {levels} FROM sides)"
            f" SELECT a, b FROM levels WHERE {CONTRADICTED}"
        ).fetchall()
    return {(int(a), int(b)) for a, b in found}


def agreements(connection: Connection, records: pa.Table, pairs: Sequence[tuple[int, int]]) -> list[dict[str, str]]:
    """Return of pairs of records, in their order, how far each attribute agrees, in words.

    "same", "misspelt" and so on, as `comparisons` calls its levels; "different" where none holds, "not known" where one
    of the two does not say.
    """
    if not pairs:
        return []
    left, right = zip(*pairs, strict=True)
    table = pa.table({"place": pa.array(range(len(pairs)), pa.int64()), "a": pa.array(left), "b": pa.array(right)})
    sides, levels = _sides_and_levels(records)
    with _shown(connection, _RECORDS, records), _shown(connection, _PAIRS, table):
        found = connection.sql(
            f"WITH sides AS (SELECT x.place, {sides} FROM {_PAIRS} x JOIN {_RECORDS} l ON l.record = x.a"
            f" JOIN {_RECORDS} r ON r.record = x.b) SELECT {levels} FROM sides ORDER BY place"
        ).fetchall()
    return [{c.name: c.level_said(level) for c, level in zip(COMPARISONS, row, strict=True)} for row in found]


def _sides_and_levels(records: pa.Table) -> tuple[str, str]:
    """Return SQL for both records' attributes side by side, and for their levels of agreement."""
    columns = [name for name in records.column_names if name not in ("record", "source_key")]
    sides = ", ".join(f'{side}."{name}" AS {name}_{side}' for name in columns for side in ("l", "r"))
    return sides, ", ".join(f"{c.level_sql()} AS level_{c.name}" for c in COMPARISONS)


def _predicted(
    connection: Connection, usable: tuple[Comparison, ...], parameters: Parameters, block: Blocked
) -> pa.Table:
    api = DuckDBAPI(connection=cast(Any, connection))
    try:
        linker = _linker(api, usable, parameters, block.keys, term_frequencies=bool(parameters.estimated))
        predicted = linker.inference.predict(warning_mode="never")
        known = {c.name for c in usable}
        # Splink numbers levels as `Comparison.level_sql` does, -1 for null.
        levels = ", ".join(f"{f'gamma_{c.name}' if c.name in known else '-1'} AS level_{c.name}" for c in COMPARISONS)
        pairs: pa.Table = connection.sql(
            f"WITH levels AS (SELECT record_l, record_r, match_weight, {levels} FROM {predicted.physical_name})"
            " SELECT least(record_l, record_r) AS left, greatest(record_l, record_r) AS right, match_weight,"
            f" ({CONTRADICTED}) AS contradicted, ({CORROBORATED}) AS corroborated FROM levels ORDER BY 1, 2"
        ).to_arrow_table()
        return pairs
    finally:
        api.delete_tables_created_by_splink_from_db()  # type: ignore[no-untyped-call]


def _trained(connection: Connection, usable: tuple[Comparison, ...], fixed: Parameters) -> Mapping[str, Any]:
    """Return the model with m and u estimated, as Splink writes it; levels never seen keep the fixed numbers."""
    api = DuckDBAPI(connection=cast(Any, connection))
    log = logging.getLogger("splink")
    level = log.level
    # It warns of levels that were never seen; those keep the fixed numbers (`parameters`), and the report says so.
    log.setLevel(logging.ERROR)
    try:
        # From the fixed numbers on: from elsewhere the algorithm may find the household rather than the person.
        linker = _linker(api, usable, fixed, (), term_frequencies=False)
        linker.training.estimate_u_using_random_sampling(max_pairs=_RANDOM_PAIRS, seed=_SEED)
        for rule in (block_on("birth_date"), block_on("given_name", "family_name", "city")):
            linker.training.estimate_parameters_using_expectation_maximisation(
                rule, estimate_without_term_frequencies=True, max_pairs=_TRAINING_PAIRS, record_sample_proportion=0.1
            )
        model: Mapping[str, Any] = linker.misc.save_model_to_json()
        return model
    finally:
        log.setLevel(level)
        api.delete_tables_created_by_splink_from_db()  # type: ignore[no-untyped-call]


def _linker(
    api: DuckDBAPI,
    usable: tuple[Comparison, ...],
    parameters: Parameters,
    keys: tuple[str, ...],
    term_frequencies: bool,
) -> Linker:
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record",
        comparisons=[_splink_comparison(c, parameters, term_frequencies) for c in usable],
        blocking_rules_to_generate_predictions=[block_on(key) for key in keys],
        probability_two_random_records_match=parameters.prior,
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=False,
        linker_uid="identity",
    )
    return Linker(api.register(_RECORDS, table_name="records"), settings, log_level=None)


def _splink_comparison(comparison: Comparison, parameters: Parameters, term_frequencies: bool) -> CustomComparison:
    null = CustomLevel(comparison.null, "no value").configure(is_null_level=True)
    levels: list[ComparisonLevelCreator | dict[str, Any]] = [null]
    conditions = [*((level.label, level.condition) for level in comparison.levels), ("anything else", "ELSE")]
    for position, (label, condition) in enumerate(conditions):
        level = CustomLevel(condition, label).configure(
            m_probability=parameters.m[comparison.name][position],
            u_probability=parameters.u[comparison.name][position],
        )
        if term_frequencies and position < len(comparison.levels) and comparison.levels[position].term_frequency:
            level.configure(tf_adjustment_column=comparison.name)
        levels.append(level)
    return CustomComparison(levels, output_column_name=comparison.name)


def _has_values(records: pa.Table, column: str) -> bool:
    return bool(records[column].null_count < records.num_rows)


def _no_pairs() -> pa.Table:
    return pa.table(
        {
            "left": pa.array([], pa.int64()),
            "right": pa.array([], pa.int64()),
            "match_weight": pa.array([], pa.float64()),
            "contradicted": pa.array([], pa.bool_()),
            "corroborated": pa.array([], pa.bool_()),
        }
    )


@contextmanager
def _shown(connection: Connection, name: str, table: pa.Table) -> Iterator[None]:
    connection.register(name, table)
    try:
        yield
    finally:
        connection.unregister(name)
