"""Findings about data that was accepted: each rule is a pure function of counts, and none changes a row.

A finding says what was seen and what to do. Severity: *error* where results would be wrong, *warning* where somebody
should look, *info* where it is worth knowing (a column that says nothing, a source that was late).
"""

import re
from collections.abc import Iterable, Mapping

from bank360.bank.counted import counted
from bank360.bank.countries import COUNTRY_FORM
from bank360.bank.finding import Finding
from bank360.bank.money import in_major
from bank360.bank.personal_numbers import masked_key
from bank360.bank.table import Table, Tag
from bank360.bank.tables import TABLE_BY_NAME
from bank360.bank.vocabulary import Severity
from bank360.quality.profile import ControlTotal, TableProfile

# Monthly files arrive within a month; what comes later changes features of month-ends that were already computed.
LATE_DAYS = 31

# When a row of an event table happened.
EVENT_COLUMNS: dict[str, str] = {
    "transactions": "event_time",
    "interactions": "at",
    "applications": "submitted_at",
    "payments": "paid_on",
    "balances": "date",
    "credit_months": "month_end",
}

# (what is looked for, category, whether the amount leaves the account) of transactions: a sign the wrong way round in a
# mapping shows here. Refunds and corrections make a few percent; a mapping makes all.
WRONG_SIGNS: tuple[tuple[str, str, bool], ...] = (
    ("salary that leaves the account", "salary", True),
    ("pension that leaves the account", "pension", True),
    ("groceries that come into the account", "groceries", False),
    ("rent that comes into the account", "rent", False),
)
_WRONG_SIGN_SHARE = 0.2

# Of money that leaves, up to this share of unknown category is only worth knowing: some codes of any bank say nothing.
# Spending is a part of what leaves (transfers, cash, instalments are the rest), so that it may lack a larger share.
_UNKNOWN_SHARE = 0.05

# Of applicants who declare to be retired nearly all are this old; of others of that age, few still apply.
OLD_AGE = 60
_LEAST_OF_A_CODE, _SHARE_THAT_TELLS, _SHARE_OF_OTHERS = 20, 0.8, 0.4

# Constant by nature: a bank of one currency, one version of a code list or of a bureau's score.
_CONSTANT_BY_NATURE = re.compile(r"(^|_)(currency|version)$")


def table_findings(profiles: Mapping[str, TableProfile]) -> tuple[Finding, ...]:
    """Return the findings about every table, in the order of the tables.

    Parameters
    ----------
    profiles
        By table name; tables without rows say nothing.
    """
    found: list[Finding] = []
    for name, profile in profiles.items():
        if profile.rows:
            table = TABLE_BY_NAME[name]
            for rule in _RULES:
                found += rule(table, profile)
    return tuple(found)


def references(table: Table, profile: TableProfile) -> list[Finding]:
    """Find references that lead nowhere, and those that cannot be checked."""
    found = []
    severity = Severity.ERROR if table.on_dangling == "refuse" else Severity.WARNING
    for column, dangling in profile.dangling.items():
        message = (
            f"{counted(dangling.rows, 'row')} of '{table.name}' with a value of '{column}' that is nowhere"
            f" ({counted(dangling.values, 'value')}). Deliver the missing rows"
        )
        found.append(
            Finding(table.name, column, "dangling_reference", severity, dangling.rows, dangling.example, message)
        )
    for column in profile.unchecked:
        target = (table.column(column).references or "").split(".")[0]
        message = f"'{table.name}.{column}' cannot be checked: no source has filled '{target}'"
        if target == "products":
            message += (
                ": a product that nobody knows passes too, and no account is known to be credit. Map a file of products"
                f" to 'products', which needs {_needed(TABLE_BY_NAME[target])}"
            )
        found.append(
            Finding(table.name, column, "reference_not_checked", Severity.WARNING, profile.rows, None, message)
        )
    return found


def _needed(table: Table) -> str:
    """Return the columns that a row of a table must have, each with what it says."""
    return ", ".join(f"{one.name} ({one.said})" for one in table.columns if not one.nullable)


def event_times(table: Table, profile: TableProfile) -> list[Finding]:
    """Find events known before they happened, known late, or without a time of day."""
    column = EVENT_COLUMNS.get(table.name)
    if column is None:
        return []
    found = []
    if profile.early:
        message = (
            f"{counted(profile.early, 'row')} of '{table.name}' known before the event: features would see the future."
            " Correct known_time, or known_after in the mapping"
        )
        found.append(Finding(table.name, column, "known_early", Severity.ERROR, profile.early, None, message))
    if profile.late:
        message = (
            f"{counted(profile.late, 'row')} of '{table.name}' known more than {LATE_DAYS} days after the event;"
            " features of the days between were made without them, and stay so"
        )
        found.append(Finding(table.name, column, "late_rows", Severity.INFO, profile.late, None, message))
    if profile.date_only:
        message = (
            f"{counted(profile.date_only, 'row')} of '{table.name}' with a date and no time of day: features of the"
            " hour and of short windows leave out what has none"
        )
        found.append(Finding(table.name, column, "date_only", Severity.INFO, profile.date_only, None, message))
    return found


def silent_columns(table: Table, profile: TableProfile) -> list[Finding]:
    """Find columns that say nothing: without any value, or with one value where more are to be expected."""
    found = []
    for name, column in profile.columns.items():
        about = table.column(name)
        expected = (
            about.codes is not None
            or bool({Tag.KEY, Tag.PROVENANCE} & {*about.tags})
            or _CONSTANT_BY_NATURE.search(name) is not None
        )
        if column.nulls == profile.rows:
            message = f"'{table.name}.{name}' has no value in any row"
            found.append(Finding(table.name, name, "empty_column", Severity.INFO, profile.rows, None, message))
        elif column.constant and column.nulls == 0 and profile.rows > 1 and not expected:
            message = f"'{table.name}.{name}' has the same value in every row: it cannot tell customers apart"
            found.append(Finding(table.name, name, "constant_column", Severity.INFO, profile.rows, None, message))
    return found


