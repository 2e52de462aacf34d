"""The page that says which feature needs which table, columns and codes: written from the declarations.

``make needs`` writes it, and a test holds the page to what is declared. Neighbour: `needs.py`.
"""

from bank360.features.families import CATALOGUE, FAMILIES_OF
from bank360.features.needs import needs, said

_HEAD = """# What each feature needs

Written by `make needs` from the declarations; do not edit. A feature has data as soon as, for each entry of its last
column, some row of the bank that meets it was known; until then it reads "no data" and is missing to every model, never
0. One of several codes is enough; so is one of the sides of an "or". Money counts in the bank's own currency only.
"""


def needs_page() -> str:
    """Return the page in Markdown, one table per family."""
    by_name = {feature.name: feature for feature in CATALOGUE}
    parts = [_HEAD]
    for family, features in [one for families in FAMILIES_OF.values() for one in families.items()]:
        parts.append(
            f"\n## {family.replace('_', ' ').capitalize()}\n\n| feature | what it says | needs |\n|---|---|---|\n"
        )
        for feature in features:
            needed = "; ".join(said(one) for one in needs(feature, by_name))
            parts.append(f"| `{feature.name}` | {feature.meaning} | {needed} |\n")
    return "".join(parts)


if __name__ == "__main__":
    print(needs_page(), end="")  # noqa: T201 (the command whose output is the file)
