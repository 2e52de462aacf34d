"""Spark as an engine: the bank's tables in Parquet, canonical SQL transpiled, work done customer by customer.

Spark scans, joins and partitions; what is computed of a customer is a Python function over Arrow rows, the same that
runs without Spark. Rows of all statements are gathered in one relation and sent to the partition of their customer, so
a function sees everything of its customers and nothing of others. Neighbours: `exchange.py` writes the tables,
`portable_sql.py` the statements, `gathered.py` says how rows of several statements lie in one relation.

PySpark is the extra ``spark``: it is imported only where the address of an engine asks for it.
"""

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import pyarrow as pa

from bank360.bank.errors import Bank360Error, NotReady
from bank360.storage.gathered import CUSTOMER, STREAM, Gathered, slots, unpacked
from bank360.storage.portable_sql import relations, spark_sql
from bank360.storage.warehouse import Param

_LOCAL = re.compile(r"spark://(local\[(?:[0-9]+|\*)\])")
_LOOPBACK = re.compile(r"local\[|spark://(?:127\.|localhost[:/])")
_ABOUT_PANDAS = "PySpark does not yet fully support pandas"  # which nothing here hands it
_ABOUT_THE_END = "Unable to cleanly shutdown Spark JVM"
_BATCH_ROWS = 100_000
# What a partition's rows become: a function of the rows to describe and, by statement, the rows of their customers.
Describe = Callable[[pa.Table, Mapping[str, list[pa.RecordBatch]]], pa.RecordBatch]


@dataclass(frozen=True)
class Statement:
    """One SELECT whose first column is ``customer``, and the Arrow relations that it joins, by name."""

    name: str
    sql: str
    params: Sequence[Param]
    beside: Mapping[str, pa.Table]


@contextmanager
def open_spark(url: str, memory: str, python: str, partitions: int) -> Iterator["SparkTables"]:
    """Open a session on a Spark and end it with the block.

    Parameters
    ----------
    url
        ``spark://HOST:PORT`` of a standalone cluster's master, or ``spark://local[2]``: two cores of this machine.
    memory
        For Spark's own process on this machine, such as ``3GB``.
    python
        The Python of the workers, in which this package is installed.
    partitions
        Into how many the customers are cut at least; one of them is in a worker's memory at a time, for each of its
        cores. There are no fewer than the cluster has cores.

    Raises
    ------
    NotReady
        If PySpark or Java is not there, or no master answers.
    """
    try:
        from py4j.protocol import Py4JError, Py4JJavaError
        from pyspark import SparkContext
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise NotReady(
            f"engine.url is {url}, but PySpark is not installed. Install it with: pip install 'bank360[spark]'"
        ) from error
    local = _LOCAL.fullmatch(url)
    master = local.group(1) if local else url
    builder = SparkSession.builder.master(master).appName("bank360")
    for name, value in _config(master, memory).items():
        builder = builder.config(name, value)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", _ABOUT_PANDAS, FutureWarning)
        try:
            session = builder.getOrCreate()
        except (PySparkRuntimeError, FileNotFoundError) as error:
            raise NotReady(
                f"engine.url is {url}, but Spark does not start: it needs Java 17 or later. Install one (Debian, "
                "Ubuntu: apt install openjdk-17-jre-headless), or set JAVA_HOME to where it is."
            ) from error
        except Py4JJavaError as error:
            if SparkContext._active_spark_context is not None:  # ended by itself, and PySpark would hand it out again
                with suppress(ConnectionError, Py4JError):  # what is told is that nobody answers
                    SparkContext.getOrCreate().stop()
            raise NotReady(
                f"No Spark answers at engine.url {url}. Start its master, or correct the address."
            ) from error
        try:
            session.sparkContext.pythonExec = python
            at_once = max(partitions, session.sparkContext.defaultParallelism)
            session.conf.set("spark.sql.shuffle.partitions", str(at_once))
            yield SparkTables(session, at_once, memory)
        finally:
            with suppress(ConnectionError, Py4JError), warnings.catch_warnings():  # its process may be gone already
                warnings.filterwarnings("ignore", _ABOUT_THE_END, RuntimeWarning)
                session.stop()


