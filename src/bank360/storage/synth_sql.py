"""The SQL of `synth_reads`: what is reduced first, then one statement per group of magnitudes.

Defaults are there already when these run: the labels define them (`synth_reads`). Observing statements return rows
``(name, value, count, standard error)``. A share's error is the binomial one; where months of one customer follow each
other the true one is wider, but there the 15 % tolerance is wider still.
"""

from bank360.storage.outcomes import charged_off

# What `labels.application_default` reads of a month end; of each account, by number.
CREDIT_MONTHS = f"""
SELECT account_id, dense_rank() OVER (ORDER BY account_id) - 1 AS number,
       CAST(m.month_end - DATE '1970-01-01' AS BIGINT) AS month_end, m.days_past_due, m.arrears, m.balance,
       {charged_off("m")} AS charged_off, m.forbearance,
       a.currency
FROM credit_months m JOIN accounts a USING (account_id)
"""
DEFAULTS = """
CREATE TABLE defaults AS
SELECT account_id, min(DATE '1970-01-01' + CAST(day AS INTEGER)) AS day,
       min(DATE '1970-01-01' + CAST(month_end AS INTEGER)) AS month_end
FROM default_rows GROUP BY account_id
"""

KEYS = {"accounts": "account_id", "cards": "card_token", "customers": "customer_id", "fraud_cases": "case_id"}

PERIOD = """
CREATE TABLE period AS SELECT CAST(? AS DATE) AS first_day, CAST(? AS INTEGER) AS months,
       CAST(CAST(? AS DATE) + to_months(CAST(? AS INTEGER)) AS DATE) AS end_day,
       CAST(? AS INTEGER) AS stress_first, CAST(? AS INTEGER) AS stress_end
"""

_DISCRETIONARY = "'restaurants', 'leisure', 'shopping', 'electronics', 'travel'"
_LENT = "('CARD', 'LOAN')"

