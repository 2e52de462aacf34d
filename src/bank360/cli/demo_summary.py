"""The demo's one screen: rows, findings, models beside their baseline, three customers, where things are, what next.

Everything on it is read from what is stored (ledger, findings, crosswalk, registry, scores), so that a second run,
which builds nothing, says the same.
"""

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bank360.bank.counted import counted
from bank360.bank.money import in_major
from bank360.bank.words import words_of
from bank360.cli.lacks import why_unscored
from bank360.cli.typed import command, made_whole

if TYPE_CHECKING:
    from bank360.cli.runs import Bank

_COUNTED = ("transactions", "customers", "accounts", "applications", "credit_months", "interactions")


def print_summary(console: Console, bank: "Bank", seconds: float) -> None:
    """Print the summary of a built demonstration bank; ``seconds`` is how long this run took."""
    heading = f"bank360 demonstration bank, as of {bank.now:%Y-%m-%d %H:%M} UTC ({seconds:.0f} s)"
    console.rule(Text(heading), align="left")
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold")
    facts.add_column()
    facts.add_row("Rows", Text(_rows(bank)))
    facts.add_row("Findings", Text(_findings(bank)))
    facts.add_row("Customers", Text(_identity(bank)))
    scored = why_unscored(bank) is None
    if scored:
        facts.add_row("Tiers", Text(_tiers(bank)))
    console.print(facts, highlight=False)
    _print_models(console, bank)
    someone = _print_customers(console, bank) if scored else _anybody(bank)
    home = bank.home.path
    places = Table.grid(padding=(0, 2))
    places.add_column(style="bold")
    places.add_column()
    cards = f"{home}/registry (cards), " if scored else ""
    places.add_row("Where", Text(f"{home}/warehouse.duckdb, {cards}{home}/landing (what was received)"))
    after = [(f"profile show {someone}", "one customer's 360")]
    if scored:
        after += [(f"explain {someone}", "one score taken apart")]
        after += [("models show application_pd", "the champion's card")]
    for words, what in (*after, ("synth check", "the bank beside its targets")):
        places.add_row(Text("" if words != after[0][0] else "Next"), Text(f"{what}:"))
        places.add_row("", Text(f"  .venv/bin/{command(words)}"))
    console.print(places, highlight=False)


def _rows(bank: "Bank") -> str:
    from bank360.storage.reads_summary import standing_rows

    counts = standing_rows(bank.warehouse)
    named = ", ".join(f"{counts[name]:,} {name.replace('_', ' ')}" for name in _COUNTED if name in counts)
    rest = sum(count for name, count in counts.items() if name not in _COUNTED)
    return f"{named}, {counted(rest, 'other')}"


def _findings(bank: "Bank") -> str:
    from bank360.storage.findings import stored_findings

    findings = stored_findings(bank.warehouse)
    if not findings:
        return "none"
    by_severity: dict[str, int] = {}
    for finding in findings:
        by_severity[finding.severity] = by_severity.get(finding.severity, 0) + 1
    counts = ", ".join(f"{by_severity[s]} {s}" for s in ("error", "warning", "info") if s in by_severity)
    worst = max(findings, key=lambda one: (("info", "warning", "error").index(one.severity), one.rows))
    said = made_whole(worst.message).rstrip(".")
    return f"{counts} of loads, checks and features, such as: {said}. '{command('check')}' looks again."


def _identity(bank: "Bank") -> str:
    from bank360.identity.evaluation import pair_quality
    from bank360.storage.crosswalk import read_crosswalk
    from bank360.storage.identity_truth import true_pairs

    standing = {row.source_key: row.customer_id for row in read_crosswalk(bank.warehouse) if row.valid_to is None}
    people = len(set(standing.values()))
    said = f"{people:,} from {len(standing):,} source keys, {counted(len(standing) - people, 'duplicate')} merged"
    pairs = true_pairs(bank.home.truth)
    if pairs is None:
        return said
    quality = pair_quality(standing, pairs)
    return f"{said} (planted ones found: precision {quality.precision:.3f}, recall {quality.recall:.3f})"


