"""Merchants and terminals: what is paid there by card, and how much of it turned out to be fraud.

The same features of either, on histories of their own (`scan.Entity`). A fraud counts on the day of its payment, from
the instant at which its case became known as confirmed: a report still to come is not known, and no window needs to be
told so. A *rate* is of payments old enough to have been reported, those of the days that ended `REPORTED_AFTER` days
before (Le Borgne, Siblini, Lebichot and Bontempi, Reproducible Machine Learning for Credit Card Fraud Detection, 2022,
chapter 3): over fresh ones it would fall wherever trade is brisk.
"""

from bank360.features.families.spending import NOT_A_REVERSAL, OUT
from bank360.features.families.windows import COUNT, D7, D30, D365, DAYS, H24, HOME_MONEY, MONEY, SHARE
from bank360.features.feature import NEITHER, AnyFeature, Calendar, Condition, Derived, Feature, Measure
from bank360.features.ops import Op
from bank360.features.scan import PLACE_ROWS, Entity

REPORTED_AFTER = 7  # days: most reports that will come have come
AGED_7, AGED_30 = Calendar(7, ago=REPORTED_AFTER), Calendar(30, ago=REPORTED_AFTER)
PAID: tuple[Condition, ...] = (OUT, NOT_A_REVERSAL, *PLACE_ROWS)


def _features(place: Entity) -> tuple[AnyFeature, ...]:
    """Return the features of merchants or of terminals."""
    payments, frauds = f"{place}_payments", f"{place}_frauds"
    payment = Measure(f"{place}_payment", payments, None, f"one payment by card at the {place}", COUNT, where=PAID)
    paid = Measure(f"{place}_paid", payments, "amount", f"amount of one payment by card at the {place}", MONEY, -1,
                   (*PAID, HOME_MONEY))  # fmt: skip
    payer = Measure(f"{place}_payer", payments, "account_id", f"account that paid at the {place}", "account",
                    where=PAID)  # fmt: skip
    fraud = Measure(f"{place}_fraud", frauds, None, f"one payment at the {place} confirmed as fraud", COUNT, where=PAID)
    aged = f"in the {{}} days that ended {REPORTED_AFTER} days before"

    def share(name: str, days: int) -> Derived:
        inputs = (f"{place}_frauds_{days}d", f"{place}_aged_payments_{days}d")
        meaning = f"share of payments at the {place} {aged.format(days)} that is known to be fraud"
        return Derived(name, "share", inputs, SHARE, meaning, "fraud", 1, "R34")

    # How many pay there goes with the size of the shop and says nothing of fraud: no sign is expected of the counts.
    return (
        Feature(f"{place}_payments_24h", payment, Op.COUNT, H24, COUNT, f"payments at the {place} in 24 hours",
                "fraud", NEITHER, "R34"),
        Feature(f"{place}_payments_7d", payment, Op.COUNT, D7, COUNT, f"payments at the {place} in 7 days",
                "fraud", NEITHER, "R34"),
        Feature(f"{place}_payments_30d", payment, Op.COUNT, D30, COUNT, f"payments at the {place} in 30 days",
                "fraud", NEITHER, "R34"),
        Feature(f"{place}_payers_30d", payer, Op.DISTINCT, D30, COUNT, f"accounts that paid at the {place} in 30 days",
                "fraud", NEITHER, "R34"),
        Feature(f"{place}_paid_mean_30d", paid, Op.MEAN, D30, MONEY, f"average payment at the {place} in 30 days",
                "fraud", 1, "R34"),
        Feature(f"{place}_paid_max_30d", paid, Op.MAX, D30, MONEY, f"largest payment at the {place} in 30 days",
                "fraud", 1, "R34"),
        Feature(f"{place}_aged_payments_7d", payment, Op.COUNT, AGED_7, COUNT,
                f"payments at the {place} {aged.format(7)}", "fraud", NEITHER, "R34"),
        Feature(f"{place}_aged_payments_30d", payment, Op.COUNT, AGED_30, COUNT,
                f"payments at the {place} {aged.format(30)}", "fraud", NEITHER, "R34"),
        Feature(f"{place}_frauds_7d", fraud, Op.COUNT, AGED_7, COUNT,
                f"payments at the {place} {aged.format(7)} that are known to be fraud", "fraud", 1, "R34"),
        Feature(f"{place}_frauds_30d", fraud, Op.COUNT, AGED_30, COUNT,
                f"payments at the {place} {aged.format(30)} that are known to be fraud", "fraud", 1, "R34"),
        Feature(f"days_since_{place}_fraud", fraud, Op.DAYS_SINCE_LAST, D365, DAYS,
                f"days since the latest payment at the {place} that is known to be fraud, within a year",
                "fraud", -1, "R34"),
        share(f"{place}_fraud_rate_7d", 7),
        share(f"{place}_fraud_rate_30d", 30),
    )  # fmt: skip


MERCHANT_FEATURES = _features(Entity.MERCHANT)
TERMINAL_FEATURES = _features(Entity.TERMINAL)
