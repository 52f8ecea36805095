"""Windows: what a service does in the session of whoever is signed in at this PC, with their rights."""

import asyncio
import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ntsecuritycon
import pywintypes
import win32api
import win32con
import win32event
import win32file
import win32pipe
import win32process
import win32profile
import win32security
import win32ts

from lovhub.agent.platform import windows, windows_pipe
from lovhub.agent.platform.common import Connected, Listener
from lovhub.agent.seat import LARGEST_ANSWER_BYTES, NobodyThere, Occupant

assert sys.platform == "win32"  # noqa: S101 - tells the type checker which half to read

DESKTOP = r"winsta0\default"
"""Where people see windows; a service has a desktop of its own, that nobody sees."""

_NO_CONSOLE_SESSION = 0xFFFFFFFF
_SERVICES_SESSION = 0
_PIPE_BYTES = LARGEST_ANSWER_BYTES
"""All of a request, and of an answer, has its place in a pipe, so that neither side waits for the other."""

_CREATE_SUSPENDED = 0x4
_FLAGS = _CREATE_SUSPENDED | win32con.CREATE_NEW_PROCESS_GROUP | win32con.CREATE_UNICODE_ENVIRONMENT


class WindowsSessions:
    """See `seat.Sessions`. Needs the rights that LocalSystem has."""

    def occupant(self) -> Occupant | None:
        """See Sessions."""
        session = win32ts.WTSGetActiveConsoleSessionId() & 0xFFFFFFFF  # type: ignore[no-untyped-call]
        if session in (_NO_CONSOLE_SESSION, _SERVICES_SESSION):
            return None
        try:
            token: Any = win32ts.WTSQueryUserToken(session)
        except pywintypes.error:
            return None  # at the sign-in of Windows
        with contextlib.closing(token):
            try:
                user, _attributes = win32security.GetTokenInformation(
                    token, win32security.TokenUser
                )
                account, _domain, _kind = win32security.LookupAccountSid("", user)
            except pywintypes.error:
                return Occupant(session, "?")  # somebody is there; it is nobody we know
        return Occupant(session, str(account))

    def remote(self) -> str:
        """See Sessions. Windows 10 and 11 have one active session; a patched one has as many as it likes."""
        at_screen = win32ts.WTSGetActiveConsoleSessionId() & 0xFFFFFFFF  # type: ignore[no-untyped-call]
        server: Any = win32ts.WTS_CURRENT_SERVER_HANDLE
        try:
            sessions: Any = win32ts.WTSEnumerateSessions(server)
            for session in sessions:
                number = session["SessionId"]
                if session["State"] == win32ts.WTSActive and number not in (
                    at_screen,
                    _SERVICES_SESSION,
                ):
                    name = win32ts.WTSQuerySessionInformation(server, number, win32ts.WTSUserName)
                    return name or "?"
        except pywintypes.error:
            return ""  # it is going
        return ""

    async def start(
        self,
        session: int,
        command: Sequence[str],
        *,
        ask_to_end: Callable[[Sequence[int]], None],
        folder: Path | None = None,
        with_input: bool = False,
        outlives_agent: bool = False,
    ) -> "windows.ProcessGroup":
        """See Sessions. Suspended until it is in its job, as `start_group` does it."""
        started = _create(session, command, folder, with_input=with_input, with_output=False)
        try:
            job = windows.into_job(started.handle, outlives_agent=outlives_agent)
        except (OSError, pywintypes.error) as error:
            started.kill()
            raise OSError(f"not put into a job: {error}") from error
        return windows.ProcessGroup(started, job, ask_to_end)

    def run(self, session: int, command: Sequence[str], line: bytes, seconds: float) -> bytes:
        """See Sessions."""
        if len(line) > _PIPE_BYTES:
            raise OSError("too much for an errand")  # who reads slowly must not keep us waiting
        started = _create(session, command, None, with_input=True, with_output=True)
        try:
            windows.into_job(started.handle, outlives_agent=True)
            assert started.stdin is not None  # noqa: S101 - asked for above
            with contextlib.suppress(ConnectionError):  # it died already: it says nothing
                started.stdin.write(line)
            started.stdin.close()
            win32event.WaitForSingleObject(started.handle, int(seconds * 1000))
        except (OSError, pywintypes.error) as error:
            started.kill()
            raise OSError(f"the errand fails: {error}") from error
        started.kill()  # if it has not ended
        return started.said()

    def let_read(self, folder: Path) -> None:
        """See Sessions. It is inherited; a folder above that is closed hinders only who looks into it."""
        access = win32security.ACL()
        users = win32security.CreateWellKnownSid(win32security.WinBuiltinUsersSid, None)
        access.AddAccessAllowedAceEx(
            win32security.ACL_REVISION,
            win32security.CONTAINER_INHERIT_ACE | win32security.OBJECT_INHERIT_ACE,
            ntsecuritycon.FILE_GENERIC_READ | ntsecuritycon.FILE_GENERIC_EXECUTE,
            users,
        )
        try:
            # Beside what it inherits, of which nothing is lost.
            win32security.SetNamedSecurityInfo(
                str(folder),
                win32security.SE_FILE_OBJECT,
                win32security.DACL_SECURITY_INFORMATION
                | win32security.UNPROTECTED_DACL_SECURITY_INFORMATION,
                None,
                None,
                access,
                None,
            )
        except pywintypes.error as error:
            raise OSError(error.winerror, error.strerror, str(folder)) from error

    async def serve(self, endpoint: str, connected: Connected, account: str) -> Listener:
        """See Sessions."""
        sid = _sid_of(account) if account else windows_pipe.INTERACTIVE
        return await windows_pipe.serve_pipe(endpoint, connected, sid, windows_pipe.CONNECT)

    def pid_of(self, writer: asyncio.StreamWriter) -> int:
        """See Sessions."""
        return windows_pipe.pid_at_other_end(writer)


