"""The reference page of the features: written from the declarations, so that it cannot say anything else.

``make needs`` writes it, and a test holds the page to what is declared. Neighbour: `feature_entries.py`.
"""

from textwrap import fill

from bank360.features.families.spending import CATEGORY_MAP, DISCRETIONARY, ESSENTIAL
from bank360.pipeline.feature_entries import FeatureEntry, feature_entries

_WIDTH = 105
_HEAD = """# The features

Written by `make needs` from the declarations; do not edit. A number on a customer is one of these wherever it is shown,
trained on or decided with. `bank360 features show NAME` prints one, `bank360 features lineage NAME` where it comes from
and which models read it, `bank360 features value CUSTOMER --feature NAME --as-of DAY` its value and the rows behind it.

The last two families describe a merchant or a terminal. A build stores them of each one where somebody paid
(`merchant_features`, `terminal_features`; an export has both tables), `bank360 features riskiest --of terminal` lists
those with known frauds, and `bank360 features value ID --of merchant` prints the values of one.

A window ends before the day or the moment described: what is being decided never counts itself. Only what was known by
then counts. Days are the bank's own. What each feature needs delivered stands in [feature-needs.md](feature-needs.md).

Spending is essential or discretionary by category map {version}, which an export names too.
Essential: {essential}.
Discretionary: {discretionary}.
"""


def features_page() -> str:
    """Return the page in Markdown, one table per family."""
    named = {"essential": ESSENTIAL, "discretionary": DISCRETIONARY}
    said = {kind: fill(", ".join(one.replace("_", " ") for one in codes), _WIDTH) for kind, codes in named.items()}
    parts, family = [_HEAD.format(version=CATEGORY_MAP, **said)], ""
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
    columns = ", ".join(f"`{column}`" for column in entry.columns)
    models = ", ".join(dict.fromkeys(use.model for use in entry.uses))
    computed = entry.computed.replace("|", "\\|")
    return (f"`{entry.name}`", entry.meaning, unit, entry.owner, entry.risk, entry.window or "", computed, columns,
            models)  # fmt: skip


if __name__ == "__main__":
    print(features_page(), end="")  # noqa: T201 (the command whose output is the file)