# Days are local: booking day of ledger entries, the day before booking for cards (booked one day later).
PREPARE: tuple[str, ...] = (
    f"""
CREATE TABLE account_months AS
SELECT account_id, CAST(date_trunc('month', booked_on - CASE WHEN scheme = 'card' THEN 1 ELSE 0 END) AS DATE) AS month,
       count(*) AS n, count(*) FILTER (scheme = 'card') AS card,
       count(*) FILTER (scheme = 'card' AND amount < 0) AS payments,
       count(*) FILTER (scheme = 'card' AND amount < 0 AND channel = 'online') AS remote,
       count(*) FILTER (scheme = 'card' AND amount < 0 AND country <> 'GB') AS abroad,
       count(*) FILTER (scheme = 'card' AND amount < 0 AND category IN ({_DISCRETIONARY})) AS discretionary,
       count(*) FILTER (scheme = 'card' AND amount > 0 AND reverses_id IS NULL) AS refunds,
       count(*) FILTER (scheme = 'card' AND reverses_id IS NOT NULL) AS reversals,
       count(*) FILTER (scheme = 'direct_debit') AS direct_debit,
       count(*) FILTER (scheme = 'direct_debit' AND amount < 0) AS debits,
       count(*) FILTER (category = 'returned_payment') AS returned,
       count(*) FILTER (scheme IN ('transfer', 'standing_order')) AS transfer,
       count(*) FILTER (scheme = 'cash') AS cash, count(*) FILTER (scheme = 'fee') AS fee
FROM transactions GROUP BY ALL
""",
    """
CREATE TABLE owners AS
SELECT a.account_id, a.product_id, a.opened_on, a.closed_on, r.person, r.source
FROM accounts a JOIN account_parties p ON p.account_id = a.account_id AND p.role = 'owner'
JOIN truth_records r ON r.source_key = p.customer_id
""",
    """
CREATE TABLE person_months AS
SELECT r.person, CAST(date_trunc('month', m.month_end) AS DATE) AS month, m.month_end, m.relationship, m.stress, m.left,
       m.fell_silent, m."full" AS whole
FROM truth_customer_months m JOIN truth_records r ON r.source_key = m.customer_id AND r.source = 'core'
""",
    """
CREATE TABLE active AS
SELECT o.product_id, p.relationship, p.stress, p.whole, a.*, o.person
FROM account_months a JOIN owners o USING (account_id) JOIN person_months p ON p.person = o.person AND p.month = a.month
""",
    """
CREATE TABLE main_months AS SELECT * FROM active WHERE relationship = 'main' AND product_id = 'CURRENT' AND whole
""",
    f"""
CREATE TABLE booked AS
SELECT a.application_id, a.product_id, a.submitted_at, o.opened_on, t.true_pd, t.fraud,
       coalesce(d.day <= o.opened_on + INTERVAL 12 MONTH, false) AS bad
FROM applications a JOIN accounts o ON o.account_id = a.account_id
JOIN truth_applications t ON t.application_id = a.application_id
LEFT JOIN defaults d ON d.account_id = a.account_id
WHERE a.product_id IN {_LENT} AND o.opened_on + INTERVAL 12 MONTH <= (SELECT end_day FROM period)
  AND a.application_id NOT IN (SELECT subject FROM fraud_cases WHERE kind = 'application' AND outcome = 'confirmed')
""",
    # Quarterly month-ends with a complete year ahead; closed accounts have left the book.
    """
CREATE TABLE behaviour AS
SELECT c.account_id, c.month_end, a.product_id, t.true_pd,
       coalesce(d.day > c.month_end AND d.day <= c.month_end + INTERVAL 12 MONTH, false) AS bad
FROM credit_months c JOIN accounts a USING (account_id) LEFT JOIN defaults d USING (account_id)
LEFT JOIN truth_credit_months t ON t.account_id = c.account_id AND t.month_end = c.month_end
WHERE month(c.month_end) % 3 = 0 AND c.month_end >= a.opened_on + INTERVAL 3 MONTH
  AND c.month_end + INTERVAL 12 MONTH < (SELECT end_day FROM period) AND c.status IN ('performing', 'arrears')
  AND c.days_past_due <= 90
""",
    """
CREATE TABLE episodes AS
SELECT account_id, month_end, days_past_due, lag(days_past_due) OVER w AS before,
       greatest(lead(days_past_due, 1) OVER w, lead(days_past_due, 2) OVER w, lead(days_past_due, 3) OVER w) AS most,
       least(lead(days_past_due, 1) OVER w, lead(days_past_due, 2) OVER w, lead(days_past_due, 3) OVER w) AS least,
       lead(days_past_due, 3) OVER w AS third
FROM credit_months WINDOW w AS (PARTITION BY account_id ORDER BY month_end)
""",
    """
CREATE TABLE frauds AS
SELECT t.application_id, a.submitted_at, c.opened_at
FROM truth_applications t JOIN applications a USING (application_id)
LEFT JOIN (SELECT subject, min(opened_at) AS opened_at FROM fraud_cases WHERE kind = 'application' GROUP BY subject) c
  ON c.subject = t.application_id
WHERE t.fraud AND a.submitted_at < (SELECT end_day FROM period) - INTERVAL 250 DAY
""",
)


def _share(name: str, condition: str, source: str) -> str:
    return f"""SELECT '{name}', avg(CAST({condition} AS INTEGER)), count(*),
       sqrt(avg(CAST({condition} AS INTEGER)) * (1 - avg(CAST({condition} AS INTEGER))) / count(*)) FROM {source}"""


def _ratio(name: str, part: str, whole: str, source: str) -> str:
    """Return a ratio of summed counts; its error treats people as the units drawn (Cochran 1977, 6.3)."""
    return f"""SELECT '{name}', any_value(r), sum(b), sqrt(sum((a - r * b) ** 2)) / sum(b) FROM (
  SELECT sum({part}) AS a, sum({whole}) AS b, sum(sum({part})) OVER () / sum(sum({whole})) OVER () AS r
  FROM {source} GROUP BY person)"""


