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
from typing import Any

import yaml

from bank360.sources.mapped_flat import FLAT_NULLS
from bank360.sources.mapped_protected import looks_protected, name_words, protected_kind
from bank360.sources.mapping_examples import FLAT_EXAMPLE, HEAD, LEDGER_EXAMPLE

# How much of a file is enough to look at.
HEAD_BYTES = 65_536
_DELIMITERS = (",", ";", "\t", "|")
_DATES = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y", "%d-%b-%Y", "%Y%m%d",
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d.%m.%Y %H:%M",
)  # fmt: skip
_ISO = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
_ID = re.compile(r"(^|[^a-z])(id|key|nr|no|num|number|token|ref|reference)$|num$|id$")
_LABEL = re.compile(r"default|fraud|churn|attrit|delinq|dlq|outcome|credit_?ability")
_LABEL_WORDS = frozenset({"label", "target", "bad", "risk", "status", "class", "y"})
_YES = re.compile(r"^(1|1\.0|yes|y|true|t|j|ja)$")
_GOOD_WORDS = frozenset({"good", "paid", "ok", "repaid", "kept", "success", "approved", "retained"})
_BAD_WORDS = frozenset({"not", "un", "non", "bad", "default", "unpaid"})
_BAD_VALUES = re.compile(r"^(1|1\.0|2|yes|y|true|t|bad|b|default|fraud|churn\w*|attrited.*|j|ja)$")
_PERCENT = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?\s*%")
_INDICATOR = {"d": "debit", "dr": "debit", "debit": "debit", "c": "credit", "cr": "credit", "credit": "credit"}
_AMOUNT, _ACCOUNT = re.compile(r"amount|amt|betrag|value|sum"), re.compile(r"acc(oun)?t|iban|konto")


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
    parts = [HEAD.format(name=_plain(name))]
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
    settled = any(re.fullmatch(r"[+-]?[0-9]{1,3}(,[0-9]{3})+\.[0-9]+", cell.strip()) for row in body for cell in row)
    points = sum(bool(re.fullmatch(r"-?[0-9]+\.[0-9]+", cell.strip())) for row in body for cell in row)
    decimal = "," if delimiter != "," and commas > points and not settled else "."
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
    mapping: dict[str, dict[str, Any]] = (
        {"files": {"transactions": ledger}} if ledger is not None else {"flat": _flat(look)}
    )
    entry = {"name": name, "kind": "mapped", "folder": ".", "mapping": mapping}
    text = yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)
    return text + "".join(f"  # {line}\n" for line in _to_check(look, mapping))


def _to_check(look: Look, mapping: Mapping[str, dict[str, Any]]) -> list[str]:
    """Return what the names and first rows leave open, to be read before the first load."""
    if "files" in mapping:
        ledger = mapping["files"]["transactions"]
        if ledger["sign"] == "credit_positive" and not any(
            "-" in one for one in look.column(ledger["columns"]["amount"])
        ):
            return ["all amounts are positive and no column tells debit from credit: state the sign"]
        return []
    flat, found = mapping["flat"], []
    if "label" not in flat:
        found.append("no column's name speaks of an outcome")
        found.append("add below 'flat' what is to be predicted: label: {column: …, bad: [1], good: [0]}")
    else:
        cells = look.column(flat["label"]["column"])
        if 2 * cells.count(str(flat["label"]["bad"][0])) > len(cells):
            found.append("more than half of the rows looked at would be bad: check which value of the label is")
    ages = [name for name in look.header if protected_kind(name) == "age"]
    if ages:
        found.append(f"not scored unless listed under 'numeric', where your jurisdiction allows: {', '.join(ages)}")
    return found


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
    marks = [mark for mark in (",", ".", " ", "'") if mark != look.decimal and _grouped(look, mark)]
    if len(marks) == 1:
        found["thousands"] = marks[0]
    return found


