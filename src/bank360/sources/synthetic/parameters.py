"""The generator's parameters, frozen here with their reasons: what exists, how often, how strongly, how noisily.

Beside the formulas themselves only the shapes of single draws remain (rounding, hours, limits of a clip).

Sources: `definitions.md` §6 ("§6") fixes magnitudes; UK public statistics fix plausible levels where §6 is silent;
"calibrated" marks numbers chosen so that honest models land in the ranges of §6 (see the decision record on it).
Shares are of 1, rates per year unless the name says otherwise, money is pence.
"""

from datetime import date

# Timeline.
START = date(2021, 7, 1)  # 60 months end on 2026-06-30: the test months 37-48 have complete 12-month labels (§6)
MONTHS = 60
CUSTOMERS = 25_000  # customers of the bank at any one time, not people who ever were one
ZONE = "Europe/London"
CURRENCY = "GBP"
# Months 32-40 of 60: five before the test year 37-48 and four in it, so "partly inside" (§6). Nearly wholly inside, it
# would move the truth by more than any model trained before could know (see the decision record).
STRESS_FIRST = 31 / 60
STRESS_LENGTH = 9 / 60
STRESS_ODDS = 1.5  # §6
STRESS_HAZARD = 1.62  # multiple of the hazards that raises the odds by 1.5: who is in an episode begins no other

# People.
PENSION_AGE = 66  # UK state pension age in the window
# Share of people by age band; 30 % of the stock is of pension age (joiners are younger), so that pensions are the rest
# of §6's salary patterns (55 + 12 + 8).
AGE_BANDS = (
    (18, 25, 0.09),
    (25, 35, 0.165),
    (35, 45, 0.165),
    (45, 55, 0.155),
    (55, 66, 0.13),
    (66, 75, 0.18),
    (75, 92, 0.115),
)
NEW_TO_BANK_AGE_BANDS = ((18, 25, 0.16), (25, 35, 0.30), (35, 45, 0.24), (45, 55, 0.16), (55, 66, 0.10), (66, 75, 0.04))
MARRIED_BY_AGE = (0.02, 0.35, 0.58, 0.62, 0.64, 0.66, 0.50)  # England and Wales census, rounded
REGIONS = ("London", "South East", "South West", "East of England", "West Midlands", "East Midlands", "North West",
           "North East", "Yorkshire and the Humber", "Wales", "Scotland", "Northern Ireland")  # fmt: skip
REGION_SHARES = (0.13, 0.14, 0.085, 0.095, 0.09, 0.07, 0.11, 0.04, 0.08, 0.05, 0.08, 0.03)
INCOME_MEDIAN = 195_000  # net a month; ONS median take-home pay, rounded
INCOME_SIGMA = 0.45
INCOME_BY_AGE = (0.70, 1.0, 1.15, 1.15, 1.05, 0.72, 0.62)  # multiples of the median by age band
INCOME_GROWTH = 0.035  # a year
DEATH_AT_45, DEATH_SLOPE = 0.0028, 0.092  # Gompertz fit to the UK life table
# Stress = a trait (does not change) + a shock (life events, fading); both standardised so that the sum has variance ~1.
TRAIT_SHARE = 0.62  # share of the variance that is trait; calibrated: history helps, but not for ever
SHOCK_FADE = 0.90  # a month
SHOCK_EVENT = 0.035  # job loss, illness, separation: per person-year
SHOCK_EVENT_SIZE = 2.2
JOB_LOSS_MONTHS = (2, 6)  # months without salary after an event, inclusive
INCOME_STRESS = -0.30  # correlation of the stress trait with log income

