"""How PCs stand in a row: pure decisions."""

SMALLEST_NUMBER = 1
LARGEST_NUMBER = 9999

NaturalKey = list[tuple[int, int, str]]


def natural_key(name: str) -> NaturalKey:
    """«ПК-2» comes before «ПК-10»."""
    parts: NaturalKey = []
    digits = ""
    for character in [*name.casefold(), ""]:
        if character.isdecimal():
            digits += character
            continue
        if digits:
            parts.append((0, int(digits), ""))
            digits = ""
        if character:
            parts.append((1, 0, character))
    return parts


def standing(number: int | None, name: str) -> tuple[int, NaturalKey]:
    """The order of PCs in a zone: by number, those without one last, by name."""
    return (LARGEST_NUMBER + 1 if number is None else number, natural_key(name))
