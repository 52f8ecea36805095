"""Who may send a whole table: decided from a request's head, before its body is taken into memory."""

from starlette.requests import HTTPConnection

from lovhub.server.context import ClubContext
from lovhub.server.staff import endpoints
from lovhub.server.staff import service as staff_service
from lovhub.server.web import guard

_ENDPOINTS = {
    "/admin/moving": "moving.bring",
    "/api/v1/moves": "moving_api.bring",
    "/admin/payments/reconciliation": "payments.reconciliation",
    "/api/v1/payments/registry": "bank_api.take_registry",
}
"""Of each address in `pages.LARGER_REQUESTS_BYTES`, the endpoint whose right decides."""


def may_send_much(club: ClubContext, asked: HTTPConnection) -> bool:
    """Whether the person who asks is signed in and may bring a table; Flask asks all this again later."""
    path = asked.url.path
    token = guard.token_in(path, asked)
    if not token:
        return False
    found = staff_service.session_by_token(club, token)
    if found is None or found.duty is not None:
        return False
    return endpoints.may_call(found.person.role, _ENDPOINTS[path])
