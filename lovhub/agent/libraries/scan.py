"""One look through the libraries of this PC: slow disks and players who write what they like are reckoned with."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from lovhub.agent.libraries import epic, steam
from lovhub.agent.libraries.programs import guessed
from lovhub.agent.libraries.reading import (
    is_local,
    is_plain_name,
    programs_below,
    text_of,
    texts_of,
)
from lovhub.protocol.views import LARGEST_GAMES_BYTES, FoundGame

MOST_LIBRARIES = 16
LONGEST_TITLE = 80
LONGEST_ADDRESS = 500
LONGEST_NAME = 100

GUESSING_SECONDS = 20.0
"""For so long games' folders are looked through; what comes after that is found without its process."""


@dataclass(frozen=True)
class Places:
    """Where launchers may have been put on this PC: Steam's own folders, and those of Epic's manifests."""

    steam: Sequence[Path] = ()
    epic: Sequence[Path] = ()


@dataclass(frozen=True)
class Found:
    """What is there. `stores`: whose libraries there are at all. `left_out`: games that did not fit into the answer."""

    stores: tuple[str, ...] = ()
    games: tuple[FoundGame, ...] = ()
    left_out: int = 0


def scan(places: Places, now: Callable[[], float] = time.monotonic) -> Found:
    """All that is installed, by title, each game once."""
    deadline = now() + GUESSING_SECONDS
    stores: list[str] = []
    games: dict[str, FoundGame] = {}
    for store, there, look in (
        (
            steam.STORE,
            [folder for folder in places.steam if (folder / "steamapps").is_dir()],
            _steam,
        ),
        (epic.STORE, [folder for folder in places.epic if folder.is_dir()], _epic),
    ):
        if there:
            stores.append(store)
        for game in look(there, lambda: now() < deadline):
            if len(game.place) <= LONGEST_ADDRESS and game.title:
                games.setdefault(game.place, game)
    in_order = sorted(games.values(), key=lambda game: game.title.casefold())
    return _fitting(Found(tuple(stores), tuple(in_order)))


def _steam(folders: Sequence[Path], has_time: Callable[[], bool]) -> Iterator[FoundGame]:
    for library in _steam_libraries(folders):
        for text in texts_of(library / "steamapps", steam.MANIFESTS):
            told = steam.installed(text)
            if told is None:
                continue
            watch: tuple[str, ...] = ()
            if is_plain_name(told.folder) and has_time():
                home = library / "steamapps" / "common" / told.folder
                watch = guessed(told.title, told.folder, programs_below(home))
            yield _game(steam.STORE, told.title, told.address, watch, is_guess=True)


def _steam_libraries(folders: Sequence[Path]) -> list[Path]:
    """Steam's own folders, and those on other disks that it tells of."""
    found = list(folders)
    for folder in folders:
        text = text_of(folder / "steamapps" / "libraryfolders.vdf") or ""
        found += [Path(path) for path in steam.library_folders(text) if is_local(path)]
    return list(dict.fromkeys(found))[:MOST_LIBRARIES]


def _epic(folders: Sequence[Path], _has_time: Callable[[], bool]) -> Iterator[FoundGame]:
    for folder in folders:
        for text in texts_of(folder, epic.MANIFESTS):
            told = epic.installed(text)
            if told is not None:
                yield _game(epic.STORE, told.title, told.address, told.processes, is_guess=False)


def _game(store: str, title: str, place: str, watch: Sequence[str], *, is_guess: bool) -> FoundGame:
    names = tuple(name for name in watch if name.isprintable() and len(name) <= LONGEST_NAME)
    return FoundGame(
        title="".join(filter(str.isprintable, title))[:LONGEST_TITLE].strip(),
        store=store,
        place=place,
        watch=names,
        is_guess=is_guess and bool(names),
    )


def _fitting(found: Found) -> Found:
    """As many as go into one frame."""
    size = 0
    for number, game in enumerate(found.games):
        size += len(msgspec.json.encode(game)) + 1
        if size > LARGEST_GAMES_BYTES:
            left_out = len(found.games) - number
            return replace(found, games=found.games[:number], left_out=left_out)
    return found