# Planted behavioural groups (found again by segments; adjusted Rand 0.4-0.7 by §6, so the lines are blurred)
GROUPS = ("digital_spenders", "stable_essentials", "cash_heavy", "high_volatility", "cross_border")
GROUP_SHARES = (0.30, 0.30, 0.15, 0.15, 0.10)
GROUP_REMOTE = (1.55, 0.70, 0.45, 1.0, 1.25)  # multiples of the remote share of card payments
GROUP_CASH = (0.45, 0.75, 3.0, 0.9, 0.7)
GROUP_ABROAD = (1.0, 0.5, 0.4, 0.8, 5.0)
GROUP_ESSENTIALS = (0.85, 1.35, 1.1, 0.8, 0.8)
GROUP_SPREAD = (1.0, 0.7, 1.0, 2.2, 1.1)  # multiples of the month-to-month spread of spending
GROUP_BLUR = 0.30  # log-normal noise on each person's multiples

# Relationship (§6: 30 % main, 30 secondary, 30 single, 10 dormant; 4 % churn; 7 % silent attrition)
RELATIONSHIPS = ("none", "dormant", "single", "secondary", "main", "left")
RELATIONSHIP_SHARES = (0.0, 0.10, 0.30, 0.30, 0.30, 0.0)
JOINER_SHARES = (0.0, 0.0, 0.24, 0.38, 0.38, 0.0)  # dormancy is not joined into; keeps the mix stationary
CLOSURE_ACTIVE, CLOSURE_DORMANT = 0.0205, 0.215  # together 4 % of customers
SILENT_ATTRITION = 0.078  # of main and secondary customers: 7 % of those alive and staying
REACTIVATION = 0.20
CHURN_SLOPE = 0.9  # log-hazard per unit of the churn trait; calibrated for churn AUC 0.70-0.80
FADING = (0.80, 0.55, 0.35)  # activity three, two and one month before a silent attrition, for a part of people
FADING_SHARE = 0.65
SWITCHED_SHARE = 0.45  # of closures: a switch to another bank
# Turnover that keeps the stock: what applications bring is counted; the rest joins without credit.
PLAIN_JOINERS = 0.019  # a year, of CUSTOMERS

# Products: penetration by relationship (dormant, single, secondary, main); §6 gives the totals
LINES = ("current_account", "savings", "credit_card", "personal_loan", "mortgage", "insurance", "investment")
CURRENT, SAVINGS, CARD, LOAN, MORTGAGE, INSURANCE, INVESTMENT = range(7)
SINGLE_SHARES = (0.50, 0.15, 0.155, 0.07, 0.075, 0.03, 0.02)  # the one product of a single-product customer
HELD_BY_DORMANT = (1.0, 0.20, 0.06, 0.0, 0.0, 0.02, 0.01)
HELD_BY_SECONDARY = (1.0, 0.62, 0.36, 0.085, 0.117, 0.145, 0.115)
HELD_BY_MAIN = (1.0, 0.82, 0.66, 0.16, 0.298, 0.285, 0.205)
OPENING_MONTHLY = (0.0, 0.0075, 0.0, 0.0, 0.0, 0.0023, 0.0018)  # of those without; with applications 1.2 % a month (§6)
CLOSING_MONTHLY = (
    0.0,
    0.0072,
    0.0078,
    0.017,
    0.0028,
    0.0125,
    0.0150,
)  # keeps penetration level; loans: early settlement
OVERDRAFT_SHARE = 0.50 / 0.85  # §6: limit on 50 % of customers, 85 % have a current account
OVERDRAFT_USED = 0.55  # of those with a limit; 20 of 50 show it at a month-end within a year
OVERDRAFT_LIMITS = (25_000, 50_000, 100_000, 150_000, 250_000)
JOINT_PAIRS = 0.53  # of couples of neighbours in the stock; gives 18 % joint current accounts
DUPLICATE_PERSONS = 0.03  # §6

