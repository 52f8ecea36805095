"""By which processes a game is probably known, from the programs in its folder: Steam's manifests do not say."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

MOST_NAMED = 2

_HELPER = re.compile(
    r"crash|report|redist|vcredist|dxsetup|directx|dotnet|unins|setup|install|updat|patch|prereq|oalinst|physx"
    r"|easyanticheat|eac_|battleye|beservice|punkbuster|helper|service|cefprocess|cefsub|webhelper|subprocess"
    r"|benchmark|editor|server|tool|config|settings|diagnos|support|ffmpeg|python|quickbms|7z|zip|touchup",
    re.IGNORECASE,
)
"""What lies beside games and is none of them."""

_LAUNCHER = re.compile(r"launch|start", re.IGNORECASE)
_ENGINE = re.compile(r"-win(64|32)-shipping", re.IGNORECASE)
"""So Unreal names every game."""

_LETTERS = re.compile(r"[^a-zа-яё0-9]+")


@dataclass(frozen=True)
class Program:
    """A program in a game's folder: its file's name, how many folders deep it lies, and its size."""

    name: str
    depth: int
    size: int


def guessed(title: str, folder: str, programs: Iterable[Program]) -> tuple[str, ...]:
    """The processes that are the game: those that are named as it is, and the largest: one too many does no harm."""
    likely = [program for program in programs if not _HELPER.search(program.name)]
    words = [word for word in (_letters(title), _letters(folder), _initials(title)) if word]
    named = [program for program in likely if _is_named(program.name, words)]
    largest = sorted(likely, key=lambda program: (_is_launcher(program), -program.size))[:1]
    chosen = [*sorted(named, key=_likelihood)[:MOST_NAMED], *largest]
    return tuple(dict.fromkeys(program.name for program in chosen))


def _is_named(name: str, words: list[str]) -> bool:
    stem = _letters(name.lower().removesuffix(".exe"))
    alike = any(
        stem == word or (len(word) > 2 and word in stem) or (len(stem) > 2 and stem in word)
        for word in words
    )
    return alike or bool(_ENGINE.search(name))


def _likelihood(program: Program) -> tuple[bool, int, int]:
    """Smaller is likelier: no launcher, then near the top, then large."""
    return (_is_launcher(program), program.depth, -program.size)


def _is_launcher(program: Program) -> bool:
    return _LAUNCHER.search(program.name) is not None


def _letters(text: str) -> str:
    return _LETTERS.sub("", text.lower())


def _initials(title: str) -> str:
    """«Grand Theft Auto V» is GTAV, «Counter-Strike 2» is CS2."""
    words = [word for word in _LETTERS.split(title.lower()) if word]
    initials = "".join(word if word.isdecimal() else word[0] for word in words)
    return initials if len(initials) > 2 else ""
