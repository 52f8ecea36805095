"""Which process is at the other end of the connection to the agent."""

import sys

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    def peer_pid(descriptor: int) -> int:
        """The process that made the pipe, 0 if that is not to be known."""
        pid = wintypes.ULONG()
        told = ctypes.windll.kernel32.GetNamedPipeServerProcessId(
            wintypes.HANDLE(descriptor), ctypes.byref(pid)
        )
        return pid.value if told else 0

else:
    import os
    import socket
    import struct

    _CREDENTIALS = struct.Struct("3i")

    def peer_pid(descriptor: int) -> int:
        """The process that listens on the socket, 0 if that is not to be known."""
        try:
            with socket.socket(fileno=os.dup(descriptor)) as connection:
                told = connection.getsockopt(
                    socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size
                )
        except OSError:
            return 0
        pid: int = _CREDENTIALS.unpack(told)[0]
        return pid
