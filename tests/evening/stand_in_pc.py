"""A PC whose agent is a process as a club has it, with its log on its disk, while a test is its launcher."""

import os
import sys
from pathlib import Path

from lovhub.agent.store import KEY_FILE, PC_FILE
from tests.agent.support import agent_with_stand_in
from tests.agent.support.launcher_side import LauncherSide
from tests.evening.processes import Program, test_folder


class StandInPc(LauncherSide):
    """`folder`: its disk; what the test says as the launcher lies in another one."""

    def __init__(self, folder: Path, server_port: int) -> None:
        super().__init__(folder.with_name(f"{folder.name} launcher"))
        self.folder = test_folder(folder)
        self.consoles: list[Program] = []
        self._server_port = server_port
        self.start()

    def start(self) -> None:
        """Switch the PC on."""
        self.sits_down_anew()
        words = [
            *("--data", str(self.folder), "--server", f"127.0.0.1:{self._server_port}"),
            *("--boot-id", f"boot-{len(self.consoles)}"),
        ]
        self.consoles.append(
            Program(
                "agent",
                [
                    *(sys.executable, agent_with_stand_in.__file__),
                    *(str(self.launcher_folder), *words),
                ],
                dict(os.environ),
            )
        )

    def lose_power(self) -> None:
        """The agent dies without a word; its launcher goes with the next start."""
        self.consoles[-1].kill()

    def off(self) -> None:
        """Switch the PC off in an orderly way."""
        self.consoles[-1].stop()

    def written(self) -> dict[str, str]:
        """Where → what: consoles and disk, but for the two files that are there to keep secrets."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return {
            f"PC's {path.name}": path.read_bytes().decode(errors="replace")
            for path in files
            if path.name not in {PC_FILE, KEY_FILE}
        } | {f"PC's console {number}": one.output for number, one in enumerate(self.consoles)}
