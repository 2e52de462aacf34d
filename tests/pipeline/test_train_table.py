"""Flat files as people really write them, trained by their mapping alone: through storage, cells and learning."""

import csv
import gzip

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from bank360.bank.errors import DataRefused, NotReady, SettingsError
from bank360.models.card import card_markdown
from bank360.pipeline.score_file import score_file
from bank360.pipeline.train_table import register_table, table_mapping, train_table
from bank360.storage.registry import Registry

ROWS = 400


def columns():
    """Return a small table whose outcome depends on income and job, with missing values."""
    rng = np.random.default_rng(5)
    income = np.exp(7.5 + 0.6 * rng.standard_normal(ROWS))
    job = rng.choice(["baker", "clerk", "none"], ROWS)
    bad = rng.random(ROWS) < 1 / (1 + np.exp(1.5 * (np.log(income) - 7.3) - 1.2 * (job == "none")))
    day = rng.integers(0, 700, ROWS)
    return income, job, bad, day, rng.random((2, ROWS)) < 0.05


def text(header, row, sep=",", end="\n"):
    lines = [sep.join(header)]
    values = zip(*columns()[:4], *columns()[4], strict=True)
    lines += [sep.join(row(n, *one)) for n, one in enumerate(values)]
    return end.join(lines) + end


def trained(tmp_path, mapping):
    flat = table_mapping(
        "f", {"flat": yaml.safe_load(mapping) if isinstance(mapping, str) else mapping}, "Europe/London"
    )
    return flat, train_table(flat, tmp_path, seed=1)


def auc(report):
    return report.found.metrics[0].measured.auc.value


def test_a_spreadsheet_of_another_country(tmp_path):
    # Byte-order mark, a title line above the header, semicolons, decimal commas, points for thousands, CRLF, quoted
    # headers with blanks, dates as day.month.year, a trailing delimiter, empty lines at the end.
    def row(n, income, job, bad, day, no_income, no_job):
        number = "" if no_income else f"{income:,.2f}".translate({44: ".", 46: ","})
        date = (np.datetime64("2022-01-01") + day).item().strftime("%d.%m.%Y")
        return (
            f'"K {n:04d}"',
            date,
            number,
            "" if no_job else f'" {job}"',
            "ja" if bad else "nein",
            f"{n % 7},5 %",
            "",
        )

    body = text(
        ('"Kunden Nr"', '"Antrag am"', '"Einkommen, netto"', "Beruf", '"fällig?"', '"Quote (%)"', ""), row, ";", "\r\n"
    )
    (tmp_path / "daten.csv").write_bytes("\ufeff".encode() + b"Auswertung 2024;;;;;;\r\n" + body.encode() + b"\r\n\r\n")
    _, (report, _, rows) = trained(
        tmp_path,
        """
        pattern: "*.csv"
        csv: {delimiter: ";", header_rows: 2}
        decimal: ","
        thousands: "."
        id: Kunden Nr
        date: {column: Antrag am, format: "%d.%m.%Y"}
        label: {column: "fällig?", bad: [ja], good: [nein]}
        percent: ["Quote (%)"]
        """,
    )
    income = columns()[0]
    kept = ~np.isnan(rows.numeric["Einkommen, netto"])
    np.testing.assert_allclose(rows.numeric["Einkommen, netto"][kept], np.round(income[kept], 2))
    assert set(report.inputs) == {"Einkommen, netto", "Beruf", "Quote (%)"}
    assert set(rows.categorical["Beruf"]) == {"baker", "clerk", "none", None}
    assert report.stamps == ("label maturity unknown",)
    assert report.found.split == "out of time"
    assert report.found.test_events < 200
    few = f"observed over expected not shown ({report.found.test_events} bad) [label maturity unknown]"
    assert report.lines()[1].endswith(few)
    assert auc(report) > 0.6


def test_latin_letters_a_pipe_and_no_quotes(tmp_path):
    def row(n, income, job, bad, day, no_income, no_job):
        return (f'O"{n}', "NA" if no_income else f"{income:.1f}", "?" if no_job else f"é{job}", "1" if bad else "0")

    body = text(("n°", "revenu", "métier", "défaut"), row, "|")
    (tmp_path / "a.txt").write_bytes(body.encode("latin-1"))
    mapping = {
        "pattern": "a.txt",
        "format": "csv",
        "csv": {"delimiter": "|", "encoding": "latin-1", "quote": "none"},
        "id": "n°",
        "label": {"column": "défaut", "bad": [1], "good": [0]},
    }
    _, (report, _, rows) = trained(tmp_path, mapping)
    assert set(rows.categorical["métier"]) == {"ébaker", "éclerk", "énone", None}
    assert report.stamps == ("not out of time",)
    mapping["csv"] = {**mapping["csv"], "encoding": "utf-8"}
    with pytest.raises(DataRefused, match=r"a\.txt"):
        trained(tmp_path, mapping)


