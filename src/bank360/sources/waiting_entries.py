"""Entries of a proposed mapping whose table needs more than the file has: written as comments, to be completed.

Nothing is made up for what a file does not say: a constant says the same of every row, and 0 is not unknown. So the
entry is no part of the mapping, the rest loads without it, and each load tells what waits and for which columns. Used
by `mapping_template`.
"""

from collections.abc import Sequence

import yaml

from bank360.bank.tables import TABLE_BY_NAME

WHERE = "Its entry stands commented out below 'files'."
_OPEN = "…"  # in place of a column's name


def waiting_text(key: str, entry: dict[str, object], lacking: Sequence[str]) -> str:
    """Return an entry as it is to stand below ``files``, each column that it lacks in a line with what it says.

    ``key`` is the table's name, or that of the file where another entry has it and ``entry`` names its table.
    """
    table = TABLE_BY_NAME[str(entry.get("table", key))]
    columns = entry["columns"]
    assert isinstance(columns, dict)
    whole = {key: entry | {"columns": columns | dict.fromkeys(lacking, _OPEN)}}
    text = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, default_flow_style=False, width=100)
    for name in lacking:
        text = text.replace(f"    {name}: {_OPEN}\n", f"    {name}: {_OPEN}   # {table.column(name).said}\n")
    return f"Not read before somebody maps {', '.join(lacking)}, and takes out the comment marks:\n{text}"


def lacking_told(table: str, lacking: Sequence[str]) -> str:
    """Return which columns a table needs that a file lacks, and what to do."""
    columns = TABLE_BY_NAME[table].columns
    needs = ", ".join(one.name for one in columns if not one.nullable)
    named = ", ".join(f"{one.name} ({one.meaning})" for one in columns if one.name in lacking)
    return (
        f"it is not read yet. Table '{table}' needs {needs}; of these no column was found for {named}. Have the file "
        "delivered with them, or map the columns that say them: until then nothing of it is known, which is never 0."
    )
