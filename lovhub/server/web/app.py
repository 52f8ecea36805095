"""The Flask application: web admin and JSON API, put together."""

import hashlib
import hmac
from collections.abc import Callable
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, cast

from flask import Flask, Request, Response, redirect, url_for
from flask.ctx import RequestContext
from flask.typing import ResponseReturnValue
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from flask_wtf.csrf import CSRFProtect
from werkzeug.routing import MapAdapter

from lovhub import __version__
from lovhub.server.applications.api import api as applications_api
from lovhub.server.applications.pages import pages as applications_pages
from lovhub.server.attention.api import api as attention_api
from lovhub.server.attention.pages import pages as attention_pages
from lovhub.server.attention.pages import snapshot_json as attention_json
from lovhub.server.chain.pages import pages as chain_pages
from lovhub.server.club.api import api as club_api
from lovhub.server.club.pages import pages as club_pages
from lovhub.server.club.upkeep import APIS as UPKEEP_APIS
from lovhub.server.club.upkeep import PAGES as UPKEEP_PAGES
from lovhub.server.club.upkeep import for_templates as upkeep_for_templates
from lovhub.server.computers.api import api as computers_api
from lovhub.server.computers.pages import pages as computers_pages
from lovhub.server.computers.token_pages import pages as token_pages
from lovhub.server.conditions.api import api as conditions_api
from lovhub.server.conditions.pages import pages as conditions_pages
from lovhub.server.counter.api import api as counter_api
from lovhub.server.counter.pages import pages as counter_pages
from lovhub.server.counter.several import pages as several_pages
from lovhub.server.customers import contacts
from lovhub.server.customers.api import api as customers_api
from lovhub.server.customers.own_data_api import api as own_data_api
from lovhub.server.customers.own_data_pages import pages as own_data_pages
from lovhub.server.customers.pages import pages as customers_pages
from lovhub.server.customers.profile import pages as customer_pages
from lovhub.server.customers.profile_api import api as customer_api
from lovhub.server.fiscal.api import api as fiscal_api
from lovhub.server.fiscal.pages import pages as fiscal_pages
from lovhub.server.goods.api import api as goods_api
from lovhub.server.goods.pages import pages as goods_pages
from lovhub.server.guest_time.api import api as guest_time_api
from lovhub.server.guest_time.pages import pages as guest_time_pages
from lovhub.server.halls.api import api as halls_api
from lovhub.server.halls.pages import pages as halls_pages
from lovhub.server.journal import texts as journal_texts
from lovhub.server.journal.api import api as journal_api
from lovhub.server.journal.pages import pages as journal_pages
from lovhub.server.libraries.api import api as libraries_api
from lovhub.server.libraries.pages import pages as libraries_pages
from lovhub.server.loyalty.api import api as loyalty_api
from lovhub.server.loyalty.pages import of_customer as customer_loyalty_pages
from lovhub.server.loyalty.pages import pages as loyalty_pages
from lovhub.server.loyalty.promo_api import api as promos_api
from lovhub.server.maintenance.api import api as maintenance_api
from lovhub.server.maintenance.pages import pages as maintenance_pages
from lovhub.server.minors.api import api as minors_api
from lovhub.server.minors.pages import pages as minors_pages
from lovhub.server.moving.api import api as moving_api
from lovhub.server.moving.pages import pages as moving_pages
from lovhub.server.notices.api import api as notices_api
from lovhub.server.notices.pages import pages as notices_pages
from lovhub.server.pages import BODY, LARGER_REQUESTS_BYTES, LARGEST_REQUEST_BYTES
from lovhub.server.payments.api import api as payments_api
from lovhub.server.payments.bank_api import api as bank_api
from lovhub.server.payments.callbacks import callbacks
from lovhub.server.payments.pages import pages as payments_pages
from lovhub.server.payments.sales_api import api as sales_api
from lovhub.server.pc.api import api as pc_api
from lovhub.server.pc.pages import pages as pc_pages
from lovhub.server.pressure.ranks import MATCHED
from lovhub.server.receipts.api import api as receipts_api
from lovhub.server.receipts.pages import pages as receipts_pages
from lovhub.server.remote.api import api as remote_api
from lovhub.server.remote.pages import pages as remote_pages
from lovhub.server.reports.api import api as reports_api
from lovhub.server.reports.book_api import api as books_api
from lovhub.server.reports.book_pages import pages as books_pages
from lovhub.server.reports.pages import pages as reports_pages
from lovhub.server.search.api import api as search_api
from lovhub.server.search.pages import pages as search_pages
from lovhub.server.sessions.api import api as sessions_api
from lovhub.server.sessions.pages import pages as sessions_pages
from lovhub.server.shifts.api import api as shifts_api
from lovhub.server.shifts.pages import pages as shifts_pages
from lovhub.server.staff import endpoints
from lovhub.server.staff.api import api as staff_api
from lovhub.server.staff.pages import pages as staff_pages
from lovhub.server.staff.people_api import api as people_api
from lovhub.server.staff.people_pages import pages as people_pages
from lovhub.server.staff.profile_api import api as profile_api
from lovhub.server.staff.profile_pages import pages as profile_pages
from lovhub.server.state import Server
from lovhub.server.suspicious.api import api as suspicious_api
from lovhub.server.suspicious.pages import pages as suspicious_pages
from lovhub.server.tariffs.api import api as tariffs_api
from lovhub.server.tariffs.pages import pages as tariffs_pages
from lovhub.server.web import (
    addresses,
    api,
    current,
    errors,
    formatting,
    language,
    navigation,
    numbering,
    templating,
    texts,
)
from lovhub.server.web.door import Door, door
from lovhub.server.web.form_sessions import FormSessions
from lovhub.server.web.headers import add_security_headers
from lovhub.server.web.script_texts import script_texts_json

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class _Application(OpenAPI):
    door: Door

    @cached_property
    def _own_addresses(self) -> dict[str, MapAdapter]:
        """By where we are mounted."""
        return {}

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing of ours is a coroutine. Flask asks that of a dozen functions for each request."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """See Flask, which puts the name that the request calls us by into ASCII for it, each time.

        That is for addresses that name the host, of which we make none; and what was asked for is known here already.
        """
        if request is None:
            return None  # nor does the application know a name of its own
        if request.environ.get("asgi.scope", {}).get(MATCHED) is None:
            return super().create_url_adapter(request)
        mounted_at = request.environ["SCRIPT_NAME"]
        if mounted_at not in self._own_addresses:
            self._own_addresses[mounted_at] = self.url_map.bind("", script_name=mounted_at)
        return self._own_addresses[mounted_at]

    def request_context(self, environ: "WSGIEnvironment") -> RequestContext:
        """See Flask."""
        context = _Matched(self, environ)
        asked = context.request
        asked.max_content_length = LARGER_REQUESTS_BYTES.get(asked.path, LARGEST_REQUEST_BYTES)
        return context

    def full_dispatch_request(self) -> Response:
        """See Flask: what comes before a request is the door, and nobody listens to signals."""
        self._got_first_request = True
        asked = current.asked()
        rule = asked.url_rule
        try:
            answer: Any = self.door(asked)
            if answer is None:
                if rule is None or asked.method == "OPTIONS":
                    answer = self.dispatch_request()
                else:
                    answer = self.view_functions[rule.endpoint](**(asked.view_args or {}))
        except Exception as error:  # noqa: BLE001 (it is raised anew if nobody has an answer to it)
            answer = self.handle_user_exception(error)
        return self.finalize_request(answer)


class _Whole(Request):
    @property
    def _whole(self) -> bytes | None:
        """The body, of whoever came through the gate and has sent all of it; None where Request has to look."""
        body: bytes | None = self.environ.get("asgi.scope", {}).get(BODY)
        if body is None or self.environ.get("CONTENT_LENGTH") != str(len(body)):
            return None
        return None if len(body) > (self.max_content_length or 0) else body

    @cached_property
    def stream(self) -> IO[bytes]:
        """See Request, which counts what it reads."""
        return (
            super().stream if self._whole is None else cast("IO[bytes]", self.environ["wsgi.input"])
        )

    def get_data(self, *arguments: Any, **options: Any) -> Any:
        """See Request, which reads it from the stream."""
        body = (
            None
            if arguments or options.get("as_text") or options.get("parse_form_data")
            else self._whole
        )
        return super().get_data(*arguments, **options) if body is None else body

    @property
    def is_json(self) -> bool:
        """See Request, which takes the header apart."""
        return self.environ.get("CONTENT_TYPE") == "application/json" or super().is_json


class _Matched(RequestContext):
    def match_request(self) -> None:
        """See RequestContext. Whoever came through the gate had their address looked up there."""
        matched = self.request.environ.get("asgi.scope", {}).get(MATCHED)
        if matched is None:
            super().match_request()
        else:
            self.request.url_rule, self.request.view_args = matched


def create_flask_app(server: Server) -> Flask:
    """The web admin and the API of a running server."""
    app = _Application(
        __name__,
        info=Info(title="LoVHub", version=__version__),
        security_schemes=api.SECURITY_SCHEMES,
        validation_error_model=api.ErrorAnswer,
        validation_error_callback=errors.api_validation_error,
        doc_ui=False,
    )
    app.request_class = _Whole
    app.url_map.merge_slashes = False  # the answer would lead to an address made of the Host header
    app.json = api.StrictJson(app)
    app.session_interface = FormSessions()
    app.extensions["lovhub"] = server
    app.config.update(
        SECRET_KEY=_derived_key(server.club.secret_key),
        SESSION_COOKIE_NAME="lovhub_form",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # a page at the desk stays open for a shift
        BABEL_DEFAULT_LOCALE="ru",
        BABEL_TRANSLATION_DIRECTORIES="translations",
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    numbering.install(app)
    language.install(app)
    form_tokens = CSRFProtect(app)
    app.before_request_funcs.clear()  # the door asks for them
    app.door = door(app, form_tokens)
    errors.install(app)
    formatting.install(app)
    addresses.install(app)
    templating.install(app)
    app.add_template_filter(_phone_shown, "phone_shown")
    app.context_processor(_for_templates)
    app.context_processor(upkeep_for_templates)
    app.after_request(add_security_headers)
    app.add_url_rule("/", "home", _home)
    app.add_url_rule("/favicon.ico", "favicon", _favicon)
    app.register_blueprint(counter_pages)
    app.register_blueprint(several_pages)
    for pages in (
        attention_pages, pc_pages, club_pages, staff_pages, profile_pages, people_pages,
        reports_pages, books_pages, notices_pages, receipts_pages, computers_pages, halls_pages, token_pages,
        conditions_pages, maintenance_pages, remote_pages, sessions_pages,
        customers_pages, minors_pages, tariffs_pages, applications_pages, libraries_pages, journal_pages, moving_pages,
        *UPKEEP_PAGES,
        customer_pages, own_data_pages, search_pages, shifts_pages, goods_pages, fiscal_pages, suspicious_pages,
        payments_pages, loyalty_pages, customer_loyalty_pages, guest_time_pages, chain_pages,
    ):  # fmt: skip
        app.register_blueprint(pages)
    form_tokens.exempt(callbacks)  # providers know no form tokens, and use no cookie
    app.register_blueprint(callbacks)
    for domain_api in (
        attention_api, pc_api, club_api, staff_api, profile_api, people_api,
        reports_api, books_api, notices_api, receipts_api, computers_api, halls_api,
        conditions_api, maintenance_api, remote_api, sessions_api, counter_api,
        customers_api, tariffs_api, applications_api, libraries_api, journal_api, moving_api,
        *UPKEEP_APIS,
        customer_api, own_data_api, minors_api, shifts_api, goods_api, fiscal_api, suspicious_api, search_api,
        payments_api, loyalty_api, promos_api, bank_api, sales_api, guest_time_api,
    ):  # fmt: skip
        app.register_api(domain_api)
    app.add_url_rule("/api/v1/openapi.json", "api_description", lambda: api.description(app))
    endpoints.check_complete(rule.endpoint for rule in app.url_map.iter_rules())
    if app.before_request_funcs or app.url_value_preprocessors:
        raise RuntimeError("nobody asks them: what comes before a request belongs into door.py")
    return app


def _derived_key(secret_key: bytes) -> bytes:
    """A key for form tokens only: the club's key has other uses."""
    return hmac.digest(secret_key, b"lovhub web forms", hashlib.sha256)