def _auc(name: str, score: str, outcome: str, source: str) -> str:
    """Return the area under the curve by ranks, ties at their mean rank (Hanley and McNeil 1982)."""
    return f"""
SELECT '{name}', (sum(place) FILTER (bad) - p * (p + 1) / 2) / (p * (n - p)), p, 0.0 FROM (
  SELECT {outcome} AS bad, rank() OVER (ORDER BY {score}) + (count(*) OVER (PARTITION BY {score}) - 1) / 2 AS place,
         sum(CAST({outcome} AS INTEGER)) OVER () AS p, count(*) OVER () AS n
  FROM {source}) GROUP BY p, n HAVING p > 0 AND p < n"""


def _held(name: str, condition: str, extra: str = "") -> str:
    """Return the share of customers holding an account of a kind, over the ends of June and December."""
    return f"""
SELECT '{name}', held / months, people, sqrt(held / months * (1 - held / months) / people) FROM (
SELECT count(DISTINCT (o.person, m.month_end)) AS held,
       (SELECT count(*) FROM person_months WHERE month(month_end) IN (6, 12) AND NOT "left") AS months,
       (SELECT count(DISTINCT person) FROM person_months) AS people
FROM person_months m JOIN owners o ON o.person = m.person AND {condition}
     AND o.opened_on <= m.month_end AND (o.closed_on IS NULL OR o.closed_on > m.month_end) {extra}
WHERE month(m.month_end) IN (6, 12) AND NOT m."left")"""


_OVERDRAFT = "(SELECT account_id FROM account_terms WHERE credit_limit > 0)"
_STRESS = """(SELECT *, ntile(10) OVER (ORDER BY stress) AS tenth FROM main_months)"""

