"""What the JSON APIs of all domains share: one error shape, one way to sign in, one description."""

from http import HTTPStatus
from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel, ConfigDict, Field

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


class Done(BaseModel):
    """It is done; there is nothing else to say."""

    ok: bool = True


OPERATION_KEY = Field(
    min_length=8,
    max_length=100,
    description="Chosen by the client, anew for each operation: the same key again moves no money twice.",
)

_ERRORS: dict[str | int | HTTPStatus, type[BaseModel] | dict[Any, Any] | None] = dict.fromkeys(
    ("400", "401", "404", "409", "422", "429", "500", "503"), ErrorAnswer
)


def blueprint(name: str, tag: str, *, signed_in: bool = True) -> APIBlueprint:
    """A domain's API, for signed-in staff unless said otherwise."""
    return APIBlueprint(
        f"{name}_api",
        name,
        url_prefix=PREFIX,
        abp_tags=[Tag(name=tag)],
        abp_security=[{"staff": []}] if signed_in else None,
        abp_responses=_ERRORS,
    )


def answer(model: BaseModel, status: int = 200) -> Response:
    """The model as JSON."""
    response = jsonify(model.model_dump(mode="json"))
    response.status_code = status
    return response


def description(app: OpenAPI) -> Response:
    """The OpenAPI description of everything registered."""
    return jsonify(app.api_doc)
