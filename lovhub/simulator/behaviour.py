"""What the players of a virtual club do next, and what befalls their PCs: pure, decided by a seed alone.

A plan never asks how the club answered, so the same seed always gives the same plan; whoever carries it
out (`virtual_pc`) leaves out what has become impossible meanwhile.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from lovhub.protocol.views import CallReason

PLAYERS_PER_PC = 2
"""Each PC has players of its own, who come by turns: so nobody sits in two places."""

_HALL = 20
"""The opening below repeats for every so many PCs."""


@dataclass(frozen=True)
class Arrive:
    """A player sits down and signs in. `mistypes`: the password is wrong at the first attempt."""

    player: int
    mistypes: bool = False


@dataclass(frozen=True)
class Buy:
    """Buy a tariff. `choice` in [0, 1) picks it from those on sale; `more` buys though there is time left."""

    choice: float
    more: bool = False


@dataclass(frozen=True)
class Launch:
    """Start an application; `choice` in [0, 1) picks it."""

    choice: float


@dataclass(frozen=True)
class Quit:
    """Close the application."""


@dataclass(frozen=True)
class Leave:
    """The player signs out."""


@dataclass(frozen=True)
class LoseLink:
    """The cable is out for `seconds`; the PC runs on."""

    seconds: int


@dataclass(frozen=True)
class LosePower:
    """No current for `seconds`; then the PC starts anew."""

    seconds: int


@dataclass(frozen=True)
class AgentKilled:
    """The agent dies and is started again within the same boot."""


@dataclass(frozen=True)
class LauncherKilled:
    """Somebody ends the launcher, and for `seconds` nothing locks the screen."""

    seconds: int


@dataclass(frozen=True)
class SwitchOff:
    """Switched off in an orderly way, and on again after `seconds`."""

    seconds: int


@dataclass(frozen=True)
class Call:
    """The player, or somebody in front of the lock, calls the desk."""

    reason: CallReason
    text: str


Action = (
    Arrive
    | Buy
    | Call
    | Launch
    | Quit
    | Leave
    | LoseLink
    | LosePower
    | AgentKilled
    | LauncherKilled
    | SwitchOff
)


@dataclass(frozen=True)
class Step:
    """Do `action` when `after_seconds` have passed since the step before was due."""

    after_seconds: int
    action: Action


CALLS = (
    Call("device", "Не работает левая кнопка мыши"),
    Call("game", "Игра просит обновление"),
    Call("money", "Хочу пополнить баланс"),
    Call("other", "Можно сделать потише?"),
)


def plan(seed: int, pc_number: int) -> Iterator[Step]:
    """The endless evening of one PC; `pc_number` counts from 1."""
    chance = random.Random(f"{seed}/{pc_number}")  # noqa: S311 - a game of chance, not a secret
    place = (pc_number - 1) % _HALL
    player = 0
    if place < _HALL * 7 // 10:
        yield from _visit(chance, player, waits=(0, 8))
    elif place == _HALL - 3:
        yield Step(5, Call("money", "Хочу поиграть, но не помню пароль"))
    elif place == _HALL - 2:
        yield Step(3, LauncherKilled(1800))
    elif place == _HALL - 1:
        yield Step(3, LoseLink(1800))
    while True:
        player = (player + 1) % PLAYERS_PER_PC
        yield from _visit(chance, player, waits=(30, 600))
        if chance.random() < 0.1:
            yield Step(chance.randint(5, 60), SwitchOff(chance.randint(60, 600)))


def _choice(chance: random.Random) -> float:
    return chance.randrange(100) / 100


def _visit(chance: random.Random, player: int, waits: tuple[int, int]) -> Iterator[Step]:
    """One player, from sitting down to leaving."""
    yield Step(chance.randint(*waits), Arrive(player, mistypes=chance.random() < 0.05))
    yield Step(chance.randint(2, 6), Buy(_choice(chance)))
    for _game in range(chance.randint(1, 3)):
        yield Step(chance.randint(3, 20), Launch(_choice(chance)))
        yield from _mishap(chance, player)
        if chance.random() < 0.05:
            yield Step(chance.randint(20, 300), chance.choice(CALLS))
        if chance.random() < 0.15:
            yield Step(chance.randint(60, 600), Buy(_choice(chance), more=True))
        yield Step(chance.randint(300, 2400), Quit())
    yield Step(chance.randint(5, 120), Leave())


def _mishap(chance: random.Random, player: int) -> Iterator[Step]:
    """Rarely, something happens to the PC in mid-game. The player stays, and signs in again if need be."""
    fate = chance.random()
    when = chance.randint(30, 600)
    if fate < 0.06:
        yield Step(when, LoseLink(chance.randint(5, 90)))
    elif fate < 0.09:
        yield Step(when, LosePower(chance.randint(20, 120)))
        yield Step(chance.randint(5, 30), Arrive(player))
        yield Step(chance.randint(2, 6), Buy(_choice(chance)))
    elif fate < 0.11:
        yield Step(when, AgentKilled())
    elif fate < 0.12:
        yield Step(when, LauncherKilled(chance.randint(1, 5)))
