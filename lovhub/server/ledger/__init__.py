"""One append-only ledger for money and for time."""
