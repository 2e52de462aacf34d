"""Columns of a flat file that may be known only after the outcome: days late, what is owed, the day it ended. A guess.

A model that reads them predicts what has already happened: it looks sharp on old rows and knows nothing of new ones. By
their names only, in several languages; of those somebody has to say when the values were known. Used by `flat_guess`.
"""

import re
from collections.abc import Sequence

from bank360.sources.mapped_protected import name_words

_LATE = re.compile(
    # days late, arrears, reminders
    r"verzug|r(u|ue)ckstand|(^|_)r(u|ue)ckst|mahn(ung|stufe)|days?_?(past_?due|late|overdue|delinquent|in_?arrears)|"
    r"(^|_)dpd(_|$)|arrear|overdue|past_?due(_amount|_balance|_days)|months_?late|retard|arriere|jours_?impaye|impaye|"
    r"atraso|(^|_)mora(_|$)|dias_?(de_?)?(mora|atraso)|vencid|ritardo|scaduto|insolut|achterstand|zaleglosc|"
    # what is still owed, and what was collected or lost
    r"rest_?(schuld|saldo|betrag|darlehen|kapital|forderung)|outstanding|remaining_?(balance|principal|debt|amount)|"
    r"out_?prncp|balance_?(due|remaining)|recover(y|ed|ies)|collection_|(write|charge|written|charged)_?off|abschreib|"
    r"capital_?restant|restant_?du|solde_?restant|encours|saldo_?(pendiente|insoluto|residuo|devedor)|"
    r"debito_?residuo|openstaand|(total|last)_?(pymnt|payment|rec_)|(amount|total)_?(re)?paid|getilgt|bezahlt|"
    # when it ended
    r"(^|_)(closed?|closure|closing|end|ended|terminat(ed|ion)|settle(d|ment)|payoff|default(ed)?|cancel(led|lation)?)_?"
    r"(date|on|at|day|am|datum|reason)(_|$)|(date|datum|day)_?(of_?)?(closure|closed|default|settlement|termination)|"
    r"k(u|ue)ndigungs?|gek(u|ue)ndigt_?am|beendet|abgel(o|oe)st|geschlossen|schliessung|erledigt|cloture|resiliation|"
    r"fecha_?(de_?)?(cierre|baja)|chiusura|estinzione|beeindig"
)
_MOST_SHOWN = 12


def known_late(names: Sequence[str]) -> list[str]:
    """Return the columns whose names speak of what a row's outcome brings.

    >>> known_late(["Verzugstage", "Restschuld", "Einkommen", "days_past_due", "closed_on", "Saldo pendiente"])
    ['Verzugstage', 'Restschuld', 'days_past_due', 'closed_on', 'Saldo pendiente']
    """
    return [name for name in names if _LATE.search("_".join(name_words(name)))]


def late_remark(names: Sequence[str], label: str) -> str | None:
    """Return the question whether columns were known before the outcome; None where no name raises it."""
    late = known_late(names)
    if not late:
        return None
    shown = ", ".join(f"'{name}'" for name in late[:_MOST_SHOWN])
    shown += f" and {len(late) - _MOST_SHOWN} more" if len(late) > _MOST_SHOWN else ""
    return (
        f"known only after the outcome? {shown}: where a value came to be with '{label}' or after it, list its column "
        "under 'exclude', or for a day map another date: else the model reads what it is to predict"
    )