# Transactions of a current account per month (§6: 30 / 3 / 1 / 0 a customer, over all accounts)
CARD_MONTHLY = (0.0, 0.42, 0.70, 16.9)  # dormant, single, secondary, main
CASH_MONTHLY = (0.0, 0.06, 0.08, 1.06)
MANDATES_MAIN = 2.60  # besides loan, mortgage, insurance and card repayments
MANDATES_OTHER = (0.0, 0.07, 0.12)
STANDING_MAIN = 1.05
P2P_MONTHLY = (0.0, 0.10, 0.14, 0.95)
FEE_MONTHLY = (0.0, 0.01, 0.01, 0.24)  # besides returned-payment and overdraft fees
FUNDING_MONTHLY = (0.0, 0.14, 0.14)  # transfers in from another bank, where no salary comes
REMOTE_SHARE = 0.30  # §6
REFUND_SHARE, REVERSAL_SHARE = 0.025, 0.007  # of card payments, §6
RETURNED_TOP = 4.8  # log-slope of a returned direct debit on stress: 12 % in the stressed decile, 1 % overall (§6)
RETURNED_BASE = 0.0000076
RETURNED_MOST = 0.60
DECEMBER, JANUARY, SUMMER_ABROAD = 1.18, 0.90, 2.0  # §6
ABROAD_SHARE = 0.022  # of card payments, before season and group
# category, share of card payments, median amount, spread (log), share remote relative to the whole, discretionary
CARD_CATEGORIES = (
    ("groceries", 0.30, 2_100, 0.75, 0.35, False),
    ("fuel", 0.06, 4_600, 0.35, 0.02, False),
    ("transport", 0.08, 650, 0.80, 0.9, False),
    ("health", 0.03, 1_500, 0.80, 0.8, False),
    ("restaurants", 0.17, 1_300, 0.75, 0.7, True),
    ("leisure", 0.08, 1_800, 0.85, 1.3, True),
    ("shopping", 0.145, 2_700, 0.85, 2.1, True),
    ("electronics", 0.025, 6_500, 1.0, 2.4, True),
    ("travel", 0.025, 8_500, 1.0, 2.6, True),
    ("subscriptions", 0.055, 999, 0.45, 3.2, False),
    ("gambling", 0.03, 1_500, 0.95, 2.6, True),
)
MERCHANTS_PER_CATEGORY = 140
MCC = (5411, 5541, 4111, 5912, 5812, 7996, 5311, 5732, 4722, 5968, 7995)
GAMBLING_STRESS = 0.45  # log-multiple of gambling per unit of stress
CASH_STRESS = 0.20
FOREIGN = (("FR", "EUR", 1.16), ("ES", "EUR", 1.16), ("IE", "EUR", 1.16), ("US", "USD", 1.27), ("PT", "EUR", 1.16),
           ("PL", "PLN", 5.05), ("TR", "TRY", 41.0), ("IN", "INR", 106.0))  # fmt: skip
FOREIGN_SHARES = (0.22, 0.24, 0.14, 0.14, 0.10, 0.07, 0.05, 0.04)
# Local hour of card payments, weights; cash machines and remote payments reach a little further into the night.
HOURS_SHOP = (2, 1, 1, 1, 1, 3, 10, 25, 45, 55, 65, 75, 95, 95, 80, 75, 80, 90, 85, 65, 45, 30, 18, 8)
HOURS_REMOTE = (14, 8, 5, 4, 4, 6, 12, 25, 40, 50, 55, 58, 62, 60, 55, 55, 58, 62, 70, 80, 85, 75, 50, 28)
LATE_SHARE = 0.005  # rows that become known one to three days late, so that point-in-time reading is exercised
PATTERNS = ("monthly_25", "monthly_28", "monthly_last", "weekly", "four_weekly", "irregular")
WORKING_PATTERN_SHARES = (0.24, 0.24, 0.253, 0.16, 0.0, 0.107)  # of those below pension age: 55 : 12 : 8 (§6)
SALARY_NOISE = 0.03
IRREGULAR_NOISE = 0.60
EMPLOYERS = 900
BUFFER_MEDIAN = 0.45  # of a month's income kept on the current account, less with stress
BUFFER_STRESS = -1.2
SPEND_SHARE = 0.93  # of income spent, before what is saved by sweeps
# Balances: what a person keeps, how far into the overdraft they go, how often beyond it.
BUFFER_THRIFT = 0.40  # log per unit of thrift
OVERDRAFT_USE, OVERDRAFT_STRESS, OVERDRAFT_NOISE = 0.35, 0.28, 0.15  # of the limit
OVERDRAFT_LEAN = 0.8  # noise beside the stress trait in who lives in the overdraft
UNARRANGED, UNARRANGED_STRESS = 0.003, 1.1  # months with an excess; log per unit of stress
SAVINGS_LEVEL, SAVINGS_THRIFT, SAVINGS_STRESS, SAVINGS_NOISE = 0.6, 0.8, -0.5, 0.5  # log-multiples of income
SAVINGS_RATE = 0.018
FEE_RETURNED = 1_000  # a returned payment

