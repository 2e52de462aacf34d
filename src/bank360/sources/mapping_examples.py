"""The words of a new ``bank360.yaml``: its commented settings, and an example of a ledger and of a flat file.

Every example is a mapping that is accepted as it stands. Filled in and put together by `mapping_template`.
"""

FLAT_NEEDS_NONE = "                     # a flat file alone needs no more than the name"

HEAD = """\
# The settings of this bank. Every key is optional; an unknown one is refused by name.
# A variable wins over the file: BANK360_TIERS__HIGH=0.12

bank:{unneeded}
  name: {name}
  zone: {zone}  # where days begin and end
  currency: {currency}           # features add up money of this currency only; also of amounts that state none
  country: {country}             # ISO code; purchases elsewhere are abroad

# clock: data             # "now" is the data's last instant: for historical and demonstration banks
# tiers: {{medium: 0.08, high: 0.15}}   # lower edges, on the probability of default
# default: {{days_past_due: 90, material_amounts: {{EUR: 10000, GBP: 10000}}, material_share: 0.01}}   # what is one
# standard_request: {{product_id: LOAN, amount: 500000, term_months: 36}}   # what all are scored for; minor units
# engine: {{threads: 2, memory: 3GB}}   # at most; what needs more memory spills to disk
# seed: 42                # of training: same data and seed, same model

# The kind of a source is 'mapped' (files of your own, by a mapping as below; tables of your PostgreSQL with 'database:
# postgresql://…' in place of the folder and 'relation' in place of a pattern), or one whose files are known already:
# 'synthetic' (the demonstration bank), 'berka' (PKDD'99), 'loan_applications_csv' (data/sample_input.csv),
# 'credit_card_customers_csv' (660 rows by Sl_No), 'creditcard_csv' (284,807 card payments with V1 to V28; a part of
# them: 'creditcard_csv_part'), 'cdnow' (purchases of a shop's customers, 1997 to 1998),
# 'fraud_handbook' (simulated card payments with frauds, 2018).
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
          country: {constant: DE}   # left out: the bank's own, bank.country
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
