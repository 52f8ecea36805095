"""Asking PCs to do something: one PC or many, each asked or refused by itself."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from lovhub.server.actor import Actor
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.pc.models import PcHardware
from lovhub.server.remote import queries, rules
from lovhub.server.remote.rules import Order, Standing
from lovhub.server.sessions import service as sessions_service
from lovhub.server.sessions.together import in_one_order
from lovhub.server.state import CommandDesk


@dataclass(frozen=True)
class Asked:
    """What became of one PC: the command on its way, or the code of why there is none."""

    computer_id: int
    command_id: str = ""
    refusal: str = ""


def ask(
    club: ClubContext,
    desk: CommandDesk,
    *,
    order: Order,
    computer_ids: Collection[int],
    shown_playing: Collection[int] = (),
    actor: Actor,
) -> tuple[Asked, ...]:
    """Ask each of these PCs; `shown_playing`: where whoever decides was shown that somebody plays.

    Refused as a whole with `no_computers_chosen`, `too_many_computers`, `application_not_available`,
    `volume_out_of_range`, `text_missing`.
    """
    order = _checked(club, order)
    asked = in_one_order(computer_ids)
    standings = _standings(club, desk, asked)
    refusals: dict[int, str] = {}
    orders: dict[int, Order] = {}
    for computer_id in asked:
        standing = standings.get(computer_id)
        if standing is None:
            refusals[computer_id] = "computer_unknown"
            continue
        shown = computer_id in shown_playing
        refusal = rules.refusal(order.kind, standing, session_was_shown=shown)
        if not refusal and order.kind == "sign_out":
            refusal = _end_session(club, standing, actor)
            order_here = replace(order, session_id=standing.session_id or 0)
        else:
            order_here = order
        if refusal:
            refusals[computer_id] = refusal
        else:
            orders[computer_id] = order_here
    if order.kind == "wake":
        command_ids = desk.wake(
            {pc: standings[pc] for pc in orders}, _helpers(club, desk, orders, standings), actor
        )
    else:
        command_ids = desk.send(orders, actor)
    return tuple(
        Asked(pc, command_ids[pc]) if pc in command_ids else Asked(pc, refusal=refusals[pc])
        for pc in asked
    )


def _checked(club: ClubContext, order: Order) -> Order:
    text = order.text.strip()[: rules.LONGEST_TEXT]
    if order.kind == "message" and not text:
        raise OperationRefused("text_missing")
    if order.kind == "volume":
        if not 0 <= order.percent <= 100:
            raise OperationRefused("volume_out_of_range")
        text = f"{order.percent} %"
    if order.kind == "start":
        with club.read() as db:
            title = queries.application_title(db, club.club_id, order.application_id)
        if title is None:
            raise OperationRefused("application_not_available")
        text = title
    return replace(order, text=text)


def _end_session(club: ClubContext, standing: Standing, actor: Actor) -> str:
    """The desk ends it, with its own name; the PC is then only told. Returns the refusal's code."""
    if standing.session_id is None:
        return ""
    try:
        sessions_service.end(
            club, session_id=standing.session_id, actor=actor, reason="ended_by_desk"
        )
    except OperationRefused as refused:
        return refused.code
    return ""


def _standings(
    club: ClubContext, desk: CommandDesk, computer_ids: Collection[int]
) -> dict[int, Standing]:
    with club.read() as db:
        known = queries.known(db, club.club_id, computer_ids)
        playing = queries.playing(db, club.club_id, computer_ids)
    understood = desk.understood()
    return {
        computer_id: _standing(
            computer, hardware, understood.get(computer_id), playing.get(computer_id)
        )
        for computer_id, (computer, hardware) in known.items()
    }


def _standing(
    computer: Computer,
    hardware: PcHardware | None,
    understood: frozenset[str] | None,
    session: tuple[int, str] | None,
) -> Standing:
    macs, addresses = rules.cards(hardware.data if hardware else {}, computer.last_address)
    return Standing(
        is_linked=understood is not None,
        knows=understood or frozenset(),
        session_id=session[0] if session else None,
        session_state=session[1] if session else "",
        macs=macs,
        addresses=addresses,
    )


def _helpers(
    club: ClubContext, desk: CommandDesk, orders: Collection[int], standings: dict[int, Standing]
) -> dict[int, list[int]]:
    """By sleeping PC, those that are on and near it."""
    able = [pc for pc, kinds in desk.understood().items() if "wake" in kinds]
    with club.read() as db:
        linked = queries.addresses(db, club.club_id, able)
    return {pc: rules.helpers(next(iter(standings[pc].addresses), ""), linked) for pc in orders}
