"""What the measures need, small: a club whose server is a fork of a process that has imported it."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bench import beside, hall
from bench.processes import ROOT, Program
from tests.support import warm


class WarmProgram(Program):
    """`lovhub …` without importing it anew."""

    def _start(
        self, module: str, words: Sequence[str]
    ) -> "subprocess.Popen[bytes] | warm.WarmProcess":
        return warm.start([*words], dict(os.environ), ROOT)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hall.ServedClub]:
    """A club with two PCs, and its server."""
    folder: Path = tmp_path_factory.mktemp("measured") / "club"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hall, "Program", WarmProgram)
        with hall.served(hall.found(folder, 2)) as running:
            yield running


@pytest.fixture(scope="session")
def bare(served: hall.ServedClub) -> Iterator[beside.Beside]:
    """The bare server."""
    with beside.bare(served.folder) as running:
        yield running
