"""Who plays where: sales of time, seats, moves, pauses, ends, what PCs report and what the session clock does."""

from sqlalchemy import update

from lovhub.protocol.entries import SessionStopped
from lovhub.server.actor import Actor
from lovhub.server.club.models import Club
from lovhub.server.guest_time import queries as guest_time_queries
from lovhub.server.guest_time import service as guest_time
from lovhub.server.lots.models import Lot
from lovhub.server.minors import service as minors
from lovhub.server.sessions import codes, group, group_sale, intake, link, moves, own_pause
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.group_sale import Payer
from lovhub.server.sessions.parts import Part
from lovhub.server.sessions.till import Till, TopUp
from lovhub.server.sessions.zones import Consent
from tests.server.crashes.scene import Scene
from tests.server.crashes.table import Operation, tries

PLAYER = Actor(kind="customer", id=1, name="Ая")


@tries("sessions.service.buy")
def buy(scene: Scene) -> Operation:
    return lambda club: sessions.buy(
        club,
        computer_id=scene.pcs[0],
        customer_id=scene.aya,
        tariff_id=scene.hour,
        key="k",
        actor=PLAYER,
    )


@tries("sessions.service.buy")
def buy_with_money_paid_in_parts(scene: Scene) -> Operation:
    poor = scene.people.customer(name="Новый")
    till = Till(
        price_tiyn=500_00, received_tiyn=500_00, parts=(Part("card", 300_00), Part("cash", 200_00))
    )
    return lambda club: sessions.buy(
        club, computer_id=scene.pcs[0], customer_id=poor, tariff_id=scene.hour, key="k",
        actor=scene.cashier, top_up=TopUp(500_00, "split"), till=till,
    )  # fmt: skip


@tries("sessions.service.buy")
def play_by_the_minute_in_debt(scene: Scene) -> Operation:
    poor = scene.people.customer(name="Должник")
    return lambda club: sessions.buy(
        club, computer_id=scene.pcs[0], customer_id=poor, tariff_id=scene.minutes, key="k",
        actor=scene.cashier, in_debt=True,
    )  # fmt: skip


@tries("sessions.service.seat_guest")
def seat_a_guest(scene: Scene) -> Operation:
    return lambda club: sessions.seat_guest(
        club, computer_id=scene.pcs[1], tariff_id=scene.hour, method="cash", guest_name="Гость",
        key="k", actor=scene.cashier, till=Till(price_tiyn=500_00, received_tiyn=1_000_00),
    )  # fmt: skip


@tries("sessions.service.sell_more")
def extend(scene: Scene) -> Operation:
    session = scene.plays()
    return lambda club: sessions.sell_more(
        club, session_id=session, tariff_id=scene.hour, method="balance", key="k", actor=scene.cashier,
        top_up=TopUp(1_000_00, "cash"),
    )  # fmt: skip


@tries("sessions.service.sell_more")
def extend_a_guest(scene: Scene) -> Operation:
    session = scene.guest_plays()
    return lambda club: sessions.sell_more(
        club, session_id=session, tariff_id=scene.hour, method="card", key="k", actor=scene.cashier
    )


@tries("sessions.service.sell_more")
def go_on_by_the_minute(scene: Scene) -> Operation:
    session = scene.plays()
    return lambda club: sessions.sell_more(
        club,
        session_id=session,
        tariff_id=scene.minutes,
        method="balance",
        key="k",
        actor=scene.cashier,
    )


@tries("sessions.group_sale.sell_together")
def sell_for_several_pcs(scene: Scene) -> Operation:
    scene.plays()
    payer = Payer("split", guest_name="Компания")
    till = Till(1_900_00, 1_000_00, (Part("card", 1_000_00), Part("cash", 900_00)))
    return lambda club: group_sale.sell_together(
        club, computer_ids=[scene.pcs[0], scene.pcs[1], scene.pcs[3]], tariff_id=scene.hour, payer=payer,
        key="k", actor=scene.cashier, till=till,
    )  # fmt: skip


@tries("sessions.group_sale.sell_to_each")
def sell_to_each(scene: Scene) -> Operation:
    scene.plays()
    return lambda club: group_sale.sell_to_each(
        club, computer_ids=None, tariff_id=scene.hour, key="k", actor=scene.cashier
    )


@tries("sessions.group.give_time")
def give_time_to_several_pcs(scene: Scene) -> Operation:
    scene.plays()
    scene.guest_plays()
    return lambda club: group.give_time(
        club, computer_ids=None, seconds=600, title="+10", reason="сеть", key="k", actor=scene.owner
    )


