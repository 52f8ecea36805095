"""PCs broken or kept, and who is seated there: on both databases."""

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.bus import ConditionsChanged, News
from lovhub.server.computers import service as computers
from lovhub.server.conditions import queries, service
from lovhub.server.conditions.models import Condition
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.sessions import codes, group_sale, moves
from lovhub.server.sessions import service as sessions
from tests.support.club import CASHIER, People, found_another_club

HOUR = 3600


def shown(club: ClubContext) -> dict[int, tuple[str, str]]:
    with club.read() as db:
        found = queries.in_force(db, club.club_id, club.clock.now())
    return {one.computer_id: (one.kind, one.text) for one in found}


def events(club: ClubContext) -> list[str]:
    with club.read() as db:
        kinds = db.scalars(
            select(Event.kind).where(Event.kind.like("computer.%")).order_by(Event.id)
        )
        return list(kinds)


def break_it(club: ClubContext, *computer_ids: int) -> None:
    service.mark_broken(club, computer_ids=computer_ids, reason=" нет  звука ", actor=CASHIER)


def keep(
    club: ClubContext, *computer_ids: int, customer_id: int | None = None, hours: float = 1
) -> None:
    service.keep(
        club,
        computer_ids=computer_ids,
        for_whom="" if customer_id else "Аскар, 19:00",
        customer_id=customer_id,
        until_at=club.clock.now() + int(hours * HOUR),
        actor=CASHIER,
    )


def seat_guest(club: ClubContext, people: People, pc: int, **more: bool) -> int:
    return sessions.seat_guest(
        club,
        computer_id=pc,
        tariff_id=people.tariff(),
        method="cash",
        guest_name="",
        actor=CASHIER,
        key=f"guest-{pc}-{club.clock.now()}-{len(more)}",
        **more,
    )


def with_time(club: ClubContext, people: People, name: str = "Ерлан") -> int:
    """A customer who has an hour."""
    customer_id = people.customer(balance_tiyn=100_000, name=name)
    session_id = sessions.buy(
        club,
        computer_id=people.computer(),
        customer_id=customer_id,
        tariff_id=people.tariff(),
        key=f"hour-{customer_id}",
        actor=CASHIER,
    )
    sessions.end(club, session_id=session_id, actor=CASHIER, reason="ended_by_desk")
    return customer_id


def sign_in(club: ClubContext, pc: int, customer_id: int) -> int | None:
    return sessions.begin_for_customer(
        club, computer_id=pc, customer_id=customer_id, actor=Actor("customer", customer_id)
    )


def test_nobody_is_seated_at_a_broken_pc_until_it_is_mended(
    club: ClubContext, people: People, news: list[News]
) -> None:
    one, two, customer_id = people.computer(), people.computer(), with_time(club, people)
    break_it(club, one, two)
    assert shown(club) == {one: ("broken", "нет звука"), two: ("broken", "нет звука")}
    assert ConditionsChanged() in news
    for attempt in (
        lambda: seat_guest(club, people, one, despite_kept=True),
        lambda: sign_in(club, one, customer_id),
        lambda: codes.sell_seat_code(
            club, tariff_id=people.tariff(), method="cash", computer_id=one,
            guest_name="", actor=CASHIER, key="code-broken",
        ),
    ):  # fmt: skip
        with pytest.raises(OperationRefused, match="computer_broken"):
            attempt()
    service.mend(club, computer_ids=[one], actor=CASHIER)
    service.mend(club, computer_ids=[one], actor=CASHIER)
    assert seat_guest(club, people, one)
    assert events(club) == ["computer.broken", "computer.broken", "computer.mended"]


def test_who_may_not_see_customers_learns_no_name_by_keeping_a_pc(
    club: ClubContext, people: People
) -> None:
    pc, customer_id = people.computer(), people.customer()
    technician = Actor(kind="staff", id=3, name="Олжас", role="technician")
    with pytest.raises(OperationRefused, match="forbidden"):
        service.keep(
            club, computer_ids=[pc], for_whom="", customer_id=customer_id,
            until_at=club.clock.now() + HOUR, actor=technician,
        )  # fmt: skip
    assert shown(club) == {}
    service.keep(
        club, computer_ids=[pc], for_whom="Аскар", customer_id=None,
        until_at=club.clock.now() + HOUR, actor=technician,
    )  # fmt: skip
    assert shown(club) == {pc: ("kept", "Аскар")}