class SparkTables:
    """The bank's tables on a Spark; `open_spark` opens it."""

    def __init__(self, session: Any, partitions: int, memory: str) -> None:
        self._session = session
        self._partitions = partitions
        self._memory = memory
        self._files: dict[str, Path] = {}
        self._written: Callable[[str], Path | None] | None = None

    def take(self, written: Callable[[str], Path | None]) -> None:
        """Let statements read tables by name.

        Parameters
        ----------
        written
            Says where a table lies as Parquet that all machines of the cluster see alike; None for a name that is none.
            It is asked when the first statement reads the table.
        """
        self._written = written

    def query(self, sql: str, params: Sequence[Param] = (), beside: Mapping[str, pa.Table] | None = None) -> pa.Table:
        """Return the rows of one SELECT of canonical SQL as an Arrow table; `storage.tables.Tables` says of what.

        Raises
        ------
        Bank360Error
            If Spark ends before it answers, as for want of memory.
        """
        return self._answered(self._frame(sql, params, beside or {}))

    def stream(
        self,
        sql: str,
        params: Sequence[Param] = (),
        rows_per_batch: int = 122_880,
        beside: Mapping[str, pa.Table] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Yield the same in batches; the whole answer is in this machine's memory before the first."""
        yield from self.query(sql, params, beside).to_batches(rows_per_batch)

    def by_customer(
        self, spine: pa.Table, statements: Sequence[Statement], describe: Describe, answer: pa.Schema
    ) -> pa.Table:
        """Return what a function makes of each row of a spine from its customer's rows of some statements.

        Parameters
        ----------
        spine
            The rows to describe: ``customer`` (int32) and what else ``describe`` reads.
        statements
            What it reads of the customers.
        describe
            Called once for each partition of customers, on the workers, with those rows of the spine and of the
            statements that are of its customers. It and what it holds go there as they stand.
        answer
            The columns that it returns.

        Raises
        ------
        Bank360Error
            As `query`.
        """
        if spine.num_rows == 0:
            return answer.empty_table()
        frames = [self._session.createDataFrame(spine)]
        frames += [self._frame(statement.sql, statement.params, statement.beside) for statement in statements]
        gathered = Gathered(("", *(statement.name for statement in statements)), slots(f.dtypes for f in frames))
        rows = reduce(
            lambda one, other: one.unionByName(other, allowMissingColumns=True),
            (
                frame.selectExpr(
                    f"CAST({number} AS TINYINT) AS {STREAM}",
                    CUSTOMER,
                    *(f"`{name}` AS `{slot}`" for name, slot in gathered.slots[number].items()),
                )
                for number, frame in enumerate(frames)
            ),
        )

        def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            found, events = unpacked(batches, gathered)
            if found.num_rows:
                yield describe(found, events)

        return self._answered(rows.repartition(self._partitions, CUSTOMER).mapInArrow(work, _ddl(answer))).cast(answer)

    def _answered(self, frame: Any) -> pa.Table:
        from py4j.protocol import Py4JError

        try:
            rows: pa.Table = frame.toArrow()
        except (Py4JError, ConnectionError, EOFError) as error:  # what PySpark has a name for is ours to mend
            raise Bank360Error(
                "Spark ended before it answered; what it says of it stands above. Most often it had too little memory: "
                f"raise engine.memory ({self._memory} now, of its process here), or spark.executor.memory of its "
                "workers. Nothing was stored; run again."
            ) from error
        return rows

    def _frame(self, sql: str, params: Sequence[Param], beside: Mapping[str, pa.Table]) -> Any:
        # Views are read when a statement is: the next one's may have the same names.
        for name, rows in beside.items():
            self._session.createDataFrame(rows).createOrReplaceTempView(name)
        for name in sorted(relations(sql) - beside.keys() - self._files.keys()):
            path = None if self._written is None else self._written(name)
            if path is not None:
                self._session.read.parquet(str(path.resolve())).createOrReplaceTempView(name)
                self._files[name] = path
        text, values = spark_sql(sql, params)
        return self._session.sql(text, args=values)


def _config(master: str, memory: str) -> dict[str, str]:
    """Return how a session is set up; what a cluster sets of its own in ``spark-defaults.conf`` stays."""
    config = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.driver.memory": memory.lower().removesuffix("b"),
        "spark.driver.maxResultSize": "0",
        # A thread that runs out of memory may be one that others wait for without end.
        "spark.driver.defaultJavaOptions": "-XX:+ExitOnOutOfMemoryError",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",  # canonical instants are UTC without a zone
        "spark.sql.ansi.enabled": "true",  # what overflows fails, as in DuckDB
        "spark.sql.join.asofJoin.enabled": "true",  # new in 4.3, and off unless it is asked for
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(_BATCH_ROWS),
    }
    if _LOOPBACK.match(master):
        config |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return config


def _ddl(schema: pa.Schema) -> str:
    names = {pa.int64(): "bigint", pa.float64(): "double", pa.string(): "string"}
    return ", ".join(f"`{field.name}` {names[field.type]}" for field in schema)
