import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bank360.labels.application_default import DefaultDefinition
from bank360.pipeline.periods import LABEL_MONTHS
from bank360.settings import SAMPLE_AUDIT_KEY, Settings, SourceEntry, load_settings
from bank360.storage.readings import reading_id


def written(folder: Path, text: str) -> Path:
    (folder / "bank360.yaml").write_text(text, encoding="utf-8")
    return folder


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == Settings()


def test_a_variable_wins_over_the_file_and_leaves_its_neighbours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = written(tmp_path, "tiers: {medium: 0.02, high: 0.1}\n")
    monkeypatch.setenv("BANK360_TIERS__HIGH", "0.3")
    assert (load_settings(home).tiers.medium, load_settings(home).tiers.high) == (0.02, 0.3)


@pytest.mark.parametrize(("memory", "of_a_stream"), [("3GB", 375_000_000), ("80MB", 10_000_000)])
def test_a_stream_of_events_may_take_an_eighth_of_the_memory(tmp_path: Path, memory: str, of_a_stream: int) -> None:
    home = written(tmp_path, f"engine: {{memory: {memory}}}\n")
    assert load_settings(home).engine.memory_of_a_stream == of_a_stream


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("tiers: {medium: 0.2, high: 0.1}", "medium (0.2) must lie below high (0.1)"),
        ("bank: {zone: Europe/Nowhere}", "'Europe/Nowhere' is not a time zone"),
        ("bank: {currency: pounds}", "currency"),
        ("bank: {country: Britain}", "country"),
        ("unknown_key: 1", "unknown_key"),
        ("clock: 2026-07-01T00:00:00", "no zone"),
        ("- a list", "must hold keys and values"),
        ("a: [1", "is not YAML"),
        ("sources: [{name: a, kind: berka}, {name: a, kind: berka}]", "stands twice"),
        (
            "sources: [{name: a, kind: mapped, mapping: {files: {t: {columns: {c: {codes: {2020-01-01: x}}}}}}}]",
            "files.t.columns.c.codes: the key 2020-01-01 is not text to YAML: put it in quotes, '2020-01-01'",
        ),
        (
            "sources: [{name: a, kind: mapped, mapping: {flat: [{2020-01-01: x}]}}]",
            "flat[0]: the key 2020-01-01 is not text",
        ),
        ("engine: {threads: 0}", "engine.threads"),
        ("default: {days_past_due: 0}", "default.days_past_due"),
        ("default: {window_months: 6}", "default.window_months"),
        ("default: {material_amounts: {pounds: 1}}", "default.material_amounts"),
        ("default: {days_past_due: 20}", "indeterminate_days (30) must not exceed days_past_due (20)"),
    ],
)
def test_a_wrong_file_is_refused_naming_the_key(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - pydantic's error is a ValueError
        load_settings(written(tmp_path, text))
    assert named in str(caught.value)


KEYS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.dates(), st.datetimes(),
    st.binary(max_size=2), st.tuples(st.integers()),
)  # fmt: skip


@given(st.dictionaries(st.text(max_size=3), st.recursive(
    st.none() | st.dates() | st.text(max_size=2),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(KEYS, below, max_size=2), max_leaves=5,
)))  # fmt: skip
def test_a_mapping_that_is_taken_can_be_kept_with_its_deliveries(mapping: dict[str, object]) -> None:
    with contextlib.suppress(ValidationError):
        reading_id({"mapping": SourceEntry(name="a", kind="mapped", mapping=mapping).mapping})


def test_the_default_of_a_bank_is_that_of_the_definition_unless_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert DefaultDefinition(**Settings().default.model_dump()) == DefaultDefinition()
    home = written(tmp_path, "default: {material_amounts: {CZK: 250000}}\n")
    monkeypatch.setenv("BANK360_DEFAULT__DAYS_PAST_DUE", "60")
    said = DefaultDefinition(**load_settings(home).default.model_dump())
    assert said == DefaultDefinition(days_past_due=60, material_amounts={"CZK": 250_000})
    assert said.window_months == LABEL_MONTHS


def test_the_data_clock_stands_just_after_the_last_instant_known_so_that_it_is_visible() -> None:
    last = datetime(2026, 6, 30, 22, 0, tzinfo=UTC)
    assert Settings(clock="data").now(last) == last + timedelta(microseconds=1)


def test_the_data_clock_of_an_empty_warehouse_is_the_wall_clock() -> None:
    before = datetime.now(UTC)
    assert before <= Settings(clock="data").now(None) <= datetime.now(UTC)


def test_a_fixed_clock_is_given_in_utc() -> None:
    at = datetime.fromisoformat("2026-07-01T01:00:00+01:00")
    assert Settings(clock=at).now(None) == datetime(2026, 7, 1, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"audit_key: '{SAMPLE_AUDIT_KEY}'", "the sample key seals nothing"),
        ("audit_key: too short", "at least 32 bytes"),
        ("store: {address: x}", "store.address"),
    ],
)
def test_a_sample_or_short_secret_is_refused_and_not_repeated(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - pydantic's error is a ValueError
        load_settings(written(tmp_path, text))
    assert named in str(caught.value)


def test_the_sample_key_is_for_the_demonstration_bank_only() -> None:
    assert Settings().secret_audit_key() is None
    assert Settings(demo=True).secret_audit_key() == SAMPLE_AUDIT_KEY.encode()


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANK360_AUDIT_KEY", "k" * 32)
    monkeypatch.setenv("BANK360_STORE__URL", "postgresql://bank:s3cret@host/db")
    settings = Settings()
    assert settings.secret_audit_key() == b"k" * 32
    assert "s3cret" not in repr(settings)
    assert "kkk" not in repr(settings)
