"""Training and the night run on a small hand-made bank, from tables to registered models and explained scores."""

import copy
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from bank360.bank.calendar import instant, local_days, to_date, to_datetime
from bank360.bank.errors import NotFound, NotReady
from bank360.features.compute import FeatureMatrix
from bank360.features.feature import SpineColumn
from bank360.labels.application_default import DefaultDefinition
from bank360.models import development
from bank360.models.card import card_markdown
from bank360.models.catalogue import MODEL_BY_NAME, MODELS
from bank360.pipeline.explain import explain, take_apart
from bank360.pipeline.oracle import oracle_share, reject_truth
from bank360.pipeline.periods import periods
from bank360.pipeline.requests import StandardRequest, request_rows
from bank360.pipeline.score_batch import score_batch
from bank360.pipeline.train import train
from bank360.pipeline.train_rows import LABELLERS, Moment, declined_of, labels_of, sample_of
from bank360.storage.decisions import application_decisions
from bank360.storage.ledger import prepare
from bank360.storage.registry import Registry
from bank360.storage.spines import application_spine
from bank360.storage.warehouse import open_warehouse
from tests.pipeline.trainable import CUSTOMERS, trainable

ZONE = "Europe/London"
AS_OF = instant(datetime(2026, 7, 1, 12, tzinfo=UTC))
REQUEST = StandardRequest("LOAN", 500_000, 36)


def _describe(spine, features):
    """Stand in for the feature engine: history features are noise that depends on customer and instant only."""
    numbers, texts = {}, {}
    for k, feature in enumerate(features):
        if isinstance(feature, SpineColumn):
            (texts if feature.categorical else numbers)[feature.name] = spine.columns[feature.name]
        else:
            mixed = np.sin(spine.customer * 12.9898 + (spine.as_of % 1_000_003) * 78.233 + k) * 43758.5453
            numbers[feature.name] = np.where(spine.customer < 0, np.nan, (mixed - np.floor(mixed)) * 1000)
    return FeatureMatrix(tuple(numbers), np.column_stack(list(numbers.values())), texts)


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    with trainable(tmp_path_factory.mktemp("bank") / "w.duckdb") as warehouse:
        yield warehouse


@pytest.fixture(scope="module")
def trained(bank, tmp_path_factory):
    registry = Registry(tmp_path_factory.mktemp("registry"))
    notes = ("ledger: no point-in-time before the load date",)
    found = train(bank, registry, _describe, AS_OF, ZONE, 1, 1, "trainer", "test", demo=True, notes=notes)
    assert found.not_trained == ()
    return registry, found.reports


def test_the_test_period_is_the_last_year_with_complete_labels():
    p = periods(AS_OF, ZONE)
    assert p.test_end == instant(datetime(2025, 6, 30, 23, tzinfo=UTC))  # local midnight of 1 July 2025
    assert p.test_start == instant(datetime(2024, 7, 1, 23, tzinfo=UTC))  # 2 July 2024: month-end files are in


def test_training_labels_were_complete_before_the_test_period(trained):
    _, (pd, fraud) = trained
    assert (pd.model, fraud.model) == ("application_pd", "application_fraud")
    # Opened on 2023-06-30 the window ends on 2024-06-30, complete with that month's end, known on 1 July 2024.
    assert "2023-06-25" <= pd.train.last <= "2023-06-29"
    assert "2023-12-30" <= fraud.train.last <= "2024-01-03"  # 180 days before 2 July 2024
    for report in (pd, fraud):
        assert "2024-07-02" <= report.test.first < report.test.last <= "2025-06-30"


def test_models_rank_what_the_bank_planted(trained):
    _, reports = trained
    for report in reports:
        for measured in report.measured.values():
            assert measured[0].population == "all"
            assert measured[0].auc.low > 0.6


def test_the_baseline_is_champion_by_demo_and_the_other_challenger(trained):
    registry, reports = trained
    for report in reports:
        aliases = registry.aliases(report.model)
        first, second = report.versions.values()
        assert (aliases["champion"], aliases["challenger"]) == (first, second)
        assert aliases["promotions"][-1]["approved_by"] == "DEMO"
        card = registry.load(report.model, "challenger").card
        assert card["baseline_candidate"] == next(iter(report.versions))
        assert card["baseline"][0]["population"] == "all"


def test_the_same_data_in_another_order_gives_the_same_versions(trained, tmp_path):
    _, reports = trained
    with trainable(tmp_path / "w.duckdb", shuffle=True) as shuffled:
        again = train(shuffled, Registry(tmp_path / "r"), _describe, AS_OF, ZONE, 1, 1, "trainer", "test").reports
    assert [[d.probability.tobytes() for d in r.scores] for r in again] == [
        [d.probability.tobytes() for d in r.scores] for r in reports
    ]
    assert [r.champion for r in again] == [None, None]  # nobody approved


