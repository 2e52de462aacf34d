"""How a mapped file says which amounts leave an account: by their sign, in two columns, or by a column beside them.

Read strictly for `mapped_grammar`; `mapped_rows` applies it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from bank360.bank.table import Table
from bank360.sources.mapped_node import Node

# Columns whose sign says in which direction money stands or moved.
SIGNED = {"transactions": ("amount", "original_amount"), "balances": ("booked", "available")}
_CODES_SHOWN = 6
UNSETTLED = "unsettled"  # the sign that `init` proposes where nothing tells it


@dataclass(frozen=True)
class TwoColumns:
    """Amounts stand in a debit and a credit column, both without sign."""

    debit: str
    credit: str


@dataclass(frozen=True)
class Indicator:
    """Amounts stand without sign, and another column says which are debits."""

    column: str
    debit: tuple[str, ...]
    credit: tuple[str, ...]


Sign = Literal["credit_positive", "debit_positive"] | TwoColumns | Indicator


def unknown_direction(sign: Indicator, path: str) -> str:
    """Return what to do about a cell of an indicator that is listed neither as a debit nor as a credit.

    Parameters
    ----------
    path
        Of the file's key, such as ``sources.core.mapping.files.transactions``.
    """
    debit, credit = (_listed(codes) for codes in (sign.debit, sign.credit))
    return (
        f"The mapping knows {debit} for debit and {credit} for credit: list it under {path}.sign.debit if such rows "
        f"take money out of the account, under {path}.sign.credit if they bring it in, or correct the cell."
    )


def sign_of_its_own(path: str) -> str:
    """Return what to do about an amount that has a sign although an indicator says debit or credit.

    Parameters
    ----------
    path
        Of the file's key.
    """
    return (
        f"If the amounts of this file carry their own sign, take {path}.sign out (an amount with a minus then leaves "
        "the account), or write 'sign: debit_positive' if one with a minus comes in; else correct the cell."
    )


def _listed(codes: Collection[str]) -> str:
    shown = ", ".join(f"'{code}'" for code in [*codes][:_CODES_SHOWN])
    return f"{shown} and {len(codes) - _CODES_SHOWN} more" if len(codes) > _CODES_SHOWN else shown


def sign_of(node: Node | None, table: Table, columns: Collection[str], place: Node) -> Sign:
    """Return what a file's key ``sign`` says.

    Parameters
    ----------
    node
        The key; None where it is left out.
    columns, place
        Names of the columns that are mapped, and the key that maps them.

    Raises
    ------
    SettingsError
        If it is not settled, or is none of the conventions, or does not fit the table.
    """
    if node is None:
        return "credit_positive"
    if table.name not in SIGNED:
        node.fail(f"table '{table.name}' has no signed amounts. Remove it.")
    if isinstance(node.value, Mapping) and table.name != "transactions":
        node.fail("a debit and a credit column, or an indicator, are for transactions; write debit_positive")
    if node.value == UNSETTLED:
        node.fail(
            "is not settled, for nothing in the file tells money in from money out. Write credit_positive if a "
            "positive amount comes into the account, debit_positive if it leaves it, {debit: COLUMN, credit: COLUMN} "
            "for two columns of amounts, or {indicator: COLUMN, debit: [S], credit: [H]} where a column says which"
        )
    if not isinstance(node.value, Mapping):
        return node.choice(("credit_positive", "debit_positive"))  # type: ignore[return-value]
    keys = node.keys(("debit", "credit", "indicator"), ("debit", "credit"))
    if "indicator" in keys:
        debit, credit = keys["debit"].texts(), keys["credit"].texts()
        both = sorted(set(debit) & set(credit))
        if both:
            node.fail(f"'{both[0]}' stands for both debit and credit")
        return Indicator(keys["indicator"].text().strip(), debit, credit)
    if "amount" in columns:
        place.fail("'amount' is mapped and 'sign' names a debit and a credit column. Keep one of the two.")
    return TwoColumns(keys["debit"].text().strip(), keys["credit"].text().strip())
