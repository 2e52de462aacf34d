"""The one list of reason codes and their plain wording. A reason that is not here cannot be stated.

A feature names its reason code; several features may share one, and their contributions are then added. Wording is
what a customer reads: specific, without jargon, without the model's inner names.

A code that begins with P is a rule of a credit policy and not a factor of a model: no feature may name it, and
`policies/credit.py` states it where the rule fails.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """One reason: stable code, and its wording when it counts against the applicant."""

    code: str
    wording: str


REASONS: tuple[Reason, ...] = (
    Reason("R01", "Credit bureau score"),
    Reason("R02", "Number of recent credit searches"),
    Reason("R03", "Amount owed to other lenders"),
    Reason("R04", "Missed payments reported by other lenders"),
    Reason("R05", "Requested amount is high compared with declared income"),
    Reason("R06", "Requested amount or term of the loan"),
    Reason("R07", "Declared commitments are high compared with declared income"),
    Reason("R08", "Length of time in current employment"),
    Reason("R09", "Type of employment declared"),
    Reason("R10", "Length of time with the bank"),
    Reason("R11", "Regularity or level of income paid into the account"),
    Reason("R12", "Returned direct debits or other unpaid items"),
    Reason("R13", "Use of overdraft or low account balance"),
    Reason("R14", "Late repayments on credit held with us"),
    Reason("R15", "Level or change of spending compared with income"),
    Reason("R16", "Share of cash withdrawals"),
    Reason("R17", "Use of credit limits held with us"),
    Reason("R18", "Limited banking history to assess"),
    Reason("R19", "Spending on gambling"),
    Reason("R20", "Pattern of recent account activity"),
    Reason("R21", "Contact details or device shared with other applications"),
    Reason("R22", "Details declared do not agree with our records"),
    Reason("R23", "Recent contact details or newly opened relationship"),
    Reason("R24", "Purpose or channel of the application"),
    Reason("R25", "Savings held with us"),
    Reason("R26", "Activity abroad or online compared with usual"),
    Reason("R27", "Account balance or number of account transactions"),
    Reason("R28", "Information supplied in the application"),
    Reason("R29", "Type of credit applied for"),
    Reason("R30", "Level of declared income"),
    Reason("R31", "Hour at which, or speed with which, the application was filled in"),
    Reason("R32", "Distance between the place of the application and the address"),
    Reason("R33", "No file found at the credit bureau"),
    Reason("R34", "Activity at, or fraud reported of, the shop or machine where the card was used"),
    Reason("R35", "Repayments on credit held with us compared with what was due"),
)

POLICY_REASONS: tuple[Reason, ...] = (
    Reason("P01", "Applicants must be adults"),
    Reason("P02", "Applicants must live in the country in which we lend"),
    Reason("P03", "We could not confirm that the applicant is an adult living in the country in which we lend"),
    Reason("P04", "The customer record does not allow an application"),
    Reason("P05", "Requested amount is outside the amounts that we lend on this product"),
    Reason("P06", "Requested term is outside the terms that we offer on this product"),
    Reason("P07", "Credit held with us is in default"),
    Reason("P08", "Credit held with us is in arrears"),
    Reason("P09", "We could not confirm the details given in the application"),
    Reason("P10", "Details given in the application need to be confirmed"),
    Reason("P11", "Income is not enough for the repayments, after living costs and other commitments"),
    Reason("P12", "We could not verify the income"),
    Reason("P13", "Income has fallen in recent months"),
    Reason("P14", "We could not assess all commitments on other credit"),
    Reason("P15", "Requested amount is more than we lend with the present credit assessment"),
    Reason("P16", "Requested term is longer than we offer with the present credit assessment"),
    Reason("P17", "The application needs to be assessed by a person"),
    Reason("P18", "Credit held with us was charged off as a loss"),
)

REASON_BY_CODE: dict[str, Reason] = {reason.code: reason for reason in (*REASONS, *POLICY_REASONS)}
