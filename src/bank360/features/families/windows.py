"""Windows and units that the families share."""

from bank360.features.feature import Calendar, Rolling

D30, D90, D180, D365 = Calendar(30), Calendar(90), Calendar(180), Calendar(365)
H1, H24 = Rolling(3600), Rolling(86_400)
MONEY, COUNT, DAYS, SHARE = "minor units", "count", "days", "1"
