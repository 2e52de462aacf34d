"""Windows, units and the rule of currency that the families share.

Money is never added across currencies (`definitions.md` §4): a measure that reads an amount holds `HOME_MONEY`, so that
its sums, means and extremes are of accounts in the bank's own currency. Counts, days and shares of counts read no
amount and see every account. `tests/suites/test_every_feature.py` holds each declaration to it.
"""

from bank360.features.feature import Calendar, Condition, Rolling

D7, D30, D90, D180, D365 = Calendar(7), Calendar(30), Calendar(90), Calendar(180), Calendar(365)
H1, H24 = Rolling(3600), Rolling(86_400)
MONEY, COUNT, DAYS, SHARE = "minor units", "count", "days", "1"
HOME_MONEY: Condition = ("home_currency", "in", (True,))