def _tiers(bank: "Bank") -> str:
    from bank360.storage.events import customer_count
    from bank360.storage.reads_summary import tier_counts

    request, tiers = bank.request, bank.home.settings.tiers
    by_tier = tier_counts(bank.warehouse)
    counts = ", ".join(f"{count:,} {words_of(tier)}" for tier, count in by_tier.items())
    everybody = customer_count(bank.warehouse)
    currency = bank.home.settings.bank.currency
    return (
        f"{counts}, for {in_major(request.amount, currency)} {currency} over {counted(request.term_months, 'month')} "
        f"(edges {tiers.medium:.0%} and {tiers.high:.0%}); the other {everybody - sum(by_tier.values()):,} of "
        f"{everybody:,} customers are under 18 or companies, or have left or died"
    )


def _print_models(console: Console, bank: "Bank") -> None:
    from bank360.learning.metrics.calibration import LEAST_EVENTS
    from bank360.storage.oracle_truth import read_oracle

    oracle = read_oracle(bank.home.truth).get("models", {})
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    tested = ""
    table.add_column("model", no_wrap=True)
    for heading in ("rows", "bad", "AUC (95 % interval)", "recall", "share", "calibration"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name in bank.registry.models():
        aliases = bank.registry.aliases(name)
        best = {float(row["oracle_auc"]) for row in oracle.get(name, [])}
        known = ", ".join(f"oracle {value:.3f}" for value in sorted(best))
        table.add_row(Text(name, style="bold"), "", "", Text(known))
        for role in (role for role in ("champion", "challenger") if role in aliases):
            card = bank.registry.load(name, role).card
            measured = card["measured"][0]
            candidate = str(card["candidate"])
            tested = f"{card['test']['first'][:7]} to {card['test']['last'][:7]}"
            baseline = "*" if candidate == card["baseline_candidate"] else ""
            cells = (
                f"  {candidate}{baseline}, {role}",
                f"{measured['rows']:,}",
                f"{measured['events']:,}",
                _interval(measured["auc"]),
                f"{measured['recall_at_5_percent_fpr']:.2f}",
                _share(oracle.get(name, []), candidate),
                measured["calibration"]["verdict"],
            )
            table.add_row(*map(Text, cells))
    if tested:
        about = (
            f", on applications of {tested}; * the plain baseline; recall at 5 % false alarms; oracle: AUC of the true "
            "probabilities; share: (AUC - 0.5) / (oracle - 0.5); calibration is not shown with fewer than "
            f"{LEAST_EVENTS} bad, for it would say nothing"
        )
        console.print(Text.assemble(("Out of time", "bold"), about))
        console.print(table, highlight=False)


def _interval(estimate: Any) -> str:
    return f"{estimate['value']:.3f} ({estimate['low']:.3f}-{estimate['high']:.3f})"


def _share(rows: list[dict[str, Any]], candidate: str) -> str:
    found = next((row for row in rows if row["candidate"] == candidate), None)
    return "-" if found is None else f"{found['share']:.2f}"


def _print_customers(console: Console, bank: "Bank") -> str:
    """Print up to three customers worth looking at, and return the first."""
    from bank360.pipeline.profile import find_interesting

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Worth looking at", no_wrap=True)
    table.add_column("why")
    shown = find_interesting(bank.warehouse)
    for found in shown:
        table.add_row(Text(found.customer_id), Text(found.why))
    console.print(table, highlight=False)
    return shown[0].customer_id if shown else _anybody(bank)


def _anybody(bank: "Bank") -> str:
    from bank360.storage.crosswalk import read_crosswalk

    return min(row.customer_id for row in read_crosswalk(bank.warehouse) if row.valid_to is None)
