"""The figures of the Portfolio page (`definitions.md` §7): what is lent, how late it is, what it costs.

Computed once a night for a published version; a page only shows them. Each figure says what it rests on: expected loss
uses probabilities of the night's standard request and assumed shares lost, actual loss what was written off.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from bank360.bank.calendar import local_days, to_date, to_datetime
from bank360.policies.expected_loss import LineExposure, expected_loss
from bank360.storage.published import Version
from bank360.storage.reads_portfolio import PortfolioRows
from bank360.storage.tables import Tables

NAME = "portfolio"  # under which a version holds it
VINTAGE_STEP, VINTAGE_LONGEST = 3, 24  # months on book


@dataclass(frozen=True)
class LineFigures:
    """Lending in one product line at the latest month end; amounts in minor units.

    Parameters
    ----------
    line
        The line; ``total`` for all.
    accounts, exposure
        Open accounts with credit, and what is owed on them.
    accounts_30, past_due_30, accounts_90, past_due_90
        Of those, 30 and 90 days past due or more.
    expected_loss
        Over 12 months, as `policies.expected_loss` has it, with the owner's probability of default for the standard
        request; None where the bank scores nobody.
    unscored
        Owed, not in default, where no owner is scored: left out of the expected loss.
    written_off, defaulted
        Written off, and accounts that defaulted first, in the last 12 month ends.
    """

    line: str
    accounts: int
    exposure: int
    accounts_30: int
    past_due_30: int
    accounts_90: int
    past_due_90: int
    expected_loss: int | None
    unscored: int
    written_off: int
    defaulted: int


@dataclass(frozen=True)
class MonthFigures:
    """Lending at one month end; amounts in minor units, ``accounts`` those on which something is owed."""

    month_end: date
    accounts: int
    exposure: int
    past_due_30: int
    past_due_90: int
    written_off: int


@dataclass(frozen=True)
class Vintage:
    """Accounts opened in one quarter.

    Parameters
    ----------
    quarter
        Its first day.
    accounts
        Opened in it.
    ever_90
        By months on book, the share that was ever 90 days past due or charged off by then; only where every account
        of the quarter has been on book so long.
    """

    quarter: date
    accounts: int
    ever_90: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class TierFigures:
    """Customers of one risk tier, and their mean probability of default for the standard request.

    Of those in default it is what a new request would have, and no probability of what they owe.
    """

    tier: str
    customers: int
    probability: float


@dataclass(frozen=True)
class Portfolio:
    """The whole bank's lending as of one instant (microseconds UTC), in one currency.

    Where the bank scores nobody there are no tiers and no expected loss.
    """

    as_of: int
    currency: str
    total: LineFigures
    lines: tuple[LineFigures, ...]
    months: tuple[MonthFigures, ...]
    vintages: tuple[Vintage, ...]
    tiers: tuple[TierFigures, ...]

    @property
    def scored(self) -> bool:
        """Return whether the bank scores anybody: else what rests on probabilities of default is not there."""
        return self.total.expected_loss is not None

    def to_json(self) -> dict[str, Any]:
        """Return the same as JSON values; dates in ISO 8601."""
        return asdict(self, dict_factory=_json_values)


def portfolio(tables: Tables, as_of: int, zone: str, currency: str, scored: bool = True) -> Portfolio:
    """Return the bank's lending as known before an instant (microseconds UTC), in its own currency.

    Parameters
    ----------
    scored
        Whether there are scores.
    """
    day = to_date(int(local_days([as_of], zone)[0]))
    rows = PortfolioRows(tables, to_datetime(as_of), day, currency, scored)
    lines = tuple(_line(row, scored) for row in rows.by_line().to_pylist())
    points: dict[date, list[Mapping[str, Any]]] = {}
    for row in rows.vintages(VINTAGE_STEP, VINTAGE_LONGEST).to_pylist():
        points.setdefault(row["quarter"], []).append(row)
    return Portfolio(
        as_of,
        currency,
        _sum(lines, scored),
        lines,
        tuple(MonthFigures(**row) for row in rows.by_month().to_pylist()),
        tuple(
            Vintage(
                quarter,
                own[0]["accounts"],
                tuple((row["months_on_book"], row["bad"] / row["accounts"]) for row in own),
            )
            for quarter, own in points.items()
        ),
        tuple(TierFigures(**row) for row in rows.tiers().to_pylist()),
    )


def published_portfolio(version: Version) -> Portfolio:
    """Return the portfolio of a published version.

    Raises
    ------
    NotReady
        If the version holds none.
    """
    said = version.figures(NAME)
    return Portfolio(
        said["as_of"],
        said["currency"],
        LineFigures(**said["total"]),
        tuple(LineFigures(**one) for one in said["lines"]),
        tuple(MonthFigures(**one | {"month_end": date.fromisoformat(one["month_end"])}) for one in said["months"]),
        tuple(
            Vintage(
                date.fromisoformat(one["quarter"]), one["accounts"], tuple((m, share) for m, share in one["ever_90"])
            )
            for one in said["vintages"]
        ),
        tuple(TierFigures(**one) for one in said["tiers"]),
    )


def _line(row: dict[str, Any], scored: bool) -> LineFigures:
    exposed = LineExposure(row["line"], *(row.pop(name) for name in ("drawn_at_risk", "undrawn_at_risk", "in_default")))
    return LineFigures(**row, expected_loss=round(expected_loss(exposed)) if scored else None)


def _sum(lines: tuple[LineFigures, ...], scored: bool) -> LineFigures:
    without = {"line"} if scored else {"line", "expected_loss"}
    numbers: dict[str, Any] = {"expected_loss": None} | {
        name: sum(getattr(line, name) for line in lines)
        for name in LineFigures.__dataclass_fields__
        if name not in without
    }
    return LineFigures("total", **numbers)


def _json_values(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in pairs}
