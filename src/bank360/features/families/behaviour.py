"""Behaviour over one window, declared once: the monthly and the lifetime table are the same definitions.

What analysts compare from month to month and customer to customer: how much and how evenly somebody spends, how much
of it is not essential, at machines, online, at night, abroad. `MONTHLY` reads the last whole calendar month before the
moment described, `LIFETIMES` everything before it; `over` makes both, so that neither can come to mean something else.
They are for tables and segments: no model reads them, and no night computes them (`pipeline/feature_tables.py` does).
"""

from bank360.features.families.cash import CASH, MACHINE
from bank360.features.families.cross_border import ABROAD, ABROAD_SPEND, COUNTRY
from bank360.features.families.digital import NIGHT, ONLINE, TIMED
from bank360.features.families.income import INCOME
from bank360.features.families.rfm import MOVEMENT
from bank360.features.families.spending import ESSENTIALS, PRICE, PURCHASE, SHOP, SPEND
from bank360.features.families.velocity import PAYMENT
from bank360.features.families.windows import COUNT, DAYS, MONEY, SHARE
from bank360.features.feature import LIFETIME, MONTH, NEITHER, AnyFeature, Derived, Feature, Measure, Window
from bank360.features.ops import Op

# As no risk decision reads them, none of them is expected to speak for or against: their sign is NEITHER.
_OWNER, _MONEY_A_MONTH = "marketing", "minor units a month"
_DAYS_IN_A_MONTH = 365.2425 / 12  # of the Gregorian calendar, on average


def over(window: Window, name: str, said: str) -> tuple[AnyFeature, ...]:
    """Return the behaviour over a window; ``name`` ends each feature's name, ``said`` each meaning."""

    def feature(what: str, measure: Measure, op: Op, unit: str, meaning: str) -> Feature:
        return Feature(f"{what}_{name}", measure, op, window, unit, f"{meaning} {said}", _OWNER, NEITHER)

    def share(what: str, part: str, whole: str, meaning: str) -> Derived:
        inputs = (f"{part}_{name}", f"{whole}_{name}")
        return Derived(f"{what}_{name}", "share", inputs, SHARE, f"{meaning} {said}", _OWNER, NEITHER)

    return (
        feature("transactions", MOVEMENT, Op.COUNT, COUNT, "transactions other than fees and interest"),
        feature("active_days", MOVEMENT, Op.ACTIVE_DAYS, DAYS, "days with such a transaction"),
        feature("income", INCOME, Op.SUM, MONEY, "income, net of reversals,"),
        feature("spend", SPEND, Op.SUM, MONEY, "spent on goods and services, net of refunds,"),
        feature("essential_spend", ESSENTIALS, Op.SUM, MONEY, "spent on essentials, net of refunds,"),
        Derived(f"discretionary_spend_{name}", "difference", (f"spend_{name}", f"essential_spend_{name}"), MONEY,
                f"spent on what is not essential, net of refunds, {said}", _OWNER, NEITHER),
        share("discretionary_share", "discretionary_spend", "spend", "what is not essential as a share of spending"),
        feature("purchases", PURCHASE, Op.COUNT, COUNT, "purchases"),
        feature("purchase_mean", PRICE, Op.MEAN, MONEY, "average purchase"),
        feature("purchase_std", PRICE, Op.STD, MONEY, "standard deviation of purchases"),
        feature("purchase_max", PRICE, Op.MAX, MONEY, "largest purchase"),
        Derived(f"spend_volatility_{name}", "volatility", (f"purchase_std_{name}", f"purchase_mean_{name}"), SHARE,
                f"standard deviation of purchases over their average {said}", _OWNER, NEITHER),
        feature("merchants", SHOP, Op.DISTINCT, COUNT, "different merchants"),
        feature("cash", CASH, Op.SUM, MONEY, "cash taken out, net of reversals,"),
        feature("atm_withdrawals", MACHINE, Op.COUNT, COUNT, "withdrawals at machines"),
        feature("payments", PAYMENT, Op.COUNT, COUNT, "payments out, cash among them,"),
        share("atm_rate", "atm_withdrawals", "payments", "withdrawals at machines as a share of payments out"),
        feature("online_purchases", ONLINE, Op.COUNT, COUNT, "purchases online or by app"),
        share("online_rate", "online_purchases", "purchases", "purchases online or by app as a share of all"),
        feature("abroad_purchases", ABROAD, Op.COUNT, COUNT, "purchases abroad"),
        share("abroad_rate", "abroad_purchases", "purchases", "purchases abroad as a share of all"),
        feature("abroad_spend", ABROAD_SPEND, Op.SUM, MONEY, "spent abroad, net of refunds,"),
        feature("countries", COUNTRY, Op.DISTINCT, COUNT, "countries of purchases, home too,"),
        feature("night_purchases", NIGHT, Op.COUNT, COUNT, "purchases from 23:00 to 05:00 in the bank's zone,"),
        feature("timed_purchases", TIMED, Op.COUNT, COUNT, "purchases whose hour is known"),
        share("night_rate", "night_purchases", "timed_purchases",
              "purchases from 23:00 to 05:00 in the bank's zone as a share of those whose hour is known,"),
    )  # fmt: skip


MONTHLY: tuple[AnyFeature, ...] = over(MONTH, "month", "in the calendar month before")
LIFETIMES: tuple[AnyFeature, ...] = (
    *over(LIFETIME, "lifetime", "ever"),
    Feature("days_since_first_transaction", MOVEMENT, Op.DAYS_SINCE_FIRST, LIFETIME, DAYS,
            "days since the first transaction other than fees and interest", _OWNER, NEITHER),
    Derived("spend_per_month", "ratio", ("spend_lifetime", "days_since_first_transaction"), _MONEY_A_MONTH,
            "spent in an average month since the first transaction", _OWNER, NEITHER, factor=_DAYS_IN_A_MONTH),
)  # fmt: skip
