"""How names and logins are compared: SQLite does not fold Cyrillic, so the folded form is stored beside."""

import unicodedata


def search_key(text: str) -> str:
    """`text` as it is searched for: NFKC, lower case, ё as е, spaces joined, no NUL: PostgreSQL bears none."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е").replace("\0", "")
    return " ".join(folded.split())
