"""A number for each request: in its answer, on what it writes, and in the log, where each that writes has a line."""

import time

import structlog
from flask import Flask, Response, g, request

from lovhub.server import request_id
from lovhub.server.web import current

READS = frozenset({"GET", "HEAD", "OPTIONS"})

log = structlog.get_logger("requests")


def install(app: Flask) -> None:
    """Put it into each answer and into the log, and forget it then."""
    app.after_request(_end)
    app.teardown_request(_forget)


def begin() -> None:
    """A request begins."""
    current.known().update(numbered_at=time.monotonic(), request_id=request_id.begin())


def _end(response: Response) -> Response:
    response.headers[request_id.HEADER] = g.get("request_id", "")
    if request.method not in READS:
        seconds = time.monotonic() - g.get("numbered_at", time.monotonic())
        # By its endpoint: some addresses hold a secret.
        log.info(
            "answered",
            endpoint=request.endpoint,
            method=request.method,
            status=response.status_code,
            milliseconds=round(seconds * 1000),
        )
    return response


def _forget(_error: BaseException | None) -> None:
    request_id.end()
