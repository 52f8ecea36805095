"""Windows: job objects, a named pipe, the boot clock."""

import asyncio
import contextlib
import ctypes
import msvcrt
import os
import secrets
import subprocess
import sys
import uuid
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import ntsecuritycon
import pywintypes
import win32api
import win32con
import win32file
import win32gui
import win32job
import win32process
import win32security

from lovhub.agent.platform import windows_pipe
from lovhub.agent.platform.common import Connected, FolderInUse, Listener, Process, StartedProgram

assert sys.platform == "win32"  # noqa: S101 - tells the type checker which half to read

_BOOT_KEY = r"Software\LoVHub\Boot"
_REG_OPTION_VOLATILE = 1
_CREATE_SUSPENDED = 0x4


def boot_id() -> str:
    """Changes with every start of the computer, and only then.

    Kept in a volatile registry key, which Windows forgets at shutdown: the boot time itself moves
    with the wall clock. Without the right to the machine's hive, the user's is used.
    """
    hives: tuple[Any, ...] = (win32con.HKEY_LOCAL_MACHINE, win32con.HKEY_CURRENT_USER)
    for hive in hives:
        try:
            key, _disposition = win32api.RegCreateKeyEx(
                hive, _BOOT_KEY, win32con.KEY_ALL_ACCESS, None, _REG_OPTION_VOLATILE
            )
        except pywintypes.error:
            continue
        try:
            value, _kind = win32api.RegQueryValueEx(key, "Id")
        except pywintypes.error:
            value = str(uuid.uuid4())
            win32api.RegSetValueEx(key, "Id", 0, win32con.REG_SZ, value)
        return str(value)
    raise OSError("the registry takes no boot id")


def boot_monotonic() -> float:
    """Seconds since the boot, counted through sleep, the same for every process."""
    tick_count = ctypes.windll.kernel32.GetTickCount64
    tick_count.restype = ctypes.c_ulonglong
    return float(tick_count()) / 1000


def forgets(folder: Path) -> bool:
    """Whether what is written there is known to be gone after a restart: a disk in memory.

    A write filter does not show from here: its technician says so in `config.ini`.
    """
    return bool(win32file.GetDriveType(folder.anchor) == win32con.DRIVE_RAMDISK)


def user_name() -> str:
    """Of whoever runs this process, as Windows says: the environment could be changed by a player."""
    return str(win32api.GetUserName())


def write_private_file(path: Path, data: bytes) -> None:
    """Write whole or not at all, on disk when this returns, for this user and the system only.

    Raises OSError, also where the file system knows no rights.
    """
    fresh = path.with_name(path.name + ".new")
    try:
        with fresh.open("wb") as file:
            _make_private(fresh)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # Unlike Path.replace, this returns once the new name is on the disk as well.
        win32file.MoveFileEx(
            str(fresh),
            str(path),
            win32file.MOVEFILE_REPLACE_EXISTING | win32file.MOVEFILE_WRITE_THROUGH,
        )
    except pywintypes.error as error:
        raise OSError(error.winerror, error.strerror, str(path)) from error


def _make_private(path: Path) -> None:
    access = win32security.ACL()
    system = win32security.CreateWellKnownSid(win32security.WinLocalSystemSid, None)
    for user in (_own_user(), system):
        access.AddAccessAllowedAce(win32security.ACL_REVISION, ntsecuritycon.FILE_ALL_ACCESS, user)
    win32security.SetNamedSecurityInfo(
        str(path),
        win32security.SE_FILE_OBJECT,
        win32security.DACL_SECURITY_INFORMATION | win32security.PROTECTED_DACL_SECURITY_INFORMATION,
        None,
        None,
        access,
        None,
    )


