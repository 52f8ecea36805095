"""Windows as an installation sees it: its own commands (icacls, netsh, powercfg, certutil), services, registry."""

import contextlib
import ctypes
import hashlib
import os
import re
import shutil
import ssl
import stat
import subprocess
import sys
import time
import winreg
from collections.abc import Collection, Iterator, Sequence
from ctypes import wintypes
from pathlib import Path
from typing import Any

import pywintypes
import win32api
import win32con
import win32process
import win32security
import win32service
import winerror

from lovhub.installing import folders
from lovhub.installing.machine import ADMINISTRATORS, DEFAULT_USER, Before, Sleep, Transport

assert sys.platform == "win32"  # noqa: S101 - tells the type checker which half to read

COMMAND_SECONDS = 60
SERVICE_STOP_SECONDS = 60
_WOKEN = (
    "D:(A;;CCLCSWRPWPDTLOCRRC;;;SY)(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)(A;;CCLCSWRPLOCRRC;;;IU)"
)
"""As Windows has it for a service; but whoever is signed in at the computer (IU) may start it (RP), too."""

_BORROWED_HIVE = "LoVHub-install"
_PROFILES = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList"
_SLEEP_SETTINGS = {"standby": "STANDBYIDLE", "hibernate": "HIBERNATEIDLE"}
_ALL_ACCESS = winreg.KEY_ALL_ACCESS | winreg.KEY_WOW64_64KEY


