"""What each number on a page means: name, unit, definition and source; a number without an entry cannot be drawn.

The words are those of the bank's definitions. Neighbour: `cards.py`, which puts the definition behind every number.
"""

from dataclasses import dataclass

from bank360.policies.expected_loss import ONE_PROBABILITY


@dataclass(frozen=True)
class Figure:
    """One number: its name on the page, its unit, what it is, and where it is read from."""

    name: str
    unit: str
    definition: str
    source: str

    def explained(self) -> str:
        """Return what opens behind the number, as Markdown."""
        unit = f" ({self.unit})" if self.unit else ""
        return f"**{self.name}**{unit}  \n{self.definition}  \n*Source: {self.source}*"


_PUBLISHED = "published accounts and month-end credit records"
_HELD = "published accounts and their parties"
_CHECK = "the ledger of loads, and the last check before this was published"
_CARD = "the model's card, written when the version was registered"
_SCORES = "the night's scores, as published"
_QUEUE = "the queue of cases in the store"
_POLICY = "the policy in force"
_DECISION = "the decision's record"

_IN_DEFAULT = (
    "In default: credit of theirs, alone or with others, is over 90 days past due, in the bank's default status, or "
    "was charged off."
)

COMPARED = Figure(
    "Compared", "rows or statements",
    "Rows delivered, each accepted or known before; balances, each the one before and what moved since; months of "
    "credit, each with the payments in it. Compared to the minor unit, as far as movements were delivered.", _CHECK,
)  # fmt: skip
DIFFERING = Figure("Do not follow", "rows or statements", "Of those compared, how many do not add up.", _CHECK)
EXPECTED_BY_MOVEMENTS = Figure(
    "Expected", "money", "What the movements add up to: of a balance since the one before, of a month of credit in it.",
    _CHECK,
)  # fmt: skip
FOUND_STATED = Figure("Found", "money", "By how much the balance changed, or what the month says was paid.", _CHECK)
TIMES_APART = Figure(
    "Times",
    "statements",
    "How many of the account's statements do not follow; shown is the largest difference.",
    _CHECK,
)
PAIRS = Figure(
    "Pairs to review", "pairs",
    "Records of different customers that may be one person: likely by what agrees, but not surely, or with too little "
    "that is the person's own, to be joined.", "the last run of identity before this was published",
)  # fmt: skip
LIKELY_ONE = Figure(
    "How likely", "1",
    "Probability that the two are one person: what agrees and what does not, each weighed by how often it does among "
    "records of one person and of two (Fellegi and Sunter).", "the last run of identity before this was published",
)  # fmt: skip
EXPOSURE = Figure(
    "Exposure", "money", "What is owed on open credit accounts at their latest month end. A joint account counts once.",
    _PUBLISHED,
)  # fmt: skip
PAST_DUE_30 = Figure(
    "30+ days past due", "share of exposure",
    "Exposure of accounts at least 30 days past due at their latest month end, over all exposure. Days count from the "
    "missed instalment, limit breach or minimum-payment due date.",
    _PUBLISHED,
)  # fmt: skip
PAST_DUE_90 = Figure(
    "90+ days past due", "share of exposure",
    "Exposure of accounts at least 90 days past due at their latest month end, over all exposure.", _PUBLISHED,
)  # fmt: skip
_LOSS = (
    "Probability of default for the standard request × exposure at default × share lost; of what is in default the "
    "share lost. Exposure at default is what is owed, on cards and 60 % of what is left to draw. That and the share "
    f"lost (unsecured 65 %, mortgage 15 %) are assumptions until recoveries allow an estimate. {ONE_PROBABILITY}"
)
EXPECTED_LOSS = Figure(
    "Expected loss", "money in 12 months",
    f"{_LOSS} Added up over all open credit accounts; a joint account counts once, at its owners' mean probability.",
    f"{_PUBLISHED}; {_SCORES}",
)  # fmt: skip
VINTAGE = Figure(
    "Default by age", "share of accounts opened",
    "Of the credit accounts opened in a quarter, the share that had ever been 90 days past due, or was charged off, by "
    "each month since opening. A point is shown once every account of the quarter is that old.",
    _PUBLISHED,
)  # fmt: skip
CUSTOMERS = Figure(
    "Customers", "customers", "Stable customers in the published version, duplicates merged.", "published customers"
)
TIERS = Figure(
    "Risk tiers", "customers",
    "Customers by the tier of their probability of default for the standard request; those in default apart, whatever "
    f"a model says. {_IN_DEFAULT}", _SCORES,
)  # fmt: skip
WRITTEN_OFF = Figure("Written off", "money", "Written off in the last 12 month ends.", _PUBLISHED)
ACCOUNTS = Figure("Accounts", "accounts", "Open accounts with credit, at their latest month end.", _PUBLISHED)
HOLDERS = Figure(
    "Customers", "customers", "Customers who own or jointly hold an open account, duplicates merged.", _HELD
)
PENETRATION = Figure(
    "Penetration", "share of customers",
    "Customers who own or jointly hold an open account of the product line, over all customers with an open account.",
    _HELD,
)  # fmt: skip
PENETRATION_CHANGE = Figure("In a year", "percentage points", "Penetration today less that of a year ago.", _HELD)
MAIN_BANK = Figure(
    "Main-bank share", "share of customers",
    "Customers with an open account to whom a salary, pension or benefit was paid here in the last 90 days.",
    f"{_HELD}; published features",
)  # fmt: skip
ATTRITION = Figure(
    "Attrition", "money in 12 months",
    "Credit balances that customers had a year ago who hold no account today, on accounts that were only theirs.",
    _HELD,
)  # fmt: skip
LEFT = Figure("Customers lost", "share of customers in 12 months",
              "Customers with an open account a year ago who hold none today.", _HELD)  # fmt: skip
