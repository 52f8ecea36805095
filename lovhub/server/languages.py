"""The languages that LoVHub speaks at the desk."""

LANGUAGES = {"ru": "Русский", "kk": "Қазақша", "en": "English"}
"""Code → what its speakers call it."""

FIRST = "ru"
"""The language of the texts in the code, and of a club until it chooses another."""
