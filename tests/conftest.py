"""What every test may ask for, and in which order the tests run when several run at a time."""

import gc
import os
import sys
from pathlib import PurePath
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Wine, or a busy machine, may stand still for a second: that says nothing of how inputs are made.
settings.register_profile("patient", settings(), suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# On Windows (the tests that run under Wine) there is neither: windows open on Wine's own screen.
pytest_plugins = (
    []
    if sys.platform == "win32"
    else [
        "tests.support.postgres",
        "tests.support.databases",
        "tests.support.xvfb",
        "tests.support.wine",
    ]
)

LONGEST = (
    "tests/evening",
    "tests/server/command",
    "tests/simulator/test_processes.py",
    "tests/wine",
    "tests/server/web/test_every_page.py",
    "tests/server/web/test_api_description.py",
    "tests/test_house.py",
    "tests/simulator",
    "tests/server/sessions",
    "tests/server/web",
    "tests/server/backups",
)
"""What takes longest begins first, so that no worker is left alone with it at the end."""

TOGETHER = ("tests/wine",)
"""Folders that one worker runs whole: there is one Windows. Elsewhere a file stays together, with its fixtures."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are cores: with one, a third of what two cores can do was left to waiting."""
    return (os.cpu_count() or 1) + 2


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """For the workers of `pytest -n N`; one at a time, tests run in the order of their files."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _turn(_path(config, item)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Hands out whole files, and Wine's folder as one."""
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415 (Windows runs one test at a time)

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid.split("::", 1)[0])

    return Scheduling(config, log)


def pytest_collection_finish() -> None:
    """Python's collector need not look through our modules and tables again in every test, nor after each 700 objects.

    Of the tests of sessions and customers that was an eighth of the computing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _path(config: pytest.Config, item: pytest.Item) -> str:
    return PurePath(item.path.relative_to(config.rootpath)).as_posix()


def _group(path: str) -> str:
    return next((folder for folder in TOGETHER if path.startswith(folder)), path)


def _turn(path: str) -> int:
    return next(
        (turn for turn, start in enumerate(LONGEST) if path.startswith(start)), len(LONGEST)
    )
