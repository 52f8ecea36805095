"""What a test says and hears in the place of a PC's launcher, through the stand-in's folder."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from lovhub.protocol.local import (
    AgentMessage,
    Clock,
    LauncherMessage,
    LocalAnswer,
    State,
    agent_codec,
    launcher_codec,
)

WAIT_SECONDS = 40.0

Kind = TypeVar("Kind")


class LauncherSide:
    """`launcher_folder`: the one that `stand_in_launcher.py` is given."""

    def __init__(self, launcher_folder: Path) -> None:
        self.launcher_folder = launcher_folder
        self.launcher_folder.mkdir(parents=True, exist_ok=True)
        self._failure: BaseException | None = None
        self.sits_down_anew()

    def sits_down_anew(self) -> None:
        """Nothing is said or heard yet."""
        for name in ("heard", "say", "pid", "hung_up"):
            (self.launcher_folder / name).unlink(missing_ok=True)

    def launcher_pid(self) -> int:
        pid: int = self.wait_until(lambda: _number(self.launcher_folder / "pid"))
        return pid

    def wait_hung_up(self) -> None:
        """Until the agent has left the launcher without a word."""
        self.wait_until((self.launcher_folder / "hung_up").exists)

    def heard(self, kind: type[Kind]) -> list[Kind]:
        path = self.launcher_folder / "heard"
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
        messages: list[AgentMessage] = [agent_codec.decode(line) for line in lines]
        return [message for message in messages if isinstance(message, kind)]

    def shown(self) -> Clock:
        """The last clock the launcher was told."""
        return (self.heard(Clock) or [Clock(seconds_left=-1, played_seconds=-1)])[-1]

    def state(self) -> State | None:
        states = self.heard(State)
        return states[-1] if states else None

    def wait_mode(self, mode: str) -> State:
        """Until the launcher was told of this mode."""
        state: State = self.wait_until(
            lambda: state if (state := self.state()) and state.mode == mode else None
        )
        return state

    def say(self, message: LauncherMessage) -> None:
        with (self.launcher_folder / "say").open("ab") as say:
            say.write(launcher_codec.encode(message) + b"\n")

    def ask(self, message: Any) -> str:
        """The player does something; returns the code of the answer."""
        self.say(message)
        answer: LocalAnswer = self.wait_until(
            lambda: next(
                (a for a in self.heard(LocalAnswer) if a.request_id == message.request_id), None
            )
        )
        return answer.code

    def wait_until(self, condition: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + WAIT_SECONDS
        while not (found := condition()):
            if time.monotonic() > deadline or self._failure is not None:
                raise AssertionError(f"waited in vain; last state: {self.state()}") from (
                    self._failure
                )
            time.sleep(0.02)
        return found


def _number(path: Path) -> int | None:
    text = path.read_text() if path.exists() else ""
    return int(text) if text else None
