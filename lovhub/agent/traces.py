"""Personal traces of a player: once their session is over and their games are closed, what the owner names goes.

That there is something to do outlives the agent and a power cut: it is noted on disk when a session begins.
"""

import asyncio
from pathlib import Path

import msgspec
import structlog

from lovhub.agent.platform import write_private_file
from lovhub.agent.seat import Seat

log = structlog.get_logger("traces")

NOTES_FILE = "traces.json"
TRIES, PAUSE_SECONDS = 3, 2.0
"""A browser that is being closed holds its files for a moment."""


class _Notes(msgspec.Struct, frozen=True):
    """`lines`: what the owner names. `due`: somebody has played since it was last done."""

    lines: tuple[str, ...] = ()
    due: bool = False


class Traces:
    """`seat`: whose traces they are."""

    def __init__(self, data_folder: Path, seat: Seat) -> None:
        self._file = data_folder / NOTES_FILE
        self._seat = seat
        self._notes = self._read()
        self.sessions = 0
        """How many have begun since the start: whose traces are swept is known by it."""

    def named(self, lines: tuple[str, ...] | None) -> None:
        """What the server says of it now; None: an older one, which says nothing."""
        if lines is not None:
            self._note(msgspec.structs.replace(self._notes, lines=lines))

    def session_began(self) -> None:
        """From now on there is something to do in the end."""
        self.sessions += 1
        self._note(msgspec.structs.replace(self._notes, due=True))

    async def clear(self, sessions: int) -> None:
        """Do it, if there is something to do. `sessions`: as it was when the session ended."""
        if not self._notes.due:
            return
        left = 0
        if self._notes.lines:
            for attempt in range(TRIES):
                if attempt:
                    await asyncio.sleep(PAUSE_SECONDS)
                left = await self._sweep()
                if not left:
                    break
        if left:
            log.warning("traces_left", count=left)
        if sessions == self.sessions:
            self._note(msgspec.structs.replace(self._notes, due=bool(left)))

    async def _sweep(self) -> int:
        """Once; how much is left. What cannot be begun is left as a whole."""
        try:
            return await asyncio.to_thread(self._seat.sweep, self._notes.lines)
        except OSError as error:
            log.info("traces_not_swept", reason=str(error))
            return 1

    def _read(self) -> _Notes:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=_Notes)
        except (OSError, msgspec.MsgspecError):
            return _Notes()

    def _note(self, notes: _Notes) -> None:
        if notes == self._notes:
            return
        self._notes = notes
        try:
            write_private_file(self._file, msgspec.json.encode(notes))
        except OSError as error:
            log.warning("traces_not_noted", reason=str(error))
