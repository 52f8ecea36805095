"""Bought time: each purchase is a lot with its rules as sold."""