def test_a_frame_written_by_pandas_with_its_index_column(tmp_path):
    def row(n, income, job, bad, day, no_income, no_job):
        return (str(n), "nan" if no_income else repr(float(income)), str(job), str(bool(bad)))

    with gzip.open(tmp_path / "frame.csv.gz", "wt", encoding="utf-8") as file:
        file.write(text(("", "income", "job", "default"), row))
    _, (report, _, _) = trained(tmp_path, 'pattern: "*.csv.gz"\nlabel: {column: default, bad: [true], good: [false]}')
    assert report.inputs == ("income", "job")
    assert any("numbers the rows" in remark for remark in report.remarks)


def test_a_parquet_file_with_its_own_types(tmp_path):
    income, job, bad, day, missing = columns()
    table = pa.table(
        {
            "key": pa.array(np.arange(ROWS) * 7.0),
            "when": pa.array(np.datetime64("2022-01-01") + day).cast(pa.timestamp("ns")),
            "income": pa.array(income, mask=missing[0]),
            "job": pa.array(job.tolist(), mask=missing[1]).dictionary_encode(),
            "grade": pa.array(np.arange(ROWS) % 5, pa.int8()),
            "member": pa.array(np.arange(ROWS) % 3 == 0),
            "bad": pa.array(bad),
        }
    )
    pq.write_table(table, tmp_path / "x.parquet")
    flat, answer = trained(
        tmp_path,
        """
        pattern: x.parquet
        id: key
        date: {column: when}
        label: {column: bad, bad: [yes], good: [no]}
        categorical: [grade]
        """,
    )
    report, _, rows = answer
    assert rows.ids is not None
    assert rows.ids[1] == "7"
    assert set(rows.categorical) == {"job", "grade", "member"}
    assert report.found.split == "out of time"
    registry = Registry(tmp_path / "registry")
    version = register_table(answer, flat, "scorecard", registry, "flat", "2026-01-01T00:00:00+00:00", 1, "tester")
    card = registry.load("flat", version).card
    assert card["train"]["last"] < card["test"]["first"]
    assert "label maturity unknown" in card["notes"]
    assert card["train"]["rows"] + card["test"]["rows"] == ROWS
    pq.write_table(table.drop_columns(["bad"]), tmp_path / "new.parquet")
    done = score_file(tmp_path / "new.parquet", tmp_path / "out.csv", flat, registry.load("flat", version))
    assert done.rows == ROWS


def test_no_header_at_all(tmp_path):
    def row(n, income, job, bad, day, no_income, no_job):
        return (f"{income:.0f}", str(job), "2" if bad else "1")

    body = text(("a", "b", "c"), row, "\t").split("\n", 1)[1]
    (tmp_path / "x.tsv").write_text("\n" + body, encoding="utf-8")
    names = "pattern: x.tsv\ncsv: {header_rows: 0%s}\nlabel: {column: %s, bad: [2], good: [1]}"
    _, (by_position, _, _) = trained(tmp_path, names % ("", "column_3"))
    _, (by_name, _, _) = trained(tmp_path, names % (", names: [income, job, outcome]", "outcome"))
    assert by_position.inputs == ("column_1", "column_2")
    assert by_name.inputs == ("income", "job")
    assert auc(by_position) == auc(by_name)


def test_history_none_is_stamped_on_every_metric(tmp_path):
    def row(n, income, job, bad, day, no_income, no_job):
        return (f"{income:.0f}", str(job), "1" if bad else "0")

    (tmp_path / "x.csv").write_text(text(("income", "job", "y"), row), encoding="utf-8")
    _, (report, _, _) = trained(tmp_path, "pattern: x.csv\nhistory: none\nlabel: {column: y, bad: [1], good: [0]}")
    for line in report.lines()[1:3]:
        assert line.endswith("[not out of time; no point-in-time before the load date]")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "empty"),
        ("a,y\n", "no rows"),
        ("a,b\n1,2\n", "column 'y'"),
        ("a,a,y\n1,2,0\n", "twice"),
        ("a,y\n1,0\n1,0,3\n", "row 3|columns"),
        ("a,y\n1,0\n\n\n1,2\n", "row 5: '2' is none of the label's values"),
        ('a,y\n"x\ny",0\n1,2\n', "row 4: '2' is none of the label's values"),
        ("a,y\n1,0\n2,0\n", "without any bad row"),
        ('a,y\n1,0\n"2,0\n', "quote"),
        ("a,y\nx\0,0\n2,1\n", "zero|NUL|binary"),
    ],
)
def test_a_faulty_file_is_refused_by_file_and_row(tmp_path, body, words):
    (tmp_path / "x.csv").write_text(body, encoding="utf-8")
    with pytest.raises(DataRefused, match=words):
        trained(tmp_path, "pattern: x.csv\nlabel: {column: y, bad: [1], good: [0]}")


