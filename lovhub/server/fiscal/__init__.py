"""Fiscal documents: what the tax office's operator is told of money, queued with the money and sent later."""
