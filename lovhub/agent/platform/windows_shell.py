"""Windows: what the player's shell sees of the agent's service and its launcher."""

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

import pywintypes
import win32service

from lovhub.agent.cover import NOBODY, LauncherStandIn
from lovhub.agent.service_name import SERVICE_NAME
from lovhub.agent.shell import StandIn

assert sys.platform == "win32"  # noqa: S101 - tells the type checker which half to read


class WindowsSurroundings:
    """See `shell.Surroundings`."""

    def service_runs(self) -> bool:
        """See Surroundings."""
        try:
            with _service(win32service.SERVICE_QUERY_STATUS) as service:
                state = win32service.QueryServiceStatus(service)[1]
        except pywintypes.error:
            return False
        return bool(state == win32service.SERVICE_RUNNING)

    def wake_service(self) -> None:
        """See Surroundings. The installer has allowed it to whoever is signed in."""
        try:
            with _service(win32service.SERVICE_START) as service:
                win32service.StartService(service, None)
        except pywintypes.error as error:
            raise OSError(error.winerror, error.strerror) from error

    def launcher_is_there(self) -> bool:
        """See Surroundings. A player's own program could pass for one; it could as well end ours."""
        import psutil  # noqa: PLC0415 (needed only while the agent is not there)

        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            if "launcher" in words and "--socket" in words and NOBODY not in words:
                return True
        return False

    def stand_in(self) -> StandIn:
        """See Surroundings."""
        return LauncherStandIn()


@contextlib.contextmanager
def _service(access: int) -> Iterator[Any]:
    manager = win32service.OpenSCManager(None, None, win32service.SC_MANAGER_CONNECT)
    try:
        service = win32service.OpenService(manager, SERVICE_NAME, access)
        try:
            yield service
        finally:
            win32service.CloseServiceHandle(service)
    finally:
        win32service.CloseServiceHandle(manager)
