"""The API does what its own description says: made-up requests, right ones and wrong ones, to every operation."""

import os
import re
from collections.abc import Callable

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import positive_data_acceptance

from lovhub.server.sessions import service as sessions
from tests.support.club import OWNER, People
from tests.support.web import WebAdmin, row

ASKED = os.environ.get("API_EXAMPLES", "")
EXAMPLES = int(ASKED or 3)
"""Made-up requests for each operation and mode: always the same few; as many new ones as one likes: `make fuzz-api`."""


@pytest.fixture
def described(web: WebAdmin, people: People) -> list[APIOperation]:
    """Every operation, in a club with something to ask for."""
    for _ in range(3):
        people.computer()
        people.customer(balance_tiyn=10_000_00)
        people.tariff()
    web.hall.rows = [row(1, "ПК-1"), row(2, "ПК-2")]
    sessions.seat_guest(
        web.club,
        computer_id=1,
        tariff_id=1,
        method="cash",
        guest_name="",
        actor=OWNER,
        key="opening",
    )
    # With it, no rule that a made-up request makes up keeps the owner from everything else.
    web.give_second_factor("owner")
    web.pairings.waiting = {"1"}
    web.club.failures_by_address._attempts = 10**6  # strangers' names are tried by the hundred
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", web.app)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 30
    return operations


@pytest.mark.timeout(400)  # a few requests to each of the API's many operations
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_operation_keeps_to_its_description(
    web: WebAdmin, described: list[APIOperation], mode: GenerationMode
) -> None:
    token = web.token()
    succeeded = 0
    for operation in described:
        # Signing out ends the token, so that each time takes another.
        signs_out = operation.label == "DELETE /api/v1/session"
        statuses = made_up_requests(operation, mode, web.token if signs_out else lambda: token)
        succeeded += any(status < 300 for status in statuses)
    if mode is GenerationMode.POSITIVE:
        assert succeeded > 20, "made-up requests must get past the door"


def made_up_requests(
    operation: APIOperation, mode: GenerationMode, token: Callable[[], str]
) -> set[int]:
    """Ask, judge every answer by all checks, and tell which statuses came."""
    statuses: set[int] = set()
    # Right requests ask for what is there; made-up numbers would all meet nothing.
    names = re.findall(r"\{(\w+)\}", operation.path)
    there = dict.fromkeys(names, 1) if mode is GenerationMode.POSITIVE else None

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=not ASKED,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode, path_parameters=there))
    def ask(case: Case) -> None:
        response = case.call_and_validate(
            headers={"Authorization": f"Bearer {token()}"},
            # The rules of the house are finer than a description: not every text is a phone number.
            excluded_checks=[positive_data_acceptance],
        )
        statuses.add(response.status_code)

    ask()
    return statuses
