"""How a refusal reaches people and programs: a page, a message on an open page, or one shape of JSON."""

import json
from http import HTTPStatus

import structlog
from flask import Flask, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from lovhub.server import request_id
from lovhub.server.errors import OperationRefused
from lovhub.server.refusal import trouble
from lovhub.server.web import current, refusals

log = structlog.get_logger("web")

_UNKNOWN = frozenset(
    {
        "alarm_unknown",
        "backup_unknown",
        "call_unknown",
        "top_up_unknown",
        "customer_unknown",
        "computer_unknown",
        "games_unknown",
        "hall_unknown",
        "zone_unknown",
        "sale_unknown",
        "guest_time_unknown",
        "receipt_unknown",
        "session_unknown",
        "shift_unknown",
        "move_unknown",
        "payment_unknown",
        "person_unknown",
        "sign_in_unknown",
    }
)

_NOT_SIGNED_IN = frozenset(
    {
        "not_signed_in",
        "wrong_credentials",
        "second_factor_needed",
        "sign_in_expired",
    }
)

_API_FIELDS = {
    "amount": "amount_tiyn",
    "phrase": "passphrase",
    "picture": "picture_base64",
    "price": "price_tiyn",
}
"""Fields that the API calls by another name than the operations do."""

_HTTP_CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "not_json",
    429: "too_many_attempts",
    500: "server_error",
}


def status_of(code: str) -> int:
    """The HTTP status of a refused operation."""
    if code in _NOT_SIGNED_IN:
        return HTTPStatus.UNAUTHORIZED
    if code in {"forbidden", "not_yours_to_manage", "confirmation_needed", "address_not_allowed"}:
        return HTTPStatus.FORBIDDEN
    if code in _UNKNOWN:
        return HTTPStatus.NOT_FOUND
    if code in {"invalid_fields", "wrong_second_factor", "wrong_own_password"}:
        return HTTPStatus.UNPROCESSABLE_ENTITY
    if code == "too_many_attempts":
        return HTTPStatus.TOO_MANY_REQUESTS
    return HTTPStatus.CONFLICT


def api_error(
    code: str, status: int, message: str | None = None, fields: dict[str, str] | None = None
) -> tuple[Response, int]:
    """The one shape in which the API says no."""
    shown = message if message is not None else refusals.refusal(code)
    return jsonify(error={"code": code, "message": shown, "fields": fields or {}}), status


def api_refusal(refusal: OperationRefused) -> tuple[Response, int]:
    """A refused operation, for the API."""
    fields = (
        {
            _API_FIELDS.get(name, name): refusals.refusal(str(code))
            for name, code in refusal.values.items()
        }
        if refusal.code == "invalid_fields"
        else {}
    )
    status = status_of(refusal.code)
    if status == HTTPStatus.NOT_FOUND and (field := _field_of_body(refusal.code)):
        # What the address names is there: it is what was said of it that names nothing.
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        fields = {field: refusals.refusal(refusal.code)}
    return api_error(refusal.code, status, refusals.refusal_of(refusal), fields)


def _field_of_body(unknown: str) -> str:
    """The field of the request's body by which something was named that there is not; "" if the address named it."""
    field = f"{unknown.removesuffix('_unknown')}_id"
    body = request.get_json(silent=True)
    if field in (request.view_args or {}) or not isinstance(body, dict):
        return ""
    return next((name for name in (field, f"{field}s") if name in body), "")


def api_validation_error(error: ValidationError) -> Response:
    """A request that does not fit its description. Called by flask-openapi3."""
    fields = {
        ".".join(str(part) for part in problem["loc"]) or "body": problem["msg"]
        for problem in error.errors(include_url=False, include_context=False, include_input=False)
    }
    response, status = api_error("invalid_fields", 422, fields=fields)
    response.status_code = status
    return response


def message_header(
    event: str, message: str, *, undo: str = "", receipt: str = ""
) -> dict[str, str]:
    """The header by which htmx raises `event` on the open page, to show `message` there.

    `undo`: an address that takes back what was done; `receipt`: one that prints its receipt.
    """
    told = {"message": message, "undo": undo, "receipt": receipt}
    told = {name: value for name, value in told.items() if value}
    return {"HX-Trigger": json.dumps({event: told})}


def install(app: Flask) -> None:
    """Answer every kind of failure in the way its asker understands."""
    app.register_error_handler(OperationRefused, _refused)
    app.register_error_handler(CSRFError, _form_expired)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DBAPIError, _database_failed)


def _refused(refusal: OperationRefused) -> ResponseReturnValue:
    if current.is_api():
        return api_refusal(refusal)
    return _page(status_of(refusal.code), refusals.refusal_of(refusal))


def _database_failed(error: DBAPIError) -> ResponseReturnValue:
    """The disk is full or gone: people are told what is wrong, and may ask again when it is mended."""
    code = trouble(error)
    if code is None:
        raise error
    log.error("database_failed", code=code, endpoint=request.endpoint, why=str(error.orig))
    status = (
        HTTPStatus.INSUFFICIENT_STORAGE if code == "disk_full" else HTTPStatus.SERVICE_UNAVAILABLE
    )
    if current.is_api():
        return api_error(code, status)
    return _page(status, refusals.refusal(code))


def _form_expired(_error: CSRFError) -> ResponseReturnValue:
    if current.is_api():
        return api_error("form_expired", 400)
    return _page(400, refusals.refusal("form_expired"))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    status = error.code or 500
    code = _HTTP_CODES.get(status, "server_error" if status >= 500 else "bad_request")
    if current.is_api():
        response, _status = api_error(code, status)
        response.headers.extend(
            (name, value)
            for name, value in error.get_headers(request.environ)
            if name not in {"Content-Type", "Content-Length"}
        )
        return response, status
    if status < 400:
        return error.get_response()
    return _page(status, refusals.refusal(code))


def _page(status: int, message: str) -> ResponseReturnValue:
    if current.is_htmx():
        return Response(status=status, headers=message_header("lovhub:refused", message))
    title = _("Страница не найдена") if status == 404 else _("Не получилось")
    number = request_id.current()
    if status >= 500 and number:
        # Whoever looks into the log finds by it what went wrong.
        message = " ".join([message, _("Номер запроса: %(number)s", number=number)])
    return render_template("error.html", title=title, message=message), status