# Applications (§6)
APPLICATIONS_YEARLY = 0.202  # of CUSTOMERS; §6: 18 %, at the upper end so that the test year has 120 bads
NEW_TO_BANK = 1 / 3
APPLY_WEIGHT = (0.0, 0.15, 0.45, 0.9, 1.25, 0.0)  # by relationship: more where the bank is used
APPLY_STRESS = 0.15  # log-weight per unit of stress: need drives demand
APPLIED_LINES = ((CARD, 0.47), (LOAN, 0.48), (MORTGAGE, 0.05))
# What an application asks for, as multiples of monthly income, with its spread and what intent and stress add (log).
REQUEST_MULTIPLE = {CARD: 1.3, LOAN: 3.2, MORTGAGE: 95.0}
REQUEST_SPREAD, REQUEST_INTENT, REQUEST_STRESS = 0.45, 0.35, 0.10
REQUEST_LIMITS = {CARD: (50_000, 1_500_000), LOAN: (100_000, 2_500_000)}
# What is declared: noise of income (log); housing and outgoings as shares of income with noise and stress.
DECLARED_NOISE = 0.13
HOUSING_SHARE, HOUSING_NOISE, HOUSING_STRESS = 0.24, 0.10, 0.02
OUTGOINGS_SHARE, OUTGOINGS_NOISE, OUTGOINGS_STRESS, OUTGOINGS_HIDDEN = 0.16, 0.10, 0.07, 0.35  # hidden by full intent
EMPLOYMENT_SHARES = (
    0.74,
    0.12,
    0.0,
    0.03,
    0.0,
    0.11,
)  # employed, self-employed, retired, student, unemployed, part-time
JOBLESS_DECLARED = 0.4  # of those out of work who say so
TENURE_MEAN, TENURE_STRESS, TENURE_INTENT = (
    58.5,
    -0.22,
    0.45,
)  # months employed; log per stress; multiple for the dishonest
# What the bureau shows besides the score: log-rates of searches and of arrears elsewhere, debt in income (log).
# A stolen or invented identity has a clean file with fresh searches.
SEARCHES_LEVEL, SEARCHES_STRESS, SEARCHES_INTENT = 0.15, 0.28, 0.50
ARREARS_LEVEL, ARREARS_STRESS, ARREARS_INTENT = -1.9, 0.75, -0.8
DEBT_LEVEL, DEBT_STRESS, DEBT_NOISE, DEBT_NONE = 0.2, 0.5, 0.8, 0.28
BUREAU_INTENT = -0.8  # risk that the file does not show at full intent
BUREAU_SEES_HIDDEN = 0.55  # of the hidden risk
NO_FILE_INTENT = 0.10  # more without a file at full intent
CHANNEL_SHARES = (
    (0.44, 0.34, 0.15, 0.07),
    (0.62, 0.32, 0.02, 0.04),
)  # online, mobile, branch, phone: honest, dishonest
PURPOSE_SHARES = (0.25, 0.24, 0.22, 0.10, 0.05, 0.14)
# What the form itself sees: shape and scale for everybody, log-shift at full intent. This shift, fresh contacts, shared
# tokens and searches are as weak as they are so that an honest model catches 45-60 % of fraud at 5 % false alarms (§6).
EMAIL_AGE, FORM_SECONDS, LINE_DISTANCE = (1.1, 1_500.0, -0.8), (6.1, 0.55, -0.45), (2.6, 1.2, 0.5)
# The old policy's reading: bureau points per unit, and weights of commitments, searches, arrears elsewhere and burden.
POLICY_POINTS, POLICY_LOAD, POLICY_SEARCHES, POLICY_ARREARS, POLICY_BURDEN = 80.0, -0.9, -0.12, -0.25, -0.15
RATES = {CARD: 0.239, LOAN: 0.089, MORTGAGE: 0.049}
APPROVED = 0.60
RANDOM_ACCEPTED = 0.03
OVERRIDES = 0.05
TAKEN_UP = 0.96
POLICY_CUT = -0.96  # of the reading; approves 60 % (§6), calibrated
POLICY_NOISE = 1.52  # the bank's old policy is a noisy reading of the bureau and of declared figures; calibrated
BUREAU_SLOPE = 58.0  # points per unit of risk
BUREAU_MEAN, BUREAU_NOISE = 640.0, 37.0
BUREAU_SHOCK = 0.2  # of the present shock, not yet in the bureau file: what only the account shows
NO_BUREAU_FILE = 0.03
INFLATED_INCOME = 0.40  # log-inflation of declared income at full fraud intent

