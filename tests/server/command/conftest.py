"""Data folders in which a server has run, and a server that runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.command.folders import contents
from tests.support.serving import Serving


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a server has run once."""
    folder = tmp_path_factory.mktemp("made")
    server = Serving(folder)
    assert server.end() == 0
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of that folder, for one test."""
    copy = tmp_path / "club"
    copy.mkdir()
    for name, data in contents(made).items():
        (copy / name).write_bytes(data)
        (copy / name).chmod(0o600)
    return copy


@pytest.fixture
def running(folder: Path) -> Iterator[Serving]:
    server = Serving(folder)
    yield server
    server.end()
