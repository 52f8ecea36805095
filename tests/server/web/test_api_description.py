"""The API does what its own description says: made-up requests, right ones and wrong ones, to every operation.

All of schemathesis: its edges of every field, its fuzzing, its chains of one operation after the other, and every one
of its checks.
"""

import os
from collections.abc import Iterator
from logging import CRITICAL
from typing import Any

import pytest
import schemathesis
import structlog
from pydantic import BaseModel
from schemathesis import Case, CheckContext
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.schemas import BaseSchema
from schemathesis.transport.wsgi import WSGITransport

from lovhub.server.ledger.check import check_ledger
from lovhub.server.sessions import service as sessions
from tests.support.club import OWNER, People
from tests.support.web import ADDRESS, WebAdmin, row

ASKED = os.environ.get("API_SECONDS", "")
SECONDS = int(ASKED or 60)
"""For so long requests are made up: always from the same seed, or with `make fuzz-api` from another."""

ROUNDS = (SECONDS, 3 * SECONDS)
"""A slow machine does too little in the first; in the second each kind of request has as long as that has in all."""

ENDS_TOKENS = {"DELETE /api/v1/session", "DELETE /api/v1/me/sign-ins"}
SHOWN = 20


@pytest.fixture
def described(
    web: WebAdmin, people: People, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BaseSchema]:
    """Every operation, in a club with something to ask for; whatever was asked, the check finds nothing after it."""
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
    send = WSGITransport.send

    def send_in_process(self: WSGITransport, case: Case, **kwargs: Any) -> Response:
        for of_sockets in (
            "max_redirects",
            "verify",
            "cert",
            "proxies",
        ):  # its probes without a token bring them along
            kwargs.pop(of_sockets, None)
        return send(self, case, **kwargs)

    monkeypatch.setattr(WSGITransport, "send", send_in_process)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", web.app, config=CONFIG)
    token, another = web.token(), web.make_staff("owner", login="another")

    @schema.auth(refresh_interval=None)
    class _Owner:
        def get(self, case: Case, _context: object) -> str:
            # These end tokens, so that another owner asks, with a new one each time.
            return web.staff.signed_in(another) if case.operation.label in ENDS_TOKENS else token

        def set(self, case: Case, data: str, _context: object) -> None:
            case.headers["Authorization"] = f"Bearer {data}"

    yield schema
    with web.club.read() as db:
        assert check_ledger(db) == []


REFUSED = ["400", "401", "403", "404", "405", "409", "413", "415", "422", "429"]
CONFIG = SchemathesisConfig.from_dict(
    {
        "max-time": SECONDS,
        "continue-on-failure": True,
        # Of each operation at a time: there are many of them, and then it is the turn of all again.
        "generation": {"max-examples": 2},
        # Not every text is a phone number: the rules of the house are finer than a description. By which the next
        # check goes, 422 is the answer of such a rule, and never of the description itself.
        "checks": {
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "401", "403", "404", "409", "413", "422", "429"]
            },
            "negative_data_rejection": {"expected-statuses": REFUSED},
        },
        **({} if ASKED else {"seed": 1}),
    }
)


WORDS_OF_PYDANTIC = (
    "Input should",
    "String should",
    "List should",
    "Field required",
    "Extra inputs",
)
"""What refusals of the description itself begin with."""


@schemathesis.check
def refused_by_a_rule_of_the_house(_context: CheckContext, response: Response, case: Case) -> None:
    """What the description allows is refused in the house's own words only."""
    if (
        case.meta is None
        or not case.meta.generation.mode.is_positive
        or response.status_code != 422
    ):
        return
    for field, words in response.json()["error"]["fields"].items():
        # To JSON Schema 2.0 is an integer; to us it is a mistake of whoever counts money in fractions.
        of_the_description = words.startswith(WORDS_OF_PYDANTIC) and "valid integer" not in words
        assert not of_the_description, (
            f"{field}: allowed by the description, refused by it: {words}"
        )


def test_no_name_in_the_description_stands_for_two_things(web: WebAdmin) -> None:
    client = web.app.test_client()
    described = client.get("/api/v1/openapi.json", base_url=ADDRESS).json["components"]["schemas"]
    found: dict[str, set[str]] = {}
    for model in _models(BaseModel):
        if model.__module__.startswith("lovhub.") and model.__name__ in described:
            found.setdefault(model.__name__, set()).add(str(model.model_json_schema()))
    assert [name for name, schemas in found.items() if len(schemas) > 1] == []


def _models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from _models(model)


@pytest.mark.timeout(sum(ROUNDS) + 120)
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
def test_every_operation_keeps_to_its_description(described: BaseSchema) -> None:
    operations = {found.ok().label for found in described.get_all_operations()}
    assert len(operations) > 200
    wrong: dict[str, list[str]] = {}
    checked: set[str] = set()
    succeeded: set[str] = set()
    logging = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    try:
        for seconds in ROUNDS:
            described.config.max_time = seconds
            for event in from_schema(described).execute():
                if isinstance(event, events.ScenarioFinished):
                    _judge(event, wrong, checked, succeeded)
                elif isinstance(event, events.NonFatalError):
                    wrong[f"{event.label}: {event.value!r}"] = []
                elif isinstance(event, events.FatalError):
                    wrong[repr(event.exception)] = []
            if wrong or len(succeeded) > len(operations) / 2:
                break
    finally:
        structlog.configure(**logging)
    told = "\n".join(f"{what}\n{sent[:1]}" for what, sent in list(wrong.items())[:SHOWN])
    assert not wrong, f"seed {CONFIG.seed}\n{told}"
    assert {"negative_data_rejection", "ignored_auth", "use_after_free"} <= checked
    assert len(succeeded) > len(operations) / 2, "made-up requests must get past the door"


def _judge(
    event: events.ScenarioFinished,
    wrong: dict[str, list[str]],
    checked: set[str],
    succeeded: set[str],
) -> None:
    recorder = event.recorder
    for case_id, sent in recorder.interactions.items():
        if sent.response is not None and sent.response.status_code < 300:
            succeeded.add(recorder.cases[case_id].value.operation.label)
    for case_id, checks in recorder.checks.items():
        for check in checks:
            checked.add(check.name)
            if check.failure_info is not None:
                case = recorder.cases[case_id].value
                failure = check.failure_info.failure
                what = (
                    f"{check.name}, {case.operation.label}: {failure.title} {failure.message[:300]}"
                )
                wrong.setdefault(what, []).append(case.as_curl_command()[:2000])
