"""The ``bank360.yaml`` that ``bank360 init`` writes: commented, and filled in as far as a look at the files allows.

Pure: the caller hands in the first bytes of each file it found. What is proposed is a guess from names and a few rows,
marked to be checked; nothing is loaded before somebody has read it. A file that looks like a ledger is proposed as
transactions, one with a two-valued column as a flat file to train on.
"""

import csv
import glob
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import yaml

from bank360.sources.mapped_flat import FLAT_NULLS
from bank360.sources.mapped_protected import looks_protected, protected_kind

# How much of a file is enough to look at.
HEAD_BYTES = 65_536
_DELIMITERS = (",", ";", "\t", "|")
_DATES = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y", "%d-%b-%Y", "%Y%m%d",
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d.%m.%Y %H:%M",
)  # fmt: skip
_ISO = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
_ID = re.compile(r"(^|[^a-z])(id|key|nr|no|num|number|token|ref|reference)$|num$|id$")
_LABEL = re.compile(r"default|bad|fraud|target|label|class|churn|attrition|outcome|delinq|good|risk|^y$")
_BAD_VALUES = re.compile(r"^(1|1\.0|2|yes|y|true|t|bad|b|default|fraud|churn\w*|attrited.*|j|ja)$")
_BIRTH = re.compile(r"birth|dob|born|geb")
_AMOUNT, _ACCOUNT = re.compile(r"amount|amt|betrag|value|sum"), re.compile(r"acc(oun)?t|iban|konto")

_HEAD = """\
# The settings of this bank. Every key is optional; an unknown one is refused by name.
# A variable wins over the file: BANK360_TIERS__HIGH=0.12

bank:
  name: {name}
  zone: Europe/London     # where days begin and end
  currency: GBP           # of amounts that state none

# clock: data             # "now" is the data's last instant: for historical and demonstration banks
# tiers: {{medium: 0.08, high: 0.15}}   # lower edges, on the probability of default
# standard_request: {{product_id: LOAN, amount: 500000, term_months: 36}}   # what all are scored for; minor units
# engine: {{threads: 2, memory: 3GB}}   # at most; what needs more memory spills to disk
# seed: 42                # of training: same data and seed, same model

# The kind of a source is 'mapped' (files of your own, by a mapping as below), or one whose files are known already:
# 'synthetic' (the demonstration bank), 'berka' (PKDD'99), 'loan_applications_csv' (data/sample_input.csv).
"""

LEDGER_EXAMPLE = """\
- name: core                  # lower case; messages call it sources.core
  kind: mapped
  folder: raw                 # below this folder; a delivery is all files in it
  mapping:
    files:
      transactions:           # the table it fills, or any name with 'table: transactions'
        pattern: "ledger-*.csv"
        csv: {delimiter: ";", encoding: latin-1, header_rows: 1, nulls: ["", "NULL"]}
        decimal: ","
        thousands: "."
        zone: Europe/Berlin   # of times that state none
        currency: EUR         # or {column: CCY}
        amounts: major        # 12.34 is 12.34; minor: 1234 is 12.34; major_rounded: excess digits are rounded
        sign: debit_positive  # or {debit: OUT, credit: IN}, or {indicator: DC, debit: [D], credit: [C]}
        known_after: 1d       # usable one day after it happened; or known_time: COLUMN
        columns:              # ours: theirs
          transaction_id: TXN_ID
          account_id: ACCOUNT
          event_time: {column: POSTED, format: "%d.%m.%Y %H:%M"}
          amount: AMOUNT
          channel: {column: CHANNEL, codes: {A: atm, P: pos, W: online}, other: unknown, missing: unknown}
          country: {constant: DE}
      customers:
        pattern: "customers.csv"
        history: none         # overwritten without history: metrics say "no point-in-time before the load date"
        known_time: {constant: "2024-01-31"}
        columns:
          customer_id: CUST_NO
          type: {constant: person}
          birth_date: {column: DOB, format: "%d/%m/%Y"}
          sex: {column: GENDER, codes: {F: female, M: male}, missing: unknown}
"""

FLAT_EXAMPLE = """\
- name: applications          # one row per customer or application, to train on
  kind: mapped
  folder: raw
  mapping:
    flat:
      pattern: "applications.csv"
      subject: application    # or customer
      id: APP_ID              # optional
      date: {column: APPLIED, format: "%d/%m/%Y"}   # optional; without it metrics are "not out of time"
      label: {column: BAD, bad: [1], good: [0]}     # also leave_out: [2] and unlabelled: leave_out
      protected: [gender, marital_status]           # never scored
      unscored: [age]         # for the profile only
      exclude: [comment]
      # all other columns are inputs; their kind is found, or stated:
      numeric: [income]
      categorical: [postcode_area]
      percent: [rate]         # 5.5 % is 0.055
      ranges: {income: [0, 1000000]}
"""


