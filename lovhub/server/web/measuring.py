"""How long pages and calls take, by endpoint."""

import time

from flask import Flask, Response, g, request

from lovhub.server.watching.figures import Requests


def measure(app: Flask, requests: Requests) -> None:
    """Count every answer of the application."""

    def end(response: Response) -> Response:
        seconds = time.monotonic() - g.get("numbered_at", time.monotonic())
        requests.answered(request.endpoint, response.status_code, seconds)
        return response

    app.after_request(end)