def signs(table: Table, profile: TableProfile) -> list[Finding]:
    """Find categories whose amounts mostly have the wrong sign."""
    found = []
    for what, (rows, of) in profile.against_sign.items():
        if of and rows / of > _WRONG_SIGN_SHARE:
            message = (
                f"{rows:,} of {counted(of, 'row')}: {what}. Is the sign convention in the mapping right?"
                " Positive amounts come into the account"
            )
            found.append(Finding(table.name, "amount", "wrong_sign", Severity.WARNING, rows, None, message))
    return found


def categories(table: Table, profile: TableProfile) -> list[Finding]:
    """Find money that leaves without a category: no feature of spending counts it, and nothing else would say so."""
    seen = profile.uncategorised
    if seen is None or not seen.rows:
        return []
    share = seen.amount / seen.amount_of
    message = (
        f"{seen.rows:,} of {counted(seen.of, 'row')} of '{table.name}' by which money leaves have category unknown:"
        f" {in_major(seen.amount, seen.currency)} of {in_major(seen.amount_of, seen.currency)} {seen.currency}"
        f" ({share:.1%}). Features of spending, such as spend_90d and essential_share_90d, leave them out. Map the"
        " file's codes to categories, under 'category' of the source in bank360.yaml, and run 'bank360 rebuild'"
    )
    severity = Severity.WARNING if share > _UNKNOWN_SHARE else Severity.INFO
    return [Finding(table.name, "category", "unknown_category", severity, seen.rows, None, message)]


def countries(table: Table, profile: TableProfile) -> list[Finding]:
    """Find countries that are none: whatever is not the bank's own code is abroad; an error where most rows are so."""
    rows, example = profile.no_country
    if not rows:
        return []
    message = (
        f"{counted(rows, 'row')} of '{table.name}' with a country that is none, such as '{example}': it must be"
        f" {COUNTRY_FORM}. Features take such rows for abroad. Give the mapping of country its codes, and run"
        " 'bank360 rebuild'"
    )
    severity = Severity.ERROR if 2 * rows > profile.rows else Severity.WARNING
    return [Finding(table.name, "country", "no_country", severity, rows, example, message)]


def unread_reports(table: Table, profile: TableProfile) -> list[Finding]:
    """Find bureau reports that no feature reads: features ask what was pulled for an application."""
    rows, example = profile.unread
    if not rows:
        return []
    message = (
        f"{counted(rows, 'row')} of '{table.name}' with a subject that is no application's id, such as"
        f" '{masked_key(str(example))}': no feature reads them, as bureau_score. Deliver a report with the id of the"
        " application that it was pulled for as its subject"
    )
    return [Finding(table.name, "subject", "unread_reports", Severity.WARNING, rows, example, message)]


def ages(table: Table, profile: TableProfile) -> list[Finding]:
    """Find persons without a birth date where others have one; a bank that delivers none has an empty column."""
    without, of = profile.without_age
    if not 0 < without < of:
        return []
    message = (
        f"{without:,} of {counted(of, 'person')} in '{table.name}' without a birth date: taken for adults, and scored."
        " Deliver the missing birth dates"
    )
    return [Finding(table.name, "birth_date", "unknown_age", Severity.WARNING, without, None, message)]


def codes_for_age(table: Table, profile: TableProfile) -> list[Finding]:
    """Find declared employments that tell who is old: a bank's own code for the retired, which no word gives away."""
    found = []
    for one in profile.employments:
        told = one.rows >= _LEAST_OF_A_CODE and one.aged >= _SHARE_THAT_TELLS * one.rows
        if told and one.aged_others <= _SHARE_OF_OTHERS * one.others:
            message = (
                f"'{table.name}.employment' is '{one.code}' for {one.rows:,} applicants of known age, {one.aged:,} of"
                f" them {OLD_AGE} or older: it tells age, and models score it. If it means retired, map it so, codes:"
                f" {{{one.code}: retired}} with the file's other codes; the retired then stand with the employed"
            )
            found.append(
                Finding(table.name, "employment", "age_like_code", Severity.WARNING, one.rows, one.code, message)
            )
    return found


def control_totals(totals: Iterable[ControlTotal]) -> tuple[Finding, ...]:
    """Find loads that do not add up: delivered = accepted + unchanged, and all accepted rows and money are there."""
    found = []
    for total in totals:
        if total.off:
            message = (
                f"load {total.batch_id}: {counted(total.delivered, 'row')} delivered to '{total.table}',"
                f" {total.accepted:,} accepted, {total.unchanged:,} known before, {total.found:,} there"
                f"{_money(total)}: that does not add up. Run 'bank360 rebuild'"
            )
            found.append(
                Finding(total.table, None, "control_total", Severity.ERROR, total.off, total.batch_id, message)
            )
    return tuple(found)


def _money(total: ControlTotal) -> str:
    if total.amounts is None or not total.money_off:
        return ""
    delivered, accepted, found = total.amounts
    return f"; their money, in minor units, {delivered:,} delivered, {accepted:,} accepted, {found:,} there"


_RULES = (
    references, event_times, silent_columns, signs, categories, countries, unread_reports, ages, codes_for_age,
)  # fmt: skip
