"""The server's log: structured lines in `logs/server.log`, rotating; the console shows only warnings, shortly."""

import logging
import logging.handlers
import os
import sys
from gettext import gettext as _
from pathlib import Path

import structlog
from structlog.typing import EventDict, Processor

from lovhub.server import request_id

MAX_BYTES = 5_000_000
FILES_KEPT = 5


class LogFile(logging.handlers.RotatingFileHandler):
    """Begins a new file with the first line after it has become too long.

    The standard one asks before each line how long it would become: it words the line twice, looks the file up twice
    and seeks its end; at each the thread gives the interpreter up, and waits to have it again.
    """

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: ARG002, N802 - its name, and what it is given
        """Whether it is too long already."""
        if self.stream is None:  # it could not be opened again
            self.stream = self._open()
        return os.fstat(self.stream.fileno()).st_size >= self.maxBytes


def set_up_logs(path: Path) -> None:
    """Send structlog and the standard library's loggers to the file at `path`."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shared: list[Processor] = [
        request_id.into_line,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    file = LogFile(path, maxBytes=MAX_BYTES, backupCount=FILES_KEPT, encoding="utf-8")
    file.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    console = logging.StreamHandler(sys.stderr)
    console.setLevel(logging.WARNING)
    console.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[_short_line])
    )
    root = logging.getLogger()
    root.handlers = [file, console]
    root.setLevel(logging.INFO)
    # Else it writes two lines about each connection, which nobody needs.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    # A full disk fails the log, too: that must not fill the console instead.
    logging.raiseExceptions = False


def _short_line(_logger: object, _method: str, event: EventDict) -> str:
    """What happened, for the person at the console; where it went wrong in the code is for the file."""
    shown = {
        name: value
        for name, value in event.items()
        if not name.startswith("_")
        and name not in {"event", "level", "logger", "timestamp", "exception"}
    }
    serious = event.get("level") in {"error", "critical"}
    words = [
        _("Ошибка:") if serious else _("Внимание:"),
        str(event.get("logger", "")),
        str(event.get("event", "")),
        *(f"{name}={value}" for name, value in shown.items()),
    ]
    if "exception" in event:
        words.append(_("(подробности в logs/server.log)"))
    return " ".join(words)
