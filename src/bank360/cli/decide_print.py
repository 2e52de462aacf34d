"""How a decision is printed: gates in order with their numbers, outcome, reasons in plain words, alternatives."""

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bank360.bank.calendar import to_datetime
from bank360.bank.counted import counted, measured
from bank360.bank.money import in_major
from bank360.policies.decision import reason_in_words

if TYPE_CHECKING:
    from bank360.pipeline.what_if import WhatIf
    from bank360.policies.gates import Number

_WIDTH_OF_A_PIPE = 100
_STYLES = {"approve": "green", "review": "yellow", "decline": "red"}
_PASSED = {"approve": "pass"}  # what a gate says; only the whole approves


def print_decision(tried: "WhatIf", zone: str, currency: str, console: "Console | None" = None) -> None:
    """Print a decision, money in major units of ``currency``, instants in the bank's zone."""
    to, record = console or Console(), tried.record
    if not to.is_terminal:
        to.width = _WIDTH_OF_A_PIPE
    at = to_datetime(record.as_of).astimezone(ZoneInfo(zone))
    to.rule(Text.assemble((record.subject, "bold"), "  what-if, not recorded"), align="left")
    asked = (
        f"{currency} {in_major(record.request.amount, currency)} over {counted(record.request.term_months, 'month')}"
    )
    to.print(Text(f"{asked}, as of {at:%Y-%m-%d %H:%M} ({zone})"))
    to.print(Text(f"policy {record.policy} {record.policy_version} ({record.policy_hash[:16]})"))
    for use in record.models:
        thin = ", thin file" if use.thin_file else ""
        to.print(Text(f"model {use.model} {use.version}{thin}: {use.probability:.2%}"))
    for place, gate in enumerate(record.gates, start=1):
        said = Text(_PASSED.get(gate.outcome, gate.outcome), style=_STYLES[gate.outcome])
        to.print(Text(f"\n{place}. {gate.gate}: ", style="bold") + said)
        table = Table(box=None, show_header=False, pad_edge=False)
        table.add_column(min_width=36)
        table.add_column(justify="right")
        for number in gate.numbers:
            table.add_row(Text(f"   {number.name}"), Text(_shown(number, currency)))
        to.print(table)
        for code in gate.reasons:
            to.print(Text(f"   {code} {reason_in_words(record, code)}"))
    to.print(Text("\nOutcome: ", style="bold") + Text(record.outcome.upper(), style=f"bold {_STYLES[record.outcome]}"))
    for code in record.reasons:
        worse = "the terms are not the best because: " if record.outcome == "approve" else ""
        to.print(Text(f"  {worse}{code} {reason_in_words(record, code)}"))
    for other in record.alternatives:
        instead = (
            f"  could be had instead, to be scored: {currency} {in_major(other.amount, currency)} over"
            f" {counted(other.term_months, 'month')}, {currency} {in_major(other.instalment, currency)} a month"
        )
        to.print(Text(instead))
    same = "the same bytes" if tried.replayed else "OTHER BYTES: do not trust this what-if"
    to.print(Text(f"Worked out once more from the values above: {same} (SHA-256 {tried.fingerprint[:16]})"))


def _shown(number: "Number", currency: str) -> str:
    value = number.value
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if number.unit.startswith("minor units"):
        return f"{currency} {in_major(value, currency)}{number.unit.removeprefix('minor units')}"
    if number.unit == "probability":
        return f"{value:.2%}"
    if number.unit == "1/year":
        return f"{value:.2%} a year"
    return measured(str(value), number.unit)