@dataclass(frozen=True)
class Look:
    """What the first bytes of a delimited file show: how it is written, its columns, and its first rows."""

    name: str
    delimiter: str
    encoding: str
    header_rows: int
    decimal: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> tuple[str, ...]:
        """Return the cells of a column that hold something."""
        place = self.header.index(name)
        return tuple(row[place].strip() for row in self.rows if row[place].strip() not in FLAT_NULLS)


def template(name: str = "My bank", heads: Mapping[str, bytes] | None = None) -> str:
    """Return the text of a commented ``bank360.yaml``.

    Parameters
    ----------
    name
        The bank's.
    heads
        By file name, the first `HEAD_BYTES` of the delimited files to propose a mapping for.
    """
    looks = [look for file, head in (heads or {}).items() if (look := look_at(file, head)) is not None]
    parts = [_HEAD.format(name=_plain(name))]
    if looks:
        parts.append(
            "# Proposed from the files' names and first rows. Read and correct it before the first load.\nsources:\n"
        )
        taken: set[str] = set()
        parts += [_indented(_proposal(look, taken), "  ") for look in looks]
    else:
        parts.append("sources: []\n")
    parts.append("\n# Examples of sources:\n#\n# sources:\n")
    parts += [_indented(LEDGER_EXAMPLE, "#   "), "#\n", _indented(FLAT_EXAMPLE, "#   ")]
    return "".join(parts)


def look_at(name: str, head: bytes) -> Look | None:
    """Return what the first bytes of a delimited file show; None where they are no table of text.

    Parameters
    ----------
    name
        The file's.
    head
        Its first bytes; a last line that is cut off is left out.
    """
    if b"\0" in head or not head.strip():
        return None
    encoding = "utf-8"
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.end < len(head) - 3:  # not just cut in the middle of a letter
            encoding = "latin-1"
        text = head.decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="ignore")
    whole = text if len(head) < HEAD_BYTES else text[: text.rfind("\n") + 1]
    read = {mark: [row for row in csv.reader(io.StringIO(whole), delimiter=mark) if row] for mark in _DELIMITERS}
    delimiter = max(_DELIMITERS, key=lambda mark: _width(read[mark]))
    rows, width = read[delimiter], _width(read[delimiter])
    if width < 2 or len(rows) < 2:
        return None
    top = next(place for place, row in enumerate(rows) if len(row) == width)
    while top + 2 < len(rows) and _is_header(rows[top + 1], rows[top + 2 :]):
        top += 1  # two header rows: names stand in the last
    header = tuple(cell.strip() for cell in rows[top])
    body = tuple(tuple(row) for row in rows[top + 1 :] if len(row) == width)
    if not body or len(set(header)) < len(header) or not _is_header(header, body):
        return None
    commas = sum(bool(re.fullmatch(r"-?[0-9.]*,[0-9]+", cell.strip())) for row in body for cell in row)
    points = sum(bool(re.fullmatch(r"-?[0-9]+\.[0-9]+", cell.strip())) for row in body for cell in row)
    decimal = "," if delimiter != "," and commas > points else "."
    return Look(name, delimiter, encoding, top + 1, decimal, header, body)


def _width(rows: Sequence[Sequence[str]]) -> int:
    """Return the number of cells that most rows have."""
    counts = [len(row) for row in rows]
    return max(set(counts), key=lambda count: (counts.count(count), count)) if counts else 0