def test_who_plays_when_a_pc_breaks_plays_on_and_moves_away(
    club: ClubContext, people: People
) -> None:
    pc, other = people.computer(), people.computer()
    session_id = seat_guest(club, people, pc)
    break_it(club, pc, other)
    sessions.sell_more(
        club, session_id=session_id, tariff_id=people.tariff(), method="cash",
        actor=CASHIER, key="more-time",
    )  # fmt: skip
    with pytest.raises(OperationRefused, match="computer_broken"):
        moves.move(club, session_id=session_id, to_computer_id=other, actor=CASHIER)
    service.mend(club, computer_ids=[other], actor=CASHIER)
    moves.move(club, session_id=session_id, to_computer_id=other, actor=CASHIER)


def test_a_kept_pc_turns_strangers_away_and_seats_them_only_on_purpose(
    club: ClubContext, people: People
) -> None:
    pc, customer_id = people.computer(), with_time(club, people)
    keep(club, pc)
    with pytest.raises(OperationRefused, match="computer_kept") as refused:
        seat_guest(club, people, pc)
    assert refused.value.values == {
        "for_whom": "Аскар, 19:00",
        "until_at": club.clock.now() + HOUR,
    }
    with pytest.raises(OperationRefused, match="computer_kept"):
        sign_in(club, pc, customer_id)
    with pytest.raises(OperationRefused, match="computer_kept"):
        sessions.seat_customer(club, computer_id=pc, customer_id=customer_id, actor=CASHIER)
    sessions.seat_customer(
        club, computer_id=pc, customer_id=customer_id, actor=CASHIER, despite_kept=True
    )
    assert shown(club) == {}
    assert events(club) == ["computer.kept", "computer.kept_overridden"]


def test_one_payment_for_several_pcs_seats_nobody_at_one_that_is_kept_but_on_purpose(
    club: ClubContext, people: People
) -> None:
    def sell(*, despite_kept: bool) -> None:
        group_sale.sell_together(
            club, computer_ids=[free, kept], tariff_id=tariff_id,
            payer=group_sale.Payer("cash"), key="together", actor=CASHIER,
            despite_kept=despite_kept,
        )  # fmt: skip

    free, kept, tariff_id = people.computer(), people.computer("ПК-9"), people.tariff()
    keep(club, kept)
    with pytest.raises(OperationRefused, match="computer_kept") as refused:
        sell(despite_kept=False)
    assert refused.value.values["computer"] == "ПК-9"
    sell(despite_kept=True)
    assert shown(club) == {}


def test_the_customer_it_is_kept_for_signs_in_at_the_pc(club: ClubContext, people: People) -> None:
    pc = people.computer()
    expected, stranger = with_time(club, people, "Аскар"), with_time(club, people)
    keep(club, pc, customer_id=expected)
    assert shown(club) == {pc: ("kept", "Аскар")}
    with pytest.raises(OperationRefused, match="computer_kept"):
        sign_in(club, pc, stranger)
    assert sign_in(club, pc, expected)
    assert shown(club) == {}
    assert events(club) == ["computer.kept", "computer.kept_taken"]


def test_a_sign_in_without_time_does_not_let_go_of_the_pc(
    club: ClubContext, people: People
) -> None:
    pc, expected = people.computer(), people.customer()
    keep(club, pc, customer_id=expected)
    assert sign_in(club, pc, expected) is None
    assert shown(club)[pc][0] == "kept"


