"""Generated rows of the ten-column file: what `data/sample_input.csv` holds, and what its scorecard is fitted on.

Seeded: the same seed gives the same rows. Each applicant has three traits that nobody sees (means, thrift, intent);
whether the application is fraudulent is a draw whose odds rise with intent, and every column is a noisy sign of the
traits, never the outcome's formula. Fraud is more frequent here than in life, so that a file of 500 rows shows some.
"""

import numpy as np
import numpy.typing as npt

HEADER = (
    "customer_id", "age", "gender", "marital_status", "income", "credit_score", "account_balance", "loan_amount",
    "num_transactions", "fraud_risk",
)  # fmt: skip
SAMPLE_SEED, SAMPLE_ROWS = 42, 500
TRAINING_SEED, TRAINING_ROWS = 7, 20_000

_GENDERS = (("Female", 0.49), ("Male", 0.49), ("Other", 0.01), ("Unknown", 0.01))
_STATUSES = (("Single", 0.38), ("Married", 0.45), ("Divorced", 0.11), ("Widowed", 0.06))
# Log-odds of fraud of an average applicant, and per standard deviation of intent: about 6 % in all.
_BASE, _PER_INTENT = -3.6, 1.6


def sample_rows(seed: int, count: int) -> list[tuple[str, ...]]:
    """Return generated rows as the file's texts, in the order of `HEADER`.

    Parameters
    ----------
    seed
        Of everything drawn.
    count
        How many rows.
    """
    rng = np.random.default_rng(seed)
    means, thrift, intent = rng.standard_normal((3, count))
    fraud = rng.random(count) < 1.0 / (1.0 + np.exp(-(_BASE + _PER_INTENT * intent)))
    pressed = np.maximum(intent, 0.0)
    age = np.clip(np.rint(42 + 13 * rng.standard_normal(count) - 2 * pressed), 18, 90).astype(int)
    income = np.exp(7.7 + 0.45 * means + 0.12 * pressed + 0.3 * rng.standard_normal(count))
    score = np.clip(np.rint(650 + 60 * thrift + 25 * means - 28 * intent + 35 * rng.standard_normal(count)), 300, 850)
    balance = income * (0.9 + 0.8 * thrift - 0.55 * intent + 0.9 * rng.standard_normal(count))
    loan = np.exp(8.6 + 0.35 * means + 0.30 * intent + 0.5 * rng.standard_normal(count))
    activity = rng.poisson(np.exp(3.5 + 0.2 * means - 0.45 * pressed + 0.4 * rng.standard_normal(count)))
    no_income, no_score = rng.random((2, count)) < np.array([[0.02], [0.05]]) * (1 + pressed)
    gender, status = (_drawn(rng, options, count) for options in (_GENDERS, _STATUSES))
    prefix = "S" if seed == SAMPLE_SEED else "T"
    return [
        (
            f"{prefix}{row + 1:05d}",
            str(age[row]),
            gender[row],
            status[row],
            "" if no_income[row] else f"{income[row]:.2f}",
            "" if no_score[row] else f"{score[row]:.0f}",
            f"{balance[row]:.2f}",
            f"{round(loan[row], -2):.0f}",
            str(activity[row]),
            str(int(fraud[row])),
        )
        for row in range(count)
    ]


def _drawn(rng: np.random.Generator, options: tuple[tuple[str, float], ...], count: int) -> npt.NDArray[np.str_]:
    names, shares = zip(*options, strict=True)
    return np.array(names)[rng.choice(len(names), size=count, p=shares)]
