"""The ledger of cases: its table, files of it, what is done to several at once, saved filters."""
