"""The server's log goes on in a new file when it has become long, and no line is lost."""

import logging
from pathlib import Path

from lovhub.server.logs import LogFile


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
