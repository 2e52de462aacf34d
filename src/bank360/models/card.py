"""The model card: what a version is, on whom it was measured, and how well it did beside the plain baseline.

Written once when the version is registered, as JSON for programs and as Markdown for people. It holds no row of data.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bank360.bank.counted import counted
from bank360.learning.metrics.calibration import LEAST_EVENTS, NOT_SHOWN
from bank360.learning.metrics.estimate import Estimate
from bank360.models.development import Measured, ReasonRates, Unmeasured
from bank360.models.reject_inference import RejectInference
from bank360.models.scorecard_table import scorecard_markdown, scorecard_tables
from bank360.models.spec import FittedModel


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
    unmeasured
        Populations of the test rows with too few events to measure.
    reject_inference
        None, fuzzy and parcelling side by side; None where everybody has an outcome, or too few were declined.
    own_reasons
        Wording by code, of reasons that stand in no list of the bank's.
    gain
        By how much its AUC is larger than the baseline's on the same rows; None of the baseline itself.
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
    unmeasured: tuple[Unmeasured, ...] = ()
    reject_inference: RejectInference | None = None
    own_reasons: Mapping[str, str] = field(default_factory=dict)
    gain: Estimate | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the card as JSON values."""
        values = asdict(self)
        values["measured"] = [m.to_json() for m in self.measured]
        values["baseline"] = [m.to_json() for m in self.baseline]
        values["inputs"] = [asdict(i) for i in self.inputs]
        values["notes"] = list(self.notes)
        values["unmeasured"] = [u.to_json() for u in self.unmeasured]
        values["reject_inference"] = None if self.reject_inference is None else self.reject_inference.to_json()
        if not self.own_reasons:
            del values["own_reasons"]
        if self.gain is None:
            del values["gain"]
        else:
            values["gain"] = self.gain.to_json()
        return values


def card_markdown(card: Mapping[str, Any], model: FittedModel) -> str:
    """Return a card's JSON values as Markdown, with the points of ``model`` where it is a scorecard."""
    tested = "Test, not out of time" if "not out of time" in card["notes"] else "Test, out of time"
    lines = [
        f"# {card['model']}: {card['candidate']}",
        "",
        card["meaning"],
        "",
        f"* Label: {card['label']}.",
        f"* Population: {card['population']}.",
        *(
            f"* {title}: {card[key]['first']} to {card[key]['last']}, {counted(card[key]['rows'], 'row')}, "
            f"{counted(card[key]['events'], 'event')}."
            for title, key in (("Training", "train"), (tested, "test"))
        ),
        f"* Trained as of {card['trained_as_of']} by {card['trained_by']}, seed {card['seed']}.",
        f"* Data {card['data_version']}, code {card['code_version']}.",
        "",
    ]
    lines += _measured(card, tested)
    lines += _calibration(card["measured"][0])
    lines += _reject_inference(card.get("reject_inference"))
    rates = card["reason_rates"]
    lines += [
        "",
        "## Reasons",
        "",
        # Rows of one probability are not told apart, so a tenth may become more.
        f"Over the {rates['rows']} riskiest of {card['test']['rows']} test rows, a tenth and all as risky as its last:",
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
            f"{i['reason']} {model.wording(i['reason'])} | {i['owner']} |"
            for i in card["inputs"]
        ),
    ]
    lines += scorecard_markdown(scorecard_tables(model), {i["name"]: i for i in card["inputs"]})
    if card["notes"]:
        lines += ["", "## Notes", "", *(f"* {note}" for note in card["notes"])]
    return "\n".join(lines) + "\n"