OBSERVE: tuple[str, ...] = (
    """SELECT 'relationship_' || relationship, count(*) / (SELECT count(*) FROM person_months), any_value(people),
       0.5 / sqrt(any_value(people))
FROM person_months, (SELECT count(DISTINCT person) AS people FROM person_months) GROUP BY relationship""",
    """
SELECT 'transactions_' || relationship, any_value(r), sum(b), sqrt(sum((a - r * b) ** 2)) / sum(b) FROM (
  SELECT p.relationship, sum(coalesce(a.n, 0)) AS a, count(*) AS b,
         sum(sum(coalesce(a.n, 0))) OVER w / sum(count(*)) OVER w AS r FROM person_months p
  LEFT JOIN (SELECT person, month, sum(n) AS n FROM active GROUP BY ALL) a ON a.person = p.person AND a.month = p.month
  WHERE p.whole GROUP BY p.relationship, p.person WINDOW w AS (PARTITION BY p.relationship)) GROUP BY relationship""",
    *(_ratio(f"mix_{name}", name, "n", "main_months") for name in ("card", "direct_debit", "transfer", "cash", "fee")),
    _ratio("mix_remote", "remote", "payments", "main_months"),
    _ratio("refunds", "refunds", "payments", "main_months"),
    _ratio("reversals", "reversals", "payments", "main_months"),
    _ratio("returned", "returned", "debits", "main_months"),
    _ratio("returned_stressed", "returned", "debits", f"{_STRESS} WHERE tenth = 10"),
    """
SELECT CASE WHEN pattern LIKE 'monthly%' THEN 'salary_monthly' WHEN pattern = 'weekly' THEN 'salary_weekly'
            WHEN pattern = 'four_weekly' THEN 'salary_pension' ELSE 'salary_irregular' END AS name,
       sum(paid) / (SELECT sum(paid) FROM paid_people), (SELECT count(*) FROM paid_people),
       sqrt(sum(paid) / (SELECT sum(paid) FROM paid_people) / (SELECT count(*) FROM paid_people))
FROM paid_people GROUP BY 1
""",
    # A monthly salary falls on a working day, at most five days before its due day (Christmas), never after.
    """
SELECT 'salary_days', avg(CAST(dayofweek(booked_on) BETWEEN 1 AND 5 AND CASE pattern
         WHEN 'monthly_25' THEN day(booked_on) BETWEEN 20 AND 25 WHEN 'monthly_28' THEN day(booked_on) BETWEEN 23 AND 28
         ELSE booked_on >= last_day(booked_on) - 5 END AS INTEGER)), count(*), 0.0
FROM salaries WHERE pattern LIKE 'monthly%'""",
    """
SELECT CASE WHEN month(month) = 12 THEN 'december' ELSE 'january' END, avg(d) / any_value(usual), sum(d),
       avg(d) / any_value(usual) / sqrt(sum(d)) FROM (
  SELECT month, sum(discretionary) AS d, avg(sum(discretionary)) FILTER (month(month) NOT IN (1, 12)) OVER () AS usual
  FROM main_months GROUP BY month) WHERE month(month) IN (1, 12) GROUP BY 1""",
    """
SELECT 'summer_abroad', summer / other, cases, summer / other / sqrt(cases) FROM (
  SELECT sum(abroad) FILTER (month(month) IN (7, 8)) / sum(payments) FILTER (month(month) IN (7, 8)) AS summer,
         sum(abroad) FILTER (month(month) NOT IN (7, 8)) / sum(payments) FILTER (month(month) NOT IN (7, 8)) AS other,
         sum(abroad) FILTER (month(month) IN (7, 8)) AS cases FROM main_months)""",
    *(
        _held(f"held_{name}", f"o.product_id = '{product}'")
        for name, product in (
            ("current", "CURRENT"),
            ("savings", "SAVER"),
            ("card", "CARD"),
            ("mortgage", "MORTGAGE"),
            ("insurance", "INSURANCE"),
            ("investment", "INVEST"),
            ("loan", "LOAN"),
        )
    ),
    _held("held_overdraft", f"o.product_id = 'CURRENT' AND o.account_id IN {_OVERDRAFT}"),
    _held(
        "used_overdraft",
        f"o.product_id = 'CURRENT' AND o.account_id IN {_OVERDRAFT}",
        """JOIN (SELECT account_id, date, max(CAST(booked < 0 AS INTEGER)) OVER (PARTITION BY account_id ORDER BY date
                 ROWS BETWEEN 11 PRECEDING AND CURRENT ROW) AS used FROM balances) b
     ON b.account_id = o.account_id AND b.date = m.month_end AND b.used = 1""",
    ),
    """
SELECT 'joint', avg(CAST(parties > 1 AS INTEGER)), count(*), sqrt(avg(CAST(parties > 1 AS INTEGER)) / count(*)) FROM (
  SELECT p.account_id, count(*) AS parties FROM account_parties p JOIN accounts a USING (account_id)
  WHERE a.product_id = 'CURRENT' GROUP BY p.account_id)""",
    """SELECT 'duplicates', avg(CAST(n > 1 AS INTEGER)), count(*), sqrt(avg(CAST(n > 1 AS INTEGER)) / count(*))
FROM (SELECT person, count(*) AS n FROM truth_records JOIN customers ON customer_id = source_key GROUP BY person)""",
    """SELECT 'applications', count(*) * 12 / (SELECT count(*) FROM person_months), count(*),
       sqrt(count(*)) * 12 / (SELECT count(*) FROM person_months) FROM applications""",
    _share("new_to_bank", "customer_id IS NULL", "application_parties WHERE seq = 1"),
    _share("approved", "outcome = 'approved'", "applications WHERE outcome IN ('approved', 'declined')"),
    _share("random_accept", "decision_source = 'random_accept'", "applications WHERE decision_source IS NOT NULL"),
    _share("override", "decision_source = 'override'", "applications WHERE decision_source IS NOT NULL"),
    _share("default_booked", "bad", "booked"),
    _share(
        "default_rejected",
        "defaulted",
        f"""truth_applications JOIN applications USING (application_id)
       WHERE outcome = 'declined' AND product_id IN {_LENT} AND NOT fraud""",
    ),
    # A default is seen from up to four quarterly month-ends, which doubles the error.
    _share("default_behavioural", "bad", "behaviour").replace("sqrt(", "2 * sqrt("),
    _share("default_mortgage", "bad", "behaviour WHERE product_id = 'MORTGAGE'").replace("sqrt(", "2 * sqrt("),
    """
SELECT 'test_bads', sum(CAST(bad AS INTEGER)), sum(CAST(bad AS INTEGER)), sqrt(sum(CAST(bad AS INTEGER)))
FROM booked, period WHERE submitted_at >= first_day + to_months(months - 24)
  AND submitted_at < first_day + to_months(months - 12)""",
    # Entry into default by month; the payment that began it was missed three months before.
    """
SELECT 'stress_odds', (bs / (ns - bs)) / (bo / (no - bo)), bs,
       (bs / (ns - bs)) / (bo / (no - bo)) * sqrt(1 / bs + 1 / bo)
FROM (
  SELECT sum(CAST(e AS DOUBLE)) FILTER (s) AS bs, count(*) FILTER (s) AS ns,
         sum(CAST(e AS DOUBLE)) FILTER (NOT s) AS bo, count(*) FILTER (NOT s) AS no FROM (
    SELECT c.month_end = d.month_end AS e,
           c.month_end >= first_day + to_months(stress_first + 3)
             AND c.month_end < first_day + to_months(stress_end + 3) AS s
    FROM credit_months c CROSS JOIN period LEFT JOIN defaults d USING (account_id)
    WHERE c.month_end <= coalesce(d.month_end, c.month_end) AND c.month_end >= first_day + INTERVAL 6 MONTH)
) WHERE bs > 0 AND bo > 0""",
    _share("roll", "most > 90", "episodes WHERE days_past_due BETWEEN 30 AND 59 AND before < 30 AND third IS NOT NULL"),
    _share("cure", "least = 0", "episodes WHERE days_past_due BETWEEN 30 AND 59 AND before < 30 AND third IS NOT NULL"),
    _share("application_fraud", "fraud", "truth_applications"),
    _share("fraud_fast", "opened_at < submitted_at + INTERVAL 61 DAY", "frauds WHERE opened_at IS NOT NULL"),
    _share("fraud_slow", "opened_at < submitted_at + INTERVAL 242 DAY", "frauds WHERE opened_at IS NOT NULL"),
    _share("fraud_uncaught", "opened_at IS NULL", "frauds"),
    _share(
        "fraud_mislabelled",
        "(outcome = 'confirmed') <> fraud",
        """fraud_cases
       JOIN truth_applications ON application_id = subject WHERE kind = 'application' AND outcome IS NOT NULL""",
    ),
    # Frauds come in bursts of about three, which are the units drawn.
    """
SELECT 'card_fraud', f / n, f, sqrt(3 * f) / n FROM (
  SELECT (SELECT CAST(count(*) AS DOUBLE) FROM truth_card_fraud) AS f,
         (SELECT sum(payments) FROM account_months) AS n)""",
    """
SELECT unnest(['card_fraud_delay', 'card_fraud_delay_95']), unnest([median(delay), quantile_cont(delay, 0.95)]),
       count(*),
       unnest([1.2533 * 14 / sqrt(count(*)), 200 / sqrt(count(*))]) FROM (
  SELECT epoch(opened_at - event_time) / 86400 AS delay FROM fraud_cases
  JOIN (SELECT transaction_id, event_time FROM transactions
        WHERE transaction_id IN (SELECT subject FROM fraud_cases WHERE kind = 'card' AND outcome = 'confirmed')) t
    ON transaction_id = subject
  WHERE kind = 'card' AND outcome = 'confirmed' AND event_time < (SELECT end_day FROM period) - INTERVAL 300 DAY)""",
    """SELECT 'churn', count(*) * 12 / (SELECT count(*) FROM person_months), count(*),
       sqrt(count(*)) * 12 / (SELECT count(*) FROM person_months)
FROM customers JOIN truth_records ON source_key = customer_id AND source = 'core'
WHERE left_on IS NOT NULL AND leave_reason <> 'deceased'""",
    """SELECT 'silent',
       sum(CAST(fell_silent AS INTEGER)) * 12 / count(*) FILTER (relationship IN ('main', 'secondary')),
       sum(CAST(fell_silent AS INTEGER)), sqrt(sum(CAST(fell_silent AS INTEGER))) * 12
         / count(*) FILTER (relationship IN ('main', 'secondary')) FROM person_months""",
    """SELECT 'new_products', count(*) / (SELECT count(*) FROM person_months), count(*),
       sqrt(count(*)) / (SELECT count(*) FROM person_months)
FROM owners JOIN truth_records r ON r.person = owners.person AND r.source = 'core'
JOIN customers c ON c.customer_id = r.source_key, period
WHERE opened_on >= first_day AND opened_on > c.onboarded_on + 31""",
    _share("held_out", "arm = 'held_out'", "interactions WHERE kind = 'offer'"),
    """
SELECT 'uplift', t - h, nt + nh, sqrt(t * (1 - t) / nt + h * (1 - h) / nh) FROM (
  SELECT avg(CAST(response AS INTEGER)) FILTER (arm = 'treated') AS t, count(*) FILTER (arm = 'treated') AS nt,
         avg(CAST(response AS INTEGER)) FILTER (arm = 'held_out') AS h, count(*) FILTER (arm = 'held_out') AS nh
  FROM interactions WHERE kind = 'answer') WHERE nt > 0 AND nh > 0""",
    _share("uplift_negative", "uplift < 0", "truth_offers"),
    # Ids follow account and time within a chunk of people; one account in twenty is followed.
    _share(
        "reconciled",
        "amount = balance_after - before",
        """(
  SELECT amount, balance_after, lag(balance_after) OVER (PARTITION BY account_id ORDER BY transaction_id) AS before
  FROM transactions WHERE balance_after IS NOT NULL AND hash(account_id) % 20 = 0) WHERE before IS NOT NULL""",
    ),
    _share(
        "unarranged",
        "available < 0",
        """balances JOIN (SELECT account_id FROM accounts WHERE product_id = 'CURRENT')
       USING (account_id)""",
    ),
    _auc("oracle_application_pd", "true_pd", "bad", "booked WHERE NOT fraud"),
    _auc(
        "oracle_application_pd_test",
        "true_pd",
        "bad",
        """booked, period WHERE NOT fraud
      AND submitted_at >= first_day + to_months(months - 24) AND submitted_at < first_day + to_months(months - 12)""",
    ),
    _auc("oracle_application_fraud", "true_fraud_probability", "fraud", "truth_applications"),
    _auc("oracle_behaviour_pd", "true_pd", "bad", "behaviour WHERE true_pd IS NOT NULL"),
)

PREPARE = (
    *PREPARE,
    """
CREATE TABLE salaries AS
SELECT o.person, w.pattern, t.booked_on FROM transactions t JOIN owners o USING (account_id)
JOIN truth_records r ON r.person = o.person AND r.source = 'core' JOIN truth_people w ON w.customer_id = r.source_key
WHERE t.category IN ('salary', 'pension')
""",
    # Weight by main months, so that the share is of customers as the bank has them at any one time.
    """
CREATE TABLE paid_people AS
SELECT s.person, s.pattern, m.months AS paid FROM (SELECT DISTINCT person, pattern FROM salaries) s
JOIN (SELECT person, count(*) AS months FROM person_months WHERE relationship = 'main' GROUP BY person) m USING (person)
""",
)
