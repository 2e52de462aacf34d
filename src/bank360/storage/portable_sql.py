"""Canonical SQL for Spark: one statement in DuckDB's portable subset becomes the same statement in Spark's dialect.

SQLGlot transpiles; what it would hand on as it stands, and Spark would refuse or read otherwise, is a rule here. A
function that neither knows is our mistake and raises: it would be found only by the engine, or by nobody.
"""

from collections.abc import Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel

from bank360.storage.warehouse import Param


def spark_sql(sql: str, params: Sequence[Param] = ()) -> tuple[str, dict[str, Param]]:
    """Return a statement in Spark's dialect, and its values by the name under which it binds them.

    Parameters
    ----------
    sql
        One SELECT in DuckDB's dialect; values stand as ``?``, in order, or as ``$1``.
    params
        The values.

    Raises
    ------
    ValueError
        If the statement is not in the portable subset.

    >>> spark_sql("SELECT CAST(line AS ENUM('a', 'b')) AS line FROM lines WHERE n > ?", [3])
    ('SELECT CAST(line AS STRING) AS line FROM lines WHERE n > :p1', {'p1': 3})
    """
    tree = sqlglot.parse_one(_numbered(sql), read="duckdb").transform(_rule)
    text = tree.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)
    return text, {f"p{number}": value for number, value in enumerate(params, start=1)}


def relations(sql: str) -> frozenset[str]:
    """Return the names that a statement in DuckDB's dialect reads from, those that it defines itself among them.

    >>> sorted(relations("WITH a AS (SELECT * FROM t) SELECT * FROM a JOIN u USING (id)"))
    ['a', 't', 'u']
    """
    return frozenset(table.name for table in sqlglot.parse_one(_numbered(sql), read="duckdb").find_all(exp.Table))


def _numbered(sql: str) -> str:
    """Return the statement with ``$1``, ``$2`` in place of each ``?``: a tree does not keep their order."""
    places = [token.start for token in sqlglot.tokenize(sql, read="duckdb") if token.token_type.name == "PLACEHOLDER"]
    for number, place in reversed(list(enumerate(places, start=1))):
        sql = f"{sql[:place]}${number}{sql[place + 1 :]}"
    return sql


def _rule(node: exp.Expression) -> exp.Expression:
    match node:
        case exp.Placeholder() if node.name.isdecimal():
            return exp.Placeholder(this=f"p{node.name}")
        case exp.Cast() if node.to.this == exp.DataType.Type.ENUM:
            # Spark has no closed lists of codes: the column holds the codes themselves.
            return exp.cast(node.this, "STRING", dialect="spark")
        case exp.GenerateSeries() if node.args.get("is_end_exclusive"):
            # SQLGlot 30.30 takes the step off the end: range(3, 25, 3) would lose its 24.
            raise ValueError("range() is not portable: write generate_series(), which includes its end")
        case exp.Join() if node.method == "ASOF":
            return _asof(node)
        case exp.Anonymous():
            return _function(node)
    return node


def _asof(join: exp.Join) -> exp.Join:
    """Return an ASOF join as Spark 4.3 writes it: apart from ``ON`` stands the comparison that finds the nearest."""
    condition = join.args.get("on")
    parts = [] if condition is None else list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
    nearest = [part for part in parts if isinstance(part, (exp.LT, exp.LTE, exp.GT, exp.GTE))]
    if len(nearest) != 1:
        raise ValueError("an ASOF join is portable with ON and one comparison by <, <=, > or >= in it")
    join.set("match_condition", nearest[0].copy())
    join.set("on", exp.and_(*(part for part in parts if part is not nearest[0])))
    return join


def _function(call: exp.Anonymous) -> exp.Expression:
    arguments = call.expressions
    match call.name.lower():
        case "to_months":
            return exp.Anonymous(this="MAKE_YM_INTERVAL", expressions=[exp.Literal.number(0), arguments[0]])
        case "make_ym_interval":
            return call
    raise ValueError(f"the function '{call.name}' is not in the portable subset (storage/portable_sql.py)")
