"""Structured logs: to standard error and to a file in the data folder that never grows large."""

import logging
import logging.handlers
import sys
from pathlib import Path

import structlog

LOG_FILE = "agent.log"
_FILE_BYTES = 2_000_000
_FILES_KEPT = 4
_OURS = "lovhub"


def set_up_logs(data_folder: Path) -> None:
    """Send the logs there from now on, one JSON object a line; raises OSError if the folder is read-only."""
    before: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        foreign_pre_chain=before,
    )
    handlers: list[logging.Handler] = [
        logging.StreamHandler(sys.stderr),
        logging.handlers.RotatingFileHandler(
            data_folder / LOG_FILE,
            maxBytes=_FILE_BYTES,
            backupCount=_FILES_KEPT,
            encoding="utf-8",
        ),
    ]
    root = logging.getLogger()
    for before_us in [one for one in root.handlers if one.get_name() == _OURS]:
        root.removeHandler(before_us)
        before_us.close()
    for handler in handlers:
        handler.set_name(_OURS)
        handler.setFormatter(formatter)
        root.addHandler(handler)
    root.setLevel(logging.INFO)
    # Frames carry passwords and tokens: the library that moves them must not log them.
    logging.getLogger("websockets").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
