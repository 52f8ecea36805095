"""Where providers call. No staff session, no form token: each provider proves itself in its own way, or is nobody.

What comes here is never logged whole: an address may hold the biller's secret, a body a payer's name.
"""

import structlog
from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from lovhub.server.payments.providers.contract import (
    PaymentProvider,
    RawRequest,
    Unauthenticated,
    Unreadable,
)
from lovhub.server.payments.settling import settle
from lovhub.server.web import current

callbacks = Blueprint("callbacks", __name__, url_prefix="/payments")

log = structlog.get_logger("payments")


@callbacks.get("/kaspi", defaults={"secret": ""})
@callbacks.get("/kaspi/<secret>")
def kaspi_biller(secret: str) -> ResponseReturnValue:
    """Kaspi asks whether a number may be paid for (`check`), and says that it was (`pay`)."""
    return _take("biller", path_secret=secret, refused_with=403)


@callbacks.post("/webhook/<provider>")
def payment_webhook(provider: str) -> ResponseReturnValue:
    """A provider says, under its signature, what became of a payment."""
    return _take(provider, path_secret="", refused_with=401)


def _take(name: str, *, path_secret: str, refused_with: int) -> ResponseReturnValue:
    provider = current.server().payments.named(name)
    if provider is None or not provider.caps.callback:
        abort(404)
    try:
        return _settled(provider, path_secret)
    except Unauthenticated as refused:
        log.warning(
            "payment_call_refused", provider=name, why=str(refused), address=current.address()
        )
        return Response(status=refused_with)
    except Unreadable:
        log.warning("payment_call_unreadable", provider=name)
        return Response(status=400)


def _settled(provider: PaymentProvider, path_secret: str) -> Response:
    raw = RawRequest(
        method=request.method,
        query=tuple(request.args.items(multi=True)),
        headers={name.lower(): value for name, value in request.headers},
        body=request.get_data(),
        peer_ip=current.address(),
        path_secret=path_secret,
    )
    provider.authenticate(raw)
    reply = settle(current.club(), provider, provider.parse(raw))
    return Response(reply.body, reply.status, content_type=reply.content_type)