OPEN_CASES = Figure("Open cases", "cases", "Cases that nobody has closed: applications, alerts, risk tiers.", _QUEUE)
UNOWNED = Figure("Not taken", "cases", "Open cases that nobody has taken.", _QUEUE)
_ONCE = "In the total a customer's debt counts once, however many cases they have."
AT_STAKE = Figure(
    "Money at stake", "money",
    f"What would be owed in a default, or is asked for. Joint debt counts in full for each obligor. {_ONCE}", _QUEUE,
)  # fmt: skip
CASE_LOSS = Figure(
    "Expected loss", "money in 12 months",
    f"{_LOSS} For a case: over all that the customer owes, joint debt in full, or over what is asked for; the queue is "
    f"in its order. {_ONCE}",
    _QUEUE,
)  # fmt: skip

PROBABILITY = Figure(
    "Probability of default", "probability in 12 months",
    "Calibrated probability that the standard request, if granted today, would be in default at some time in the 12 "
    "months after opening: more than 90 days past due, or unlikely to pay. Of who is in default already it is that of "
    "a new request; of what they owe in default it is 1.",
    _SCORES,
)  # fmt: skip
TIER = Figure(
    "Risk tier", "",
    f"By the probability of default; its edges are the bank's settings. Who is in default has that instead. "
    f"{_IN_DEFAULT}", f"{_SCORES}; {_PUBLISHED}",
)  # fmt: skip
CUSTOMER_EXPOSURE = Figure(
    "Exposure with joint debt", "money",
    "Owed on open credit accounts on which the customer is obliged. Joint debt counts in full for each obligor.",
    _PUBLISHED,
)  # fmt: skip
DAYS_PAST_DUE = Figure(
    "Days past due", "days", "The most of any open credit account, at its latest month end.", _PUBLISHED
)
ALERTS = Figure("Alerts", "alerts", "How many rules say that somebody should look at the customer.", "published alerts")
LIMIT_USE = Figure(
    "Limit use", "share of limits",
    "Drawn over limit, of the customer's open cards and overdrafts together: what is owed at the latest month end, or "
    "overdrawn at the latest balance.",
    "published accounts, their terms and balances",
)  # fmt: skip
INCOME = Figure(
    "Income", "money a month",
    "Salary, pension, benefits and other income of the last 90 days, over 3; salaries are detected too, whatever the "
    "ledger calls them. Transfers between own accounts and refunds are no income.",
    "published features of the customer",
)  # fmt: skip
INCOME_AND_DUE = Figure(
    "Income against commitments", INCOME.unit,
    f"{INCOME.definition} Below it what fell due on credit with us at the latest month end, and its share of the "
    "income.",
    f"{INCOME.source}; {_PUBLISHED}",
)  # fmt: skip
HELD = Figure("Products held", "product lines", "Product lines of which the customer has an open account.", _HELD)
SAVINGS = Figure(
    "Savings", "money",
    "Average balance of a savings account in the last 90 days; of a joint one the customer's share, below zero all.",
    "published features of the customer",
)  # fmt: skip
LAST_CONTACT = Figure("Last contact", "time ago", "The latest contact of any kind and channel within a year.",
                      "published contacts")  # fmt: skip
