"""What the JSON APIs of all domains share: one error shape, one way to sign in, one description."""

import threading
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Annotated, Any, Literal

import msgspec
from flask import Request, Response, jsonify
from flask.json.provider import DefaultJSONProvider
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import OPENAPI3_REF_PREFIX
from flask_openapi3.models.tag import Tag
from flask_openapi3.openapi import OpenAPI
from flask_openapi3.request import _validate_query
from flask_openapi3.types import ParametersTuple
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lovhub.server.database import keyset
from lovhub.server.database.keyset import CURSOR_PATTERN, Order, Sorts
from lovhub.server.errors import OperationRefused
from lovhub.server.web import current, errors

PREFIX = "/api/v1"

SECURITY_SCHEMES: dict[str, Any] = {
    "staff": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token that POST /api/v1/session gives to a member of staff.",
    }
}


class ErrorBody(BaseModel):
    """Why not. `code` is for programs, `message` for people, `fields` says which field is wrong and why."""

    code: str
    message: str
    fields: dict[str, str]


class ErrorAnswer(BaseModel):
    """The one shape of every error."""

    error: ErrorBody


class Asked(BaseModel):
    """Base of what a client sends: a field that is not known is refused, not passed over."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Place(Asked):
    """Where in a list: 0 is the top. A place beyond the end is the end."""

    place: Annotated[int, Field(ge=0, le=10_000)]


class Question(BaseModel):
    """Base of what stands behind the `?` of an address; there, too, an unknown name is refused."""

    model_config = ConfigDict(extra="forbid")


class Done(BaseModel):
    """It is done; there is nothing else to say."""

    ok: bool = True


Id = Annotated[int, Field(ge=1, le=current.LARGEST_ID)]
"""A row's number."""

Line = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00-\x1f]*$")]
"""One line of text; how long it may be exactly is the operation's own rule."""

Secret = Annotated[str, Field(max_length=1000)]
"""A password as it is typed."""

Seconds = Annotated[int, Field(ge=0, le=current.LARGEST_ID)]
Tiyn = Annotated[int, Field(ge=0, le=current.LARGEST_ID)]

OperationKey = Annotated[
    str,
    Field(
        min_length=8,
        max_length=100,
        pattern=r"^[\x21-\x7e]+$",
        description="Chosen by the client, anew for each operation: the same key again moves no money"
        " twice.",
    ),
]

Method = Literal["cash", "card", "kaspi"]
"""How money came in."""

KaspiNumber = Annotated[
    str,
    Field(
        max_length=100,
        pattern=r"^[^\x00-\x1f]*$",
        description="Number of Kaspi's operation, where the club asks for it.",
    ),
]

SortBy = Annotated[str, Field(pattern=r"^-?[a-z_]{1,30}$")]
"""What a list is sorted by; with a minus the other way round."""

Cursor = Annotated[str, Field(pattern=CURSOR_PATTERN)]
"""Where a list goes on, as the part before said."""

Responses = dict[str | int | HTTPStatus, type[BaseModel] | dict[Any, Any] | None]
"""Which model answers with which status."""

_NAMED: Responses = {
    status: {
        "description": HTTPStatus(int(status)).phrase,
        "content": {"application/json": {"schema": {"$ref": f"{OPENAPI3_REF_PREFIX}/ErrorAnswer"}}},
    }
    for status in ("400", "401", "403", "404", "405", "409", "413", "415", "429", "500", "503")
}
_ERRORS: Responses = {"422": ErrorAnswer, **_NAMED}
"""One of them brings the shape, the others name it."""


