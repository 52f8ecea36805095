"""From where people may sign in and work: everywhere, or only the addresses that the owner has listed.

The server's own computer is always allowed, unless a proxy stands there: whoever forgets their own address, or gets
another one from the provider, still has a way in.
"""

from dataclasses import dataclass

import structlog

from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.payments import rules as networks
from lovhub.server.strangers import Headers, is_own_machine, was_passed_on

MOST_NETWORKS = 50

log = structlog.get_logger("staff")


@dataclass(frozen=True)
class Caller:
    """Where a request came from: `address` is whose it is, `is_here` whether that is this computer itself."""

    address: str
    is_here: bool


def caller(peer: str, headers: Headers, proxies: tuple[networks.Network, ...]) -> Caller:
    """Who asks. `headers`: of the request; only a named proxy's word is taken for an address."""
    address = caller_address(peer, headers, proxies)
    return Caller(address, is_own_machine(address) and not was_passed_on(headers))


def caller_address(peer: str, headers: Headers, proxies: tuple[networks.Network, ...]) -> str:
    """Whose request it is."""
    if not proxies:
        return peer
    return networks.caller_address(peer, headers.get("X-Forwarded-For", ""), proxies)


def named_proxies(text: str) -> tuple[networks.Network, ...]:
    """The proxies that `config.ini` names; none if something there is no address, which is said in the log."""
    listed = normal(text)
    if listed is None:
        log.warning("trusted_proxies_malformed")
        return ()
    return networks.networks(listed)


def lets_in(listed: str, asking: Caller) -> bool:
    """Whether people may work from there. `listed` "": from everywhere."""
    if not listed or asking.is_here:
        return True
    return networks.is_among(asking.address, networks.networks(listed))


def normal(typed: str) -> str | None:
    """The list as it is kept: networks, a space between them; None if something in it is none.

    A network in which everybody is says nothing, and an address with its network's length is taken for the network.
    """
    try:
        found = networks.networks(typed, strict=False)
    except ValueError:
        return None
    if len(found) > MOST_NETWORKS or not all(network.prefixlen for network in found):
        return None
    return " ".join(dict.fromkeys(_shown(network) for network in found))


def _shown(network: networks.Network) -> str:
    alone = network.prefixlen == network.max_prefixlen
    return str(network.network_address) if alone else str(network)


def set_addresses(club: ClubContext, *, typed: str, asking: Caller, actor: Actor) -> None:
    """Let people work from there only; from everywhere, if nothing is typed.

    Raises OperationRefused("invalid_fields"): `addresses_malformed`, or `own_address_missing`, since who says so from
    elsewhere would be the first to stand outside.
    """
    listed = normal(typed)
    if listed is None:
        raise OperationRefused("invalid_fields", addresses="addresses_malformed")
    if not lets_in(listed, asking):
        raise OperationRefused("invalid_fields", addresses="own_address_missing")
    _set(club, listed, actor)


def allow_everywhere(club: ClubContext) -> None:
    """The way back from the server's console."""
    _set(club, "", SYSTEM)


def _set(club: ClubContext, listed: str, actor: Actor) -> None:
    with club.write() as work:
        row = work.db.get_one(Club, work.club_id)
        if row.staff_addresses == listed:
            return
        row.staff_addresses = listed
        journal.record(work, "staff.addresses_changed", actor, addresses=listed)
