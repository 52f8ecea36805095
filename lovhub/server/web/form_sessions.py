"""Flask's session: a signed cookie with what belongs to one browser's forms.

Their tokens, what the next page is to say of the last form, and which file may be fetched after one. Who is signed in
stands in the database, by a cookie of its own.
"""

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer


class FormSessions(SecureCookieSessionInterface):
    """As Flask has it, for less: most requests show no form, and are not worth a signer and a cookie's settings."""

    def __init__(self) -> None:
        self._signers: dict[Flask, URLSafeTimedSerializer | None] = {}

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """See SecureCookieSessionInterface, which makes another for each request. Our key never changes."""
        if app not in self._signers:
            self._signers[app] = super().get_signing_serializer(app)
        return self._signers[app]

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """See SecureCookieSessionInterface, which takes a request's headers apart to find that it has no cookie."""
        if "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """See SecureCookieSessionInterface."""
        if session.accessed or session.modified:
            super().save_session(app, session, response)
