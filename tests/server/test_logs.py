"""The server's log goes on in a new file when it has become long, and no line of worth is lost."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from lovhub.server.logs import LogFile, set_up_logs


def test_a_log_that_is_long_goes_on_in_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    lines = ["a" * 40, "b" * 70, "c" * 10, "d" * 10]
    log = LogFile(path, maxBytes=100, backupCount=2, encoding="utf-8")
    for line in lines:
        log.emit(logging.makeLogRecord({"msg": line}))
    log.close()
    assert path.with_suffix(".log.1").read_text().split() == lines[:2]
    assert path.read_text().split() == lines[2:]


def test_a_log_that_was_long_when_the_server_started_is_not_made_longer(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    path.write_text("old " * 40)
    log = LogFile(path, maxBytes=100, backupCount=2, encoding="utf-8")
    log.emit(logging.makeLogRecord({"msg": "new"}))
    log.close()
    assert path.read_text().split() == ["new"]


@pytest.fixture
def as_before() -> Iterator[None]:
    """Afterwards all loggers are as they were. Servers in tests keep uvicorn's lines to themselves: not here."""
    root, library = logging.getLogger(), logging.getLogger("uvicorn.error")
    kept = root.handlers, root.level, library.level, logging.raiseExceptions
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(logging.getLogger("uvicorn"), "propagate", True)
        yield
    for handler in root.handlers:
        if handler not in kept[0]:
            handler.close()
    root.handlers, root.level, library.level, logging.raiseExceptions = kept
    structlog.reset_defaults()


@pytest.mark.usefixtures("as_before")
def test_a_connection_is_no_line_of_the_log_and_what_goes_wrong_with_it_is(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "server.log"
    set_up_logs(path)
    library = logging.getLogger("uvicorn.error")
    library.info("connection open")
    library.error("no handshake")
    structlog.get_logger("lovhub").info("started")
    lines = path.read_text()
    assert "connection open" not in lines
    assert "no handshake" in lines
    assert "started" in lines
