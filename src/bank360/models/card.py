"""The model card: what a version is, on whom it was measured, and how well it did beside the plain baseline.

Written once when the version is registered, as JSON for programs and as Markdown for people. It holds no row of data.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bank360.bank.reasons import REASON_BY_CODE
from bank360.models.development import Measured, ReasonRates


@dataclass(frozen=True)
class Period:
    """Rows of one period: first and last local day, how many, and how many events."""

    first: str
    last: str
    rows: int
    events: int


@dataclass(frozen=True)
class CardInput:
    """One input as the card lists it; ``sign`` +1: more is riskier, -1: less risky, 0: none stated."""

    name: str
    meaning: str
    unit: str
    sign: int
    reason: str
    owner: str


@dataclass(frozen=True)
class ModelCard:
    """A version's card.

    Parameters
    ----------
    model, candidate, meaning, label, population
        What it is and of whom.
    trained_as_of
        Instant at which training took place by the bank's clock, ISO 8601.
    train, test
        The two periods; test labels are complete, and no training label was known later than the test's start.
    inputs
        Everything it reads.
    measured, baseline
        Test metrics of this version, and of the plain baseline on the same rows.
    baseline_candidate
        Which candidate the baseline is.
    reason_rates
        How stated reasons held up.
    data_version, code_version, seed
        What it can be reproduced from.
    notes
        Warnings that a reader must see.
    """

    model: str
    candidate: str
    meaning: str
    label: str
    population: str
    trained_as_of: str
    train: Period
    test: Period
    inputs: tuple[CardInput, ...]
    measured: tuple[Measured, ...]
    baseline: tuple[Measured, ...]
    baseline_candidate: str
    reason_rates: ReasonRates
    data_version: str
    code_version: str
    seed: int
    trained_by: str
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the card as JSON values."""
        values = asdict(self)
        values["measured"] = [m.to_json() for m in self.measured]
        values["baseline"] = [m.to_json() for m in self.baseline]
        values["inputs"] = [asdict(i) for i in self.inputs]
        values["notes"] = list(self.notes)
        return values


def card_markdown(card: Mapping[str, Any]) -> str:
    """Return a card's JSON values as Markdown."""
    tested = "Test, not out of time" if "not out of time" in card["notes"] else "Test, out of time"
    lines = [
        f"# {card['model']}: {card['candidate']}",
        "",
        card["meaning"],
        "",
        f"* Label: {card['label']}.",
        f"* Population: {card['population']}.",
        *(
            f"* {title}: {card[key]['first']} to {card[key]['last']}, {card[key]['rows']} rows, "
            f"{card[key]['events']} events."
            for title, key in (("Training", "train"), (tested, "test"))
        ),
        f"* Trained as of {card['trained_as_of']} by {card['trained_by']}, seed {card['seed']}.",
        f"* Data {card['data_version']}, code {card['code_version']}.",
        "",
        f"## {tested}, beside the baseline ({card['baseline_candidate']})",
        "",
        f"| {' | '.join(_HEADINGS)} |",
        f"|{'---|' * len(_HEADINGS)}",
    ]
    beside = {m["population"]: m for m in card["baseline"]}
    for m in card["measured"]:
        base = beside.get(m["population"])
        calibration = m["calibration"]
        lines.append(
            f"| {m['population']} | {m['rows']} | {m['events']} | {_interval(m['auc'])} | "
            f"{_interval(base['auc']) if base else 'none'} | {m['ks']:.3f} | {m['recall_at_5_percent_fpr']:.3f} | "
            f"{_interval(calibration['observed_over_expected'])} | {_interval(calibration['slope'])} | "
            f"{calibration['verdict']} |"
        )
    rates = card["reason_rates"]
    lines += [
        "",
        "## Reasons",
        "",
        f"Over the riskiest tenth of the test rows, {rates['rows']} of them:",
        "",
        f"* {rates['tried']} reasons were held to their counterfactual; {rates['failed']} failed and are not stated.",
        f"* {rates['dropped']} were taken back because all together did not improve the score.",
        f"* {rates['without_reason']} rows were left with none and go to review.",
        f"* For {rates['together_improves']} rows the stated reasons made neutral together improve the score.",
        "",
        "## Inputs",
        "",
        "| input | meaning | unit | expected sign | reason | owner |",
        "|---|---|---|---|---|---|",
        *(
            f"| {i['name']} | {i['meaning']} | {i['unit']} | {_SIGNS[i['sign']]} | "
            f"{i['reason']} {REASON_BY_CODE[i['reason']].wording} | {i['owner']} |"
            for i in card["inputs"]
        ),
    ]
    if card["notes"]:
        lines += ["", "## Notes", "", *(f"* {note}" for note in card["notes"])]
    return "\n".join(lines) + "\n"


_HEADINGS = (
    "population",
    "rows",
    "events",
    "AUC (95 %)",
    "baseline AUC (95 %)",
    "KS",
    "recall at 5 % FPR",
    "observed / expected",
    "slope",
    "calibrated",
)
_SIGNS = {1: "riskier", -1: "less risky", 0: "none stated"}


def _interval(estimate: Mapping[str, float | None]) -> str:
    if estimate["value"] is None:
        return "none"
    return f"{estimate['value']:.3f} ({estimate['low']:.3f} to {estimate['high']:.3f})"
