"""The ten-column file of loan applications: a flat file whose mapping is fixed here.

Gender and marital status are read into the customer's profile and never scored; age is a fact of the profile that the
model does not read either. ``fraud_risk`` is the outcome, which a file to be scored need not have. The file has no
dates: its rows are known from the day on which it came.
"""

from datetime import date, datetime
from functools import partial
from typing import Any

from bank360.sources.mapped_facts import flat_rows
from bank360.sources.mapped_flat import FlatMap, flat_mapping, flat_source_file
from bank360.sources.mapped_node import Node
from bank360.sources.mapped_supplied import with_inputs
from bank360.sources.source import Source

NAME = "loan_applications_csv"

# The columns in the file's order, and what each says.
COLUMNS: tuple[tuple[str, str], ...] = (
    ("customer_id", "the customer; stands once"),
    ("age", "age in years, 16 to 120"),
    ("gender", "Male, Female, Other or Unknown; profile and fairness report only"),
    ("marital_status", "Single, Married, Divorced, Widowed, Other or Unknown; profile and fairness report only"),
    ("income", "monthly income, not negative"),
    ("credit_score", "credit score, 0 to 1000"),
    ("account_balance", "balance of the account; negative is overdrawn"),
    ("loan_amount", "amount applied for, not negative"),
    ("num_transactions", "transactions in the last 90 days"),
    ("fraud_risk", "1 fraudulent, 0 not; may be lacking in a file to be scored"),
)

_LARGEST = 1e9

MAPPING: dict[str, Any] = {
    "pattern": "*.csv",
    "subject": "customer",
    "id": "customer_id",
    "label": {"column": "fraud_risk", "bad": [1], "good": [0]},
    "numeric": ["income", "credit_score", "account_balance", "loan_amount", "num_transactions"],
    "unscored": ["age"],
    "protected": ["gender", "marital_status"],
    "profile": {
        "sex": {
            "column": "gender",
            "codes": {"Male": "male", "Female": "female", "Other": "other", "Unknown": "unknown"},
            "missing": "unknown",
        },
        "marital_status": {
            "column": "marital_status",
            "codes": {
                "Single": "single",
                "Married": "married",
                "Divorced": "divorced",
                "Widowed": "widowed",
                "Other": "other",
                "Unknown": "unknown",
            },
            "missing": "unknown",
        },
    },
    "ranges": {
        "age": [16, 120],
        "income": [0, _LARGEST],
        "credit_score": [0, 1000],
        "account_balance": [-_LARGEST, _LARGEST],
        "loan_amount": [0, _LARGEST],
        "num_transactions": [0, 1_000_000],
    },
    "reasons": {
        "income": "R28",
        "credit_score": "R01",
        "account_balance": "R27",
        "loan_amount": "R06",
        "num_transactions": "R27",
    },
}


def loan_applications_map(zone: str, received_on: date | None = None, received_at: datetime | None = None) -> FlatMap:
    """Return the mapping; ``received_on`` is the local day on which the file came, None where only scores are asked."""
    flat = flat_mapping(NAME, Node(NAME, MAPPING), zone, received_on, received_at)
    return with_inputs(flat, flat.numeric, flat.categorical)


def loan_applications_source(zone: str, received_on: date, received_at: datetime | None = None) -> Source:
    """Return the source: customers with sex and marital status, and the other columns as facts of origin supplied."""
    flat = loan_applications_map(zone, received_on, received_at)
    return Source(NAME, (flat_source_file(flat),), {NAME: partial(flat_rows, flat)}, flat.notes)