ARREARS = Figure(
    "Arrears record", "days past due",
    "The most days past due of each credit account in each of the last 24 months.", _PUBLISHED,
)  # fmt: skip
CONTRIBUTION = Figure(
    "Contribution", "log-odds",
    "Exact Shapley value on the model's log-odds before calibration; contributions and base sum to that log-odds, "
    "and calibration leads from it to the log-odds of the probability. More than 0 is riskier.",
    "the model and the values it read",
)  # fmt: skip

AUC = Figure(
    "AUC", "0.5 to 1",
    "Chance that the model ranks a random bad above a random good, on rows later than all training rows.",
    _CARD,
)  # fmt: skip
KS = Figure(
    "KS",
    "0 to 1",
    "Largest distance between the score distributions of bads and goods. Below it the Gini: twice the AUC, less 1.",
    _CARD,
)
RECALL = Figure(
    "Bads found at 5 % false alarms", "share of bads",
    "Share of the bads above the score that 5 % of the goods exceed.", _CARD,
)  # fmt: skip
CALIBRATION = Figure(
    "Observed over expected", "ratio",
    "Events that happened over events that the probabilities add up to, with a 95 % Jeffreys interval; 1 is as "
    "promised. With fewer than 200 bads it says nothing and is not shown.",
    _CARD,
)  # fmt: skip
MATURITY = Figure(
    "Labels mature", "",
    "The day by which the outcome of the last tested application is complete: its outcome window, which begins at the "
    "earliest on the day it was made, has ended, and the rows that close it are due.",
    _CARD,
)  # fmt: skip
ASSUMED_BAD = Figure("Assumed bad", "share of the declined", "What this way assumes of those who were declined.", _CARD)
CUT_OFF = Figure(
    "Cut-off", "probability", "Below it as many applications pass as the bank approved in the test period.", _CARD
)
DECIDED_OTHERWISE = Figure(
    "Decided otherwise", "applications", "Applications on another side of the cut-off than without rejects.", _CARD
)
TEST_ROWS = Figure("Tested on", "applications", "Rows of the test period, and how many of them were bad.", _CARD)

MODEL_PD = Figure(
    "Probability of default", "probability in 12 months",
    "Of this request, calibrated; the grade is the price band that it falls into.", _DECISION,
)  # fmt: skip
REQUESTED = Figure("Amount", "money", "The amount asked for.", _DECISION)
TERM = Figure("Term", "months", "The term asked for.", _DECISION)
BAND_PD = Figure("Probability of default", "probability in 12 months", "Up to it the band reaches; it is not in it.",
                 _POLICY)  # fmt: skip
BAND_RATE = Figure("Rate", "a year", "Nominal, of every loan in the band.", _POLICY)
BAND_AMOUNT = Figure("Most", "money", "The largest amount that the band has.", _POLICY)
BAND_TERM = Figure("Longest", "months", "The longest term that the band has.", _POLICY)
MODEL_FRAUD = Figure("Application fraud", "probability", "That an investigation would confirm fraud.", _DECISION)
LEFT_OVER = Figure(
    "Left over a month", "money a month",
    "Verified net income less essential spend, commitments and the stressed instalment; less than the buffer declines.",
    _DECISION,
)  # fmt: skip
INSTALMENT = Figure("Instalment", "money a month", "Of the request at the rate of its price band.", _DECISION)
RATE = Figure("Rate", "a year", "Nominal, of the price band that the probability of default falls into.", _DECISION)
