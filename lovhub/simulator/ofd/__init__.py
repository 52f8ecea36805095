"""The operator of fiscal data that is none: takes receipts and forgets them when it ends."""