def _is_header(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Return whether a row holds names: no numbers, where the rows below hold some."""
    numbers = sum(_is_number(cell) for cell in row)
    numbers_below = max((sum(_is_number(cell) for cell in one) for one in below[:20]), default=0)
    return numbers == 0 and (numbers_below > 0 or row not in below)


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9]+([.,][0-9]+)?", cell.strip()) is not None


def _proposal(look: Look, taken: set[str]) -> str:
    stem = re.sub(r"[^a-z0-9]+", "_", look.name.rsplit("/", 1)[-1].rsplit(".", 1)[0].lower()).strip("_")[:40] or "file"
    name = stem if stem[0].isalpha() else f"file_{stem}"
    while name in taken:
        name += "_2"
    taken.add(name)
    ledger = _ledger(look)
    mapping = {"files": {"transactions": ledger}} if ledger is not None else {"flat": _flat(look)}
    entry = {"name": name, "kind": "mapped", "folder": ".", "mapping": mapping}
    text = yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)
    if ledger is None and "label" not in mapping["flat"]:
        text += "  # add below 'flat' what is to be predicted: label: {column: …, bad: [1], good: [0]}\n"
    return text


def _written(look: Look) -> dict[str, object]:
    dialect = {
        "delimiter": {"\t": "tab"}.get(look.delimiter, look.delimiter),
        "encoding": look.encoding,
        "header_rows": look.header_rows,
    }
    plain = {"delimiter": ",", "encoding": "utf-8", "header_rows": 1}
    told = {key: value for key, value in dialect.items() if value != plain[key]}
    found: dict[str, object] = {"pattern": glob.escape(look.name)}
    if look.name.lower().endswith((".parquet", ".pq")) or told:
        found["csv"] = told
    if look.decimal != ".":
        found["decimal"] = look.decimal
    return found


def _flat(look: Look) -> dict[str, object]:
    found = _written(look)
    label = _label_column(look)
    free = [name for name in look.header if name != label]
    key = next((name for name in free if _ID.search(name.lower()) and _names_rows(look.column(name), look)), None)
    if key is not None:
        found["id"] = key
    dated = next(
        ((name, pattern) for name in free if name != key and (pattern := _date_pattern(look.column(name)))), None
    )
    if dated is not None:
        found["date"] = _dated(*dated)
    if label is not None:
        bad, good = _outcomes(look.column(label))
        found["label"] = {"column": label, "bad": [bad], "good": [good]}
    protected = [name for name in free if protected_kind(name) == "group"]
    if protected:
        found["protected"] = protected
    return found


def _ledger(look: Look) -> dict[str, object] | None:
    """Return a mapping of transactions where a file has an account, a date and an amount; else None."""
    lower = {name: name.lower() for name in look.header}
    account = next((name for name in look.header if _ACCOUNT.search(lower[name])), None)
    dated = _dated_column(look, look.header)
    amounts = [
        name
        for name in look.header
        if _AMOUNT.search(lower[name]) and look.column(name) and all(map(_is_number, look.column(name)))
    ]
    key = next(
        (n for n in look.header if n != account and _ID.search(lower[n]) and _names_rows(look.column(n), look)), None
    )
    repeated = account is not None and len(set(look.column(account))) < len(look.column(account))
    if account is None or dated is None or not amounts or key is None or not repeated:
        return None
    columns: dict[str, object] = {
        "transaction_id": key,
        "account_id": account,
        "event_time": _dated(*dated),
        "amount": amounts[0],
        "country": {"constant": "GB"},
    }
    return {**_written(look), "sign": "credit_positive", "known_after": "1d", "columns": columns}


def _dated_column(look: Look, names: Sequence[str]) -> tuple[str, str] | None:
    for name in names:
        pattern = None if _BIRTH.search(name.lower()) else _date_pattern(look.column(name))
        if pattern is not None:
            return name, pattern
    return None


def _dated(name: str, pattern: str) -> object:
    return {"column": name} if pattern in _ISO else {"column": name, "format": pattern}


def _names_rows(cells: Sequence[str], look: Look) -> bool:
    return len(cells) == len(look.rows) == len(set(cells))


def _date_pattern(cells: Sequence[str]) -> str | None:
    """Return the pattern that all cells of a column read by; where two do, the first of the list."""
    if not cells or all(len(cell) < 8 for cell in cells):
        return None
    return next((pattern for pattern in _DATES if all(_reads(cell, pattern) for cell in cells)), None)


def _reads(cell: str, pattern: str) -> bool:
    try:
        return 1900 <= datetime.strptime(cell, pattern).year < 2100  # noqa: DTZ007 - a local day
    except ValueError:
        return False


def _label_column(look: Look) -> str | None:
    """Return the two-valued column whose name speaks of an outcome; else the last column if it has two values."""
    two = [name for name in look.header if len(set(look.column(name))) == 2 and not looks_protected(name)]
    spoken = [name for name in two if _LABEL.search(name.lower())]
    if spoken:
        return spoken[-1]
    return look.header[-1] if look.header[-1] in two else None


def _outcomes(cells: Sequence[str]) -> tuple[object, object]:
    """Return the bad and the good value: by what they say, else the rarer one is bad."""
    values = sorted(set(cells), key=cells.count)
    bad = next((value for value in values if _BAD_VALUES.match(value.lower())), values[0])
    if {"1", "0"} == set(values):
        bad = "1"
    good = next(value for value in values if value != bad)
    return _scalar(bad), _scalar(good)


def _scalar(value: str) -> object:
    return int(value) if re.fullmatch(r"0|[1-9][0-9]{0,8}", value) else value


def _indented(text: str, by: str) -> str:
    return "".join(f"{by}{line}\n" if line else f"{by.rstrip()}\n" for line in text.splitlines())


def _plain(name: str) -> str:
    return yaml.safe_dump(name, default_style='"').strip()
