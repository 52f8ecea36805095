"""Everything that differs between Windows and Linux, and nothing else.

Both modules offer the same names; the rest of the agent imports them from here.
"""

import platform as _platform
import socket
import sys

if sys.platform == "win32":
    from lovhub.agent.platform.windows import (
        FolderLock,
        ProcessGroup,
        adopt_group,
        ask_to_end,
        boot_id,
        boot_monotonic,
        forgets,
        local_endpoint,
        open_address,
        peer_allowed,
        serve_local,
        start_group,
        user_name,
        write_private_file,
    )
    from lovhub.agent.platform.windows_hardware import cpu_name, disks, gpus, screens
    from lovhub.agent.platform.windows_machine import stay_awake, switch_off
else:
    from lovhub.agent.platform.linux import (
        FolderLock,
        ProcessGroup,
        adopt_group,
        ask_to_end,
        boot_id,
        boot_monotonic,
        forgets,
        local_endpoint,
        open_address,
        peer_allowed,
        serve_local,
        start_group,
        user_name,
        write_private_file,
    )
    from lovhub.agent.platform.linux_hardware import cpu_name, disks, gpus, screens
    from lovhub.agent.platform.linux_machine import stay_awake, switch_off

__all__ = [
    "FolderLock",
    "ProcessGroup",
    "adopt_group",
    "ask_to_end",
    "boot_id",
    "boot_monotonic",
    "cpu_name",
    "disks",
    "forgets",
    "gpus",
    "hostname",
    "local_endpoint",
    "open_address",
    "operating_system",
    "peer_allowed",
    "screens",
    "serve_local",
    "start_group",
    "stay_awake",
    "switch_off",
    "user_name",
    "write_private_file",
]


def hostname() -> str:
    """The PC's own name, shown at the desk until it gets a better one."""
    return socket.gethostname()


def operating_system() -> str:
    """Such as `Windows 11` or `Linux 6.1.0`, for the technician."""
    return f"{_platform.system()} {_platform.release()}"