def _home() -> ResponseReturnValue:
    return redirect(url_for("reports.dashboard"), 302)


def _favicon() -> ResponseReturnValue:
    """Browsers ask for it wherever a page names no icon of its own, as beside a JSON answer."""
    return redirect(url_for("static", filename="icon.svg"), 302)


def _phone_shown(phone: str) -> str:
    return contacts.shown_phone(phone, current.signed_in().staff.role)


def _for_templates() -> dict[str, object]:
    return {
        "alarm_text": journal_texts.alarm_text,
        "club": current.club_row,
        "attention_json": attention_json,
        "at_hand": lambda: navigation.places(navigation.AT_HAND),
        "csrf_token": templating.form_token,
        "currency_sign": formatting.currency_sign,
        "notes": formatting.notes,
        "language": language.spoken,
        "current_place_is_managed": lambda: any(map(navigation.is_here, navigation.MANAGEMENT)),
        "is_here": navigation.is_here,
        "management": lambda: navigation.places(navigation.MANAGEMENT),
        "may": navigation.may,
        "my_rights": navigation.my_rights,
        "kaspi_needs_number": lambda: (
            current.server().payments.at_desk in {"number", "number_of_guests"}
        ),
        "kaspi_needs_phone": lambda: current.server().payments.needs_phone,
        "kaspi_at_work": lambda: current.server().payments.main is not None,
        "payment_methods": texts.PAYMENT_METHODS,
        "payment_method": texts.payment_method,
        "script_texts_json": script_texts_json,
        "version": __version__,
    }
