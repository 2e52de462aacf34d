"""Layer 0, the bank's words: tables, codes, money, calendar, reasons, errors. Imports nothing of ours."""
