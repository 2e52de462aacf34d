"""Default within 12 months of opening, of a booked application (definitions §1).

The window runs from the day after opening to the same day twelve months later. Default is the first of: the day on
which more than 90 consecutive days are past due on a material amount, a charge-off, or the bank's own default status,
which is where distressed forbearance and insolvency show. A forbearance flag alone says that terms were eased, not that
the bank lost by it, and counts where the definition says so. Month-end rows carry days past due, so the 91st day is
counted back from the first month end that shows it; the month end after the window is read for that.

The window is complete by the data, not by the calendar alone: the month end that closes it is past, its rows are in
(somebody has one at or after it), and so is this account's, unless the account left the book before: closed, or charged
off or in the bank's default status in its last row. Where a row is missing the label is unknown, for early defaults
too: otherwise the bad of an unfinished month would be kept and its good dropped.

Days past due, material amounts and forbearance are the bank's settings (`default:` in bank360.yaml); the window is not,
for the periods of an out-of-time development rest on it. An account in a currency without a material amount stops the
label: whether its arrears count would be a guess.

Confirmed fraud leaves the credit label. Closed in good standing is good. 30 to 89 days past due when the window ends
is indeterminate. As-of rules are the caller's: rows given here are those known at the moment the label is taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from bank360.bank.errors import SettingsError
from bank360.bank.money import in_major
from bank360.labels.label import Bools, Ints, Label, Labelled, State, months_later, next_month_start

NEVER = np.iinfo(np.int64).max
WINDOW_MONTHS = 12

LABEL = Label(
    "application_default",
    "default (days past due on a material amount, charge-off or the bank's default status) within 12 months of opening",
    "booked applications; confirmed fraud left out",
    "12 months from opening",
    lambda opened: next_month_start(months_later(opened, WINDOW_MONTHS)),
)


@dataclass(frozen=True)
class DefaultDefinition:
    """What counts as default; defaults are the EU retail rule of EBA/GL/2016/07, CRR article 178 and RTS 2018/171.

    Parameters
    ----------
    days_past_due
        More than this many consecutive days.
    material_amounts, material_share
        Arrears must exceed both the amount for the account's currency (minor units) and this share of the exposure.
    window_months
        Length of the outcome window from opening.
    indeterminate_days
        From this many days past due at the window's end the outcome is indeterminate.
    forbearance
        Whether the flag of eased terms alone counts as unlikely to pay: only where a bank sets it for distressed
        forbearance and nothing else (EBA/GL/2016/07, 49-55: a loss of more than 1 % of present value).
    """

    days_past_due: int = 90
    material_amounts: Mapping[str, int] = field(default_factory=lambda: {"EUR": 10_000, "GBP": 10_000})
    material_share: float = 0.01
    window_months: int = WINDOW_MONTHS
    indeterminate_days: int = 30
    forbearance: bool = False

    def words(self) -> str:
        """Return the definition in a sentence, for the card.

        >>> DefaultDefinition(60, {"CZK": 250_000}).words().partition(",")[0]
        'Default: more than 60 consecutive days past due'
        """
        amounts = " or ".join(
            f"{in_major(amount, code)} {code}" for code, amount in sorted(self.material_amounts.items())
        )
        return (
            f"Default: more than {self.days_past_due} consecutive days past due, with arrears of more than {amounts} "
            f"and more than {self.material_share:.3g} of the exposure; charge-off or the bank's default status; the "
            f"flag of eased terms alone {'too' if self.forbearance else 'is none'}. From {self.indeterminate_days} "
            "days at the window's end an outcome is indeterminate."
        )


@dataclass(frozen=True)
class Repayment:
    """Month-end rows of the booked accounts, shape ``(n_months,)`` each, in any order.

    Parameters
    ----------
    application
        Position of the application that the account came from.
    month_end
        Local day, days since 1970-01-01.
    days_past_due, arrears, balance
        Days; minor units.
    charged_off
        Written off, charged off, or in the bank's own default status.
    forbearance
        Terms eased for hardship.
    currency, currencies
        The account's currency, as its position in ``currencies``.
    """

    application: Ints
    month_end: Ints
    days_past_due: Ints
    arrears: Ints
    balance: Ints
    charged_off: Bools
    forbearance: Bools
    currency: Ints
    currencies: tuple[str, ...]


def default_rows(repayment: Repayment, definition: DefaultDefinition | None = None) -> tuple[Bools, Ints]:
    """Return which month ends show a default, and the local day on which the default they show happened.

    The one definition of default: this label, and the check of the synthetic bank, read it here. Both answers have the
    shape ``(n_months,)``; the day of a row without default means nothing.

    Raises
    ------
    SettingsError
        If an account is in a currency for which no amount is material.
    """
    definition = definition or DefaultDefinition()
    late = repayment.days_past_due > definition.days_past_due
    late &= repayment.arrears > _material(repayment, definition)
    late &= repayment.arrears > definition.material_share * repayment.balance
    day = np.where(
        late, repayment.month_end - (repayment.days_past_due - definition.days_past_due - 1), repayment.month_end
    )
    unlikely = repayment.charged_off | (repayment.forbearance & definition.forbearance)
    return late | unlikely, day


def first_default_days(repayment: Repayment, n_applications: int, definition: DefaultDefinition | None = None) -> Ints:
    """Return the local day of each application's first default, `NEVER` where there is none; shape ``(n,)``."""
    shows, day = default_rows(repayment, definition)
    answer = np.full(n_applications, NEVER, dtype=np.int64)
    np.minimum.at(answer, repayment.application[shows], day[shows])
    return answer


