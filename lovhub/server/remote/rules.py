"""What a PC may be asked to do now: pure decisions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from lovhub.protocol.views import CommandKind
from lovhub.waking import is_mac

KNOWN_BY_ALL: frozenset[CommandKind] = frozenset({"message", "sign_out"})
"""What every PC understands; of the rest, newer ones say so."""

CUTS_OFF: frozenset[CommandKind] = frozenset({"restart", "shut_down"})
"""What a session on the PC does not live through."""

ANSWER_SECONDS = 15
WAKE_SECONDS = 180
"""A PC with a slow disk may need so long until it is heard of."""

FIND_SECONDS = 60
"""Libraries may lie on slow disks, and somebody may ask twice: it looks once at a time."""

_LIFETIMES: dict[CommandKind, int] = {"wake": WAKE_SECONDS, "find_games": FIND_SECONDS}

LONGEST_TEXT = 500
MOST_MACS = 4
MOST_HELPERS = 2


@dataclass(frozen=True)
class Order:
    """What is to be done; besides the kind, what this kind is about. `text`: what people read of it."""

    kind: CommandKind
    text: str = ""
    session_id: int | None = None
    application_id: int = 0
    percent: int = 0


@dataclass(frozen=True)
class Standing:
    """How a PC stands: heard of or not, what it understands, which session is on it, how it may be woken."""

    is_linked: bool
    knows: Collection[str] = frozenset()
    session_id: int | None = None
    session_state: str = ""
    macs: tuple[str, ...] = ()
    addresses: tuple[str, ...] = field(default=())


def lifetime_seconds(kind: CommandKind) -> int:
    """For how long the answer is waited for; after that the command is not begun any more."""
    return _LIFETIMES.get(kind, ANSWER_SECONDS)


def refusal(kind: CommandKind, standing: Standing, *, session_was_shown: bool) -> str:
    """Why the PC is not asked; "" if it is.

    `session_was_shown`: whoever decides has been shown that somebody plays there, and what becomes of the time.
    """
    if kind == "wake":
        if standing.is_linked:
            return "computer_on"
        return "" if standing.macs else "mac_unknown"
    if not standing.is_linked:
        return "computer_silent"
    if kind not in KNOWN_BY_ALL and kind not in standing.knows:
        return "agent_too_old"
    if kind in {"lock", "unlock", "start"} and standing.session_state != "active":
        return "nobody_plays"
    if kind in CUTS_OFF and standing.session_id is not None and not session_was_shown:
        return "session_not_shown"
    return ""


def cards(
    hardware: Mapping[str, Any], last_address: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """By which network cards a PC may be woken, and its addresses: those of the card it spoke by come first."""
    networks = [card for card in hardware.get("networks") or () if is_mac(str(card.get("mac", "")))]
    networks.sort(key=lambda card: last_address not in (card.get("addresses") or ()))
    addresses = [last_address, *(address for card in networks for address in card["addresses"])]
    macs = dict.fromkeys(str(card["mac"]) for card in networks)
    return tuple(macs)[:MOST_MACS], tuple(dict.fromkeys(filter(None, addresses)))


def helpers(address: str, linked: Mapping[int, str]) -> list[int]:
    """PCs near this one that can call it, too: the server may stand in another network."""
    near = address.rpartition(".")[0]
    if not near:
        return []
    return sorted(pc for pc, there in linked.items() if there.rpartition(".")[0] == near)[
        :MOST_HELPERS
    ]
