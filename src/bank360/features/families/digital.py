"""Digital: purchases online and at night, by which channel payments leave, and contacts that the customer started."""

from bank360.bank.vocabulary import Channel, InteractionKind, OfferArm
from bank360.features.families.rfm import PAYMENT
from bank360.features.families.spending import BOUGHT, NOT_A_REVERSAL, OUT
from bank360.features.families.windows import COUNT, D30, D90, D365, DAYS, SHARE
from bank360.features.feature import NEITHER, AnyFeature, Condition, Derived, Feature, Measure
from bank360.features.ops import Op

ONLINE = Measure("online_purchase", "transactions", None, "one purchase online or by phone app", COUNT,
                 where=(BOUGHT, OUT, NOT_A_REVERSAL, ("channel", "in", (Channel.ONLINE, Channel.MOBILE))))  # fmt: skip
NIGHT = Measure("night_purchase", "transactions", None, "one purchase between 23:00 and 05:00", COUNT,
                where=(BOUGHT, OUT, NOT_A_REVERSAL, ("local_hour", "in", (23, 0, 1, 2, 3, 4))))  # fmt: skip
# What a share at night is of: direct debits and standing orders carry a date only and are neither by day nor by night.
TIMED = Measure("timed_purchase", "transactions", None, "one purchase whose time of day is known", COUNT,
                where=(BOUGHT, OUT, NOT_A_REVERSAL, ("local_hour", "not null", ())))  # fmt: skip
BY_APP, BY_PHONE, AT_BRANCH = (
    Measure(f"{channel}_payment", "transactions", None, f"one payment out {how}", COUNT,
            where=(*PAYMENT.where, ("channel", "in", (channel,))))
    for channel, how in (
        (Channel.MOBILE, "by phone app"), (Channel.PHONE, "by telephone"), (Channel.BRANCH, "at a branch"),
    )
)  # fmt: skip
OWN: Condition = (
    "kind",
    "in",
    (InteractionKind.VISIT, InteractionKind.CALL, InteractionKind.VIEW, InteractionKind.CLICK),
)
CONTACT = Measure("contact", "interactions", None, "one contact that the customer started", COUNT, where=(OWN,))
DIGITAL = Measure("digital_contact", "interactions", None, "one contact by app or web site", COUNT,
                  where=(OWN, ("channel", "in", (Channel.ONLINE, Channel.MOBILE))))  # fmt: skip
CALL = Measure("call", "interactions", None, "one call by the customer", COUNT,
               where=(("kind", "in", (InteractionKind.CALL,)),))  # fmt: skip
BRANCH = Measure("branch_visit", "interactions", None, "one visit to a branch", COUNT,
                 where=(("kind", "in", (InteractionKind.VISIT,)), ("channel", "in", (Channel.BRANCH,))))  # fmt: skip
# Who was held out of a campaign to measure it was offered nothing.
OFFERED: Condition = ("arm", "in", (OfferArm.TREATED,))
OFFER = Measure("offer", "interactions", None, "one offer of a campaign that reached the customer", COUNT,
                where=(("kind", "in", (InteractionKind.OFFER,)), OFFERED))  # fmt: skip
ANSWER = Measure("answer", "interactions", None, "one answer to an offer", COUNT,
                 where=(("kind", "in", (InteractionKind.ANSWER,)), OFFERED))  # fmt: skip
TAKEN = Measure("taken", "interactions", None, "one offer that was taken up", COUNT,
                where=(("kind", "in", (InteractionKind.ANSWER,)), OFFERED, ("response", "in", (True,))))  # fmt: skip

FEATURES: tuple[AnyFeature, ...] = (
    Feature("online_purchases_90d", ONLINE, Op.COUNT, D90, COUNT, "purchases online or by app in 90 days",
            sign=1, reason="R26"),
    Feature("night_purchases_90d", NIGHT, Op.COUNT, D90, COUNT,
            "purchases from 23:00 to 05:00 in the bank's zone, in 90 days", sign=1, reason="R20"),
    Feature("timed_purchases_90d", TIMED, Op.COUNT, D90, COUNT, "purchases with a known hour in 90 days",
            sign=NEITHER, reason="R27"),
    Feature("app_payments_90d", BY_APP, Op.COUNT, D90, COUNT, "payments out by phone app in 90 days",
            "marketing", NEITHER),
    Feature("telephone_payments_90d", BY_PHONE, Op.COUNT, D90, COUNT, "payments out by telephone in 90 days",
            "marketing", NEITHER),
    Feature("branch_payments_90d", AT_BRANCH, Op.COUNT, D90, COUNT, "payments out at a branch in 90 days",
            "marketing", NEITHER),
    Feature("contacts_365d", CONTACT, Op.COUNT, D365, COUNT, "contacts started by the customer in a year",
            "marketing", NEITHER),
    Feature("digital_contacts_30d", DIGITAL, Op.COUNT, D30, COUNT, "contacts by app and web in 30 days",
            "marketing", NEITHER),
    Feature("digital_days_90d", DIGITAL, Op.ACTIVE_DAYS, D90, DAYS, "days with a contact by app or web in 90 days",
            "marketing", NEITHER),
    Feature("calls_365d", CALL, Op.COUNT, D365, COUNT, "calls in a year", "marketing", NEITHER),
    Feature("branch_visits_365d", BRANCH, Op.COUNT, D365, COUNT, "visits to a branch in a year", "marketing", NEITHER),
    Feature("offers_365d", OFFER, Op.COUNT, D365, COUNT, "offers of campaigns in a year, where not held out",
            "marketing", NEITHER),
    Feature("answers_365d", ANSWER, Op.COUNT, D365, COUNT, "answers to offers in a year", "marketing", NEITHER),
    Feature("offers_taken_365d", TAKEN, Op.COUNT, D365, COUNT, "offers taken up in a year", "marketing", NEITHER),
    Feature("days_since_contact", CONTACT, Op.DAYS_SINCE_LAST, D365, DAYS,
            "days since a contact started by the customer, within a year", "marketing", NEITHER),
    Derived("offers_taken_share_365d", "share", ("offers_taken_365d", "offers_365d"), SHARE,
            "offers taken up as a share of those of a year", "marketing", NEITHER),
    Derived("online_share_90d", "share", ("online_purchases_90d", "purchases_90d"), SHARE,
            "purchases online or by app as a share of all in 90 days", sign=1, reason="R26"),
    Derived("app_share_90d", "share", ("app_payments_90d", "payments_90d"), SHARE,
            "payments by phone app as a share of payments out in 90 days", "marketing", NEITHER),
    Derived("telephone_share_90d", "share", ("telephone_payments_90d", "payments_90d"), SHARE,
            "payments by telephone as a share of payments out in 90 days", "marketing", NEITHER),
    Derived("branch_share_90d", "share", ("branch_payments_90d", "payments_90d"), SHARE,
            "payments at a branch as a share of payments out in 90 days", "marketing", NEITHER),
    Derived("night_share_90d", "share", ("night_purchases_90d", "timed_purchases_90d"), SHARE,
            "purchases from 23:00 to 05:00 in the bank's zone as a share of those with a time of day, in 90 days",
            sign=1, reason="R20"),
)  # fmt: skip
