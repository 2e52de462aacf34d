"""Payments of the bank around a card file: a line of it with the customer, day, purpose, channel and merchant drawn.

From the file are the amount, the time of day, V1 to V28 and Time (facts of the transaction), and which is a fraud (a
case). Drawn by the line's number are the day, evenly over a year but for the season, and all else. A fraud is reported
with a delay; what nobody reported has no case, and is unknown, not clean.
"""

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import MICROS_PER_DAY, MICROS_PER_SECOND, day_number, local_days, wall_instants
from bank360.bank.vocabulary import Channel, EventPrecision, FactOrigin, FraudKind, FraudOutcome, Scheme
from bank360.sources.card_file import behaviour
from bank360.sources.card_file.draws import picked, uniforms
from bank360.sources.card_file.layout import COMPONENTS, CardRows, Floats, Ints
from bank360.sources.card_file.people import (
    ABROAD_EACH,
    AT_HOME,
    COUNTRIES,
    DAYS,
    FIRST_DAY,
    People,
    account_ids,
    card_tokens,
    customer_ids,
    merchant_ids,
)
from bank360.sources.mapped_cells import Values, empty_values
from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.tokens import numbered

FACTS = (*COMPONENTS, "Time")
_TERMINALS = 400
_CASH = behaviour.NAMES.index("cash")
# A fraud is reported after 9 days in the median, 60 at the 95th percentile (definitions.md, section 6): a logistic law
# of the logarithm has both, and a quantile that one line says.
_MEDIAN_DAYS, _LATE_DAYS = 9.0, 60.0
_SCALE = np.log(_LATE_DAYS / _MEDIAN_DAYS) / np.log(0.95 / 0.05)


def payment_rows(
    rows: CardRows, people: People, zone: str, currency: str, first_line: int
) -> dict[str, pa.RecordBatch]:
    """Return transactions, their facts, and a case for each fraud.

    Parameters
    ----------
    rows
        Of the file, in order, from its line ``first_line`` on.
    people
        The bank's customers.
    """
    count = len(rows.seconds)
    line = np.arange(first_line, first_line + count, dtype=np.int64)
    of_day = (rows.seconds * MICROS_PER_SECOND).astype(np.int64) % MICROS_PER_DAY
    hour = of_day // (3_600 * MICROS_PER_SECOND)
    kind, purpose = behaviour.drawn_behaviour(rows.amount, hour, uniforms("behaviour", line))
    payer = people.payers(kind, uniforms("payer", line))
    event = wall_instants(_days(purpose, line) * MICROS_PER_DAY + of_day, zone)
    remote = uniforms("remote", line) < behaviour.REMOTE[kind, purpose]
    cash = purpose == _CASH
    abroad = uniforms("abroad", line) < behaviour.ABROAD[kind]
    country = np.where(abroad, 1 + picked(p.FOREIGN_SHARES, uniforms("country", line)), 0)
    key = numbered("K", line, 9)
    known: Values = pa.array(event).cast(pa.timestamp("us"))
    machine = numbered("T", country * _TERMINALS + picked([1.0] * _TERMINALS, uniforms("machine", line)), 6)
    none = empty_values(count, pa.string())
    transactions: dict[str, Values] = {
        "transaction_id": key, "account_id": account_ids(people.account[payer]), "card_token": card_tokens(payer),
        "terminal_id": _where(cash, machine), "actor_customer_id": customer_ids(payer), "event_time": known,
        "event_precision": pa.repeat(EventPrecision.SECOND.value, count),
        "booked_on": pa.array(local_days(event, zone)).cast(pa.date32()), "amount": pa.array(-rows.amount),
        "currency": pa.repeat(currency, count), "original_amount": empty_values(count, pa.int64()),
        "original_currency": none,
        "channel": _coded(np.where(cash, 2, remote.astype(np.int64)), (Channel.POS, Channel.ONLINE, Channel.ATM)),
        "scheme": pa.repeat(Scheme.CARD.value, count), "category": _coded(purpose, behaviour.NAMES),
        "merchant_id": _where(~cash, merchant_ids(purpose, _shops(country, line))), "counterparty_token": none,
        "mandate_id": none, "reverses_id": none, "country": _coded(country, COUNTRIES),
        "balance_after": empty_values(count, pa.int64()), "raw_text": none,
        "known_time": known, "source_line": pa.array(line),
    }  # fmt: skip
    return {
        "transactions": pa.RecordBatch.from_pydict(transactions),
        "transaction_facts": _facts(rows, key, known, line),
        "fraud_cases": _cases(rows, event, line),
    }


