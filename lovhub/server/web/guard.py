"""Who may ask for what: everything is shut unless it is named here.

Browsers are known by the cookie `lovhub_session`, API clients by a bearer token; both carry a staff session's
token. A cookie is never taken by the API and a bearer token never by a page, so that a foreign web page
cannot use a browser's cookie on the API, which has no form tokens.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from flask import Flask, Request, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager
from werkzeug.wrappers import Response as PlainResponse

from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.staff import allowed, endpoints
from lovhub.server.staff import queries as staff_queries
from lovhub.server.staff.rules import Duty
from lovhub.server.strangers import Headers
from lovhub.server.web import current, errors, refusals, signed_in

COOKIE = "lovhub_session"

_POLLED = frozenset({"/admin/computers/live.json", "/admin/attention/live.json", "/admin/search"})
"""Asked by scripts, which want to be told that nobody is signed in, and no page to sign in on."""

_OPEN_BEFORE_SET_UP = frozenset({"static", "club.set_up"})


class SetUp:
    """Whether the club has an owner. Once it has one, it always has: the question is asked no more."""

    def __init__(self) -> None:
        self._done_for: ClubContext | None = None

    def done(self, club: ClubContext) -> bool:
        """True from the moment the owner exists."""
        if self._done_for is not club:
            with club.read() as db:
                if not staff_queries.owner_exists(db, club.club_id):
                    return False
            self._done_for = club
        return True


_FIRST_RUN = frozenset({"set_up", "set_up_store", "restoring"})
"""Blueprints whose pages guard themselves: by the console's token, and by the key of a restore."""


class _ByToken(LoginManager):  # type: ignore[misc]  # Flask-Login has no types
    """Who asks is known by the token that comes with the request, and by nothing else.

    Flask-Login alone would look into the session of the forms, at the browser's name and for a cookie of its own
    before it asked for that, at each request.
    """

    def _load_user(self) -> None:
        known = current.known()
        if "person" not in known:
            known["person"] = _load(current.asked())
        self._update_request_context_with_user(known["person"])

    def _update_remember_cookie(self, response: Response) -> Response:
        return response


def guard(app: Flask) -> Callable[[Request], ResponseReturnValue | None]:
    """The guard before every page and API call: the answer to who is turned away, None for who may go on."""
    set_up = SetUp()
    _ByToken(app)

    def turned_away(asked: Request) -> ResponseReturnValue | None:
        for part in (asked.view_args or {}).values():
            if isinstance(part, int) and part > current.LARGEST_ID:
                abort(404)
        endpoint = "" if asked.url_rule is None else asked.url_rule.endpoint
        if endpoint in _OPEN_BEFORE_SET_UP or endpoint.partition(".")[0] in _FIRST_RUN:
            return None
        if not set_up.done(current.club()):
            if current.is_api():
                return errors.api_error("not_set_up", 503)
            return redirect(url_for("club.set_up"), 303)
        if endpoint in endpoints.FROM_EVERYWHERE:
            return None
        current.known()["person"] = person = _load(asked)
        listed = current.club_row().staff_addresses if person is None else person.allowed
        if listed and not allowed.lets_in(listed, current.caller()):
            return _not_from_there()
        if not endpoint or endpoint in endpoints.OPEN:
            return None
        return _turned_away_without_right(person, endpoint)

    return turned_away


def _turned_away_without_right(
    person: signed_in.SignedIn | None, endpoint: str
) -> ResponseReturnValue | None:
    if person is None:
        return turn_away()
    if person.is_overdue and endpoint not in endpoints.OVERDUE and _opens_a_page():
        return redirect(url_for("staff.begin_anew", next=request.full_path.rstrip("?")), 303)
    if not endpoints.may_call(person.staff.role, endpoint):
        raise OperationRefused("forbidden")
    if person.duty is not None and endpoint not in endpoints.ON_DUTY[person.duty]:
        return _lead_to(person.duty)
    return None


def _opens_a_page() -> bool:
    """What an open page asks for by itself is answered a while longer; what is sent is asked about in `confirming`."""
    is_reading = request.method in {"GET", "HEAD"}
    return is_reading and not current.is_htmx() and request.path not in _POLLED


def _not_from_there() -> ResponseReturnValue:
    """Nothing of the club is shown: neither its name nor whether the cookie was a good one."""
    if current.is_api():
        return errors.api_error("address_not_allowed", 403)
    return Response(refusals.refusal("address_not_allowed") + "\n", 403, mimetype="text/plain")


class Carrying(Protocol):
    """A request, Flask's or the loop's."""

    @property
    def headers(self) -> Headers: ...

    @property
    def cookies(self) -> Mapping[str, str]: ...


def token_in(path: str, asked: Carrying) -> str:
    """The staff session's token that a request carries; "" if it carries none, or where it does not count."""
    if not path.startswith("/api/"):
        return asked.cookies.get(COOKIE, "")
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _load(asked: Request) -> signed_in.SignedIn | None:
    token = token_in(asked.path, asked)
    if not token:
        return None
    person = signed_in.find(current.club(), token, current.address())
    if person is not None and person.is_overdue and current.is_api():
        return None  # a program signs in anew
    return person


def turn_away() -> ResponseReturnValue:
    """The answer to a stranger: sign in first, then come back to where you wanted to go."""
    if current.is_api():
        response, status = errors.api_error("not_signed_in", 401)
        response.headers["WWW-Authenticate"] = "Bearer"
        return response, status
    if request.path in _POLLED:
        return errors.api_error("not_signed_in", 401)
    page = request.full_path.rstrip("?") if request.method == "GET" else None
    sign_in = url_for("staff.sign_in", next=page)
    if current.is_htmx():
        # A part of a page cannot be replaced by the sign-in page: the whole page goes there.
        return Response(status=401, headers={"HX-Redirect": url_for("staff.sign_in")})
    return redirect(sign_in, 303)


def _lead_to(duty: Duty) -> ResponseReturnValue:
    """The answer to somebody who must first do something else."""
    code = f"{duty}_first"
    if current.is_api() or request.path in _POLLED:
        return errors.api_error(code, 403)
    page = url_for(endpoints.DUTY_PAGES[duty])
    if current.is_htmx():
        return Response(status=403, headers={"HX-Redirect": page})
    return redirect(page, 303)


def set_cookie(response: PlainResponse, token: str) -> None:
    """Let the browser carry the staff session."""
    response.set_cookie(COOKIE, token, secure=True, httponly=True, samesite="Lax", path="/")


def clear_cookie(response: PlainResponse) -> None:
    """Let the browser forget the staff session."""
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Lax", path="/")


def safe_next(address: str | None) -> str:
    """Where to go after signing in: a page of ours, whatever the address bar was made to say."""
    if address and address.startswith("/") and not address.startswith(("//", "/\\")):
        printable = all(" " < character != "\\" for character in address)
        if printable:
            return address
    return "/admin"
