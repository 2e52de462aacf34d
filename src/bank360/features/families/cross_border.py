"""Cross-border: what is bought outside the bank's country."""

from bank360.features.families.spending import BOUGHT, NOT_A_REVERSAL, OUT
from bank360.features.families.windows import COUNT, D90, D365, DAYS, MONEY, SHARE
from bank360.features.feature import AnyFeature, Condition, Derived, Feature, Measure
from bank360.features.ops import Op

HOME = "GB"  # the bank's own country; a bank elsewhere states its own here
AWAY: Condition = ("country", "not in", (HOME,))
ABROAD = Measure("abroad", "transactions", "amount", "one purchase abroad", MONEY, -1,
                 (BOUGHT, OUT, NOT_A_REVERSAL, AWAY))  # fmt: skip
COUNTRY = Measure("country", "transactions", "country", "country of a purchase", "country",
                  where=(BOUGHT, OUT, NOT_A_REVERSAL))  # fmt: skip

FEATURES: tuple[AnyFeature, ...] = (
    Feature("abroad_90d", ABROAD, Op.COUNT, D90, COUNT, "purchases abroad in 90 days", reason="R26"),
    Feature("abroad_365d", ABROAD, Op.COUNT, D365, COUNT, "purchases abroad in a year", reason="R26"),
    Feature("abroad_spend_365d", ABROAD, Op.SUM, D365, MONEY, "spent abroad in a year", reason="R26"),
    Feature("countries_365d", COUNTRY, Op.DISTINCT, D365, COUNT, "countries of purchases in a year", reason="R26"),
    Feature("days_since_abroad", ABROAD, Op.DAYS_SINCE_LAST, D365, DAYS, "days since a purchase abroad", reason="R26"),
    Derived("abroad_share_90d", "share", ("abroad_90d", "purchases_90d"), SHARE,
            "purchases abroad as a share of all in 90 days", reason="R26"),
)  # fmt: skip
