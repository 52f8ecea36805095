"""Linux: the sink that is heard, by the first of the programs that a desktop brings."""

import re
import shutil
import subprocess
import sys
from typing import NamedTuple

assert sys.platform != "win32"  # noqa: S101 - tells the type checker which half to read

PATIENCE_SECONDS = 5


class _Way(NamedTuple):
    """A program's words; `{}` is what is set. `level`: how it tells the percents."""

    ask: tuple[str, ...]
    set: tuple[str, ...]
    mute: tuple[str, ...]
    muted: tuple[str, str] = ("0", "1")
    level: str = r"(\d+)%"
    percents: float = 1


_WAYS = {
    "wpctl": _Way(
        ("get-volume", "@DEFAULT_AUDIO_SINK@"),
        ("set-volume", "@DEFAULT_AUDIO_SINK@", "{}%"),
        ("set-mute", "@DEFAULT_AUDIO_SINK@", "{}"),
        level=r"(\d+\.\d+)",
        percents=100,
    ),
    "pactl": _Way(
        ("get-sink-volume", "@DEFAULT_SINK@"),
        ("set-sink-volume", "@DEFAULT_SINK@", "{}%"),
        ("set-sink-mute", "@DEFAULT_SINK@", "{}"),
    ),
    "amixer": _Way(
        ("get", "Master"),
        ("--quiet", "set", "Master", "{}%"),
        ("--quiet", "set", "Master", "{}"),
        muted=("unmute", "mute"),
    ),
}


def level() -> int:
    """How loud it is."""
    program, way = _way()
    told = _run(program, way.ask)
    found = re.search(way.level, told)
    if found is None:
        raise OSError(f"{program} told no volume")
    return min(100, round(float(found[1]) * way.percents))


def set_level(percent: int) -> None:
    """Make it louder or quieter."""
    program, way = _way()
    _run(program, way.set, str(percent))


def set_muted(*, muted: bool) -> None:
    """Silence for everything, or its end."""
    program, way = _way()
    _run(program, way.mute, way.muted[muted])


def _way() -> tuple[str, _Way]:
    for name, way in _WAYS.items():
        program = shutil.which(name)
        if program is not None:
            return program, way
    raise OSError("no program that knows the volume")


def _run(program: str, words: tuple[str, ...], value: str = "") -> str:
    command = [program, *(word.format(value) for word in words)]
    try:
        done = subprocess.run(
            command, check=True, capture_output=True, timeout=PATIENCE_SECONDS, text=True
        )
    except subprocess.SubprocessError as error:
        raise OSError(f"{program}: {error}") from error
    return done.stdout
