"""What a gaming PC gives for us: the lock's start, memory, and computing while somebody plays.

python -m bench.measures.launcher SECONDS    the computing, over so long a time, printed only
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from bench import pc
from bench.frame import Result, Run
from bench.processes import LOAD, TICK_SECONDS, on_core
from lovhub.protocol import local
from tests.evening.processes import free_port
from tests.launcher.fake_agent import PLAYING

LOCK_GOAL = "≤ 1.5 × a bare window"
MEMORY_GOAL = "≤ 1.3 × a bare window"
AGENT_GOAL = "≤ 1.3 × a process that only imports its libraries"
CPU_GOAL = "< 0.3 % of a core"
MOST_PERCENT = 0.3
RUNS = 15
"""Of nine, the ratio came out anywhere from 1.36 to 1.52 on one machine."""
AGENT_RUNS = 2
CPU_SECONDS = 60.0
BARE_CPU_SECONDS = 20.0
SETTLE_SECONDS = 3.0
MIB = 1024**2
_LIBRARIES = (
    "import sys, lovhub.agent.command; print(*sorted(name for name in sys.modules"
    " if name.partition('.')[0] not in ('lovhub', '__main__')))"
)
_IDLE = """
import contextlib, importlib, sys, time
for name in sys.argv[1:]:
    with contextlib.suppress(ImportError):  # parts of others that cannot be had alone
        importlib.import_module(name)
time.sleep(600)
"""


def measure_lock(runs: int = RUNS) -> list[Result]:
    """The launcher and a bare window, by turns on one screen: until they are complete, and what they hold then."""
    times, held = [], []
    with pc.screen() as there, tempfile.TemporaryDirectory(prefix="lovhub-bench-") as name:
        empty = pc.glance(there)
        for _ in range(runs):
            with pc.locked_launcher(there, Path(name)) as launcher:
                ours = pc.seconds_until_complete(there, launcher, empty)
                our_bytes = launcher.memory_bytes()
            with pc.bare_window(there) as window:
                bare = pc.seconds_until_complete(there, window, empty)
                bare_bytes = window.memory_bytes()
            times.append(Run(ours=ours, baseline=bare, limit=bare))
            held.append(
                Run(ours=our_bytes / MIB, baseline=bare_bytes / MIB, limit=bare_bytes / MIB)
            )
    return [
        Result("launcher_lock", "s from the start to the whole lock", LOCK_GOAL, times),
        Result("launcher_memory", "MiB of the launcher's memory", MEMORY_GOAL, held),
    ]


def measure_agent(runs: int = AGENT_RUNS, seconds: float = SETTLE_SECONDS) -> Result:
    """The agent, which looks for a server that is away, and a process that imports what it imports of others."""
    libraries = _libraries()
    taken = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="lovhub-bench-") as folder:
            words = ["-m", "lovhub", "agent", "--no-launcher", "--data", folder]
            with pc.Started([*words, "--server", f"127.0.0.1:{free_port()}"]) as agent:
                ours = _memory_when_still(agent, seconds)
        with pc.Started(["-c", _IDLE, *libraries]) as idle:
            beside = _memory_when_still(idle, seconds)
        taken.append(Run(ours=ours / MIB, baseline=beside / MIB, limit=beside / MIB))
    return Result("agent_memory", "MiB of the agent's memory", AGENT_GOAL, taken)


def measure_computing(
    seconds: float = CPU_SECONDS, bare_seconds: float = BARE_CPU_SECONDS
) -> Result:
    """A game lies over the launcher, and the time ticks; beside a bare window whose text is another each second."""
    with pc.screen() as there, tempfile.TemporaryDirectory(prefix="lovhub-bench-") as name:
        empty = pc.glance(there)
        with pc.launcher(there, Path(name)) as (launcher, agent):
            pc.seconds_until_complete(there, launcher, empty)
            in_game = msgspec.structs.replace(PLAYING, running_application_ids=(11,))
            agent.say(in_game)
            with pc.bare_window(there):  # the game
                time.sleep(SETTLE_SECONDS)
                before = launcher.cpu_seconds()
                for second in range(round(seconds)):
                    agent.say(local.Clock(seconds_left=3600 - second, played_seconds=second))
                    agent.read()
                    agent.received.clear()
                    time.sleep(1)
                ours = _percent(launcher.cpu_seconds() - before, round(seconds))
        with pc.bare_window(there, "tick") as window:
            pc.seconds_until_complete(there, window, empty)
            before = window.cpu_seconds()
            time.sleep(bare_seconds)
            beside = _percent(window.cpu_seconds() - before, bare_seconds)
    run = Run(ours=ours, baseline=beside, limit=MOST_PERCENT, details={"seconds": seconds})
    return Result("launcher_cpu", "% of a core while somebody plays", CPU_GOAL, [run])


def _percent(computed_seconds: float, seconds: float) -> float:
    return 100 * max(TICK_SECONDS, computed_seconds) / seconds


def _libraries() -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _LIBRARIES], capture_output=True, check=True, text=True
    )
    return done.stdout.split()


def _memory_when_still(program: pc.Started, seconds: float) -> int:
    """What it holds when it has computed next to nothing for so long."""
    end = time.monotonic() + pc.MOST_SECONDS
    before = -1.0
    while (computed := program.cpu_seconds()) - before > 0.05 * seconds:
        if time.monotonic() > end:
            raise RuntimeError("a program does not come to rest")
        before = computed
        time.sleep(seconds)
    return program.memory_bytes()


def take_lock() -> list[Result]:
    """Measure."""
    with on_core(LOAD):
        return measure_lock()


def take_agent() -> list[Result]:
    """Measure."""
    with on_core(LOAD):
        return [measure_agent()]


def take_computing() -> list[Result]:
    """Measure."""
    with on_core(LOAD):
        return [measure_computing()]


if __name__ == "__main__":
    with on_core(LOAD):
        print(measure_computing(float(sys.argv[1])).written())