# Default (§6: booked 5 %, rejected 12-15 %, behavioural 1.5 %, mortgage 0.3 %)
RISK_STRESS = 1.40  # log-hazard per unit of stress
RISK_INCOME = -0.35  # per unit of log-income over its spread
RISK_BURDEN = 0.35  # per unit of the request's burden on income
RISK_HIDDEN = 0.38  # spread of what neither bank nor bureau sees
RISK_AGE = -0.006  # per year over 45: ordinary correlation, mild
STOCK_RISK = -1.5  # log-hazard of accounts opened before the history, which an earlier policy selected
# Severe episodes at average risk; calibrated. Of cards and loans so that 5.3 % of the booked default, inside the
# tolerance of §6's 5 %: at 5 % about one bank in eight has fewer than the 120 bads that §6 asks of the test year.
ONSET_MONTHLY = {CARD: 0.0113, LOAN: 0.0113, MORTGAGE: 0.00190}
SEASONING = (1.0, 0.32, 0.16, 0.11)  # by year on book; after the first, survivors are better
EPISODE_SHARES = (0.30, 0.40, 0.30)  # of severe episodes: default, cure within three months, linger; §6 roll and cure
LATE_MONTHLY = 0.010  # payments a few days late, at average risk
CHARGE_OFF_AT = 7  # missed instalments
CURED_DEFAULTS = 0.25
DUE_DAYS = (5, 25)  # between these a first missed payment is under 30 days past due at the month's end
LOAN_TERMS = (12, 24, 36, 48, 60)
LOAN_TERM_SHARES = (0.22, 0.30, 0.28, 0.12, 0.08)
TRIED = (0.02, 0.25)  # of missed repayments, tried by direct debit and returned: the first, and later ones
LEAST_DUE = 3_000  # of a card; four of them exceed the materiality of 100.00
LEAST_DUE_SHARE = 0.03

# Use of cards: of income in a month in which it is used, by relationship (dormant, single, secondary, main).
CARD_SPEND = (0.0, 0.10, 0.14, 0.28)
CARD_USED = (0.0, 0.35, 0.40, 0.85)
CARD_PURCHASES = (0.0, 0.3, 0.5, 2.2)  # purchases beyond the first in such a month
REVOLVERS = 0.42  # of holders who leave a balance standing; more under stress

