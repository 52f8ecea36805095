from collections.abc import Iterator
from pathlib import Path

import pytest

from lovhub.agent import proof
from tests.agent.support.cached_pc import LEAVE, Pc


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that are as slow as they must be would cost these tests half a minute."""
    if request.node.name != "test_guessing_at_the_disk_is_slow":
        monkeypatch.setattr(proof, "_COST", 2)


@pytest.fixture
def pc(tmp_path: Path) -> Iterator[Pc]:
    pc = Pc(tmp_path)
    yield pc
    pc.journal.close()


@pytest.fixture
def playing(pc: Pc) -> Pc:
    """Алия has signed in by her password, with the owner's leave, and plays for a minute."""
    pc.cached.told(LEAVE)
    pc.signs_in()
    pc.sits_down()
    pc.plays(60)
    return pc
