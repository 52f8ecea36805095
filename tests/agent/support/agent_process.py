import os
import signal
import subprocess
import sys
from pathlib import Path

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


class AgentProcess:
    """`lovhub agent` as a process of its own."""

    def __init__(self, folder: Path, port: int, *arguments: str) -> None:
        folder.mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "lovhub", "agent", "--data", str(folder),
                "--server", f"127.0.0.1:{port}", "--no-launcher", *arguments,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )  # fmt: skip

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err
