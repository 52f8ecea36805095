"""How long pages and calls take, by endpoint."""

import time

from flask import Flask, Response, g, request

from lovhub.server.watching.figures import Requests
from lovhub.server.web import current


def measure(app: Flask, requests: Requests) -> None:
    """Count every answer of the application."""

    def begin() -> None:
        current.known()["began"] = time.monotonic()

    def end(response: Response) -> Response:
        seconds = time.monotonic() - g.get("began", time.monotonic())
        requests.answered(request.endpoint, response.status_code, seconds)
        return response

    # First of all: a request that the guard turns away is counted, too.
    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    app.after_request(end)
