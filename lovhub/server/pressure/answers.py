"""«Сервер перегружен»: an answer that costs nothing, since it is ready before it is needed."""

from http import HTTPStatus

from flask import Flask, g, render_template
from flask_babel import gettext as _
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from lovhub.server.languages import FIRST, LANGUAGES
from lovhub.server.pressure.ranks import READS
from lovhub.server.pressure.rules import RETRY_AFTER_SECONDS, Rank
from lovhub.server.web.headers import add_security_headers

CODE = "overloaded"


class Answers:
    """In every language, for people and for programs, made when the server starts: under load there is no time."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._pages: dict[tuple[str, bool, int], bytes] = {}
        self._calls: dict[str, bytes] = {}
        self._headers: dict[str, str] = {}

    def prepare(self) -> None:
        """Make them all."""
        for language in LANGUAGES:
            # A request that nobody made, as for a letter to the owner: nothing is asked of the database for it.
            with self._app.test_request_context():
                g.language = language
                for again in (True, False):
                    for seconds in set(RETRY_AFTER_SECONDS.values()):
                        page = render_template("overloaded.html", seconds=seconds, again=again)
                        self._pages[language, again, seconds] = page.encode()
                words = _("Сервер перегружен. Повторите немного позже.")
                said = {"error": {"code": CODE, "message": words, "fields": {}}}
                self._calls[language] = self._app.json.dumps(said).encode()
        self._headers = dict(add_security_headers(self._app.make_response("")).headers)
        for own in ("Content-Type", "Content-Length"):
            self._headers.pop(own, None)

    def __call__(self, scope: Scope, rank: Rank) -> Response:
        """The answer to this request."""
        headers = Headers(scope=scope)
        wanted = parse_accept_header(headers.get("accept-language", ""), LanguageAccept)
        language = wanted.best_match(LANGUAGES, FIRST) or FIRST
        if scope["path"].startswith("/api/"):
            return _answer(self._calls[language], "application/json", rank, self._headers)
        if headers.get("hx-request") == "true":
            return _answer(b"", "text/plain", rank, self._headers)  # the open page has the words
        page = self._pages[language, scope["method"] in READS, RETRY_AFTER_SECONDS[rank]]
        return _answer(page, "text/html", rank, self._headers)


def _answer(body: bytes, kind: str, rank: Rank, headers: dict[str, str]) -> Response:
    told = {"Retry-After": str(RETRY_AFTER_SECONDS[rank]), "Cache-Control": "no-store"}
    return Response(body, HTTPStatus.SERVICE_UNAVAILABLE, {**headers, **told}, kind)