def test_too_few_rows_and_two_files_and_no_label_are_refused(tmp_path):
    (tmp_path / "x.csv").write_text("a,y\n" + "1,0\n2,1\n" * 10, encoding="utf-8")
    with pytest.raises(NotReady, match="at least 20"):
        trained(tmp_path, "pattern: x.csv\nlabel: {column: y, bad: [1], good: [0]}")
    (tmp_path / "y.csv").write_text("a,y\n1,0\n", encoding="utf-8")
    with pytest.raises(DataRefused, match="2 files match"):
        trained(tmp_path, 'pattern: "*.csv"\nlabel: {column: y, bad: [1], good: [0]}')
    with pytest.raises(SettingsError, match="has no 'label'"):
        table_mapping("f", {"flat": {"pattern": "x.csv"}}, "UTC")
    with pytest.raises(SettingsError, match="has no 'flat' file"):
        table_mapping("f", {"files": {}}, "UTC")


def test_a_decline_says_what_the_mapping_says_of_each_column(tmp_path):
    def row(n, income, job, bad, day, no_income, no_job):
        return ("" if no_income else f"{income:.0f}", "" if no_job else job, str(int(bad)))

    (tmp_path / "a.csv").write_text(text(("inc", "job", "bad"), row), encoding="utf-8")
    mapping = {"pattern": "a.csv", "label": {"column": "bad", "bad": [1], "good": [0]}}

    def stated(name, reasons):
        flat, found = trained(tmp_path, mapping | ({"reasons": reasons} if reasons else {}))
        registry = Registry(tmp_path / "registry")
        version = register_table(found, flat, "scorecard", registry, name, "2024-01-01T00:00:00Z", 1, "t")
        loaded = registry.load(name, version)
        score_file(tmp_path / "a.csv", tmp_path / "out.csv", flat, loaded)
        with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
            said = {one[f"reason_{k}"] for one in csv.DictReader(file) for k in (1, 2, 3, 4)}
        return said - {""}, found[0].remarks, loaded

    # Two columns, each with what it says: a text is numbered in the mapping's order, a code stays what it is.
    said, remarks, loaded = stated("own", {"gone": "Not in the file", "inc": "Level of income", "job": "R09"})
    assert said == {"S02 Level of income", "R09 Type of employment declared"}
    assert loaded.card["own_reasons"] == dict(loaded.model.own_reasons) == {"S02": "Level of income"}
    assert "| S02 Level of income |" in card_markdown(loaded.card, loaded.model)
    assert not any("a decline names" in one for one in remarks)

    said, remarks, loaded = stated("generic", {})
    assert said == {"R28 Information supplied in the application"}
    assert "own_reasons" not in loaded.card
    assert any(one.startswith("a decline names inc, job only as 'Information supplied") for one in remarks)


def test_a_card_counts_reasons_on_the_rows_it_was_tested_on_and_stands_beside_another_only(tmp_path):
    def row(n, income, job, bad, day, no_income, no_job):
        return (f"{income:.0f}", "" if no_job else job, str(int(bad)), str(np.datetime64("2022-01-01") + day))

    (tmp_path / "a.csv").write_text(text(("inc", "job", "bad", "day"), row), encoding="utf-8")
    label = {"column": "bad", "bad": [1], "good": [0]}
    flat, found = trained(tmp_path, {"pattern": "a.csv", "label": label, "date": {"column": "day"}})
    registry = Registry(tmp_path / "registry")
    texts = {}
    for candidate in ("scorecard", "lightgbm"):
        version = register_table(found, flat, candidate, registry, "m", "2024-01-01T00:00:00Z", 1, "t")
        loaded = registry.load("m", version)
        texts[candidate] = card_markdown(loaded.card, loaded.model)
    # The last 30 % of 400 rows, whole days kept together; a tenth of them, or more where rows are alike.
    tested, own = found[0].found.test_rows, loaded.card["reason_rates"]["rows"]
    assert 100 <= tested <= 140
    assert tested // 10 <= own <= tested // 5
    assert f"Over the {own} riskiest of {tested} test rows, a tenth and all as risky as its last:" in texts["lightgbm"]
    assert ("beside the baseline (scorecard)" in texts["lightgbm"], "baseline AUC" in texts["lightgbm"]) == (True, True)
    assert ("the plain baseline itself" in texts["scorecard"], "baseline AUC" in texts["scorecard"]) == (True, False)
