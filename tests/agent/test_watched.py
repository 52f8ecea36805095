"""Games that a launcher starts: what counts is the game, whoever started it, and whatever runs on after it."""

import os
import secrets
import sys
from pathlib import Path

import psutil
import pytest

from lovhub.agent import watched
from lovhub.agent.applications import PROGRAMS_FILE
from lovhub.protocol.views import ApplicationView
from tests.agent.test_applications import Player, gone, live
from tests.support.programs import RUNS_ON


@pytest.fixture
def game_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A name that no other process has, and a program of this name."""
    for name in ("LOOK_SECONDS", "POLL_SECONDS", "GONE_SECONDS"):
        monkeypatch.setattr(watched, name, 0.05)
    name = f"g{secrets.token_hex(4)}.exe"
    (tmp_path / name).symlink_to(sys.executable)
    return name


def launched_by(steam: str, name: str, **changes: object) -> ApplicationView:
    """A game of this name that `steam` starts: Python code that the launcher runs."""
    values = {
        "application_id": 5,
        "title": "Игра",
        "kind": "game",
        "exe_path": sys.executable,
        "arguments": ("-c", steam),
        "watch": (name.upper(),),
    }
    return ApplicationView(**{**values, **changes})  # type: ignore[arg-type]


def starts(game: Path) -> str:
    """Code of a launcher that starts the game outside its own group, and stays."""
    return (
        f"import subprocess; subprocess.Popen([{str(game)!r}, '-c', {RUNS_ON!r}],"
        f" start_new_session=True); {RUNS_ON}"
    )


def processes(name: str) -> list[psutil.Process]:
    return [one for one in psutil.process_iter(["name"]) if one.info["name"] == name]


def test_it_is_over_when_the_game_is_though_the_launcher_stays(
    tmp_path: Path, game_name: str
) -> None:
    async def test() -> None:
        player = Player(tmp_path)
        await player.applications.start(
            launched_by(starts(tmp_path / game_name), game_name), session_id=3
        )
        (game,) = await player.until(lambda: processes(game_name))
        steam = psutil.Process(game.ppid())
        await player.until(lambda: player.applications._running[5].group._known)  # type: ignore[union-attr]
        assert player.applications.running_ids == (5,)
        game.kill()
        await player.until(lambda: player.exited)
        assert not gone(steam)
        await player.applications.close_all()
        await player.until(lambda: gone(steam))

    live(test())


def test_the_session_s_end_closes_the_game_that_the_launcher_started(
    tmp_path: Path, game_name: str
) -> None:
    async def test() -> None:
        player = Player(tmp_path)
        await player.applications.start(
            launched_by(starts(tmp_path / game_name), game_name), session_id=3
        )
        (game,) = await player.until(lambda: processes(game_name))
        await player.applications.close_all()
        await player.until(lambda: gone(game))
        assert [exited[:2] for exited in player.exited] == [(5, 3)]

    live(test())


def test_a_session_s_end_waits_for_no_game_that_never_came(tmp_path: Path, game_name: str) -> None:
    async def test() -> None:
        player = Player(tmp_path)
        await player.applications.start(launched_by(RUNS_ON, game_name), session_id=3)
        await player.applications.close_all()
        assert player.applications.running_ids == ()

    live(test())


def test_an_address_is_opened_and_the_next_agent_still_knows_the_game(
    tmp_path: Path, game_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = tmp_path / "bin" / "xdg-open"
    handler.parent.mkdir()
    handler.write_text(
        f"#!/bin/sh\necho \"$1\" >{tmp_path}/opened\nexec {tmp_path / game_name} -c '{RUNS_ON}'\n"
    )
    handler.chmod(0o755)
    monkeypatch.setenv("PATH", f"{handler.parent}{os.pathsep}{os.environ['PATH']}")

    async def test() -> None:
        player = Player(tmp_path)
        application = launched_by("", game_name, exe_path="steam://rungameid/730", arguments=())
        await player.applications.start(application, session_id=3)
        (game,) = await player.until(lambda: processes(game_name))
        assert (tmp_path / "opened").read_text() == "steam://rungameid/730\n"
        assert (tmp_path / PROGRAMS_FILE).exists()
        after = Player(tmp_path)
        after.applications.adopt()
        assert after.applications.running_ids == (5,)
        await after.applications.close_all()
        await player.until(lambda: gone(game))
        assert [exited[:2] for exited in after.exited] == [(5, 3)]

    live(test())


def test_it_is_started_from_the_first_place_where_it_is(tmp_path: Path, game_name: str) -> None:
    async def test() -> None:
        player = Player(tmp_path)
        application = launched_by(
            "",
            game_name,
            watch=(),
            exe_path="/no/such/game",
            other_paths=("/nor/here", str(tmp_path / game_name)),
            arguments=("-c", RUNS_ON),
        )
        await player.applications.start(application, session_id=3)
        await player.until(lambda: processes(game_name))
        await player.applications.close_all()
        assert len(player.exited) == 1

    live(test())