def application_default(
    opened_on: Ints,
    closed_on: Ints,
    booked: Bools,
    closed_bad: Bools,
    fraud: Bools,
    repayment: Repayment,
    cut_off: int,
    definition: DefaultDefinition | None = None,
) -> Labelled:
    """Return the label of each application.

    Parameters
    ----------
    opened_on, closed_on
        Local days; not read where ``booked`` is False; ``closed_on`` is 0 while the account is open.
    booked
        Whether the application became an account.
    closed_bad
        Whether the account was closed by charge-off.
    fraud
        Whether fraud is confirmed on the application at the moment the label is taken.
    repayment
        Month-end rows known by the cut-off.
    cut_off
        Local day on which the label is taken.
    definition
        What counts as default.

    Returns
    -------
    Labelled
        ``complete_at``: the local day on which the month end that closes the window is past; 0 where not booked.
        The state is unknown before it, and after it until the rows that close the window are in.
    """
    definition = definition or DefaultDefinition()
    n = len(opened_on)
    opened = np.where(booked, opened_on, 0)
    window_end = months_later(opened, definition.window_months)
    complete_at = np.where(booked, next_month_start(window_end), 0)
    default_day = first_default_days(repayment, n, definition)
    default_day = np.where(closed_bad, np.minimum(default_day, closed_on), default_day)
    ended = closed_on != 0
    closing_day = complete_at - 1
    closing_row, days_past_due = _closing_rows(repayment, closing_day, n)
    left_before = (ended & (closed_on <= closing_day)) | _left_in_default(repayment, closing_day, n)
    delivered_to = int(repayment.month_end.max(initial=0))
    known = (complete_at <= cut_off) & (delivered_to >= closing_day) & (closing_row | left_before)
    state = np.full(n, State.NO_EVENT, dtype=np.int8)
    state[days_past_due >= definition.indeterminate_days] = State.INDETERMINATE
    state[default_day <= window_end] = State.EVENT
    state[~known] = State.UNKNOWN
    state[fraud] = State.EXCLUDED
    state[~booked] = State.EXCLUDED
    return Labelled(state, complete_at)


def _material(repayment: Repayment, definition: DefaultDefinition) -> Ints:
    """Return above which arrears each row is material, minor units of its currency."""
    amounts = definition.material_amounts
    used = {repayment.currencies[place] for place in np.unique(repayment.currency)}
    if used - set(amounts):
        code = min(used - set(amounts))
        raise SettingsError(
            f"default.material_amounts: there is credit in {code}, and no amount of arrears above which it can be in "
            f"default. Set one in bank360.yaml, in minor units, beside those of other currencies: "
            f"'default: {{material_amounts: {{{code}: AMOUNT}}}}'."
        )
    by_place = np.array([amounts.get(code, 0) for code in repayment.currencies], dtype=np.int64)
    return np.asarray(by_place[repayment.currency])


def _closing_rows(repayment: Repayment, closing_day: Ints, n: int) -> tuple[Bools, Ints]:
    """Return who has a month end at or after the window's last one, and the days past due that it shows for that day.

    A later row shows the closing day's too, if the account was past due all the while since.
    """
    after = repayment.month_end - closing_day[repayment.application]
    first = np.full(n, NEVER, dtype=np.int64)
    np.minimum.at(first, repayment.application[after >= 0], after[after >= 0])
    answer = np.zeros(n, dtype=np.int64)
    is_first = after == first[repayment.application]
    answer[repayment.application[is_first]] = np.maximum(repayment.days_past_due[is_first] - after[is_first], 0)
    return first != NEVER, answer


def _left_in_default(repayment: Repayment, closing_day: Ints, n: int) -> Bools:
    """Return whose last row, before the closing day, is charged off or in default: written off or sold, not missing."""
    last = np.full(n, -1, dtype=np.int64)
    np.maximum.at(last, repayment.application, repayment.month_end)
    answer = np.zeros(n, dtype=np.bool_)
    answer[repayment.application[(repayment.month_end == last[repayment.application]) & repayment.charged_off]] = True
    return answer & (last < closing_day)
