"""Which troubles the owner is told of, when one begins and when it is over. Values in, values out.

One message for each trouble, whatever number of PCs or checks it shows at, and one when it is over. It is over when it
has not been seen for a while: what comes and goes is one trouble.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

CALM_SECONDS = 15 * 60
"""A trouble that has not been seen for so long is over."""

FRESH_ALARM_SECONDS = 300
"""An alarm counts for so long even if somebody closes it at once: it is not for the desk to decide who hears of it."""

MOST_NAMED = 5

ALARMS: dict[str, frozenset[str]] = {
    "backup": frozenset({"backup_failed", "backup_unsound", "backup_second_copy", "backup_store"}),
    "books": frozenset(),
    "lock": frozenset({"lock_uncovered", "launcher_killed", "code_guessed", "code_unknown"}),
    "without_agent": frozenset({"on_without_agent", "many_without_agent"}),
    "false_server": frozenset({"false_server"}),
    "disk": frozenset(),
    "certificate": frozenset(),
    "bank_certificate": frozenset(),
}
"""Every kind of trouble, and the alarms that are it."""

FINDINGS: dict[str, str] = {
    "LV-E003": "backup",
    "LV-E004": "backup",
    "LV-E005": "backup",
    "LV-E011": "books",
    "LV-E006": "disk",
    "LV-W007": "disk",
    "LV-E002": "certificate",
    "LV-W004": "certificate",
    "LV-E010": "bank_certificate",
    "LV-W021": "bank_certificate",
}
"""Self-check → the trouble that it is."""

KINDS = tuple(ALARMS)

BOOKS_WRONG = "books"
"""What a backup's check says when the books in it do not balance."""


def trouble_of_finding(number: str, newest_check: str) -> str:
    """The trouble that a self-check's finding is; "" if the owner is not sent a message for it."""
    if number == "LV-E004" and newest_check == BOOKS_WRONG:
        return "books"
    return FINDINGS.get(number, "")


@dataclass(frozen=True)
class Plan:
    """What has to be written down: kinds of troubles."""

    begun: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    over: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.begun or self.back or self.gone or self.over)


def plan(known: Mapping[str, int | None], seen: Collection[str], now: int) -> Plan:
    """What changes. `known`: kind → since when it is seen no more (None: it is seen). `seen`: what is seen now."""
    return Plan(
        begun=tuple(kind for kind in KINDS if kind in seen and kind not in known),
        back=tuple(kind for kind, gone_at in known.items() if kind in seen and gone_at is not None),
        gone=tuple(kind for kind, gone_at in known.items() if kind not in seen and gone_at is None),
        over=tuple(
            kind
            for kind, gone_at in known.items()
            if kind not in seen and gone_at is not None and now - gone_at >= CALM_SECONDS
        ),
    )
