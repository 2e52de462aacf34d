"""The one list of reason codes and their plain wording. A reason that is not here cannot be stated.

A feature names its reason code; several features may share one, and their contributions are then added. Wording is
what a customer reads: specific, without jargon, without the model's inner names.
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
)

REASON_BY_CODE: dict[str, Reason] = {reason.code: reason for reason in REASONS}
