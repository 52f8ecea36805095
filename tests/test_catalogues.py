"""Every text that a person may see exists in Kazakh and in English, with the same places for values in it."""

import re
import runpy
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
MESSAGES = runpy.run_path(str(ROOT / "scripts" / "messages.py"), run_name="messages")
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def texts(message: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [message] if isinstance(message, str) else list(message or ())


def places(message: str | tuple[str, ...] | list[str] | None) -> set[str]:
    return {place for text in texts(message) for place in PLACE.findall(text)}


def is_said_twice(text: str) -> bool:
    """Whether its halves are the same, as when two branches' translations are joined by a merge."""
    half, odd = divmod(len(text), 2)
    return not odd and half > 1 and text[:half] == text[half:]


def problem(wanted: Message, given: Message | None) -> str | None:
    if given is None or not all(texts(given.string)) or not texts(given.string):
        return "not translated"
    if given.fuzzy:
        return "only guessed"
    if places(wanted.id) != places(given.string):
        return "other places for values"
    if any(is_said_twice(text) for text in texts(given.string)) and not any(
        is_said_twice(text) for text in texts(wanted.id)
    ):
        return "says everything twice"
    return None


@pytest.mark.parametrize("language", MESSAGES["LANGUAGES"])
@pytest.mark.parametrize("folder", MESSAGES["PROGRAMS"])
def test_every_text_is_translated(folder: str, language: str, tmp_path: Path) -> None:
    template = tmp_path / "texts.pot"
    MESSAGES["extract"](folder, template)
    catalogue = read(ROOT / folder / language / "LC_MESSAGES" / "messages.po")

    wrong = [
        f"{found}: {message.id!r}"
        for message in read(template)
        if message.id and (found := problem(message, catalogue.get(message.id, message.context)))
    ]

    assert not wrong, f"{len(wrong)} texts; run `make messages` and translate:\n" + "\n".join(wrong)
