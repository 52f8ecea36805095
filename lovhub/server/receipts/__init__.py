"""Receipts of what moved at the desk: on the receipt printer and on any other."""