class FolderLock:
    """Held as long as the agent lives; Windows lets go of it when the process dies."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
        try:
            msvcrt.locking(self._descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            os.close(self._descriptor)
            raise FolderInUse(str(path)) from error

    def release(self) -> None:
        """Let another agent in."""
        os.close(self._descriptor)


class ProcessGroup(StartedProgram):
    """A program and everything it started, held together by a job object; `ask`: how its windows are closed."""

    def __init__(
        self,
        process: Process,
        job: int,
        ask: "Callable[[Sequence[int]], None] | None" = None,
    ) -> None:
        super().__init__(process)
        self._job = job
        self._ask = ask or ask_to_end

    def alive(self) -> bool:
        """Whether anything of the group still runs."""
        return bool(self._pids())

    def ask_to_end(self) -> None:
        """Close the windows of the group, so that the programs may save their things."""
        self._ask(self._pids())

    def kill(self) -> None:
        """At once, all of it."""
        with contextlib.suppress(pywintypes.error):
            win32job.TerminateJobObject(self._job, 1)

    def release(self) -> None:
        """Let go of the job object."""
        with contextlib.suppress(pywintypes.error):
            win32api.CloseHandle(self._job)

    def _pids(self) -> tuple[int, ...]:
        try:
            found = win32job.QueryInformationJobObject(
                self._job, win32job.JobObjectBasicProcessIdList
            )
        except pywintypes.error:
            return ()
        return tuple(found)


def ask_to_end(pids: Collection[int]) -> None:
    """Close the windows of these processes."""

    def ask(window: int, _extra: object) -> bool:
        _thread, pid = win32process.GetWindowThreadProcessId(window)
        if pid in pids:
            with contextlib.suppress(pywintypes.error):
                win32gui.PostMessage(window, win32con.WM_CLOSE, 0, 0)
        return True

    with contextlib.suppress(pywintypes.error):
        win32gui.EnumWindows(ask, None)


def open_address(address: str) -> None:
    """Let whoever answers to such addresses have it; raises OSError where nobody does."""
    os.startfile(address)  # noqa: S606 (the server lets only addresses of launchers through)


def adopt_group(pid: int, created_at: float) -> ProcessGroup | None:  # noqa: ARG001
    """None: here the programs of an agent that died have died with it."""
    return None


def _make_job(*, outlives_agent: bool) -> int:
    """A job object; unless told otherwise, Windows ends what is in it when the agent dies."""
    create = ctypes.windll.kernel32.CreateJobObjectW
    create.restype = ctypes.c_void_p
    job = int(create(None, None) or 0)
    if not job:
        raise OSError("no job object to be had")
    if not outlives_agent:
        limits = win32job.QueryInformationJobObject(job, win32job.JobObjectExtendedLimitInformation)
        limits["BasicLimitInformation"]["LimitFlags"] |= win32job.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
        win32job.SetInformationJobObject(job, win32job.JobObjectExtendedLimitInformation, limits)
    return job


def into_job(process: Any, *, outlives_agent: bool) -> int:
    """Put a suspended process into a job of its own and let it run; raises OSError, pywintypes.error."""
    job = _make_job(outlives_agent=outlives_agent)
    win32job.AssignProcessToJobObject(job, process)
    status = ctypes.windll.ntdll.NtResumeProcess(int(process))
    if status:
        raise OSError(f"not resumed: status {status & 0xFFFFFFFF:#x}")
    return job


async def start_group(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    with_input: bool = False,
    outlives_agent: bool = False,
) -> ProcessGroup:
    """Start a program in a job of its own; raises OSError.

    It is created suspended and put into the job before its first instruction, so that nothing it
    starts can stay outside. With `with_input` it is one of ours: it gets no console window, which
    a player could close and the program with it.
    """
    flags = _CREATE_SUSPENDED | subprocess.CREATE_NEW_PROCESS_GROUP
    if with_input:
        flags |= subprocess.CREATE_NO_WINDOW
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        stdin=asyncio.subprocess.PIPE if with_input else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=None if with_input else asyncio.subprocess.DEVNULL,
        creationflags=flags,
    )
    try:
        handle = win32api.OpenProcess(win32con.PROCESS_ALL_ACCESS, False, process.pid)
        job = into_job(handle, outlives_agent=outlives_agent)
    except (OSError, pywintypes.error) as error:
        process.kill()  # or it would stay suspended for ever
        raise OSError(f"not put into a job: {error}") from error
    return ProcessGroup(process, job)


def local_endpoint(data_folder: Path) -> str:  # noqa: ARG001 - on Linux it lies in the folder
    """Where the launcher finds the agent: a pipe whose name nobody can take in advance."""
    return rf"\\.\pipe\lovhub-{secrets.token_hex(16)}"


async def serve_local(endpoint: str, connected: Connected) -> Listener:
    """Listen on the pipe for this user; fails if a pipe of that name exists (its first instance is exclusive)."""
    return await windows_pipe.serve_pipe(
        endpoint, connected, win32security.ConvertSidToStringSid(_own_user()), windows_pipe.ALL
    )


def peer_allowed(writer: asyncio.StreamWriter) -> bool:
    """Whether the process at the other end runs as the same user."""
    pid = windows_pipe.pid_at_other_end(writer)
    if not pid:
        return False
    try:
        process = win32api.OpenProcess(win32con.PROCESS_QUERY_LIMITED_INFORMATION, False, pid)
        return bool(_user_of(process) == _own_user())
    except pywintypes.error:
        return False


def _own_user() -> Any:
    return _user_of(win32api.GetCurrentProcess())


def _user_of(process: int) -> Any:
    token = win32security.OpenProcessToken(process, win32con.TOKEN_QUERY)
    user, _attributes = win32security.GetTokenInformation(token, win32security.TokenUser)
    return user