def command(*words: str) -> str:
    """Run one of Windows' own commands; raises OSError with its words if it fails."""
    program = Path(os.environ["SYSTEMROOT"]) / "System32" / f"{words[0]}.exe"
    try:
        done = subprocess.run(
            [program, *words[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=COMMAND_SECONDS,
            creationflags=subprocess.CREATE_NO_WINDOW,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise OSError(f"{words[0]} does not end") from error
    text = done.stdout.decode("oem", errors="replace")
    if done.returncode:
        raise OSError(f"{' '.join(words)}: {done.returncode}: {text.strip()}")
    return text


class WindowsMachine:
    """See `machine.Machine`. A service just added is held on to: Wine forgets one that nobody holds and nobody runs."""

    def __init__(self) -> None:
        self._added: Any = None

    # --- accounts and folders ---------------------------------------------------------------------

    def has_account(self, account: str) -> bool:
        """See Machine."""
        try:
            self._profile(_sid(account))
        except OSError:
            return False
        return True

    def make_folder(self, path: Path) -> None:
        """See Machine."""
        path.mkdir(parents=True, exist_ok=True)
        _refuse_link(path)

    def remove_folder(self, path: Path) -> None:
        """See Machine. `rmtree` goes into no link and no junction that somebody may have put there."""
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(path)
        if path.parent.name == "LoVHub":
            with contextlib.suppress(OSError):
                path.parent.rmdir()

    def allow_only(self, path: Path, rights: dict[str, str]) -> None:
        """See Machine. What is in the folder inherits its rights."""
        _refuse_link(path)
        grants = [f"{account}:{right}" for account, right in rights.items()]
        command("icacls", str(path), "/setowner", ADMINISTRATORS)
        command("icacls", str(path), "/reset")  # what an earlier installation granted
        command("icacls", str(path), "/inheritance:r", "/grant:r", *grants)

    def take_over(self, path: Path, kept: Collection[str], removed: Collection[str]) -> None:
        """See Machine."""
        folders.take_over(path, kept, removed)

    # --- the registry -----------------------------------------------------------------------------

    def read_value(self, account: str, key: str, name: str) -> Before:
        """See Machine."""
        with self._root(account) as (root, prefix):
            try:
                opened = winreg.OpenKey(root, prefix + key, access=_ALL_ACCESS)
            except FileNotFoundError:
                missing = _missing_keys(root, prefix + key)
                return Before(has_key=False, value=None, missing_keys=missing)
            with opened:
                try:
                    value, _kind = winreg.QueryValueEx(opened, name)
                except FileNotFoundError:
                    value = None
                return Before(has_key=True, value=value)

    def set_value(self, account: str, key: str, name: str, value: str | int) -> None:
        """See Machine."""
        kind = winreg.REG_SZ if isinstance(value, str) else winreg.REG_DWORD
        with (
            self._root(account) as (root, prefix),
            winreg.CreateKeyEx(root, prefix + key, access=_ALL_ACCESS) as opened,
        ):
            winreg.SetValueEx(opened, name, 0, kind, value)

    def put_back(self, account: str, key: str, name: str, before: Before) -> None:
        """See Machine."""
        if before.value is not None:
            self.set_value(account, key, name, before.value)
            return
        with self._root(account) as (root, prefix), contextlib.suppress(FileNotFoundError):
            opened = winreg.OpenKey(root, prefix + key, access=_ALL_ACCESS)
            with opened, contextlib.suppress(FileNotFoundError):
                winreg.DeleteValue(opened, name)
            if not before.has_key:
                _remove_empty_keys(root, prefix + key, before.missing_keys)

    @contextlib.contextmanager
    def _root(self, account: str) -> Iterator[tuple[int, str]]:
        """The part of the registry, and how names in it begin; an account's own is borrowed if nobody is signed in."""
        if not account:
            yield winreg.HKEY_LOCAL_MACHINE, ""
            return
        if account == DEFAULT_USER:
            yield winreg.HKEY_USERS, f"{DEFAULT_USER}\\"
            return
        sid = _sid(account)
        try:
            winreg.OpenKey(winreg.HKEY_USERS, sid).Close()
        except FileNotFoundError:
            command("reg", "load", rf"HKU\{_BORROWED_HIVE}", str(self._profile(sid) / "NTUSER.DAT"))
            try:
                yield winreg.HKEY_USERS, f"{_BORROWED_HIVE}\\"
            finally:
                command("reg", "unload", rf"HKU\{_BORROWED_HIVE}")
        else:
            yield winreg.HKEY_USERS, f"{sid}\\"

    def _profile(self, sid: str) -> Path:
        key = winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, rf"{_PROFILES}\{sid}")
        with key:
            path, _kind = winreg.QueryValueEx(key, "ProfileImagePath")
        return Path(winreg.ExpandEnvironmentStrings(path))

    def is_denied(self, account: str, right: str) -> bool:
        """See Machine. Windows calls it a failure when an account has no rights of its own."""
        with _account_rights(account) as (policy, sid):
            try:
                return right in win32security.LsaEnumerateAccountRights(policy, sid)
            except pywintypes.error as error:
                if error.winerror != winerror.ERROR_FILE_NOT_FOUND:
                    raise
                return False

    def set_denied(self, account: str, right: str, *, denied: bool) -> None:
        """See Machine."""
        with _account_rights(account) as (policy, sid):
            if denied:
                win32security.LsaAddAccountRights(policy, sid, (right,))
            else:
                win32security.LsaRemoveAccountRights(policy, sid, False, (right,))

    # --- services -----------------------------------------------------------------------------------

    def add_service(
        self,
        name: str,
        title: str,
        command: Sequence[str],
        account: str,
        *,
        again_after_seconds: int,
        is_woken: bool,
    ) -> None:
        """See Machine."""
        self.remove_service(name)
        with _service_errors(), _manager() as manager:
            service = win32service.CreateService(
                manager,
                name,
                title,
                win32service.SERVICE_ALL_ACCESS,
                win32service.SERVICE_WIN32_OWN_PROCESS,
                win32service.SERVICE_AUTO_START,
                win32service.SERVICE_ERROR_NORMAL,
                subprocess.list2cmdline(command),
                None,
                False,
                None,
                account,
                None,
            )
            again = (win32service.SC_ACTION_RESTART, again_after_seconds * 1000)
            actions: Any = {
                "ResetPeriod": 86400,
                "RebootMsg": "",
                "Command": "",
                "Actions": [again, again, again],
            }
            win32service.ChangeServiceConfig2(
                service, win32service.SERVICE_CONFIG_FAILURE_ACTIONS, actions
            )
            if is_woken:
                win32service.SetServiceObjectSecurity(
                    service,
                    win32security.DACL_SECURITY_INFORMATION,
                    win32security.ConvertStringSecurityDescriptorToSecurityDescriptor(
                        _WOKEN, win32security.SDDL_REVISION_1
                    ),
                )
            self._added = service

    def start_service(self, name: str) -> None:
        """See Machine."""
        with _service_errors(), _manager() as manager:
            service = win32service.OpenService(manager, name, win32service.SERVICE_ALL_ACCESS)
            win32service.StartService(service, None)
            win32service.CloseServiceHandle(service)

    def stop_service(self, name: str) -> None:
        """See Machine."""
        with _stopped(name):
            pass

    def remove_service(self, name: str) -> None:
        """See Machine."""
        self._added = None
        with _stopped(name) as service:
            if service is not None:
                win32service.DeleteService(service)

    # --- network, sleep, trust ------------------------------------------------------------------------

    def open_port(self, rule: str, port: int, protocol: Transport) -> None:
        """See Machine. Windows calls many a club's network «public»: the rule asks for near addresses instead."""
        command(
            *("netsh", "advfirewall", "firewall", "add", "rule", f"name={rule}", "dir=in"),
            *("action=allow", f"protocol={protocol}", f"localport={port}", "remoteip=LocalSubnet"),
        )

    def close_port(self, rule: str) -> None:
        """See Machine. netsh calls it a failure when there is no such rule."""
        with contextlib.suppress(OSError):
            command("netsh", "advfirewall", "firewall", "delete", "rule", f"name={rule}")

    def sleep_after(self, kind: Sleep) -> int:
        """See Machine. The words are in the language of Windows: only the last two numbers count (mains, battery)."""
        told = command("powercfg", "/query", "SCHEME_CURRENT", "SUB_SLEEP", _SLEEP_SETTINGS[kind])
        numbers = re.findall(r"0x[0-9a-fA-F]{8}", told)
        if len(numbers) < 2:
            raise OSError(f"powercfg says nothing of {kind}")
        return int(numbers[-2], 16)

    def set_sleep_after(self, kind: Sleep, seconds: int) -> None:
        """See Machine."""
        command("powercfg", "/change", f"{kind}-timeout-ac", str(seconds // 60))

    def trust(self, certificate: Path) -> str:
        """See Machine."""
        command("certutil", "-f", "-addstore", "Root", str(certificate))
        der = ssl.PEM_cert_to_DER_cert(certificate.read_text(encoding="ascii"))
        return hashlib.sha1(der, usedforsecurity=False).hexdigest()  # how Windows names it

    def distrust(self, thumbprint: str) -> None:
        """See Machine."""
        command("certutil", "-delstore", "Root", thumbprint)

    # --- programs ---------------------------------------------------------------------------------------

    def end_programs(self, folder: Path) -> None:
        """See Machine."""
        spared = {os.getpid(), os.getppid()}
        inside = str(folder.resolve()).casefold() + "\\"
        for pid in win32process.EnumProcesses():
            if pid in spared:
                continue
            with contextlib.suppress(pywintypes.error):
                _end_if_inside(pid, inside)


def _end_if_inside(pid: int, folder: str) -> None:
    rights = win32con.PROCESS_QUERY_LIMITED_INFORMATION | win32con.PROCESS_TERMINATE
    process = win32api.OpenProcess(rights | win32con.SYNCHRONIZE, False, pid)
    path, length = ctypes.create_unicode_buffer(32768), wintypes.DWORD(32768)
    told = ctypes.windll.kernel32.QueryFullProcessImageNameW(
        wintypes.HANDLE(int(process)), 0, path, ctypes.byref(length)
    )
    if told and path.value.casefold().startswith(folder):
        win32api.TerminateProcess(process, 1)
        ctypes.windll.kernel32.WaitForSingleObject(wintypes.HANDLE(int(process)), 10_000)


def _missing_keys(root: int, key: str) -> int:
    """How many keys on the way there are missing, its own among them."""
    missing = 0
    while key:
        try:
            winreg.OpenKey(root, key, access=winreg.KEY_READ | winreg.KEY_WOW64_64KEY).Close()
        except FileNotFoundError:
            missing += 1
            key = key.rpartition("\\")[0]
        else:
            break
    return missing


def _remove_empty_keys(root: int, key: str, levels: int) -> None:
    """The key and those above it, so many in all, as far as nothing has been put into them since."""
    for _level in range(levels):
        with winreg.OpenKey(root, key, access=_ALL_ACCESS) as opened:
            subkeys, values, _written = winreg.QueryInfoKey(opened)
        if subkeys or values:
            return
        winreg.DeleteKeyEx(root, key, winreg.KEY_WOW64_64KEY)
        key = key.rpartition("\\")[0]


def _refuse_link(path: Path) -> None:
    """A player may write in the PC's folder, and could have put a signpost to a folder of Windows in its place."""
    if os.lstat(path).st_file_attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT:
        raise OSError(f"{path} only points to another folder")


def _sid(account: str) -> str:
    try:
        sid, _domain, _kind = win32security.LookupAccountName("", account)
    except pywintypes.error as error:
        raise OSError(error.winerror, error.strerror, account) from error
    return str(win32security.ConvertSidToStringSid(sid))


@contextlib.contextmanager
def _account_rights(account: str) -> Iterator[tuple[Any, Any]]:
    """The list in which they stand, and the account as it names it."""
    sid = win32security.ConvertStringSidToSid(_sid(account))
    try:
        policy: Any = win32security.LsaOpenPolicy(
            "", win32security.POLICY_LOOKUP_NAMES | win32security.POLICY_CREATE_ACCOUNT
        )
        try:
            yield policy, sid
        finally:
            win32security.LsaClose(policy)
    except pywintypes.error as error:
        raise OSError(error.winerror, error.strerror, account) from error


@contextlib.contextmanager
def _manager() -> Iterator[Any]:
    manager = win32service.OpenSCManager(None, None, win32service.SC_MANAGER_ALL_ACCESS)
    try:
        yield manager
    finally:
        win32service.CloseServiceHandle(manager)


@contextlib.contextmanager
def _service_errors() -> Iterator[None]:
    try:
        yield
    except pywintypes.error as error:
        raise OSError(error.winerror, error.strerror) from error


@contextlib.contextmanager
def _stopped(name: str) -> Iterator[Any]:
    """The service, once it has ended; None if there is none."""
    with _service_errors(), _manager() as manager:
        try:
            service = win32service.OpenService(manager, name, win32service.SERVICE_ALL_ACCESS)
        except pywintypes.error as error:
            if error.winerror != 1060:
                raise
            yield None
            return
        try:
            _stop(service)
            yield service
        finally:
            win32service.CloseServiceHandle(service)


def _stop(service: Any) -> None:
    """Ask the service to stop and wait for its end: its files are in use until then."""
    until = time.monotonic() + SERVICE_STOP_SECONDS
    asked = False
    while (state := win32service.QueryServiceStatus(service)[1]) != win32service.SERVICE_STOPPED:
        if not asked and state == win32service.SERVICE_RUNNING:
            win32service.ControlService(service, win32service.SERVICE_CONTROL_STOP)
            asked = True
        if time.monotonic() > until:
            raise OSError("the service does not stop")
        time.sleep(0.2)
