"""Files as strangers bring them, from `init` to rows for a model: what was meant is read, or a line says why not.

Every file holds the same 400 applications, written in another way; expected are the same sum of incomes, the same
number of bad ones and, where it has dates, the same first day, whatever marks, encodings and words it uses.
"""

import csv
import gzip
import io
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from bank360.bank.calendar import day_number, day_starts
from bank360.pipeline.train_table import read_flat, table_mapping
from bank360.sources.mapped_facts import flat_rows
from bank360.sources.mapped_flat import flat_source_file
from bank360.sources.source import Source
from bank360.storage.files import delivered_files

N = 400
RNG = np.random.default_rng(3)
SCORE = RNG.integers(300, 850, N).tolist()
INCOME = [round(float(one), 2) for one in RNG.lognormal(7.6, 0.5, N)]
BAD = [int(one) for one in RNG.random(N) < 1 / (1 + np.exp((np.array(SCORE) - 430) / 60))]
DAYS = [date(2021, 1, 14) + timedelta(days=k) for k in range(N)]


def table(path: Path, header, rows, delimiter=",", encoding="utf-8", above=(), below=()):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerows([*above, *([header] if header else []), *rows, *below])
    path.write_bytes(text.getvalue().encode(encoding))


def rows(*columns):
    return [list(row) for row in zip(*columns, strict=True)]


IDS = [f"A{k:04d}" for k in range(N)]
PLAIN = ["id", "income", "score", "default"]


def german(folder):
    table(
        folder / "kredite.csv", ["Nr", "Antragsdatum", "Einkommen", "Ausfall"],
        rows(IDS, [day.strftime("%d.%m.%Y") for day in DAYS], [f"{one:.2f}".replace(".", ",") for one in INCOME], BAD),
        ";",
    )  # fmt: skip


def german_thousands(folder):
    swap = str.maketrans(",.", ".,")
    limit = [f"{k * 1000:,}".translate(swap) for k in range(1, N + 1)]
    told = [f"{one:,.2f}".translate(swap) for one in INCOME]
    table(folder / "k.csv", ["Nr", "Limit", "Einkommen", "Ausfall"],
          rows(IDS, limit, told, [("nein", "ja")[one] for one in BAD]), ";")  # fmt: skip


def money_signs(folder):
    told = [f"£{one:,.2f}" for one in INCOME]
    table(folder / "m.csv", ["id", "income", "rate", "default"], rows(IDS, told, [f"{s / 100}%" for s in SCORE], BAD))


def windows_letters(folder):
    jobs = [("employé à 3 €", "autre")[k % 2] for k in range(N)]
    table(folder / "prêts.csv", ["n°", "revenu", "métier", "défaut"], rows(IDS, INCOME, jobs, BAD), ";", "cp1252")


def utf_16(folder):
    table(folder / "export.csv", PLAIN, rows(IDS, INCOME, SCORE, BAD), "\t", "utf-16")


def utf_16_without_a_mark(folder):
    table(folder / "export.csv", PLAIN, rows(IDS, INCOME, SCORE, BAD), ",", "utf-16-le")


def byte_order_mark_and_pipes(folder):
    table(folder / "l.txt", PLAIN, rows(IDS, INCOME, SCORE, BAD), "|", "utf-8-sig")


def zipped(folder):
    table(folder / "z.csv", PLAIN, rows(IDS, INCOME, SCORE, BAD))
    (folder / "z.csv.gz").write_bytes(gzip.compress((folder / "z.csv").read_bytes()))
    (folder / "z.csv").unlink()


def old_line_ends(folder):
    table(folder / "mac.csv", PLAIN, rows(IDS, INCOME, SCORE, BAD))
    (folder / "mac.csv").write_bytes((folder / "mac.csv").read_bytes().replace(b"\n", b"\r"))


def a_title_and_a_blank_line(folder):
    table(folder / "report.csv", PLAIN, rows(IDS, INCOME, SCORE, BAD), above=[["Loans of 2021"], []])


def two_header_rows(folder):
    table(folder / "two.csv", PLAIN, rows(IDS, INCOME, SCORE, BAD), above=[["", "X1", "X2", "Y"]])


def texts_with_marks_and_line_breaks(folder):
    notes = [f'first; line\nsecond | line, "{k % 4}"' for k in range(N)]
    table(folder / "n.csv", ["ref", "note", "income", "outcome"],
          rows(IDS, notes, INCOME, [("good", "bad")[one] for one in BAD]))  # fmt: skip