def _days(purpose: Ints, line: Ints) -> Ints:
    """Return the local day of each payment: discretionary spend rises in December and falls in January."""
    first = day_number(FIRST_DAY)
    month = (first + np.arange(DAYS)).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    season = np.where(month == 11, p.DECEMBER, np.where(month == 0, p.JANUARY, 1.0))
    draws = uniforms("day", line)
    return first + np.where(behaviour.DISCRETIONARY[purpose], picked(season, draws), picked(np.ones(DAYS), draws))


def _shops(country: Ints, line: Ints) -> Ints:
    """Return which merchant of its purpose each payment goes to: the first ones most often."""
    draws = uniforms("shop", line) ** 2.0
    at_home = (draws * AT_HOME).astype(np.int64)
    return np.where(country == 0, at_home, AT_HOME + (country - 1) * ABROAD_EACH + (draws * ABROAD_EACH).astype(int))


def _facts(rows: CardRows, key: Values, known: Values, line: Ints) -> pa.RecordBatch:
    measured = np.column_stack([rows.components, rows.seconds])
    repeat = np.repeat(np.arange(len(line), dtype=np.int32), len(FACTS))
    names: Values = pa.array(np.tile(np.arange(len(FACTS), dtype=np.int32), len(line)))
    return pa.RecordBatch.from_pydict({
        "transaction_id": key.take(repeat), "fact": pa.array(FACTS, pa.string()).take(names),
        "value": empty_values(len(repeat), pa.string()), "number": pa.array(measured.ravel()),
        "origin": pa.repeat(FactOrigin.SUPPLIED.value, len(repeat)),
        "known_time": known.take(repeat), "source_line": pa.array(line[repeat]),
    })  # fmt: skip


def _cases(rows: CardRows, event: Ints, line: Ints) -> pa.RecordBatch:
    at = np.flatnonzero(rows.fraud)
    opened: Values = pa.array(event[at] + _delays(uniforms("report", line[at]))).cast(pa.timestamp("us"))
    count = len(at)
    return pa.RecordBatch.from_pydict({
        "case_id": numbered("F", line[at], 9), "subject": numbered("K", line[at], 9),
        "kind": pa.repeat(FraudKind.CARD.value, count), "opened_at": opened, "closed_at": opened,
        "outcome": pa.repeat(FraudOutcome.CONFIRMED.value, count), "loss": pa.array(rows.amount[at]),
        "recovered": empty_values(count, pa.int64()), "known_time": opened, "source_line": pa.array(line[at]),
    })  # fmt: skip


def _delays(draws: Floats) -> Ints:
    """Return how long after it each fraud was reported, in microseconds.

    >>> (_delays(np.array([0.5, 0.95])) / MICROS_PER_DAY).round(6).tolist()
    [9.0, 60.0]
    """
    odds = np.clip(draws, 0.01, 0.99)
    days = _MEDIAN_DAYS * (odds / (1.0 - odds)) ** _SCALE
    return np.asarray(days * MICROS_PER_DAY).astype(np.int64)


def _where(held: "np.ndarray[tuple[int], np.dtype[np.bool_]]", texts: Values) -> Values:
    return texts.take(pa.array(np.arange(len(held)), mask=~held))


def _coded(codes: Ints, words: tuple[str, ...]) -> Values:
    texts: Values = pa.array([str(word) for word in words], pa.string())
    return texts.take(pa.array(codes))