# Application fraud (§6: 1.2 %; half of the caught within 60 days, the rest 60-240; 15 % never; 2 % mislabelled)
INTENT_SHARE = 0.0265  # applications made with dishonest intent, most of which turn out fraud or collapse before
INTENT_NEW_TO_BANK = 0.72
INTENT_MEAN, INTENT_SPREAD = 3.3, 1.0
FRAUD_LEVEL, FRAUD_SLOPE = -5.9, 1.55  # log-odds of fraud from intent; calibrated
FRAUD_UNCAUGHT = 0.15
FRAUD_FAST, FRAUD_SLOW = (3, 60), (60, 240)
FRAUD_MISLABELLED = 0.02
HONEST_INVESTIGATED = 0.015
RING_SHARE = 0.45  # of dishonest applications
WILLING_AT, WILLING_SLOPE = 2.0, 2.0  # intent beyond which conduct changes: 0 for the honest, towards 1 with intent
HONEST_SPREAD = 0.35  # of the intent of the honest
RING_SIZES = (3, 8)
RING_WEEKS = 8
FIRST_PAYMENT_DEFAULT = 0.80  # of booked frauds

# Card fraud (§6: 0.03 % of card payments; delay median 9 days, 95th percentile 60)
CARD_FRAUD_SHARE = 0.00035  # drawn; bursts are cut short by months with few payments, which leaves 0.0003
CARD_FRAUD_BURST = (1, 5)
CARD_FRAUD_DELAY_MEDIAN, CARD_FRAUD_DELAY_SIGMA = 9.0, 1.153  # log-normal: 9 x exp(1.645 x 1.153) = 60
CARD_FRAUD_UNREPORTED = 0.08
CARD_FALSE_ALARMS = 2.0  # cleared cases per confirmed one

# Offers (§6: hold-out 10 %, uplift 0-2 points, sometimes negative)
OFFERED_MONTHLY = 0.08  # of customers who may be contacted
HELD_OUT = 0.10
UPLIFT_MEAN, UPLIFT_SPREAD, UPLIFT_LIMITS = 0.009, 0.007, (-0.006, 0.025)
CONTACT_MONTHLY = 0.12  # visits and calls

# Records and identifiers.
MOVES_YEARLY = 0.07  # of people; England: about one in fourteen
SHARED_HOME = 0.16  # of neighbours in the numbering who share an address without being a couple
SECOND_MOVED = 0.30  # of second records, at another address
# Of second records: slips in given name, family name and street; initial only; changed family name of married women;
# no postcode; e-mail missing, changed; phone missing, changed; wrong birth day; birth date, sex, marital state missing.
SLIPS, INITIAL, NAME_CHANGED, NO_POSTCODE = (0.10, 0.10, 0.12), 0.05, 0.12, 0.05
EMAIL_MISSING, EMAIL_CHANGED, PHONE_MISSING, PHONE_CHANGED = 0.30, 0.15, 0.20, 0.18
WRONG_BIRTH, NO_BIRTH, NO_SEX, NO_MARITAL = 0.03, 0.04, 0.15, 0.40
SHARED_DEVICE = 0.025  # of honest applications, made from a device that others use too (family, library, shop)
OWN_DEVICE = 0.86  # of customers' applications, made from the device that the bank knows
FRESH_ADDRESS, FRESH_PHONE, FRESH_EMAIL = 0.25, 0.40, 0.45  # of dishonest applications outside rings
RING_DEVICE, RING_ADDRESS, RING_PHONE = 0.40, 0.25, 0.20  # of ring members who use the ring's
NEW_PHONE, NEW_EMAIL = 0.06, 0.08  # of honest applications, made with another one than the bank knows
# A larger bank is drawn in districts of at most so many customers, one after another, in the memory of one; part of the
# delivery's definition. The demonstration bank is one.
DISTRICT_CUSTOMERS = 25_000
CHUNK_PEOPLE = 1_000  # people written at once: bounds memory; part of the delivery's definition, not of the machine