def columns_without_names(folder):
    table(folder / "df.csv", ["", "income", "", "default"], rows(range(N), INCOME, SCORE, BAD))


def odd_names(folder):
    names = ["Loan #", " Income, £ ", "{x}", 'job\'s "title"', "Default?"]
    table(folder / "my loans (final) [v2].csv", names, rows(IDS, INCOME, SCORE, ["x;y", "z"] * (N // 2), BAD))


def words_for_nothing(folder):
    told = ["-" if k % 40 == 0 else "n/a" if k % 40 == 1 else one for k, one in enumerate(INCOME)]
    table(folder / "w.csv", PLAIN, rows(IDS, told, SCORE, BAD))


def empty_outcomes(folder):
    table(folder / "e.csv", PLAIN, rows(IDS, INCOME, SCORE, ["" if k % 4 == 0 else one for k, one in enumerate(BAD)]))


def three_outcomes(folder):
    told = ["Current" if k % 4 == 0 else ("Fully Paid", "Charged Off")[one] for k, one in enumerate(BAD)]
    table(folder / "t.csv", ["id", "income", "score", "loan_status"], rows(IDS, INCOME, SCORE, told))


def repaid(folder):
    table(folder / "r.csv", ["id", "income", "loan_repaid"], rows(IDS, INCOME, [1 - one for one in BAD]))


def days_as_digits(folder):
    table(folder / "d.csv", ["id", "day", "income", "default"],
          rows(IDS, [day.strftime("%Y%m%d") for day in DAYS], INCOME, BAD))  # fmt: skip


def seconds_since_1970(folder):
    at = [(day - date(1970, 1, 1)).days * 86_400 + 43_200 for day in DAYS]
    table(folder / "s.csv", ["id", "created_at", "income", "default"], rows(IDS, at, INCOME, BAD))


def american_days(folder):
    table(folder / "u.csv", ["id", "applied", "income", "default"],
          rows(IDS, [day.strftime("%m/%d/%y") for day in DAYS], INCOME, BAD))  # fmt: skip


def parquet(folder):
    columns = {"app_no": IDS, "applied": pa.array(DAYS), "income": INCOME, "gender": ["F", "M"] * (N // 2)}
    pq.write_table(pa.table(columns | {"defaulted": [one == 1 for one in BAD]}), folder / "a.parquet")


def parquet_with_nan(folder):
    told = [float("nan") if k % 40 < 2 else one for k, one in enumerate(INCOME)]
    pq.write_table(pa.table({"id": IDS, "income": told, "default": BAD}), folder / "a.parquet")


WHOLE = (sum(INCOME), sum(BAD))
SOME = (sum(one for k, one in enumerate(INCOME) if k % 4), sum(one for k, one in enumerate(BAD) if k % 4))
KNOWN = (sum(one for k, one in enumerate(INCOME) if k % 40 > 1), sum(BAD))
DATED = {german, days_as_digits, seconds_since_1970, american_days, parquet}
STRANGERS = {
    german: WHOLE, german_thousands: WHOLE, money_signs: WHOLE, windows_letters: WHOLE, utf_16: WHOLE,
    utf_16_without_a_mark: WHOLE, byte_order_mark_and_pipes: WHOLE, zipped: WHOLE, old_line_ends: WHOLE,
    a_title_and_a_blank_line: WHOLE, two_header_rows: WHOLE, texts_with_marks_and_line_breaks: WHOLE,
    columns_without_names: WHOLE, odd_names: WHOLE, words_for_nothing: KNOWN, empty_outcomes: SOME,
    three_outcomes: SOME, repaid: WHOLE, days_as_digits: WHOLE, seconds_since_1970: WHOLE, american_days: WHOLE,
    parquet: WHOLE, parquet_with_nan: KNOWN,
}  # fmt: skip


def sources_of(home):
    return yaml.safe_load((home / "bank360.yaml").read_text(encoding="utf-8"))["sources"]


def read(home):
    """Read the home's one flat source by the mapping that `init` proposed."""
    (entry,) = sources_of(home)
    flat = table_mapping(entry["name"], entry["mapping"], "Europe/London")
    declared = Source("s", (flat_source_file(flat),), {flat.name: partial(flat_rows, flat)})
    ((_, name, path),) = delivered_files(declared, home)
    return read_flat(flat, path, name)


@pytest.mark.parametrize("build", STRANGERS, ids=lambda build: build.__name__)
def test_what_was_meant_is_what_is_read(bank360, tmp_path, build):
    build(tmp_path)
    ran = bank360("init", tmp_path)
    assert (ran.code, ran.err) == (0, "")
    found = read(tmp_path)
    (income,) = (v for name, v in found.numeric.items() if name in ("income", "Einkommen", "revenu", "Income, £"))
    assert found.bad is not None
    total, bad = STRANGERS[build]
    assert (round(float(np.nansum(income)), 2), int(found.bad.sum())) == (round(total, 2), bad)
    if build in DATED:
        assert found.as_of is not None
        assert int(found.as_of.min()) == int(day_starts([day_number(DAYS[0])], "Europe/London")[0])
    else:
        assert found.as_of is None


def test_a_proposal_trains_as_it_stands(bank360, tmp_path):
    german_thousands(tmp_path)
    bank360("init", tmp_path)
    ran = bank360("train", "--source", "k", "--home", tmp_path)
    assert ran.code == 0, ran.err
    assert f"{N} rows, {sum(BAD)} bad" in ran.out


def checks(ran):
    return [line.strip() for line in ran.out.splitlines() if line.strip().startswith("check: ")]


def test_what_a_look_cannot_settle_is_said(bank360, tmp_path):
    days = [day.replace(day=min(day.day, 12)).strftime("%m/%d/%Y") for day in DAYS]
    table(tmp_path / "a.csv", ["id", "applied", "default"], rows(IDS, days, [one + 1 for one in BAD]))
    said = checks(bank360("init", tmp_path))
    assert "check: 'applied' reads as %d/%m/%Y and as %m/%d/%Y alike: check which of the two it is" in said
    assert any("'2' of 'default' is the bad value is a guess" in line for line in said)
    text = (tmp_path / "bank360.yaml").read_text()
    (entry,) = yaml.safe_load(text)["sources"]
    told = [line.removeprefix("check: ") for line in said]
    assert any("reads as %d/%m/%Y and as %m/%d/%Y alike" in line for line in entry["to_check"])
    assert all(f"# {line}" in text or line in entry["to_check"] for line in told)


def test_a_file_without_names_is_proposed_and_says_what_to_add(bank360, tmp_path):
    table(tmp_path / "n.csv", None, rows(range(1000, 1000 + N), INCOME, BAD))
    said = checks(bank360("init", tmp_path))
    assert "taken for a file without a row of names" in said[0]
    (entry,) = sources_of(tmp_path)
    assert entry["mapping"]["flat"]["csv"] == {"header_rows": 0}
    entry["mapping"]["flat"]["label"] = {"column": "column_3", "bad": [1], "good": [0]}
    (tmp_path / "bank360.yaml").write_text(yaml.safe_dump({"sources": [entry]}), encoding="utf-8")
    assert sum(read(tmp_path).bad) == sum(BAD)


def test_every_file_that_is_passed_over_is_named_with_what_to_do(bank360, tmp_path):
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04" + b"\0" * 99)
    (tmp_path / "book.csv").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 99)
    (tmp_path / "all.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "rows.json").write_text("[]")
    (tmp_path / "page.csv").write_text("<!doctype html><p>Sign in")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "header.csv").write_text("a,b,c\n")
    (tmp_path / "words.txt").write_text("read me\nplease\n")
    (tmp_path / "cut.parquet").write_bytes(b"PAR1")
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n" * 999)[:40])
    (tmp_path / "strange").write_bytes(b"\x00\x01")
    table(tmp_path / "twice.csv", ["id", "income", "income"], rows(IDS, INCOME, SCORE))
    ran = bank360("init", tmp_path)
    assert ran.code == 0
    expected = {
        "book.xlsx": "Excel workbook. Save each sheet as a CSV file",
        "book.csv": "Excel workbook",
        "all.zip": "archive. Unpack it",
        "rows.json": "Export it as CSV",
        "page.csv": "web page",
        "empty.csv": "it is empty",
        "header.csv": "no rows",
        "words.txt": "no comma, semicolon, tab or |",
        "cut.parquet": "not a whole Parquet file",
        "cut.csv.gz": "cut or damaged",
        "strange": "Rename it if it is one",
        "twice.csv": "two of its columns are called 'income'. Rename one",
    }
    text = (tmp_path / "bank360.yaml").read_text(encoding="utf-8")
    for name, why in expected.items():
        (line,) = (line for line in ran.out.splitlines() if line.strip().startswith(f"{name}: "))
        assert why in line
        assert f"#   {line.strip().replace('no mapping is proposed: ', '')}" in text
    assert sources_of(tmp_path) == []


def test_digits_that_are_no_numbers_are_not_measured(bank360, tmp_path):
    branch, repeated = [f"{k % 7:03d}" for k in range(N)], [k // 2 for k in range(N)]
    stamp = [1_600_000_000 + 1000 * k for k in range(N)]
    days = [day.strftime("%Y%m%d") for day in DAYS]
    table(tmp_path / "c.csv", ["branch", "customer_id", "last_seen_at", "closed", "income", "default"],
          rows(branch, repeated, stamp, days, INCOME, BAD))  # fmt: skip
    bank360("init", tmp_path)
    text = (tmp_path / "bank360.yaml").read_text(encoding="utf-8")
    told = ("date: {", "exclude: [")  # nobody says what they are
    text = "\n".join(line for line in text.splitlines() if not any(one in line for one in told))
    (tmp_path / "bank360.yaml").write_text(text, encoding="utf-8")
    found = read(tmp_path)
    assert (list(found.numeric), list(found.categorical)) == (["income"], ["branch"])
    said = " ".join(found.remarks)
    assert "column 'branch': its numbers have leading zeros" in said
    assert "column 'customer_id' is left out: its name says" in said
    assert "column 'last_seen_at' is left out: it holds dates" in said
    assert "column 'closed' is left out: it holds dates" in said


def test_a_row_of_totals_is_seen_by_init_and_refused_by_train(bank360, refused, tmp_path):
    table(tmp_path / "t.csv", PLAIN, rows(IDS, INCOME, SCORE, BAD), below=[["Total", sum(INCOME), "", sum(BAD)]])
    ran = bank360("init", tmp_path)
    assert "its last row looks like a total" in ran.out
    said = refused("train", "--source", "t", "--home", tmp_path)
    assert f"row {N + 2}: 'Total' makes a row of totals. Take the row out." in said


def test_a_category_called_total_is_no_row_of_totals(tmp_path, bank360):
    cover = ["Total", "Partial"] * (N // 2 - 1) + ["Partial", "Total"]
    table(tmp_path / "t.csv", ["id", "cover", "income", "default"], rows(IDS, cover, INCOME, BAD))
    bank360("init", tmp_path)
    assert len(read(tmp_path).lines) == N


def test_an_outcome_that_is_rare_is_guessed_from_its_one_value(bank360, tmp_path):
    wide = "x" * 700  # so that the first rows, which are all that is looked at, hold no fraud
    told = [int(k == N - 1) for k in range(N)]
    table(tmp_path / "f.csv", ["id", "note", "fraud"], rows(IDS, [f"{wide}{k}" for k in range(N)], told))
    ran = bank360("init", tmp_path)
    assert "every row looked at has '0' in 'fraud'" in ran.out
    assert sum(read(tmp_path).bad) == 1


def test_more_files_than_are_looked_at_are_named(bank360, tmp_path):
    for k in range(51):
        table(tmp_path / f"f{k:02d}.csv", ["a", "b"], [[1, 2], [3, 4]])
    assert "f50.csv: no mapping is proposed: 50 files were looked at before it" in bank360("init", tmp_path).out


def test_seconds_since_1970_fall_on_the_banks_local_day(tmp_path):
    at = int(datetime.fromisoformat("2024-07-01T23:30:00+00:00").timestamp())  # half past midnight in London
    table(tmp_path / "s.csv", ["id", "at", "default"], [["1", at, 0], ["2", at, 1]])
    mapping = {"pattern": "s.csv", "date": {"column": "at", "format": "epoch_seconds"},
               "label": {"column": "default", "bad": [1], "good": [0]}}  # fmt: skip
    found = read_flat(table_mapping("s", {"flat": mapping}, "Europe/London"), tmp_path / "s.csv", "s.csv")
    assert found.as_of is not None
    assert found.as_of.tolist() == day_starts([day_number(date(2024, 7, 2))] * 2, "Europe/London").tolist()


def test_a_column_that_knows_the_answer_is_refused_with_what_to_write(bank360, refused, tmp_path):
    table(tmp_path / "k.csv", ["id", "income", "loss", "default"], rows(IDS, INCOME, [7 * one for one in BAD], BAD))
    bank360("init", tmp_path)
    said = refused("train", "--source", "k", "--home", tmp_path)
    assert "'loss' alone ranks the outcome" in said
    assert said.endswith("In a mapping: list it under 'exclude'.")