class _Input:
    """The standard input of a program, as `asyncio` has one; what is said is short, and nobody waits."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    def write(self, data: bytes) -> None:
        try:
            win32file.WriteFile(self._handle, data)
        except pywintypes.error as error:
            raise ConnectionError(error.winerror, error.strerror) from error

    async def drain(self) -> None:
        """It is written already."""

    def close(self) -> None:
        self._handle.Close()


class _Started:
    """A process in another session, as much of `asyncio.subprocess.Process` as we use."""

    def __init__(self, handle: Any, pid: int, stdin: _Input | None, output: Any) -> None:
        self.handle = handle
        self.pid = pid
        self.stdin = stdin
        self._output = output
        self._ended: asyncio.Future[int] | None = None

    async def wait(self) -> int:
        """Its exit code, once it ends."""
        if self._ended is None:
            loop = asyncio.get_running_loop()
            self._ended = loop.create_future()
            threading.Thread(target=self._watch, args=(loop, self._ended), daemon=True).start()
        return await asyncio.shield(self._ended)

    def _watch(self, loop: asyncio.AbstractEventLoop, ended: "asyncio.Future[int]") -> None:
        win32event.WaitForSingleObject(self.handle, win32event.INFINITE)
        exit_code = win32process.GetExitCodeProcess(self.handle)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, ended, exit_code)

    def said(self) -> bytes:
        """What it has said until now. Nobody waits for more: any program of the player's may hold its output open."""
        with contextlib.suppress(pywintypes.error):  # a broken pipe: it said nothing
            _peeked, length, _left = win32pipe.PeekNamedPipe(self._output, 0)
            if length:
                return bytes(win32file.ReadFile(self._output, length)[1])
        return b""

    def kill(self) -> None:
        """At once."""
        with contextlib.suppress(pywintypes.error):
            win32api.TerminateProcess(self.handle, 1)


def _settle(ended: "asyncio.Future[int]", exit_code: int) -> None:
    if not ended.done():
        ended.set_result(exit_code)


def _create(
    session: int,
    command: Sequence[str],
    folder: Path | None,
    *,
    with_input: bool,
    with_output: bool,
) -> _Started:
    """Suspended, on the desktop that people see, with the environment of whoever is signed in there; raises OSError."""
    try:
        token: Any = win32ts.WTSQueryUserToken(session)
    except pywintypes.error as error:
        raise NobodyThere(error.winerror, error.strerror) from error
    with contextlib.ExitStack() as held:
        held.callback(token.Close)
        streams = win32process.STARTUPINFO()
        streams.dwFlags = win32con.STARTF_USESTDHANDLES
        streams.lpDesktop = DESKTOP
        stdin = output = None
        if with_input:
            streams.hStdInput, ours = _pipe(held, reads_there=True)
            stdin = _Input(ours)
        else:
            streams.hStdInput = _nothing(held)
        if with_output:
            streams.hStdOutput, output = _pipe(held, reads_there=False)
        else:
            streams.hStdOutput = _nothing(held)
        streams.hStdError = _nothing(held)
        flags = _FLAGS | (subprocess.CREATE_NO_WINDOW if with_input else 0)
        nothing: Any = None  # its stub knows of no optional argument
        try:
            created: Any = win32process.CreateProcessAsUser(
                token,
                nothing,
                subprocess.list2cmdline(command),
                nothing,
                nothing,
                True,  # of ours, only the streams can be inherited
                flags,
                win32profile.CreateEnvironmentBlock(token, False),
                nothing if folder is None else str(folder),
                streams,
            )
        except pywintypes.error as error:
            raise OSError(error.winerror, error.strerror, command[0]) from error
        handle, thread, pid, _thread_id = created
        thread.Close()
    return _Started(handle, pid, stdin, output)


def _pipe(held: contextlib.ExitStack, *, reads_there: bool) -> tuple[Any, Any]:
    """Their end, closed here once they have it, and ours, which nobody inherits."""
    reading, writing = win32pipe.CreatePipe(_inheritable(), _PIPE_BYTES)
    theirs: Any
    ours: Any
    theirs, ours = (reading, writing) if reads_there else (writing, reading)
    win32api.SetHandleInformation(ours, win32con.HANDLE_FLAG_INHERIT, 0)
    held.callback(theirs.Close)
    return theirs, ours


def _nothing(held: contextlib.ExitStack) -> Any:
    handle: Any = win32file.CreateFile(
        "NUL",
        win32con.GENERIC_READ | win32con.GENERIC_WRITE,
        win32con.FILE_SHARE_READ | win32con.FILE_SHARE_WRITE,
        _inheritable(),
        win32con.OPEN_EXISTING,
        0,
        None,
    )
    held.callback(handle.Close)
    return handle


def _inheritable() -> Any:
    attributes = pywintypes.SECURITY_ATTRIBUTES()
    attributes.bInheritHandle = True
    return attributes


def _sid_of(account: str) -> str:
    try:
        sid, _domain, _kind = win32security.LookupAccountName("", account)
    except pywintypes.error as error:
        raise OSError(error.winerror, error.strerror, account) from error
    return str(win32security.ConvertSidToStringSid(sid))
