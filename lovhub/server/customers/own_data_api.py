"""All that is kept about one customer, for programs."""

from http import HTTPStatus

from flask import Response
from pydantic import BaseModel

from lovhub.server.customers import own_data
from lovhub.server.web import current
from lovhub.server.web.api import blueprint
from lovhub.server.web.keeping import file_to_keep

api = blueprint("own_data", "customers")


class CustomerPath(BaseModel):
    """Which customer."""

    customer_id: int


@api.post(
    "/customers/<int:customer_id>/own-data",
    responses={HTTPStatus.OK: {"content": {"application/zip": {}}}},
)
def take_out(path: CustomerPath) -> Response:
    """Everything that is kept about the customer: a ZIP with `profile.json` and a CSV for each list. It is logged."""
    file = own_data.take_out(current.club(), customer_id=path.customer_id, actor=current.actor())
    return file_to_keep(file, f"customer-{path.customer_id}.zip", "application/zip")
