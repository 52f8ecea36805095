"""Whole tables are taken in only from those who may bring one."""

import pytest
from starlette.requests import HTTPConnection

from lovhub.server.pages import LARGER_REQUESTS_BYTES
from lovhub.server.web.uploads import may_send_much
from tests.support.web import WebAdmin


def asks(path: str, header: bytes = b"", value: str = "") -> HTTPConnection:
    return HTTPConnection(
        {
            "type": "http", "path": path, "query_string": b"", "scheme": "https",
            "server": ("localhost", 5000), "headers": [(header, value.encode())] if header else [],
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("role", "may"),
    [("owner", True), ("manager", True), ("cashier", False), ("technician", False)],
)
def test_only_who_may_move_customers_in(web: WebAdmin, role: str, may: bool) -> None:
    token = web.token(role)
    registry = asks("/admin/payments/reconciliation", b"cookie", f"lovhub_session={token}")
    assert may_send_much(web.club, registry) is may
    page = asks("/admin/moving", b"cookie", f"lovhub_session={token}")
    call = asks("/api/v1/moves", b"authorization", f"Bearer {token}")
    assert may_send_much(web.club, page) is may
    assert may_send_much(web.club, call) is may
    # As everywhere, a cookie opens no API and a bearer token no page.
    assert not may_send_much(web.club, asks("/api/v1/moves", b"cookie", f"lovhub_session={token}"))
    assert not may_send_much(web.club, asks("/admin/moving", b"authorization", f"Bearer {token}"))


def test_strangers_may_not(web: WebAdmin) -> None:
    assert not may_send_much(web.club, asks("/admin/moving"))
    assert not may_send_much(web.club, asks("/admin/moving", b"cookie", "lovhub_session=guess"))
    assert not may_send_much(web.club, asks("/api/v1/moves", b"authorization", "Bearer guess"))


def test_every_address_that_takes_much_is_asked_about(web: WebAdmin) -> None:
    """Somebody signed in comes there with a cookie or a token: both must find a right to ask for."""
    token = web.token()
    for path in LARGER_REQUESTS_BYTES:
        signed = (
            asks(path, b"authorization", f"Bearer {token}")
            if path.startswith("/api/")
            else asks(path, b"cookie", f"lovhub_session={token}")
        )
        assert may_send_much(web.club, signed), path