def test_what_the_sources_are_stamped_with_stands_on_every_card(trained):
    registry, reports = trained
    for report in reports:
        for version in report.versions.values():
            loaded = registry.load(report.model, version)
            assert loaded.card["notes"][0] == "ledger: no point-in-time before the load date"
            assert "* ledger: no point-in-time before the load date\n" in card_markdown(loaded.card, loaded.model)


def test_a_card_prints_no_ratio_and_no_slope_where_too_few_events_say_nothing(trained):
    registry, (pd, _) = trained
    loaded = registry.load(pd.model)
    for verdict, times in (("off", 1), ("not shown", 0)):
        card = copy.deepcopy(dict(loaded.card))
        methods = card["reject_inference"]["methods"]
        for one in (*card["measured"], *(method["measured"] for method in methods)):
            one["calibration"] |= {"verdict": verdict, "slope": {"value": 1.25, "low": 1.125, "high": 1.375}}
            one["calibration"]["observed_over_expected"] = {"value": 0.75, "low": 0.625, "high": 0.875}
        text = card_markdown(card, loaded.model)
        assert text.count("1.250 (1.125 to 1.375)") == times * len(card["measured"])
        assert text.count("0.750 (0.625 to 0.875)") == times * (len(card["measured"]) + len(methods))


def test_a_card_shows_reject_inference_where_only_the_approved_have_an_outcome(trained):
    registry, (pd, fraud) = trained
    card = registry.load(pd.model).card
    methods = card["reject_inference"]["methods"]
    assert [m["method"] for m in methods] == ["none", "fuzzy", "parcelling"]
    assert {m["measured"]["rows"] for m in methods} == {pd.test.rows}
    assert card["reject_inference"]["decided"] == len(pd.decided.application_id)
    assert card["reject_inference"]["approved_share"] == pytest.approx(0.8, abs=0.05)
    assert "## Reject inference (scorecard)" in card_markdown(card, registry.load(pd.model).model)
    assert fraud.decided is None
    assert registry.load(fraud.model).card["reject_inference"] is None


def test_declined_in_training_were_declined_when_training_and_are_no_training_rows(bank):
    p = periods(AS_OF, ZONE)
    spine = application_spine(bank, AS_OF, ZONE)
    n = len(spine.application_id)
    sample = sample_of(bank, MODELS[0], spine, np.zeros(n, dtype=bool), {}, p, ZONE, DefaultDefinition())
    declined = declined_of(bank, spine, sample, p)
    decision = application_decisions(bank, spine.application_id, AS_OF)
    trained_at = spine.submitted_at[sample.train]
    assert set(decision[declined.train]) == set(decision[declined.test]) == {"declined"}
    assert set(decision[declined.approved]) == {"approved"}
    assert not (declined.train & sample.train).any()
    assert not (declined.test & sample.test).any()
    assert spine.submitted_at[declined.train].min() >= trained_at.min()
    assert spine.submitted_at[declined.train].max() <= trained_at.max()
    assert (spine.submitted_at[declined.test | declined.approved] >= p.test_start).all()
    # A decision is known a day after the application: at that very moment nobody has decided.
    at = int(spine.submitted_at[0])
    assert application_decisions(bank, spine.application_id[:1], at).tolist() == [None]
    assert application_decisions(bank, spine.application_id[:1], at + 2 * 86_400_000_000).tolist() != [None]


def test_every_label_of_a_model_has_its_labeller_and_an_unknown_one_stops(bank):
    known = [label for label, _ in LABELLERS]
    assert {spec.label.name for spec in MODELS} <= {label.name for label in known}
    unknown = replace(known[0], name="churn")
    with pytest.raises(ValueError, match="'churn' has no labeller"):
        labels_of(unknown, bank, application_spine(bank, AS_OF, ZONE), Moment(AS_OF, 20_000, ZONE), DefaultDefinition())


def test_the_periods_of_a_card_are_days_of_the_banks_zone(bank, tmp_path):
    zone = "Pacific/Kiritimati"  # 14 hours ahead: an application of the morning in London stands under the next day
    (report,) = train(bank, Registry(tmp_path), _describe, AS_OF, zone, 1, 1, "t", "t", models=MODELS[1:]).reports
    spine = application_spine(bank, AS_OF, zone)
    none = np.zeros(len(spine.application_id), dtype=bool)
    sample = sample_of(bank, MODELS[1], spine, none, {}, periods(AS_OF, zone), zone, DefaultDefinition())

    def days(where):
        found = [local_days(spine.submitted_at[rows], where) for rows in (sample.train, sample.test)]
        return [(str(to_date(int(d.min()))), str(to_date(int(d.max())))) for d in found]

    assert [(p.first, p.last) for p in (report.train, report.test)] == days(zone) != days("UTC")


