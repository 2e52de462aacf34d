"""The reference page of the features: written from the declarations, so that it cannot say anything else.

``make needs`` writes it, and a test holds the page to what is declared. Neighbour: `feature_entries.py`.
"""

from collections.abc import Iterable
from textwrap import fill

from bank360.features.families.spending import CATEGORY_MAP, DISCRETIONARY, ESSENTIAL
from bank360.features.scan import STREAMS
from bank360.features.source_columns import STANDING, found_by
from bank360.pipeline.feature_entries import FeatureEntry, feature_entries

_WIDTH = 105
_HEAD = """# The features

Written by `make needs` from the declarations; do not edit. A number on a customer is one of these wherever it is shown,
trained on or decided with. `bank360 features show NAME` prints one, `bank360 features lineage NAME` where it comes from
and which models read it, `bank360 features value CUSTOMER --feature NAME --as-of DAY` its value and the rows behind it.

The families merchant and terminal describe one of these. A build stores them of each one where somebody paid
(`merchant_features`, `terminal_features`; an export has both tables), `bank360 features riskiest --of terminal` lists
those with known frauds, and `bank360 features value ID --of merchant` prints the values of one. The last family,
application, is what the models read of an application itself and what is derived from it.

A window ends before the day or the moment described: what is being decided never counts itself. Only what was known by
then counts. Days are the bank's own. What each feature needs delivered stands in [feature-needs.md](feature-needs.md).

Spending is essential or discretionary by category map {version}, which an export names too.
Essential: {essential}.
Discretionary: {discretionary}.

Under "computed", `purpose` is the ledger's `category`; of a row that reverses or returns another (`reverses_id`) it is
the category of that one, so that a refund comes off the spending, and a salary taken back off the income, that it was.

## Whose an event is

The columns of a feature are those that its value is made of. Beside them it depends on those by which an event finds
the customer, merchant or terminal that it counts for: the same for all events of a table. Whom a key stands for is in
`source_keys`, which identity fills. And of each of these tables {standing} tell which rows were
known at the moment described. A column that is in none of these lists moves no value.

| events in | of | found by |
|---|---|---|
{found_by}"""


def features_page() -> str:
    """Return the page in Markdown, one table per family."""
    named = {"essential": ESSENTIAL, "discretionary": DISCRETIONARY}
    said = {kind: fill(", ".join(one.replace("_", " ") for one in codes), _WIDTH) for kind, codes in named.items()}
    found = "".join(
        f"| {table} | {entity} | {_listed(columns)} |\n"
        for (table, entity), columns in {(one.table, one.entity): found_by(one) for one in STREAMS}.items()
    )
    known = " and ".join(f"`{name}`" for name in STANDING)
    parts, family = [_HEAD.format(version=CATEGORY_MAP, found_by=found, standing=known, **said)], ""
    for entry in feature_entries():
        if entry.family != family:
            family = entry.family
            parts.append(
                f"\n## {family.capitalize()}\n\n"
                "| feature | what it says | unit | owner | risk | window | computed | columns | models |\n"
                "|---|---|---|---|---|---|---|---|---|\n"
            )
        parts.append(f"| {' | '.join(_cells(entry))} |\n")
    return "".join(parts)


def _cells(entry: FeatureEntry) -> tuple[str, ...]:
    unit = "share" if entry.unit == "1" else entry.unit
    models = ", ".join(dict.fromkeys(use.model for use in entry.uses))
    computed = entry.computed.replace("|", "\\|")
    return (f"`{entry.name}`", entry.meaning, unit, entry.owner, entry.risk, entry.window, computed,
            _listed(entry.columns), models)  # fmt: skip


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(f"`{column}`" for column in columns)


if __name__ == "__main__":
    print(features_page(), end="")  # noqa: T201 (the command whose output is the file)