def _measured(card: Mapping[str, Any], tested: str) -> list[str]:
    """Return the test metrics by population, beside the baseline's where this version is not the baseline itself."""
    is_baseline = card["candidate"] == card["baseline_candidate"]
    beside = {} if is_baseline else {m["population"]: m for m in card["baseline"]}
    headings = [name for name in _HEADINGS if not (is_baseline and name == _BASELINE)]
    told = "the plain baseline itself" if is_baseline else f"beside the baseline ({card['baseline_candidate']})"
    lines = [f"## {tested}, {told}", "", f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    for m in card["measured"]:
        base = beside.get(m["population"])
        compared = [] if is_baseline else [_interval(base["auc"]) if base else "none"]
        calibration = m["calibration"]
        cells = [
            m["population"], str(m["rows"]), str(m["events"]), _interval(m["auc"]), *compared, f"{m['ks']:.3f}",
            f"{m['recall_at_5_percent_fpr']:.3f}", _shown(calibration, "observed_over_expected"),
            _shown(calibration, "slope"), calibration["verdict"],
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    # What was registered before populations were named has none.
    few = card.get("unmeasured", ())
    blank = " |" * (len(headings) - 4)
    gain = card.get("gain")
    after = [] if gain is None else ["", f"AUC less the baseline's, on the same rows: {_interval(gain)}."]
    return lines + [f"| {f['population']} | {f['rows']} | {f['events']} | too few events |{blank}" for f in few] + after


def _calibration(measured: Mapping[str, Any]) -> list[str]:
    """Return observed over expected by grade, where there are enough events to show it."""
    calibration = measured["calibration"]
    if calibration["verdict"] == NOT_SHOWN:
        why = f"with fewer than {LEAST_EVENTS} events it would say nothing"
        return ["", f"Calibration by grade: {NOT_SHOWN}, {why}."]
    return [
        "",
        "## Calibration by grade",
        "",
        "| probability | rows | events | expected | observed / expected (95 %) |",
        "|---|---:|---:|---:|---|",
        *(
            f"| {g['low']:.2%} to {g['high']:.2%} | {g['rows']} | {g['events']} | {g['expected']:.1f} | "
            f"{_interval(g['observed_over_expected'])} |"
            for g in calibration["grades"]
        ),
    ]


def _reject_inference(found: Mapping[str, Any] | None) -> list[str]:
    """Return the methods side by side."""
    if found is None:
        return []
    explained = (
        "Metrics are on the accepted of the test period, the only ones with an outcome. The cut-off is the highest "
        f"probability approved if this model alone approved {found['approved_share']:.1%} of {found['decided']} "
        "decided applications, as the bank did. Fuzzy counts a declined row by its probability; parcelling takes the "
        f"accepted's rate in its band times {found['uplift']:g}, an assumption. The version is fitted without either."
    )
    headings = (
        "method",
        "declined in the fit",
        "taken for bad",
        "AUC on accepted (95 %)",
        "observed / expected",
        "cut-off",
        "expected bad rate below it",
        "decisions changed",
    )
    lines = ["", f"## Reject inference ({found['candidate']})", "", explained, ""]
    lines += [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    for m in found["methods"]:
        bad = "-" if m["assumed_bad_rate"] is None else f"{m['assumed_bad_rate']:.1%}"
        measured = m["measured"]
        lines.append(
            f"| {m['method']} | {m['declined']} | {bad} | {_interval(measured['auc'])} | "
            f"{_shown(measured['calibration'], 'observed_over_expected')} | {m['cut_off']:.2%} | "
            f"{m['expected_bad_rate']:.2%} | {m['changed']} |"
        )
    return lines


_BASELINE = "baseline AUC (95 %)"
_HEADINGS = (
    "population",
    "rows",
    "events",
    "AUC (95 %)",
    _BASELINE,
    "KS",
    "recall at 5 % FPR",
    "observed / expected",
    "slope",
    "calibrated",
)
_SIGNS = {1: "riskier", -1: "less risky", 0: "none stated"}


def _shown(calibration: Mapping[str, Any], figure: str) -> str:
    """Return a figure of a calibration with its interval; "not shown" where too few events say nothing."""
    return NOT_SHOWN if calibration["verdict"] == NOT_SHOWN else _interval(calibration[figure])


def _interval(estimate: Mapping[str, float | None]) -> str:
    if estimate["value"] is None:
        return "none"
    return f"{estimate['value']:.3f} ({estimate['low']:.3f} to {estimate['high']:.3f})"