@tries("sessions.codes.sell_seat_code")
def sell_a_code(scene: Scene) -> Operation:
    return lambda club: codes.sell_seat_code(
        club, tariff_id=scene.hour, method="cash", computer_id=scene.pcs[1], guest_name="Гость",
        key="k", actor=scene.cashier,
    )  # fmt: skip


@tries("sessions.codes.begin_with_code", again="wrong_code")
def begin_with_a_code(scene: Scene) -> Operation:
    """Typed again it is used up; the PC hears of its session by its own hello."""
    sold = codes.sell_seat_code(
        scene.club, tariff_id=scene.hour, method="cash", computer_id=scene.pcs[1], guest_name="Гость",
        key="c", actor=scene.cashier,
    )  # fmt: skip
    return lambda club: codes.begin_with_code(club, computer_id=scene.pcs[1], code=sold.code)


@tries("sessions.codes.send_home")
def send_a_guest_home(scene: Scene) -> Operation:
    session = _stopped_by_the_night(scene)
    return lambda club: codes.send_home(club, session_id=session, actor=scene.cashier)


def _waits(scene: Scene) -> int:
    """A guest has paid and is gone; returns the lot."""
    codes.sell_seat_code(
        scene.club, tariff_id=scene.hour, method="cash", computer_id=scene.pcs[1], guest_name="Гость",
        key="c", actor=scene.cashier,
    )  # fmt: skip
    with scene.club.read() as db:
        [time] = guest_time_queries.page(db, scene.club.club_id, now=scene.club.clock.now()).rows
    return time.lot_id


@tries("guest_time.service.give_code")
def give_a_guest_another_code(scene: Scene) -> Operation:
    lot = _waits(scene)
    return lambda club: guest_time.give_code(club, lot_id=lot, actor=scene.cashier, key="k")


@tries("guest_time.service.pay_out")
def pay_a_guest_out(scene: Scene) -> Operation:
    lot = _waits(scene)
    with scene.club.read() as db:
        now = scene.club.clock.now()
        due = guest_time_queries.get(db, scene.club.club_id, lot, now).amount_tiyn
    return lambda club: guest_time.pay_out(
        club, lot_id=lot, expected_tiyn=due, reason="ошибка", actor=scene.owner
    )


@tries("guest_time.service.end", again="guest_time_unknown")
def end_what_no_guest_comes_for(scene: Scene) -> Operation:
    lot = _waits(scene)
    with scene.club.write() as work:
        work.db.get_one(Lot, lot).sold_at -= 1097 * 24 * 3600
    return lambda club: guest_time.end(club, lot_id=lot, actor=scene.owner)


@tries("minors.service.let_stay")
def let_a_guest_stay(scene: Scene) -> Operation:
    session = _stopped_by_the_night(scene)
    return lambda club: minors.let_stay(
        club, session_id=session, leave="accompanied", actor=scene.owner
    )


@tries("minors.service.stop_for_night")
def keep_what_the_night_has_stopped(scene: Scene) -> Operation:
    session = _stopped_by_the_night(scene, silent=True)
    assert scene.people.session(session).state == "unreachable"
    return minors.stop_for_night


@tries("sessions.service.begin_for_customer")
def sign_in_and_play_on(scene: Scene) -> Operation:
    _has_time(scene)
    return lambda club: sessions.begin_for_customer(
        club, computer_id=scene.pcs[2], customer_id=scene.aya, actor=PLAYER
    )


@tries("sessions.service.seat_customer")
def seat_a_customer(scene: Scene) -> Operation:
    _has_time(scene)
    return lambda club: sessions.seat_customer(
        club, computer_id=scene.pcs[2], customer_id=scene.aya, actor=scene.cashier
    )


@tries("sessions.moves.move", again="session_over")
def move_into_a_dearer_zone(scene: Scene) -> Operation:
    session = scene.plays()
    scene.clock.advance(1800)
    return lambda club: moves.move(
        club, session_id=session, to_computer_id=scene.pcs[3], actor=scene.cashier,
        consent=Consent(300_00, "cash"),
    )  # fmt: skip


@tries("sessions.service.pause")
def pause(scene: Scene) -> Operation:
    session = scene.plays()
    scene.clock.advance(100)
    return lambda club: sessions.pause(club, session_id=session, actor=scene.cashier)


