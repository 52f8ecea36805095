"""Stands in for the launcher, as a process of its own: speaks the local protocol, shows nothing.

`stand_in_launcher.py ENDPOINT FOLDER`: writes every message it hears to FOLDER/heard, a line each,
and its pid to FOLDER/pid once attached; sends the lines of FOLDER/say as they come. When the agent
hangs up untold it leaves FOLDER/hung_up. It claims to cover the screen in every mode but `playing`,
unless FOLDER/uncover exists.
"""

import contextlib
import os
import select
import socket
import sys
from pathlib import Path

from lovhub.protocol import PROTOCOL_VERSION
from lovhub.protocol.local import Alive, Attach, Quit, State, agent_codec, launcher_codec

ALIVE_SECONDS = 0.1


def main(endpoint: str, folder: Path) -> None:
    token = sys.stdin.readline().strip()
    agent = socket.socket(socket.AF_UNIX)
    agent.connect(endpoint)
    is_told_to_end = False
    # An agent that is gone, or that goes and has not heard all, as one that is killed.
    with contextlib.suppress(ConnectionError):
        is_told_to_end = converse(agent, token, folder)
    if not is_told_to_end:
        (folder / "hung_up").touch()
        select.select([], [], [], 60)  # the agent is gone: the real launcher stays and locks


def converse(agent: socket.socket, token: str, folder: Path) -> bool:
    """Until the agent hangs up, or tells it to end: whether it does."""
    said = 0
    covering = True
    unread = b""

    def send(message: object) -> None:
        agent.sendall(launcher_codec.encode(message) + b"\n")  # type: ignore[arg-type]

    send(Attach(protocol=PROTOCOL_VERSION, token=token, pid=os.getpid()))
    (folder / "pid").write_text(str(os.getpid()))
    with (folder / "heard").open("a", encoding="utf-8") as heard:
        while True:
            send(Alive(covering=covering and not (folder / "uncover").exists()))
            if (folder / "say").exists():
                lines = (folder / "say").read_text(encoding="utf-8").splitlines(keepends=True)
                whole = [line for line in lines if line.endswith("\n")]
                for line in whole[said:]:
                    agent.sendall(line.encode())
                said = len(whole)
            readable, _, _ = select.select([agent], [], [], ALIVE_SECONDS)
            if not readable:
                continue
            data = agent.recv(65536)
            if not data:
                return False
            *lines_heard, unread = (unread + data).split(b"\n")
            for line_heard in lines_heard:
                heard.write(line_heard.decode() + "\n")
                heard.flush()
                message = agent_codec.decode(line_heard)
                if isinstance(message, State):
                    covering = message.mode != "playing"
                if isinstance(message, Quit):
                    return True


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
