"""What every test may ask for, and in which order the tests run when several run at a time."""

import sys
from pathlib import PurePath

import pytest

# On Windows (the tests that run under Wine) there is neither: windows open on Wine's own screen.
pytest_plugins = (
    []
    if sys.platform == "win32"
    else ["tests.support.postgres", "tests.support.xvfb", "tests.support.wine"]
)

LONGEST = (
    "tests/evening",
    "tests/simulator/test_processes.py",
    "tests/wine",
    "tests/simulator",
    "tests/server/sessions/test_world.py",
    "tests/server/web",
)
"""What takes longest begins first, so that no worker is left alone with it at the end."""

TOGETHER = ("tests/wine",)
"""Folders that one worker runs whole: there is one Windows. Elsewhere a file stays together, with its fixtures."""


@pytest.hookimpl(tryfirst=True)  # xdist's own hook reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """For the workers of `pytest -n N --dist loadgroup`; one at a time, tests run in their files' order."""
    if not hasattr(config, "workerinput"):
        return
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(_path(config, item))))
    items.sort(key=lambda item: _turn(_path(config, item)))


def _path(config: pytest.Config, item: pytest.Item) -> str:
    return PurePath(item.path.relative_to(config.rootpath)).as_posix()


def _group(path: str) -> str:
    return next((folder for folder in TOGETHER if path.startswith(folder)), path)


def _turn(path: str) -> int:
    return next(
        (turn for turn, start in enumerate(LONGEST) if path.startswith(start)), len(LONGEST)
    )
