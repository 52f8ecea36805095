"""Which folders of a player's profile may be named to be emptied after them, and how a line names one.

The owner writes lines on the server, and the PC reads them again: neither trusts the other with a folder too many.
"""

from fnmatch import fnmatchcase

MOST_LINES, LONGEST_LINE = 60, 200

DEFAULT = """\
Downloads
AppData/Local/Google/Chrome/User Data
AppData/Local/Microsoft/Edge/User Data
AppData/Local/Yandex/YandexBrowser/User Data
AppData/Local/Opera Software
AppData/Roaming/Opera Software
AppData/Local/Mozilla/Firefox
AppData/Roaming/Mozilla/Firefox
AppData/Local/Steam/local.vdf
AppData/Local/Steam/htmlcache
AppData/Local/EpicGamesLauncher/Saved/Config/Windows*/GameUserSettings.ini
AppData/Local/EpicGamesLauncher/Saved/webcache*
AppData/Local/Riot Games/Riot Client/Data/RiotGamesPrivateSettings.yaml
AppData/Roaming/Battle.net
AppData/Local/Battle.net
AppData/Roaming/discord
AppData/Roaming/Telegram Desktop/tdata
AppData/Roaming/Microsoft/Windows/Recent
.config/google-chrome
.config/chromium
.mozilla/firefox
"""
"""Browsers, the sign-ins of launchers and messengers, downloads. What is not there is passed over."""

_TOO_MUCH = {
    (),
    ("appdata",),
    ("appdata", "local"),
    ("appdata", "locallow"),
    ("appdata", "roaming"),
    (".config",),
    (".local",),
    (".local", "share"),
}
"""Where everything of everybody lies: too much for one line."""

_NEVER = frozenset('<>:"|?[]\0')


def lines_of(text: str) -> tuple[str, ...]:
    """The lines that say something."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def parts_of(line: str) -> tuple[str, ...] | None:
    """The way from the profile to what a line names, name by name; None for one that is not within, or too much.

    `*` in a name stands for any letters. Windows takes either slash, and drops dots and spaces at a name's end: a name
    with such an end might be another than it looks.
    """
    if len(line) > LONGEST_LINE or not line.isprintable() or _NEVER & set(line):
        return None
    parts = tuple(line.strip().replace("\\", "/").removesuffix("/").split("/"))
    if any(not part or part.endswith((".", " ")) or part != part.strip() for part in parts):
        return None
    if parts[0].startswith("~") or "*" in parts[0]:
        return None
    return None if _is_too_much(tuple(part.casefold() for part in parts)) else parts


def _is_too_much(parts: tuple[str, ...]) -> bool:
    """Whether it may be a folder of everybody, or all that is in one."""
    return any(
        _may_be(parts, folder) or (not parts[-1].strip("*") and _may_be(parts[:-1], folder))
        for folder in _TOO_MUCH
    )


def _may_be(parts: tuple[str, ...], folder: tuple[str, ...]) -> bool:
    return len(parts) == len(folder) and all(map(fnmatchcase, folder, parts))