def _grouped(look: Look, mark: str) -> bool:
    """Return whether a column holds numbers in groups of thousands, and nothing that such a mark would misplace."""
    point = re.escape(look.decimal)
    grouped = re.compile(rf"[+-]?[0-9]{{1,3}}({re.escape(mark)}[0-9]{{3}})+({point}[0-9]*)?")
    plain = re.compile(rf"[+-]?[0-9]+({point}[0-9]*)?")
    columns = [look.column(name) for name in look.header]
    return any(
        any(map(grouped.fullmatch, cells)) and all(grouped.fullmatch(one) or plain.fullmatch(one) for one in cells)
        for cells in columns
    )


def _flat(look: Look) -> dict[str, object]:
    found = _written(look)
    label = _label_column(look)
    free = [name for name in look.header if name != label]
    key = next((name for name in free if _ID.search(name.lower()) and _names_rows(look.column(name), look)), None)
    if key is not None:
        found["id"] = key
    dated = _dated_column(look, [name for name in free if name != key])
    if dated is not None:
        found["date"] = _dated(*dated)
    if label is not None:
        bad, good = _outcomes(look.column(label), good_word=_speaks_good(label))
        found["label"] = {"column": label, "bad": [bad], "good": [good]}
    protected = [name for name in free if protected_kind(name) == "group"]
    if protected:
        found["protected"] = protected
    percent = [name for name in free if look.column(name) and all(map(_PERCENT.fullmatch, look.column(name)))]
    if percent:
        found["percent"] = [name for name in percent if name not in protected]
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
    return {**_written(look), "sign": _sign(look, amounts[0]), "known_after": "1d", "columns": columns}


def _sign(look: Look, amount: str) -> object:
    """Return the column that tells debit from credit where amounts carry no sign; else that credits are positive."""
    if not any("-" in cell for cell in look.column(amount)):
        for name in look.header:
            values = sorted(set(look.column(name)))
            kinds = {_INDICATOR.get(value.lower()): value for value in values}
            if len(values) == 2 and set(kinds) == {"debit", "credit"}:
                return {"indicator": name, "debit": [kinds["debit"]], "credit": [kinds["credit"]]}
    return "credit_positive"


def _dated_column(look: Look, names: Sequence[str]) -> tuple[str, str] | None:
    for name in names:
        pattern = None if protected_kind(name) == "birth" else _date_pattern(look.column(name))
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
    """Return the last two-valued column whose name speaks of an outcome; None where no name does."""
    two = [name for name in look.header if len(set(look.column(name))) == 2 and not looks_protected(name)]
    return next((name for name in reversed(two) if _speaks_of_outcome(name)), None)


def _speaks_of_outcome(name: str) -> bool:
    return bool(_LABEL.search(name.lower()) or {*name_words(name)} & (_LABEL_WORDS | _GOOD_WORDS))


def _speaks_good(name: str) -> bool:
    words = {*name_words(name)}
    return bool(words & _GOOD_WORDS) and not words & _BAD_WORDS


def _outcomes(cells: Sequence[str], *, good_word: bool) -> tuple[object, object]:
    """Return the bad and the good value: by what they say, else the rarer one is bad.

    Under a name that speaks of good, such as REPAID, 1 and yes are good.
    """
    values = sorted(set(cells), key=cells.count)
    said = [value for value in values if _BAD_VALUES.match(value.lower())]
    bad = said[0] if said else values[0]
    if {"1", "0"} == set(values):
        bad = "1"
    if good_word and _YES.match(bad.lower()):
        bad = next(value for value in values if value != bad)
    good = next(value for value in values if value != bad)
    return _scalar(bad), _scalar(good)


def _scalar(value: str) -> object:
    return int(value) if re.fullmatch(r"0|[1-9][0-9]{0,8}", value) else value


def _indented(text: str, by: str) -> str:
    return "".join(f"{by}{line}\n" if line else f"{by.rstrip()}\n" for line in text.splitlines())


def _plain(name: str) -> str:
    return yaml.safe_dump(name, default_style='"').strip()
