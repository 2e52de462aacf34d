# %% [markdown]
# # 1 Data preparation
#
# From the card file (`creditcard.csv`: Time, V1 to V28, Amount, Class) to the tables that Power BI reads: a British
# retail bank is built around the payments, with customers, accounts, merchants and channels, and written as five star
# tables, features and alerts. What is recorded and what is drawn: `docs/how-to/build-a-bank-around-the-card-file.md`.
#
# The file is not in the repository: fetch it from Kaggle (mlg-ulb/creditcardfraud) and put it into `data_raw/`, in the
# folder in which this notebook runs.

# %%
import sys
from pathlib import Path

import pandas as pd

from bank360.cli.main import main

RAW, HOME, OUT = Path("data_raw"), Path("data_bank"), Path("data_processed")
KIND = "creditcard_csv"  # the published file, held to its 284,807 rows and 492 frauds; a part: creditcard_csv_part


def bank360(*words: object) -> None:
    """Run a command of bank360, which prints what it does; stop here where it refuses."""
    sys.argv = ["bank360", *map(str, words)]
    try:
        main()
    except SystemExit as ended:
        if ended.code:
            raise


# %%
if not (RAW / "creditcard.csv").exists():
    raise SystemExit(f"{RAW / 'creditcard.csv'} is not there: fetch it from Kaggle (mlg-ulb/creditcardfraud).")

# %% [markdown]
# ## The bank
#
# Its settings say where its one source lies. `clock` is the end of the bank's year: frauds that are reported later are
# not known yet.

# %%
HOME.mkdir(exist_ok=True)
(HOME / "bank360.yaml").write_text(
    f"""\
bank: {{name: Card bank, zone: Europe/London, currency: GBP, country: GB}}
clock: 2013-10-01T00:00:00Z
sources:
- {{name: cards, kind: {KIND}, folder: {RAW.resolve()}}}
""",
    encoding="utf-8",
)
bank360("ingest", "--home", HOME)

# %% [markdown]
# What is wrong with the accepted rows, and whether balances follow from movements.

# %%
bank360("check", "--home", HOME)

# %% [markdown]
# ## The tables
#
# Who is who, every customer's features where they are not built yet, and the folder of files: as known at one instant,
# pseudonymous, whole or not at all.

# %%
bank360("export", "--out", OUT, "--replace", "--home", HOME)

# %%
tables = {
    name: pd.read_csv(OUT / f"{name}.csv", low_memory=False)
    for name in ("FactTransactions", "DimCustomer", "DimAccount", "DimMerchant", "DimDate")
}
for name, table in tables.items():
    print(f"{name}: {len(table):,} rows, {len(table.columns)} columns")

# %% [markdown]
# Every reference of the facts resolves.

# %%
facts = tables["FactTransactions"]
for column, dimension in (
    ("customer_key", "DimCustomer"),
    ("account_id", "DimAccount"),
    ("merchant_id", "DimMerchant"),
    ("date", "DimDate"),
):
    known = facts[column].dropna().isin(tables[dimension][column])
    print(f"{column}: {known.sum():,} of {len(known):,} are in {dimension}")
