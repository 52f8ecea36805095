"""What is believed of the games that a PC says it has found, and how they stand to what the club offers already."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from lovhub.protocol.channel import CommandResult
from lovhub.protocol.views import FoundGame
from lovhub.server.applications import rules as applications
from lovhub.server.search_key import search_key

STORES = {"steam": "Steam", "epic": "Epic"}
"""Whose libraries are known, and what they are called."""

MOST_GAMES = 1000
LONGEST_TITLE = 80

Standing = Literal["new", "offered", "alike", "retired"]
"""`offered`: its place is in the list; `alike`: only its title is; `retired`: it was put away."""


@dataclass(frozen=True)
class Findings:
    """What was found on a PC. `stores`: whose libraries there are at all; `left_out`: games that it could not tell."""

    computer_id: int
    stores: tuple[str, ...]
    games: tuple[FoundGame, ...]
    left_out: int


@dataclass(frozen=True)
class Offered:
    """As much of an application as is compared."""

    title: str
    places: Sequence[str]
    is_retired: bool = False


@dataclass(frozen=True)
class Candidate:
    """A game that may be added. `number`: its place in the findings."""

    number: int
    game: FoundGame
    standing: Standing

    @property
    def is_chosen(self) -> bool:
        """Whether it is to be added if nobody says otherwise: it is new, and by which process it is known is known."""
        return self.standing == "new" and bool(self.game.watch)


def believed(computer_id: int, told: CommandResult) -> Findings:
    """What of a PC's answer can be an application: players write the files from which it comes."""
    games = [game for sent in told.games[:MOST_GAMES] if (game := _believed(sent)) is not None]
    return Findings(
        computer_id=computer_id,
        stores=tuple(store for store in STORES if store in told.stores),
        games=tuple(games),
        left_out=max(0, told.games_left_out),
    )


def _believed(sent: FoundGame) -> FoundGame | None:
    title = "".join(letter if letter.isprintable() else " " for letter in sent.title)
    title = " ".join(title.split())[:LONGEST_TITLE].strip()
    if sent.store not in STORES or not applications.is_address(sent.place):
        return None
    watch = tuple(
        name
        for name in sent.watch[: applications.MOST_WATCHED]
        if name.isprintable() and not wrongs(title, sent.place, [name])
    )
    if wrongs(title, sent.place, watch or ["any.exe"]):
        return None
    return FoundGame(title, sent.store, sent.place, watch, is_guess=sent.is_guess)


def wrongs(title: str, place: str, watch: Sequence[str]) -> dict[str, str]:
    """Why a game cannot be added: field → code; empty when it can."""
    return applications.problems(title, "game", place, [], [], applications.tidy(watch))


def compared(games: Sequence[FoundGame], offered: Collection[Offered]) -> tuple[Candidate, ...]:
    """Each game, and whether the club has it."""
    current = [row for row in offered if not row.is_retired]
    places = {applications.what_starts(place) for row in current for place in row.places}
    titles = {search_key(row.title) for row in current}
    retired = {
        applications.what_starts(place) for row in offered if row.is_retired for place in row.places
    }

    def standing(game: FoundGame) -> Standing:
        what = applications.what_starts(game.place)
        if what in places:
            return "offered"
        if search_key(game.title) in titles:
            return "alike"
        return "retired" if what in retired else "new"

    return tuple(Candidate(number, game, standing(game)) for number, game in enumerate(games))
