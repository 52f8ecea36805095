"""Linux: process groups, a Unix socket, the kernel's boot id and boot clock."""

import asyncio
import contextlib
import fcntl
import os
import pwd
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Sequence
from pathlib import Path

import psutil

from lovhub.agent.platform.common import Connected, FolderInUse, Listener, StartedProgram
from lovhub.protocol import MAX_FRAME_BYTES

assert sys.platform != "win32"  # noqa: S101 - tells the type checker which half to read

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_ADOPTED_POLL_SECONDS = 0.2
_LONGEST_SOCKET_PATH = 100  # bytes; the kernel allows 108 with the final zero


_FORGETFUL = {"tmpfs", "ramfs", "rootfs", "overlay"}


def boot_id() -> str:
    """Changes with every start of the computer, and only then."""
    return _BOOT_ID.read_text(encoding="ascii").strip()


def boot_monotonic() -> float:
    """Seconds since the boot, counted through sleep, the same for every process."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def forgets(folder: Path) -> bool:
    """Whether what is written there is known to be gone after a restart: a disk in memory, or a layer over another."""
    within, kind = 0, ""
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        words = line.split()
        place = Path(words[4].encode().decode("unicode_escape"))
        if folder.resolve().is_relative_to(place) and len(place.parts) >= within:
            within, kind = len(place.parts), words[words.index("-") + 1]
    return kind in _FORGETFUL


def user_name() -> str:
    """Of whoever runs this process."""
    return pwd.getpwuid(os.getuid()).pw_name


def write_private_file(path: Path, data: bytes) -> None:
    """Write whole or not at all, on disk when this returns, readable by this user only."""
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o600)
        file.write(data)
        file.flush()
        os.fsync(descriptor)
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class FolderLock:
    """Held as long as the agent lives; the kernel lets go of it when the process dies."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise FolderInUse(str(path)) from error

    def release(self) -> None:
        """Let another agent in."""
        os.close(self._descriptor)


class ProcessGroup(StartedProgram):
    """A program and everything it started, as one process group."""

    def alive(self) -> bool:
        """Whether anything of the group still runs."""
        return self._signal(0)

    def ask_to_end(self) -> None:
        """Politely: the program may save its things."""
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """At once, all of it."""
        self._signal(signal.SIGKILL)

    def release(self) -> None:
        """Nothing to let go of here."""

    def _signal(self, number: int) -> bool:
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True


class _AdoptedGroup(ProcessGroup):
    """A group that an earlier agent started: not our child, so its end is looked for."""

    def __init__(self, program: psutil.Process) -> None:
        self._program = program
        self.pid = program.pid

    async def wait(self) -> int:
        """See ProcessGroup; the exit code of another's child is not to be had."""
        while self._runs():  # noqa: ASYNC110 - only parents are told of an end
            await asyncio.sleep(_ADOPTED_POLL_SECONDS)
        return 0

    def _runs(self) -> bool:
        try:
            return self._program.is_running() and self._program.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


def ask_to_end(pids: Collection[int]) -> None:
    """Politely: these processes may save their things."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)


def open_address(address: str) -> None:
    """Let whoever answers to such addresses have it; raises OSError where nobody could be asked."""
    with subprocess.Popen(
        ["setsid", "--fork", "xdg-open", address],  # noqa: S607 (wherever the desktop has it)
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as asking:
        asking.wait()


def adopt_group(pid: int, created_at: float) -> ProcessGroup | None:
    """The group that an earlier agent started with this program; None if the program has ended."""
    try:
        program = psutil.Process(pid)
        if abs(program.create_time() - created_at) > 1:
            return None  # another program has got the number since
    except psutil.Error:
        return None
    return _AdoptedGroup(program)


async def start_group(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    with_input: bool = False,
    outlives_agent: bool = False,  # noqa: ARG001 - on Linux every child does
) -> ProcessGroup:
    """Start a program in a process group of its own; raises OSError.

    With `with_input` it is one of ours, whose complaints belong into the agent's log.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        stdin=asyncio.subprocess.PIPE if with_input else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=None if with_input else asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    return ProcessGroup(process)


def local_endpoint(data_folder: Path) -> str:
    """Where the launcher finds the agent: in the data folder, unless that path is too long."""
    path = data_folder / "agent.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return str(path)
    return str(Path(tempfile.mkdtemp(prefix="lovhub-")) / "agent.sock")


async def serve_local(endpoint: str, connected: Connected) -> Listener:
    """Listen on the endpoint, for this user only; a socket left by a killed agent is replaced."""
    listener = _bind_privately(Path(endpoint))
    try:
        return await asyncio.start_unix_server(connected, sock=listener, limit=MAX_FRAME_BYTES)
    except BaseException:
        listener.close()
        raise


def _bind_privately(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        path.chmod(0o600)  # before listen(): nobody can have connected yet
    except BaseException:
        listener.close()
        raise
    return listener


def peer_allowed(writer: asyncio.StreamWriter) -> bool:
    """Whether the process at the other end runs as the same user."""
    peer = writer.get_extra_info("socket")
    size = struct.calcsize("3i")
    _pid, uid, _gid = struct.unpack(
        "3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    )
    return bool(uid == os.geteuid())
