"""Which pages there are."""

from flask import Flask
from werkzeug.routing import Rule

NO_PAGES = ("/api/", "/static/", "/payments/")


def page_rules(app: Flask) -> list[Rule]:
    """Every page that one may open: not the API, not files, not what only takes a form."""
    return sorted(
        (
            rule
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or set())
            and not rule.rule.startswith(NO_PAGES)
            and not rule.rule.endswith((".png", "/pictures/<command_id>"))
        ),
        key=lambda rule: rule.rule,
    )
