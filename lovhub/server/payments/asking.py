"""Putting a question to a provider. Whatever goes wrong on the way says nothing of the payment: it is no answer.

A provider turns what it expects to go wrong into Rejected and OutcomeUnknown. What it did not expect (a field of
another type, a full disk) is no answer either: it must not be taken for a no, nor stop whoever asked.
"""

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar, get_args

import structlog

from lovhub.server.errors import OperationRefused
from lovhub.server.payments.providers.contract import OutcomeUnknown, Rejected
from lovhub.server.payments.providers.http import named_request

T = TypeVar("T")

Heard = Literal["answered", "silent", "broken", "not_settled"]
"""What became of a question. `silent`: no answer; `broken`: the provider's part of the program has failed over it;
`not_settled`: answered, but the answer could not be booked."""

HEARD: tuple[Heard, ...] = get_args(Heard)

log = structlog.get_logger("payments")


class Broken(OutcomeUnknown):
    """Something went wrong of which its provider knows nothing: a fault of the program, or an answer like no other."""


def answer_of(question: Callable[[], T]) -> T:
    """What the provider answers. Raises Rejected, OutcomeUnknown; Broken for whatever else went wrong."""
    named_request.set("")
    try:
        return question()
    except (Rejected, OutcomeUnknown):
        raise
    except Exception as error:
        raise Broken(type(error).__name__) from error


def heard_in(error: OutcomeUnknown | Rejected) -> Heard:
    """What `answer_of` has heard, if it raised this."""
    return "broken" if isinstance(error, Broken) else "silent"


def log_no_answer(error: OutcomeUnknown | Rejected, payment_id: int, *, asked: str) -> None:
    """Say in the log that there was no answer; right after it, in the same thread.

    `sent_as`: the name under which the provider was sent the request, where its wire has one; it is what its own
    people look for.
    """
    said = {"payment_id": payment_id, "asked": asked, "sent_as": named_request.get()}
    if isinstance(error, Broken):
        cause = error.__cause__ or error
        log.error("payment_provider_broken", why=type(cause).__name__, where=_where(cause), **said)
    else:
        log.warning("payment_not_answered", why=type(error).__name__, **said)


def log_not_settled(error: Exception, payment_id: int) -> None:
    """Say in the log that what was answered could not be taken into the books."""
    why = error.code if isinstance(error, OperationRefused) else type(error).__name__
    log.error("payment_not_settled", payment_id=payment_id, why=why, where=_where(error))


def _where(error: BaseException) -> str:
    """Where in the program it happened. Its text is left out: that may hold what was sent, a token among it."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{Path(one.filename).name}:{one.lineno}" for one in reversed(frames[-4:]))
