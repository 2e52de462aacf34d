"""The codes of the canonical tables. A code means the same in every source; sources map their own codes to these."""

from enum import StrEnum


class PartyType(StrEnum):
    """What kind of party a customer is."""

    PERSON = "person"
    COMPANY = "company"


class Sex(StrEnum):
    """Sex as recorded; protected: profile and fairness report only."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class MaritalStatus(StrEnum):
    """Marital status as recorded; protected: profile and fairness report only."""

    SINGLE = "single"
    MARRIED = "married"
    DIVORCED = "divorced"
    WIDOWED = "widowed"
    OTHER = "other"
    UNKNOWN = "unknown"


class LeaveReason(StrEnum):
    """Why a customer left."""

    CLOSED = "closed"
    SWITCHED = "switched"
    DECEASED = "deceased"
    BANK_CLOSED = "bank_closed"


class ProductFamily(StrEnum):
    """The top of the product tree."""

    DEPOSITS = "deposits"
    LENDING = "lending"
    PROTECTION = "protection"
    WEALTH = "wealth"


class ProductLine(StrEnum):
    """The product lines; `definitions.md` §6 gives their penetration."""

    CURRENT_ACCOUNT = "current_account"
    SAVINGS = "savings"
    CREDIT_CARD = "credit_card"
    PERSONAL_LOAN = "personal_loan"
    MORTGAGE = "mortgage"
    INSURANCE = "insurance"
    INVESTMENT = "investment"


class RateType(StrEnum):
    """How the client rate is set."""

    FIXED = "fixed"
    VARIABLE = "variable"
    NONE = "none"


class PartyRole(StrEnum):
    """The part a customer has in an account."""

    OWNER = "owner"
    JOINT_HOLDER = "joint_holder"
    AUTHORISED = "authorised"
    GUARANTOR = "guarantor"


class CloseReason(StrEnum):
    """Why an account was closed; `GOOD_STANDING` is a good outcome, the others are not."""

    GOOD_STANDING = "good_standing"
    SWITCHED = "switched"
    CHARGED_OFF = "charged_off"
    FRAUD = "fraud"
    DECEASED = "deceased"


class Channel(StrEnum):
    """Where a transaction, application or interaction took place."""

    POS = "pos"
    ONLINE = "online"
    ATM = "atm"
    BRANCH = "branch"
    PHONE = "phone"
    MOBILE = "mobile"
    EMAIL = "email"
    SYSTEM = "system"
    UNKNOWN = "unknown"


class Scheme(StrEnum):
    """How money moved."""

    CARD = "card"
    DIRECT_DEBIT = "direct_debit"
    STANDING_ORDER = "standing_order"
    TRANSFER = "transfer"
    CASH = "cash"
    FEE = "fee"
    INTEREST = "interest"
    UNKNOWN = "unknown"


class Category(StrEnum):
    """What a transaction was for. A credit in a merchant category is a refund: negative spend, never income."""

    GROCERIES = "groceries"
    UTILITIES = "utilities"
    RENT = "rent"
    TELECOM = "telecom"
    TRANSPORT = "transport"
    FUEL = "fuel"
    HEALTH = "health"
    EDUCATION = "education"
    INSURANCE_PREMIUM = "insurance_premium"
    TAX = "tax"
    RESTAURANTS = "restaurants"
    LEISURE = "leisure"
    SHOPPING = "shopping"
    ELECTRONICS = "electronics"
    TRAVEL = "travel"
    GAMBLING = "gambling"
    SUBSCRIPTIONS = "subscriptions"
    CASH = "cash"
    SALARY = "salary"
    BENEFITS = "benefits"
    PENSION = "pension"
    OTHER_INCOME = "other_income"
    LOAN_REPAYMENT = "loan_repayment"
    LOAN_DISBURSEMENT = "loan_disbursement"
    CARD_REPAYMENT = "card_repayment"
    OWN_TRANSFER = "own_transfer"
    OTHER_TRANSFER = "other_transfer"
    FEE = "fee"
    INTEREST = "interest"
    RETURNED_PAYMENT = "returned_payment"
    UNKNOWN = "unknown"


class EventPrecision(StrEnum):
    """Whether an event's time of day is known; night and velocity features refuse `DAY`."""

    SECOND = "second"
    DAY = "day"


