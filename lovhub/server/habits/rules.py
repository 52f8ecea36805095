"""What may be chosen."""

from lovhub.server.languages import LANGUAGES

LAYOUTS = ("RU", "KK", "EN")
MOST_FAVOURITES = 60
"""All of them travel in one frame, with everything else of a customer."""


def problems(*, volume: int | None, layout: str, language: str) -> dict[str, str]:
    """What is wrong with a choice: field → code; "" and None choose nothing."""
    found = {}
    if volume is not None and not 0 <= volume <= 100:
        found["volume"] = "number_out_of_range"
    if layout and layout not in LAYOUTS:
        found["layout"] = "choice_unknown"
    if language and language not in LANGUAGES:
        found["language"] = "choice_unknown"
    return found