class DescribedLater(APIBlueprint):
    """An API that is described when somebody asks for the description, and not while the server starts.

    The schemas of all questions and answers were a sixth of the time until the server answered.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._undescribed: list[tuple[str, Callable[..., Any], dict[str, Any]]] = []

    def _collect_openapi_info(
        self, rule: str, func: Callable[..., Any], *, doc_ui: bool = True, **options: Any
    ) -> ParametersTuple:
        if doc_ui:
            self._undescribed.append((rule, func, options))
        return super()._collect_openapi_info(rule, func, doc_ui=False, **options)

    @staticmethod
    def create_view_func(
        func: Any,
        header: Any,
        cookie: Any,
        path: Any,
        query: Any,
        form: Any,
        body: Any,
        raw: Any,
        *_rest: Any,
        **_options: Any,
    ) -> Any:
        """See APIScaffold: the operation is given what is asked, as its models have it."""
        if (header, cookie, form, raw) != (None, None, None, None):
            raise TypeError(f"{func.__qualname__}: an operation asks for path, query and body")

        @wraps(func)
        def view(**named: Any) -> Any:
            given: dict[str, Any] = {}
            try:
                if path is not None:
                    given["path"] = path.model_validate(named)
                if query is not None:
                    _validate_query(query, given)
                if body is not None:
                    sent = current.asked().get_json(silent=True)
                    given["body"] = body.model_validate(sent)
            except ValidationError as error:
                return errors.api_validation_error(error)
            return func(**given)

        return view

    def describe_in(self, app: OpenAPI) -> None:
        """Add what `register_api` would have added, had it been described before."""
        for rule, func, options in self._undescribed:
            super()._collect_openapi_info(rule, func, **options)
        self._undescribed.clear()
        for tag in self.tags:
            if tag.name not in app.tag_names:
                app.tags.append(tag)
                app.tag_names.append(tag.name)
        app.paths.update(self.paths)
        app.components_schemas.update(self.components_schemas)


def blueprint(name: str, tag: str, *, signed_in: bool = True) -> DescribedLater:
    """A domain's API, for signed-in staff unless said otherwise."""
    return DescribedLater(
        f"{name}_api",
        name,
        url_prefix=PREFIX,
        abp_tags=[Tag(name=tag)],
        abp_security=[{"staff": []}] if signed_in else None,
        abp_responses=_ERRORS,
    )


def refuse_what_is_not_json(asked: Request) -> None:
    """415 for another kind of body, 400 for broken JSON. No body at all is for the operation to judge."""
    if asked.method not in {"GET", "HEAD"} and asked.get_data():
        asked.get_json()


class StrictJson(DefaultJSONProvider):
    """JSON as its standard has it: no NaN, no half characters, no nesting without end.

    Python's own reader lets the first two pass, and fails at the third in a way that is no `ValueError`.
    """

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        """Raises ValueError for what is not JSON."""
        try:
            return msgspec.json.decode(s)
        except (msgspec.DecodeError, RecursionError) as error:
            raise ValueError("not JSON") from error


def api_order(sorts: Sorts, wanted: str) -> Order:
    """The order called `wanted`; one that the list does not have is refused."""
    if wanted.removeprefix("-") not in sorts.keys:
        raise OperationRefused("invalid_fields", sort="sort_unknown")
    return sorts.order(wanted)


def api_place(cursor: str | None, field: str = "after") -> keyset.Place | None:
    """Where the list goes on; what is no cursor is refused. `field`: what the cursor is called."""
    if cursor is None:
        return None
    place = keyset.read_place(cursor)
    if place is None:
        raise OperationRefused("invalid_fields", **{field: "cursor_unknown"})
    return place


def answer(model: BaseModel, status: int = HTTPStatus.OK) -> Response:
    """The model as JSON."""
    response = jsonify(model.model_dump(mode="json"))
    response.status_code = status
    return response


def done() -> Response:
    """It is done."""
    return answer(Done())


_describing = threading.Lock()


def description(app: OpenAPI) -> Response:
    """The OpenAPI description of everything registered."""
    with _describing:
        if not app.spec_json:
            for registered in app.blueprints.values():
                if isinstance(registered, DescribedLater):
                    registered.describe_in(app)
        return jsonify(app.api_doc)
