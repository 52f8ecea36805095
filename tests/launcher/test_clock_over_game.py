"""The time left over a borderless game: to be seen, and not to be hit."""

import itertools
from collections.abc import Callable

import msgspec

from lovhub.protocol import local
from tests.launcher.conftest import (
    INTRUDER_COLOR,
    LauncherProcess,
    StartBystander,
    wait_until,
)
from tests.launcher.fake_agent import APPLICATIONS, PLAYING

IN_GAME = msgspec.structs.replace(
    PLAYING, running_application_ids=(APPLICATIONS[0].application_id,)
)


def test_it_stays_over_the_game_takes_nothing_from_it_and_goes_with_it(
    launcher: LauncherProcess, start_bystander: StartBystander
) -> None:
    screen = launcher.screen
    corner = screen.width - 40, 30

    def shows_in_the_corner(*, clock: bool) -> Callable[[], bool]:
        def look() -> bool:
            image = screen.screenshot().convert("RGB")
            is_game = image.getpixel((screen.width // 2, screen.height // 2)) == INTRUDER_COLOR
            return is_game and (image.getpixel(corner) != INTRUDER_COLOR) == clock

        return look

    launcher.play()
    game = start_bystander(screen, "borderless")
    screen.xdotool("windowfocus", "--sync", game.window_id)
    wait_until(shows_in_the_corner(clock=False), "the game fills the screen")
    launcher.agent.say(IN_GAME)
    seconds = itertools.count(1_234, -1)

    def ticks_there() -> bool:
        launcher.agent.say(local.Clock(seconds_left=next(seconds), played_seconds=10))
        return shows_in_the_corner(clock=True)()

    wait_until(ticks_there, "the clock is over the game")
    screen.xdotool("windowraise", game.window_id)
    wait_until(shows_in_the_corner(clock=True), "it comes back over a game that raises itself")

    screen.xdotool("mousemove", *map(str, corner), "click", "1")
    launcher.type("a")
    wait_until(
        lambda: {"MouseButtonPress", "KeyPress"} <= set(game.told()), "click and key reach the game"
    )
    assert screen.xdotool("getwindowfocus").strip() == game.window_id

    launcher.agent.say(PLAYING)
    wait_until(shows_in_the_corner(clock=False), "it goes when no game runs")