@tries("sessions.own_pause.pause")
def a_player_pauses(scene: Scene) -> Operation:
    scene.plays()
    scene.clock.advance(100)
    return lambda club: own_pause.pause(
        club, computer_id=scene.pcs[0], customer_id=scene.aya, actor=PLAYER
    )


@tries("sessions.own_pause.tell_long")
def the_desk_is_told_of_a_long_pause(scene: Scene) -> Operation:
    scene.plays()
    own_pause.pause(scene.club, computer_id=scene.pcs[0], customer_id=scene.aya, actor=PLAYER)
    scene.clock.advance(own_pause.LONG_SECONDS)
    return own_pause.tell_long


@tries("sessions.service.resume", again="session_not_paused")
def resume(scene: Scene) -> Operation:
    session = scene.plays()
    sessions.pause(scene.club, session_id=session, actor=scene.cashier)
    return lambda club: sessions.resume(club, session_id=session, actor=scene.cashier)


@tries("sessions.service.end")
def end(scene: Scene) -> Operation:
    session = scene.plays(tariff=scene.minutes)
    scene.clock.advance(700)
    return lambda club: sessions.end(
        club, session_id=session, actor=scene.cashier, reason="ended_by_desk"
    )


@tries("sessions.service.release", again="session_over")
def release_what_a_silent_pc_holds(scene: Scene) -> Operation:
    session = scene.plays()
    scene.clock.advance(60)
    link.link_lost(scene.club, computer_id=scene.pcs[0])
    return lambda club: sessions.release(
        club, session_id=session, reason="сгорел", actor=scene.cashier
    )


@tries("sessions.link._run_one", steps=2, other_way=True)
def the_session_clock_settles(scene: Scene) -> Operation:
    """Each session is a transaction of its own; the next turn of the clock finds those that are due still."""
    scene.plays()
    scene.guest_plays()
    scene.clock.advance(301)
    return lambda club: link.run_due(club, set(scene.pcs)) * 0


@tries("sessions.link._run_one")
def time_is_over(scene: Scene) -> Operation:
    scene.plays()
    for _ in range(11):
        scene.clock.advance(300)
        link.run_due(scene.club, set(scene.pcs))
    scene.clock.advance(300)
    return lambda club: link.run_due(club, set(scene.pcs)) * 0


@tries("sessions.link.link_lost")
def a_pc_falls_silent(scene: Scene) -> Operation:
    scene.plays()
    return lambda club: link.link_lost(club, computer_id=scene.pcs[0])


@tries("sessions.link.link_returned")
def a_pc_reports_after_a_power_cut(scene: Scene) -> Operation:
    session = scene.plays()
    link.link_lost(scene.club, computer_id=scene.pcs[0])
    scene.clock.advance(400)
    return lambda club: link.link_returned(
        club, computer_id=scene.pcs[0], boot_id="other", report=scene.report(session, 300)
    )


@tries("sessions.link.recover_after_start")
def the_server_starts(scene: Scene) -> Operation:
    scene.plays()
    scene.guest_plays()
    return lambda club: link.recover_after_start(club) * 0


@tries("sessions.intake.apply_entries")
def a_pcs_journal(scene: Scene) -> Operation:
    session = scene.plays(tariff=scene.minutes)
    scene.clock.advance(200)
    stopped = SessionStopped(
        number=1, at=scene.clock.now(), session_id=session, played_seconds=180, reason="signed_out"
    )
    return lambda club: intake.apply_entries(club, computer_id=scene.pcs[0], entries=[stopped])


def _has_time(scene: Scene) -> None:
    session = scene.plays()
    sessions.end(scene.club, session_id=session, actor=scene.cashier, reason="ended_by_desk")


def _stopped_by_the_night(scene: Scene, *, silent: bool = False) -> int:
    with scene.club.write() as work:
        work.db.execute(update(Club).values(minors_rule=True))
    scene.clock.advance(2 * 3600)
    session = sessions.seat_guest(
        scene.club, computer_id=scene.pcs[1], tariff_id=scene.hour, method="cash", guest_name="Гость",
        key="night", actor=scene.cashier, night_leave="",
    )  # fmt: skip
    sessions.sell_more(
        scene.club,
        session_id=session,
        tariff_id=scene.hour,
        method="cash",
        key="longer",
        actor=scene.cashier,
    )
    if silent:
        link.link_lost(scene.club, computer_id=scene.pcs[1])
    for _ in range(13):
        scene.clock.advance(300)
        if not silent:
            link.run_due(scene.club, set(scene.pcs))
    return session
