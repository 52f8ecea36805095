"""What Steam's files say: where its libraries are, and what is installed in each."""

from dataclasses import dataclass

from lovhub.agent.libraries.vdf import Malformed, node_at, parse, text_at

STORE = "steam"

MANIFESTS = "appmanifest_*.acf"

_INSTALLED = 4
"""A bit of `StateFlags`; a game that is only being downloaded is without it."""

_LARGEST_ID = 2**64 - 1
_HELPERS = frozenset({"228980", "1070560", "1391110", "1493710", "1628350", "250820"})
"""Redistributables, the Linux runtimes, Proton, SteamVR: installed beside games, and none."""

_HELPER_NAMES = ("steamworks ", "steam linux runtime", "proton ", "proton-")


@dataclass(frozen=True)
class Installed:
    """A game as its manifest tells of it. `folder`: the name of its folder in the library's `common`."""

    address: str
    title: str
    folder: str


def library_folders(text: str) -> list[str]:
    """The libraries that `libraryfolders.vdf` names, as it writes them; none where it makes no sense.

    Since 2021 each is a node with a `path`; before that it was a line with the path alone.
    """
    try:
        told = node_at(parse(text), "libraryfolders")
    except Malformed:
        return []
    found = []
    for number, library in told.items():
        if number.isdecimal():
            found.append(library if isinstance(library, str) else text_at(library, "path"))
    return [path for path in dict.fromkeys(found) if path]


def installed(text: str) -> Installed | None:
    """The game of one manifest; None for what is not (yet) installed, is no game, or makes no sense."""
    try:
        state = node_at(parse(text), "appstate")
    except Malformed:
        return None
    number, flags = text_at(state, "appid"), text_at(state, "stateflags")
    title = " ".join(text_at(state, "name").split())
    if not _is_number(number) or not _is_number(flags) or not title:
        return None
    helper = number in _HELPERS or title.lower().startswith(_HELPER_NAMES)
    if helper or not int(flags) & _INSTALLED or int(number) == 0:
        return None
    return Installed(f"steam://rungameid/{int(number)}", title, text_at(state, "installdir"))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 20 and int(text) <= _LARGEST_ID