def test_the_truth_about_the_declined_is_set_beside_each_method(trained):
    _, (pd, _) = trained
    ids = pd.decided.application_id
    # Had all that "none" finds riskier than average defaulted, it would rank the declined without a fault.
    none = pd.decided.probability["none"]
    truth = dict(zip(ids, (none > none.mean()).astype(float), strict=True))
    found = {row.method: row for row in reject_truth(pd.decided, truth)}
    assert list(found) == ["none", "fuzzy", "parcelling"]
    declined = pd.decided.declined
    assert found["none"].declined == declined.sum() > 50
    assert found["none"].bad == sum(truth[i] for i in ids[declined])
    assert found["none"].auc.value == found["none"].door_auc.value == 1.0
    assert found["none"].observed_over_expected.value == pytest.approx(found["none"].bad / none[declined].sum())
    with pytest.raises(KeyError):
        reject_truth(pd.decided, {})


def test_the_night_scores_every_adult_with_tier_and_reasons(bank, trained):
    registry, _ = trained
    report = score_batch(bank, registry, _describe, AS_OF, ZONE, "GBP", REQUEST, 0.05, 0.15)
    assert report.customers == CUSTOMERS == sum(report.tiers.values())
    scores = bank.query("SELECT * FROM scores ORDER BY customer_id").to_pydict()
    assert set(scores["requested_amount"]) == {500_000}
    for p, tier in zip(scores["probability"], scores["tier"], strict=True):  # nobody has an account here
        assert tier == ("high" if p >= 0.15 else "medium" if p >= 0.05 else "low")
    counted = "SELECT count(*) FROM scores s WHERE reasons <> (SELECT count(*) FROM score_reasons r"
    assert bank.number(f"{counted} WHERE r.customer_id = s.customer_id)") == 0
    # Nobody was asked for a purpose tonight, so nobody is told it counts against them.
    assert bank.number("SELECT count(*) FROM score_reasons WHERE reason = 'R24'") == 0


def test_an_explanation_adds_up_to_the_stored_score(bank, trained):
    registry, _ = trained
    score_batch(bank, registry, _describe, AS_OF, ZONE, "GBP", REQUEST, 0.05, 0.15)
    found = bank.row("SELECT customer_id, margin, probability FROM scores ORDER BY probability DESC LIMIT 1")
    rows = request_rows(bank, _describe, MODEL_BY_NAME["application_pd"], REQUEST, AS_OF, ZONE, str(found[0]))
    told = take_apart(registry.load("application_pd"), rows, AS_OF, True, REQUEST, {})
    assert (told.margin, told.probability) == (found[1], found[2])
    assert told.base + sum(i.contribution for i in told.inputs) == pytest.approx(told.margin, abs=1e-12)
    reasons = bank.query("SELECT reason FROM score_reasons WHERE customer_id = ? ORDER BY rank", [str(found[0])])
    assert [code for code, _ in told.stated] == reasons["reason"].to_pylist()
    purpose = next((i for i in told.inputs if i.name == "purpose"), None)
    assert purpose is not None
    assert not purpose.asked
    with pytest.raises(NotFound, match="No customer and no source key"):
        explain(bank, registry, "nobody", to_datetime(AS_OF), ZONE, "GBP", "GB", REQUEST)


def test_no_champion_and_no_product_are_told_in_one_line(bank, trained, tmp_path):
    with pytest.raises(NotFound, match="no champion"):
        score_batch(bank, Registry(tmp_path), _describe, AS_OF, ZONE, "GBP", REQUEST, 0.05, 0.15)
    with pytest.raises(NotFound, match="no product 'YACHT'"):
        score_batch(bank, trained[0], _describe, AS_OF, ZONE, "GBP", StandardRequest("YACHT", 1, 1), 0.05, 0.15)


def test_a_model_with_too_few_events_is_left_out_and_the_other_goes_on(bank, trained, tmp_path, monkeypatch):
    _, reports = trained
    events = {report.model: report.test.events for report in reports}
    few, enough = sorted(events, key=lambda name: events[name])
    monkeypatch.setattr(development, "LEAST_MEASURED_EVENTS", events[few] + 1)
    found = train(bank, Registry(tmp_path), _describe, AS_OF, ZONE, 1, 1, "trainer", "test")
    assert [report.model for report in found.reports] == [enough]
    ((left, why),) = ((one.model, one.why) for one in found.not_trained)
    assert left == few
    assert f"Model '{few}' is not trained: it has {events[few]} events in its test period" in why
    assert Registry(tmp_path).models() == (enough,)


def test_an_empty_bank_cannot_train(tmp_path):
    with open_warehouse(tmp_path / "w.duckdb", 1, "500MB") as warehouse:
        prepare(warehouse)
        warehouse.replace_table(
            "customer_index", pa.table({"customer_id": ["C"], "customer": pa.array([0], pa.int32())})
        )
        with pytest.raises(NotReady, match="no applications"):
            train(warehouse, Registry(tmp_path), _describe, AS_OF, ZONE, 1, 1, "trainer", "test")


def test_the_share_of_the_oracle_is_one_for_the_oracle_itself(trained):
    _, reports = trained
    scores = reports[0].scores[0]
    truth = dict(zip(scores.application_id, scores.probability, strict=True))
    assert oracle_share(scores, truth).share == 1.0
    with pytest.raises(KeyError):
        oracle_share(scores, {})
