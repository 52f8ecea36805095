"""Accounts: made, changed, closed; on both databases, since who may do what must hold on either."""

import threading

import pytest
from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.bus import News, StaffSessionRevoked
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.staff import people, queries, service
from lovhub.server.staff.models import Staff
from tests.support.club import without_hash
from tests.support.staff import SIGN_IN_FROM, StaffMaker


@pytest.fixture
def staff(club: ClubContext) -> StaffMaker:
    return StaffMaker(club)


def refusal(club: ClubContext, actor: Actor, deed: str, staff_id: int, **more: str) -> str:
    with pytest.raises(OperationRefused) as refused:
        getattr(people, deed)(club, staff_id=staff_id, actor=actor, **more)
    return refused.value.code


def as_(role: str, name: str = "Данияр") -> dict[str, str]:
    return {"name": name, "role": role, "language": "ru"}


def sign_in(club: ClubContext, login: str, password: str) -> str:
    return service.sign_in(club, login=login, password=password, **SIGN_IN_FROM)


def is_signed_in(club: ClubContext, token: str) -> bool:
    return service.session_by_token(club, token) is not None


def test_a_new_person_signs_in_with_a_password_that_must_be_changed(
    club: ClubContext, staff: StaffMaker
) -> None:
    owner = staff.make("owner")
    staff_id, password = people.create(club, login="Kassa", actor=owner, **as_("cashier"))
    token = sign_in(club, "kassa", password)
    found = service.session_by_token(club, token)
    with club.read() as db:
        told = db.scalars(select(Event).where(Event.kind == "staff.created")).one()
    assert found is not None
    assert (found.person.id, found.duty) == (staff_id, "password")
    assert without_hash(told.data) == {
        "staff_id": staff_id,
        "person_name": "Данияр",
        "role": "cashier",
    }
    assert password not in str(told.data)


def test_wrong_fields_and_a_taken_login_are_said(club: ClubContext, staff: StaffMaker) -> None:
    owner = staff.make("owner")
    staff.make("cashier", login="kassa")
    for said, wrong in (
        ({"login": "KASSA", **as_("cashier")}, {"login": "login_taken"}),
        ({"login": "a b", **as_("boss")}, {"login": "login_malformed", "role": "role_unknown"}),
    ):
        with pytest.raises(OperationRefused) as refused:
            people.create(club, actor=owner, **said)
        assert refused.value.values == wrong


def test_a_manager_manages_cashiers_and_technicians_only(
    club: ClubContext, staff: StaffMaker
) -> None:
    owner, manager, other = staff.make("owner"), staff.make("manager"), staff.make("manager")
    cashier, technician = staff.make("cashier"), staff.make("technician")
    for person in (owner, other):
        for deed in ("disable", "enable", "give_new_password", "reset_second_factor"):
            assert refusal(club, manager, deed, person.id or 0) == "not_yours_to_manage"
        assert refusal(club, manager, "change", person.id or 0, **as_("cashier")) == (
            "not_yours_to_manage"
        )
    assert refusal(club, manager, "change", cashier.id or 0, **as_("manager")) == (
        "not_yours_to_manage"
    )
    with pytest.raises(OperationRefused, match="not_yours_to_manage"):
        people.create(club, login="x1", actor=manager, **as_("owner"))
    people.change(club, staff_id=cashier.id or 0, actor=manager, **as_("technician"))
    people.disable(club, staff_id=technician.id or 0, actor=manager)
    assert refusal(club, cashier, "disable", technician.id or 0) == "not_yours_to_manage"


def test_nobody_takes_their_own_rights_away(club: ClubContext, staff: StaffMaker) -> None:
    owner = staff.make("owner")
    staff.make("owner")
    own = owner.id or 0
    assert refusal(club, owner, "disable", own) == "own_account"
    assert refusal(club, owner, "change", own, **as_("manager")) == "own_account"
    assert refusal(club, owner, "give_new_password", own) == "own_account"
    people.change(club, staff_id=own, actor=owner, **as_("owner", "Айгуль Б."))
    with club.read() as db:
        assert db.get_one(Staff, own).name == "Айгуль Б."


def test_two_owners_who_remove_each_other_at_once_leave_one(
    club: ClubContext, staff: StaffMaker
) -> None:
    owners = staff.make("owner"), staff.make("owner")
    start = threading.Barrier(2)
    refused: list[str] = []

    def remove(actor: Actor, other: Actor) -> None:
        start.wait()
        try:
            people.disable(club, staff_id=other.id or 0, actor=actor)
        except OperationRefused as refusal:
            refused.append(refusal.code)

    threads = [threading.Thread(target=remove, args=pair) for pair in (owners, owners[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with club.read() as db:
        left = db.scalars(select(Staff.id).where(Staff.disabled_at.is_(None))).all()
    assert len(left) == 1
    assert refused == ["last_owner"]


@pytest.mark.parametrize("deed", ["role", "disable", "password", "second factor"])
def test_what_is_done_to_a_person_counts_at_once(
    club: ClubContext, staff: StaffMaker, news: list[News], deed: str
) -> None:
    owner, cashier = staff.make("owner"), staff.make("cashier")
    staff.give_second_factor(cashier.id)
    tokens = [staff.signed_in(cashier.id) for _ in range(2)]
    stays = staff.signed_in(owner.id)
    person = cashier.id or 0
    if deed == "role":
        people.change(club, staff_id=person, actor=owner, **as_("technician"))
    elif deed == "disable":
        people.disable(club, staff_id=person, actor=owner)
    elif deed == "password":
        people.give_new_password(club, staff_id=person, actor=owner)
    else:
        people.reset_second_factor(club, staff_id=person, actor=owner)
    assert [is_signed_in(club, token) for token in tokens] == [False, False]
    assert is_signed_in(club, stays)
    assert len([piece for piece in news if isinstance(piece, StaffSessionRevoked)]) == 2
    with club.read() as db:
        event = db.scalars(select(Event).order_by(Event.id.desc())).first()
    assert event is not None
    assert (event.actor_id, event.data["staff_id"]) == (owner.id, person)


def test_who_is_let_in_again_signs_in_as_before(club: ClubContext, staff: StaffMaker) -> None:
    owner = staff.make("owner")
    staff_id, password = people.create(club, login="kassa", actor=owner, **as_("cashier"))
    people.disable(club, staff_id=staff_id, actor=owner)
    people.disable(club, staff_id=staff_id, actor=owner)
    with pytest.raises(OperationRefused, match="wrong_credentials"):
        sign_in(club, "kassa", password)
    people.enable(club, staff_id=staff_id, actor=owner)
    assert sign_in(club, "kassa", password)
    newer = people.give_new_password(club, staff_id=staff_id, actor=owner)
    with pytest.raises(OperationRefused, match="wrong_credentials"):
        sign_in(club, "kassa", password)
    assert sign_in(club, "kassa", newer)
    with club.read() as db:
        kinds = db.scalars(select(Event.kind).where(Event.kind.like("staff.%abled"))).all()
    assert sorted(kinds) == ["staff.disabled", "staff.enabled"]


def test_people_of_another_club_are_unknown(club: ClubContext, staff: StaffMaker) -> None:
    owner = staff.make("owner")
    assert refusal(club, owner, "disable", 999) == "person_unknown"
    with club.read() as db, pytest.raises(OperationRefused, match="person_unknown"):
        queries.person_row(db, club.club_id, owner.id or 0, roles=["cashier"])
