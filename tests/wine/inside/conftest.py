"""What tests in the Windows Python under Wine need beside the rest."""

import os
import sys

import pytest

from lovhub.launcher.immortal import keep_none_alive

keep_none_alive()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[_EXIT_STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    # Wine sometimes faults while Qt is taken down, after every test has passed and been counted.
    status = config.stash.get(_EXIT_STATUS, None)
    if status is not None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


_EXIT_STATUS = pytest.StashKey[int]()
