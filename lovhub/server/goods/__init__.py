"""Drinks and snacks sold at the desk: a list with prices, and sales. No stock."""
