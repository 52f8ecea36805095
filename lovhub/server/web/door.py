"""What comes before each page and call, in one go: its number, the guard, and a look at what was sent.

Flask would look up at each request whom to ask before it, and each of those would ask Flask for the request anew.
"""

from collections.abc import Callable

from flask import Flask, Request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect

from lovhub.server.web import api, confirming, current, guard, numbering

Door = Callable[[Request], ResponseReturnValue | None]
"""The answer to a request that goes no further; None for one that may."""


def door(app: Flask, form_tokens: CSRFProtect) -> Door:
    """The application's."""
    turned_away = guard.guard(app)

    def before(asked: Request) -> ResponseReturnValue | None:
        # First of all: a request that the guard turns away has a number, too.
        numbering.begin()
        # Then the guard: a stranger is told to sign in, whatever they send.
        answer = turned_away(asked)
        if answer is not None:
            return answer
        if current.is_api():  # it takes no cookie, so there is nothing to forge
            answer = confirming.ask_if_stale(asked)
            if answer is None and asked.url_rule is not None:
                api.refuse_what_is_not_json(asked)
            return answer
        # Only who may do it at all, and by a form of ours, is asked for the password.
        form_tokens.protect(apply_exemptions=True)
        answer = confirming.ask_if_overdue()
        return confirming.ask_if_stale(asked) if answer is None else answer

    return before
