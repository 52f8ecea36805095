"""What the palette of every page asks while one types."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from lovhub.server.search import finding
from lovhub.server.web import current

pages = Blueprint("search", __name__, url_prefix="/admin/search")


@pages.get("")
def find() -> ResponseReturnValue:
    """What the person who asks may see of what matches `q`, by kind."""
    groups = finding.find(
        current.club(),
        current.signed_in().staff.role,
        current.server().hall.snapshot().rows,
        request.args.get("q", ""),
    )
    return jsonify(groups=[group.as_json() for group in groups])
