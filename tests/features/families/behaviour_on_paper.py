"""What Ann did, for the monthly and the lifetime table: described on 1 July 2024, June is the month before.

June in London begins at 23:00 UTC of 31 May; what is of that evening or before is her lifetime's alone, and what is of
1 July is of neither.
"""

from tests.features.families.on_paper import movement

MOVEMENTS = [
    movement("years ago", "2022-07-01 12:00", -60_000, "travel", merchant_id="m9", country="FR"),  # 731 days before
    movement("last of May", "2024-05-31 23:59", -7000, "electronics", merchant_id="m8", channel="online"),
    movement("first of June", "2024-06-01 00:00", -2000, "groceries", merchant_id="m1"),
    movement("debit", "2024-06-03", -3000, "utilities", scheme="direct_debit"),  # a date and no hour
    movement("supper", "2024-06-08 20:00", -4000, "restaurants", merchant_id="m2"),
    movement("web", "2024-06-08 21:00", -6000, "shopping", merchant_id="m3", channel="online"),
    movement("in euros", "2024-06-09 12:00", -500, "leisure", "EUR", merchant_id="m4"),  # counted, not added
    movement("to savings", "2024-06-10 12:00", -9000, "own_transfer", scheme="transfer"),
    movement("abroad", "2024-06-12 12:00", -8000, "groceries", merchant_id="m2", country="FR"),
    movement("machine", "2024-06-15 15:00", -5000, "cash", scheme="cash", channel="atm"),
    movement("counter", "2024-06-16 15:00", -2000, "cash", scheme="cash", channel="branch"),
    movement("sent back", "2024-06-20 10:00", 1000, "shopping", merchant_id="m3", reverses_id="web"),
    movement("wage", "2024-06-28 09:00", 150_000, "salary", scheme="transfer"),
    movement("fee", "2024-06-30 12:00", -100, "fee", scheme="fee"),
    movement("today", "2024-07-01 00:00", -1111, "leisure", merchant_id="m7", channel="online", country="ES"),
]
