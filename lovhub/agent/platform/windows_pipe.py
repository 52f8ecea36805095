"""Windows: the named pipe between agent and launcher, with its list of who may open it."""

import asyncio
import ctypes
import sys
from asyncio import windows_utils
from typing import Any

import pywintypes
import win32con
import win32pipe
import win32security

from lovhub.agent.platform.common import Connected, Listener
from lovhub.protocol import MAX_FRAME_BYTES

assert sys.platform == "win32"  # noqa: S101 - tells the type checker which half to read

INTERACTIVE = "S-1-5-4"
"""Whoever is signed in at this PC, whatever their name."""

ALL = "GA"
"""For our own account: it makes the instances."""

CONNECT = "0x12019b"
"""FILE_GENERIC_READ, FILE_WRITE_DATA, FILE_WRITE_EA and FILE_WRITE_ATTRIBUTES.

GENERIC_WRITE holds one right more, that to make further instances of the pipe (FILE_CREATE_PIPE_INSTANCE): with it a
player's program could pose as the agent, and open the lock. Windows does not ask whoever connects for that one.
"""

_BUFFER_BYTES = 64 * 1024
FIRST_INSTANCE = 0x80000
_REJECT_REMOTE_CLIENTS = 0x8


async def serve_pipe(endpoint: str, connected: Connected, sid: str, right: str) -> Listener:
    """Listen, for the system and this account only; raises OSError, also where a pipe of that name exists.

    `asyncio` would make a pipe that anybody may read from and nobody but our own user may write to.
    """
    loop = asyncio.get_running_loop()
    if not isinstance(loop, asyncio.ProactorEventLoop):
        raise OSError("named pipes need the proactor event loop")
    listener = _Pipe(loop, endpoint, connected, f"D:P(A;;GA;;;SY)(A;;{right};;;{sid})")
    listener.listen()
    return listener


def pid_at_other_end(writer: asyncio.StreamWriter) -> int:
    """The process that has opened our pipe, 0 if that is not to be known."""
    pid = ctypes.c_ulong()
    pipe = writer.get_extra_info("pipe")
    told = ctypes.windll.kernel32.GetNamedPipeClientProcessId(
        ctypes.c_void_p(pipe.handle), ctypes.byref(pid)
    )
    return int(pid.value) if told else 0


class _Pipe:
    """Instances of one pipe, each made when the one before has its client."""

    def __init__(self, loop: Any, endpoint: str, connected: Connected, access: str) -> None:
        self._loop = loop
        self._endpoint = endpoint
        self._connected = connected
        self._access = access
        self._is_first = True
        self._waiting: windows_utils.PipeHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def listen(self) -> None:
        """Raises OSError."""
        self._waiting = self._instance()
        self._task = self._loop.create_task(self._accept())

    def close(self) -> None:
        """See Listener."""
        if self._task is not None:
            self._task.cancel()
        if self._waiting is not None:
            self._waiting.close()
            self._waiting = None

    async def _accept(self) -> None:
        while (pipe := self._waiting) is not None:
            try:
                await self._loop._proactor.accept_pipe(pipe)  # noqa: SLF001 - asyncio's own way to it has no access list
            except OSError:  # whoever came has left already
                self._waiting = self._instance()  # before the last one goes, and the name with it
                pipe.close()
                continue
            self._waiting = self._instance()
            reader = asyncio.StreamReader(limit=MAX_FRAME_BYTES, loop=self._loop)
            protocol = asyncio.StreamReaderProtocol(reader, self._connected, loop=self._loop)
            self._loop._make_duplex_pipe_transport(  # noqa: SLF001
                pipe, protocol, extra={"addr": self._endpoint}
            )

    def _instance(self) -> windows_utils.PipeHandle:
        attributes = pywintypes.SECURITY_ATTRIBUTES()
        attributes.SECURITY_DESCRIPTOR = (
            win32security.ConvertStringSecurityDescriptorToSecurityDescriptor(
                self._access, win32security.SDDL_REVISION_1
            )
        )
        mode = win32pipe.PIPE_ACCESS_DUPLEX | win32con.FILE_FLAG_OVERLAPPED
        try:
            handle: Any = win32pipe.CreateNamedPipe(
                self._endpoint,
                mode | (FIRST_INSTANCE if self._is_first else 0),
                win32pipe.PIPE_TYPE_BYTE | _REJECT_REMOTE_CLIENTS,
                win32pipe.PIPE_UNLIMITED_INSTANCES,
                _BUFFER_BYTES,
                _BUFFER_BYTES,
                0,
                attributes,
            )
        except pywintypes.error as error:
            raise OSError(error.winerror, error.strerror, self._endpoint) from error
        self._is_first = False
        return windows_utils.PipeHandle(handle.Detach())