class CreditStatus(StrEnum):
    """Where a credit account stands at a month's end."""

    PERFORMING = "performing"
    ARREARS = "arrears"
    DEFAULT = "default"
    CHARGED_OFF = "charged_off"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How an application ended."""

    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    PENDING = "pending"


class DecisionSource(StrEnum):
    """What decided an application: the policy, chance (accepted at random, to learn), or a person's override."""

    POLICY = "policy"
    RANDOM_ACCEPT = "random_accept"
    OVERRIDE = "override"


class FactOrigin(StrEnum):
    """How a fact about a customer or application came to be known."""

    DECLARED = "declared"
    VERIFIED = "verified"
    BUREAU = "bureau"
    SUPPLIED = "supplied"


class TokenKind(StrEnum):
    """What a keyed hash stands for."""

    DEVICE = "device"
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    PAYER = "payer"


class FraudKind(StrEnum):
    """What a fraud case is about."""

    APPLICATION = "application"
    CARD = "card"
    FIRST_PAYMENT_DEFAULT = "first_payment_default"


class FraudOutcome(StrEnum):
    """How a fraud case ended; an open case has none, and a case never opened is not a clean one."""

    CONFIRMED = "confirmed"
    CLEARED = "cleared"


class InteractionKind(StrEnum):
    """What a customer did with us, or we with them."""

    VISIT = "visit"
    CALL = "call"
    VIEW = "view"
    CLICK = "click"
    OFFER = "offer"
    ANSWER = "answer"


class OfferArm(StrEnum):
    """The arm of a randomised offer."""

    TREATED = "treated"
    HELD_OUT = "held_out"


class Severity(StrEnum):
    """How bad a quality finding is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class RiskTier(StrEnum):
    """The tiers of the operational risk queue, the mildest first; the edges of the first three are settings.

    The last is a state and no band of probabilities: who is in default is in none of the others, whatever a model says.
    """

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    IN_DEFAULT = "in_default"


class CreditOutcome(StrEnum):
    """What the policy says to a request for credit, the mildest first."""

    APPROVE = "approve"
    REVIEW = "review"
    DECLINE = "decline"


class AlertSeverity(StrEnum):
    """How soon somebody must look at an alert, the most urgent first."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Role(StrEnum):
    """Who somebody is to the system; what each may do is one table in `policies/access_table.py`."""

    VIEWER = "viewer"
    MARKETER = "marketer"
    RISK_ANALYST = "risk_analyst"
    RISK_OFFICER = "risk_officer"
    MODEL_APPROVER = "model_approver"
    ADMIN = "admin"
    SERVICE = "service"


class CaseKind(StrEnum):
    """Why somebody must look at a customer: an application in review, an alert, or the risk tier."""

    APPLICATION = "application"
    ALERT = "alert"
    TIER = "tier"


class CaseState(StrEnum):
    """Whether a case still waits for somebody."""

    OPEN = "open"
    CLOSED = "closed"


class CaseAct(StrEnum):
    """What happened to a case; the first is always `OPENED`."""

    OPENED = "opened"
    ASSIGNED = "assigned"
    COMMENTED = "commented"
    OVERRIDE_PROPOSED = "override_proposed"
    OVERRIDE_APPROVED = "override_approved"
    OVERRIDE_REFUSED = "override_refused"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"  # its ground is gone and nobody had taken it, or its customer was erased


class CaseOutcome(StrEnum):
    """How a case ended; `pipeline.case_acts` says which outcome ends which kind."""

    APPROVED = "approved"
    DECLINED = "declined"
    CONFIRMED = "confirmed"
    CLEARED = "cleared"
    CONTACTED = "contacted"
    LIMIT_LOWERED = "limit_lowered"
    NO_ACTION = "no_action"
    WITHDRAWN = "withdrawn"


class OverrideCode(StrEnum):
    """Why somebody decides otherwise than the policy; the one list that reports count by."""

    INCOME_EVIDENCED = "income_evidenced"
    IDENTITY_EVIDENCED = "identity_evidenced"
    DATA_IN_ERROR = "data_in_error"
    SECURITY_OFFERED = "security_offered"
    EXISTING_DEBT_SETTLED = "existing_debt_settled"
    ADVERSE_INFORMATION = "adverse_information"
    OUTSIDE_APPETITE = "outside_appetite"


class ExportFormat(StrEnum):
    """What kind of files an export writes."""

    CSV = "csv"
    PARQUET = "parquet"


class Reveal(StrEnum):
    """A kind of column that an export leaves out unless asked."""

    IDENTITY = "identity"
    PROTECTED = "protected"
