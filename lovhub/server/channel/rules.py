"""When a PC counts as there, lost or off: pure decisions over seconds."""

from collections.abc import Sequence
from dataclasses import dataclass

from lovhub.protocol import HEARTBEAT_SECONDS
from lovhub.server.live import Link, Status

SILENCE_SECONDS = 3 * HEARTBEAT_SECONDS
"""An open channel without a heartbeat for longer than this is no longer a link: the agent hangs."""

OFF_AFTER_SECONDS = 60
"""A PC that has been silent for longer than this is `Отключен`."""

GRACE_SECONDS = 60
"""Nobody is judged for this long after the server's start, nor after its loop stood still."""

STALL_SECONDS = 5
"""The loop looks at the clock at least twice a second; a gap like this means that it stood still."""

MASS_LOSS_WINDOW_SECONDS = 15
MASS_LOSS_COMPUTERS = 5
MASS_LOSS_PERCENT = 30


MOST_UNKNOWN = 200
"""Connections that have not yet said who they are, or wait for approval; more are turned away."""

MOST_UNKNOWN_PER_ADDRESS = 10
"""One PC needs one."""


@dataclass(frozen=True)
class Signs:
    """What is known of a PC: `silent_seconds` since its last sign of life (None: never any)."""

    channel_open: bool
    said_goodbye: bool
    silent_seconds: int | None


def link_of(signs: Signs, *, grace: bool) -> Link:
    """The state of the link. In the grace after a start or a stall nobody goes from `lost` to `off`."""
    if signs.channel_open:
        return "linked"
    if signs.said_goodbye:
        return "switched_off"
    if grace:
        return "lost"
    if signs.silent_seconds is None or signs.silent_seconds > OFF_AFTER_SECONDS:
        return "off"
    return "lost"


def status_of(link: Link, *, has_session: bool) -> Status:
    """Отключен, Используется or Активен."""
    if link in {"off", "switched_off"}:
        return "off"
    return "used" if has_session else "active"


def problem_of(
    link: Link,
    lock: str,
    *,
    is_open: bool = False,
    is_broken: bool = False,
    is_without_agent: bool = False,
) -> str:
    """The code of what a person should look at; empty if nothing. `is_broken`: people have said so.

    `is_open`: somebody plays or a technician works there, so that nothing has to be locked; `is_without_agent`: the
    network shows that it is on.
    """
    if link == "linked" and lock == "broken":  # see `is_well`
        return "launcher_silent" if is_open else "lock_broken"
    if link in {"off", "switched_off"} and is_without_agent:
        return "no_agent"
    if is_broken:  # that it is silent as well is no news
        return "broken"
    return "silent" if link == "off" else ""


def is_well(signs: Signs, lock: str) -> bool:
    """Whether such a PC is linked and `problem_of` it none, unless people say that it is broken. Nearly all are."""
    return signs.channel_open and lock != "broken"


def is_stall(seconds_since_last_look: float) -> bool:
    """Whether the loop stood still; a test clock that is moved far looks the same."""
    return seconds_since_last_look >= STALL_SECONDS


def is_mass_loss(lost_at: Sequence[float], *, now: float, total: int) -> bool:
    """Whether so many PCs went at once that it must be the power or the switch.

    `lost_at`: when PCs were lost without a goodbye; `total`: how many PCs the hall has.
    """
    recent = sum(1 for at in lost_at if now - at <= MASS_LOSS_WINDOW_SECONDS)
    return recent >= MASS_LOSS_COMPUTERS and recent * 100 >= total * MASS_LOSS_PERCENT
