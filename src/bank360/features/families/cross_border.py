"""Cross-border: what is bought outside the bank's country, which is a setting (``bank.country``)."""

from bank360.features.families.spending import BOUGHT, FOR_GOODS, NOT_A_REVERSAL, OUT
from bank360.features.families.windows import COUNT, D90, D365, DAYS, HOME_MONEY, MONEY, SHARE
from bank360.features.feature import AnyFeature, Condition, Derived, Feature, Measure
from bank360.features.ops import Op

AWAY: Condition = ("abroad", "in", (True,))
ABROAD = Measure("abroad", "transactions", None, "one purchase abroad", COUNT,
                 where=(BOUGHT, OUT, NOT_A_REVERSAL, AWAY))  # fmt: skip
# Of accounts in the bank's currency: what was paid in another one counts as booked.
ABROAD_SPEND = Measure("abroad_spend", "transactions", "amount", "spent abroad, net of refunds", MONEY, -1,
                       (FOR_GOODS, AWAY, HOME_MONEY))  # fmt: skip
COUNTRY = Measure("country", "transactions", "country", "country of a purchase", "country",
                  where=(BOUGHT, OUT, NOT_A_REVERSAL))  # fmt: skip

FEATURES: tuple[AnyFeature, ...] = (
    Feature("abroad_90d", ABROAD, Op.COUNT, D90, COUNT, "purchases abroad in 90 days", sign=1, reason="R26"),
    Feature("abroad_365d", ABROAD, Op.COUNT, D365, COUNT, "purchases abroad in a year", sign=1, reason="R26"),
    Feature("abroad_spend_365d", ABROAD_SPEND, Op.SUM, D365, MONEY, "spent abroad in a year, net of refunds",
            sign=1, reason="R26"),
    Feature("countries_365d", COUNTRY, Op.DISTINCT, D365, COUNT, "countries of purchases in a year, home too",
            sign=1, reason="R26"),
    Feature("days_since_abroad", ABROAD, Op.DAYS_SINCE_LAST, D365, DAYS, "days since a purchase abroad, within a year",
            sign=-1, reason="R26"),
    Derived("abroad_share_90d", "share", ("abroad_90d", "purchases_90d"), SHARE,
            "purchases abroad as a share of all in 90 days", sign=1, reason="R26"),
)  # fmt: skip
