"""The headers that keep our pages in their place: no script or frame from elsewhere, nothing guessed, nothing kept."""

from flask import Response

_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",  # Tabler's style sheet holds its arrows and ticks as data: pictures
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
)


def add_security_headers(response: Response) -> Response:
    """Add them to an answer that has none of its own."""
    response.headers.setdefault("Content-Security-Policy", "; ".join(_POLICY))
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    # Forms are checked to come from our own pages, so the address must be sent to ourselves.
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if response.mimetype in {"text/html", "application/json"}:
        response.headers.setdefault("Cache-Control", "no-store")
    return response
