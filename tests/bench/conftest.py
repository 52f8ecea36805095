"""What the measures need, small: a club whose server is a fork of a process that has imported it."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bench import beside, hall
from bench.measures import live_page
from bench.processes import ROOT, Program
from lovhub.protocol.channel import ReportedSession
from tests.support import warm


class WarmProgram(Program):
    """`lovhub …` without importing it anew; another program as it starts by itself."""

    def _start(
        self, module: str, words: Sequence[str]
    ) -> "subprocess.Popen[bytes] | warm.WarmProcess":
        if module != "lovhub":
            return super()._start(module, words)
        return warm.start([*words], dict(os.environ), ROOT)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> hall.Founded:
    """A club with two PCs."""
    folder: Path = tmp_path_factory.mktemp("measured") / "club"
    return hall.found(folder, 2)


@pytest.fixture(scope="session")
def playing(founded: hall.Founded) -> dict[int, ReportedSession]:
    """What the one PC reports that is played on."""
    return live_page.play(founded, 1)


@pytest.fixture(scope="session")
def served(founded: hall.Founded, playing: dict[int, ReportedSession]) -> Iterator[hall.ServedClub]:
    """Its server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hall, "Program", WarmProgram)
        with hall.served(founded) as running:
            yield running


@pytest.fixture(scope="session")
def bare(served: hall.ServedClub) -> Iterator[beside.Beside]:
    """The bare server."""
    with beside.bare(served.folder) as running:
        yield running
