"""Programs as players start them."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import psutil

from lovhub.clock import Clock
from lovhub.protocol.views import ApplicationView

_STARTER = """
import asyncio, os, sys
from pathlib import Path
import msgspec
from lovhub.agent.applications import Applications
from lovhub.agent.seat import OwnSeat
from lovhub.protocol.views import ApplicationView

class At:
    def monotonic(self): return float(sys.argv[3])

async def main():
    applications = Applications(None, At(), Path(sys.argv[1]), OwnSeat())
    await applications.start(msgspec.json.decode(sys.argv[2], type=ApplicationView), 3)
    print(applications._running[5].group.pid, flush=True)
    os._exit(1)

asyncio.run(main())
"""


def start_and_die(application: ApplicationView, folder: Path, clock: Clock) -> psutil.Process:
    """The program, started for session 3 by an agent that dies right after."""
    arguments = [str(folder), msgspec.json.encode(application).decode(), str(clock.monotonic())]
    starter = subprocess.run(
        [sys.executable, "-c", _STARTER, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    return psutil.Process(int(starter.stdout.split()[-1]))
