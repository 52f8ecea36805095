"""What a page needs of the running server and of the person who asks."""

from typing import Any, cast

from flask import Request, abort, current_app, request
from flask.globals import _cv_app
from flask_login import current_user

from lovhub.server.actor import Actor
from lovhub.server.club import service as club_service
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.staff import allowed
from lovhub.server.staff.allowed import Caller
from lovhub.server.state import Server
from lovhub.server.web.signed_in import SignedIn

LARGEST_ID = 2**63 - 1
"""No row has a greater number, and no database can be asked for one."""

_MOST_DIGITS = len(str(LARGEST_ID))
"""Python itself refuses to read a number of some thousand digits."""


class NoRequest(RuntimeError):
    """Asked outside of a request, as by a command."""


def known() -> dict[str, Any]:
    """What has been found out for this request already: what is behind Flask's `g`, looked up once.

    For what a page asks hundreds of times: each name asked of `g` itself takes ten times as long. NoRequest outside
    of a request.
    """
    # What Flask's proxy does, without its questions: a page asks for it a thousand times.
    context = _cv_app.get(None)
    if context is None:
        raise NoRequest
    return vars(context.g)


def asked() -> Request:
    """The request itself, for whoever asks it for several things: its proxy asks three functions for each."""
    found: Request = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 (as above)
    return found


def server() -> Server:
    """The running server."""
    found: Server = current_app._get_current_object().extensions["lovhub"]  # type: ignore[attr-defined]  # noqa: SLF001
    return found


def club() -> ClubContext:
    """The running club."""
    return server().club


def club_row() -> Club:
    """The club's settings; read once a request."""
    found = known()
    if "club_row" not in found:
        with club().read() as db:
            found["club_row"] = club_service.get(db, club().club_id)
    return cast("Club", found["club_row"])


def person() -> SignedIn | None:
    """The person who asks; None for a stranger.

    Looked up once: Flask-Login's proxy goes through a dozen others each time that it is asked for anything.
    """
    here = known()
    if "person" not in here:
        current_user._get_current_object()  # noqa: SLF001 (which has the guard look)
    found: SignedIn | None = here["person"]
    return found


def signed_in() -> SignedIn:
    """The person who asks."""
    found = person()
    if found is None:
        abort(401)
    return found


def actor() -> Actor:
    """The person who asks, as the one who does something."""
    return signed_in().actor


def caller() -> Caller:
    """Where the request came from. No header is believed, but that of a proxy that the owner has named."""
    found = known()
    if "caller" not in found:
        found["caller"] = allowed.caller(
            request.remote_addr or "", request.headers, server().proxies
        )
    return cast("Caller", found["caller"])


def address() -> str:
    """The address of whoever asks."""
    found = known()
    if "address" not in found:
        came = asked()
        found["address"] = allowed.caller_address(
            came.remote_addr or "", came.headers, server().proxies
        )
    address_: str = found["address"]
    return address_


def number(text: str | None) -> int | None:
    """A row's number as an address or a form names it; None if `text` is none."""
    if text is None or len(text) > _MOST_DIGITS or not text.isdecimal():
        return None
    found = int(text)
    return found if 0 < found <= LARGEST_ID else None


def is_htmx() -> bool:
    """Whether an open page asks for a part of itself."""
    return request.headers.get("HX-Request") == "true"


def is_api() -> bool:
    """Whether the JSON API is asked."""
    return asked().path.startswith("/api/")
