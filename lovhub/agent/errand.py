"""`lovhub agent errand`: one thing that must be done as the player, asked for by an agent that is not (`seat.py`).

The request comes as one line of JSON on standard input, the answer goes to standard output. It says nothing that a
player's own program could not say, and is believed no more than that.
"""

import contextlib
import sys
from typing import Annotated

import msgspec

NAME = "errand"


class OpenAddress(msgspec.Struct, frozen=True, tag="open_address"):
    """Let whoever answers to such addresses have it."""

    address: str


class Sweep(msgspec.Struct, frozen=True, tag="sweep"):
    """Clear away what these lines name in the profile of whoever this runs as."""

    lines: tuple[str, ...]


class SetVolume(msgspec.Struct, frozen=True, tag="set_volume"):
    """Of everything that is heard."""

    percent: int


class LookAtDisplays(msgspec.Struct, frozen=True, tag="look_at_displays"):
    """A service is shown no screens."""


class AskToEnd(msgspec.Struct, frozen=True, tag="ask_to_end"):
    """Close the windows of these processes."""

    pids: tuple[int, ...]


Request = OpenAddress | Sweep | SetVolume | LookAtDisplays | AskToEnd


LONGEST_ERROR = 1_000
Names = Annotated[
    tuple[Annotated[str, msgspec.Meta(max_length=200)], ...], msgspec.Meta(max_length=32)
]
"""They travel on to the server, in one frame: a player must not be able to make it too long."""


class Answer(msgspec.Struct, frozen=True):
    """`left`: how much of the traces would not go. `error`: why it could not be done, for the log."""

    left: Annotated[int, msgspec.Meta(ge=0, le=2**31)] = 0
    gpus: Names = ()
    screens: Names = ()
    error: Annotated[str, msgspec.Meta(max_length=LONGEST_ERROR)] = ""


def encode(request: Request) -> bytes:
    """One line."""
    return msgspec.json.encode(request) + b"\n"


def decode_answer(said: bytes) -> Answer:
    """What was done, within the bounds of what can have been; raises ValueError."""
    try:
        return msgspec.json.decode(said, type=Answer)
    except RecursionError as error:
        raise ValueError("nested without end") from error


def main() -> int:
    """Do what standard input asks for; returns the exit code."""
    try:
        answer = perform(msgspec.json.decode(sys.stdin.buffer.readline(), type=Request))
    except (OSError, msgspec.MsgspecError) as error:
        answer = Answer(error=str(error)[:LONGEST_ERROR] or type(error).__name__)
    sys.stdout.buffer.write(msgspec.json.encode(answer))
    sys.stdout.buffer.flush()
    return 1 if answer.error else 0


def displays() -> Answer:
    """Graphics cards and screens; a part that does not answer is left empty: drivers fail in ways of their own."""
    from lovhub.agent import platform  # noqa: PLC0415

    gpus: list[str] = []
    screens: list[str] = []
    with contextlib.suppress(Exception):
        gpus = platform.gpus()
    with contextlib.suppress(Exception):
        screens = platform.screens()
    return Answer(gpus=tuple(gpus), screens=tuple(screens))


def perform(request: Request) -> Answer:
    """Do it as whoever this process runs as; raises OSError."""
    from lovhub.agent import platform  # noqa: PLC0415 (what none of these needs is not loaded)

    if isinstance(request, OpenAddress):
        platform.open_address(request.address)
    elif isinstance(request, AskToEnd):
        platform.ask_to_end(request.pids)
    elif isinstance(request, LookAtDisplays):
        return displays()
    elif isinstance(request, SetVolume):
        from lovhub import volume  # noqa: PLC0415

        volume.set_level(request.percent)
    else:
        from lovhub.agent.platform.profile import profile_folder  # noqa: PLC0415
        from lovhub.agent.sweep import sweep  # noqa: PLC0415

        profile = profile_folder()
        if profile is None:
            raise OSError("this is nobody's profile")
        return Answer(left=sweep(profile, request.lines))
    return Answer()
