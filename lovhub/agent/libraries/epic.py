"""What the Epic Games Launcher's manifests say: one JSON file for each thing that is installed."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

STORE = "epic"
MANIFESTS = "*.item"

MOST_PROCESSES = 3


@dataclass(frozen=True)
class Installed:
    """A game as its manifest tells of it. `processes`: by which it is known, as far as that is told."""

    address: str
    title: str
    processes: tuple[str, ...]


def installed(text: str) -> Installed | None:
    """The game of one manifest; None for what is not (yet) installed, is no game of its own, or makes no sense."""
    try:
        told = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    if not isinstance(told, dict) or told.get("bIsIncompleteInstall") is True:
        return None
    title, name = " ".join(_text(told, "DisplayName").split()), _text(told, "AppName")
    if not title or not name or not _is_a_game(told, name):
        return None
    # The whole address is the newer one; where a part is missing, the launcher takes the name alone.
    parts = [_text(told, "CatalogNamespace"), _text(told, "CatalogItemId"), name]
    identity = ":".join(parts) if all(parts) else name
    address = f"com.epicgames.launcher://apps/{quote(identity, safe='')}?action=launch&silent=true"
    return Installed(address, title, _processes(told))


def _is_a_game(told: dict[str, Any], name: str) -> bool:
    """Whether it is started by itself: additions to a game name the game, and tools say what they are."""
    main = _text(told, "MainGameAppName")
    categories = told.get("AppCategories")
    kinds = (
        [kind for kind in categories if isinstance(kind, str)]
        if isinstance(categories, list)
        else []
    )
    return main in {"", name} and (not kinds or "games" in kinds) and "addons" not in kinds


def _processes(told: dict[str, Any]) -> tuple[str, ...]:
    others = told.get("ProcessNames")
    names = [_text(told, "LaunchExecutable"), *(others if isinstance(others, list) else ())]
    files = [
        name.replace("\\", "/").rpartition("/")[2].strip()
        for name in names
        if isinstance(name, str)
    ]
    return tuple(dict.fromkeys(filter(None, files)))[:MOST_PROCESSES]


def _text(told: dict[str, Any], key: str) -> str:
    found = told.get(key)
    return found.strip() if isinstance(found, str) else ""