def test_a_kept_pc_is_free_by_itself_when_its_time_has_come(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    one, two = people.computer(), people.computer()
    keep(club, one)
    keep(club, two, hours=2)
    clock.advance(HOUR - 1)
    service.end_over(club)
    assert set(shown(club)) == {one, two}
    clock.advance(1)
    assert set(shown(club)) == {two}  # at once, before the job has looked
    assert seat_guest(club, people, one)
    service.end_over(club)
    assert events(club)[2:] == ["computer.kept_over"]


def test_pcs_whose_time_comes_at_once_stand_in_the_log_in_their_order(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    pcs = [people.computer() for _ in range(3)]
    keep(club, *reversed(pcs))
    clock.advance(HOUR)
    service.end_over(club)
    with club.read() as db:
        over = select(Event.computer_id).where(Event.kind == "computer.kept_over")
        assert db.scalars(over.order_by(Event.id)).all() == pcs


def test_a_kept_pc_that_is_revoked_keeps_none_of_the_others(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    gone, there = people.computer(), people.computer()
    keep(club, gone, there)
    computers.revoke(club, computer_id=gone, actor=CASHIER)
    clock.advance(HOUR)
    service.end_over(club)
    with club.read() as db:
        assert db.scalars(select(Condition.computer_id)).all() == []
        over = select(Event.computer_id).where(Event.kind == "computer.kept_over")
        assert there in db.scalars(over).all()


def test_a_kept_pc_is_let_go_with_one_call_for_several(club: ClubContext, people: People) -> None:
    one, two, three = people.computer(), people.computer(), people.computer()
    keep(club, one, two)
    service.let_go(club, computer_ids=[one, two, three], actor=CASHIER)
    assert shown(club) == {}
    assert events(club)[2:] == ["computer.let_go", "computer.let_go"]


def test_a_kept_pc_that_breaks_is_kept_no_more_and_a_broken_one_is_not_kept(
    club: ClubContext, people: People
) -> None:
    pc = people.computer()
    keep(club, pc)
    break_it(club, pc)
    assert shown(club) == {pc: ("broken", "нет звука")}
    assert events(club) == ["computer.kept", "computer.let_go", "computer.broken"]
    with pytest.raises(OperationRefused, match="computer_broken"):
        keep(club, pc, people.computer())
    service.let_go(club, computer_ids=[pc], actor=CASHIER)
    assert shown(club) == {pc: ("broken", "нет звука")}


def test_a_code_for_this_pc_opens_it_only_if_it_was_sold_since_it_was_kept(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    def code(key: str, pc: int | None, **more: bool) -> str:
        return codes.sell_seat_code(
            club, tariff_id=people.tariff(), method="cash", computer_id=pc,
            guest_name="", actor=CASHIER, key=key, **more,
        ).code  # fmt: skip

    pc = people.computer()
    before, anywhere = code("code-before", pc), code("code-anywhere", None)
    clock.advance(60)
    keep(club, pc)
    with pytest.raises(OperationRefused, match="computer_kept"):
        code("code-refused", pc)
    meant = code("code-meant", pc, despite_kept=True)
    for other in (before, anywhere):
        with pytest.raises(OperationRefused, match="computer_kept"):
            codes.begin_with_code(club, computer_id=pc, code=other)
    assert codes.begin_with_code(club, computer_id=pc, code=meant)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"for_whom": " "}, "for_whom_missing"),
        ({"for_whom": "x" * 121}, "text_too_long"),
        ({"customer_id": 999}, "customer_unknown"),
        ({"until_at": 0}, "kept_until_out_of_range"),
        ({"computer_ids": []}, "no_computers_chosen"),
        ({"computer_ids": [999]}, "computer_unknown"),
    ],
)
def test_what_is_wrong_keeps_nothing(
    club: ClubContext, people: People, said: dict[str, object], code: str
) -> None:
    values = {
        "computer_ids": [people.computer()],
        "for_whom": "Аскар",
        "customer_id": None,
        "until_at": club.clock.now() + HOUR,
        "actor": CASHIER,
    }
    with pytest.raises(OperationRefused, match=code):
        service.keep(club, **{**values, **said})  # type: ignore[arg-type]
    assert shown(club) == {}


def test_ids_of_another_club_are_strangers(club: ClubContext, people: People) -> None:
    other = found_another_club(club.database, club.clock, club_id=2)
    theirs = People(other).computer()
    with pytest.raises(OperationRefused, match="computer_unknown"):
        break_it(club, people.computer(), theirs)
    with pytest.raises(OperationRefused, match="customer_unknown"):
        keep(club, people.computer(), customer_id=People(other).customer())
    assert shown(club) == {}
