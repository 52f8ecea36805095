"""Whose customers a club takes up is asked first: an owner there consents, unless they are the same person's alone."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.chain import queries, service, sharing
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.staff.models import Staff
from lovhub.server.staff.rules import CONFIRMED_SECONDS
from tests.support.club import People, found_another_club, without_hash
from tests.support.databases import each_database as database_url
from tests.support.staff import StaffMaker
from tests.support.web import OWNER_PASSWORD, WebAdmin

__all__ = ["database_url"]


@pytest.fixture
def aigul(club: ClubContext) -> Actor:
    """Owns the arena."""
    return StaffMaker(club).make("owner", name="Айгуль")


@pytest.fixture
def marat(palace: ClubContext) -> Actor:
    """Owns the palace, which has no customers."""
    return StaffMaker(palace).make("owner", name="Марат")


def ask(palace: ClubContext, actor: Actor) -> int:
    assert not sharing.share_customers(palace, of_club_id=1, actor=actor)
    with palace.read() as db:
        asked = queries.asked(db, 2, palace.clock.now())
    assert asked is not None
    return asked.id


def shared(club: ClubContext) -> bool:
    with club.read() as db:
        return db.get_one(Club, 2).customers_of == 1


def log_of(club: ClubContext, kind: str) -> list[tuple[int, int | None, object]]:
    with club.read() as db:
        rows = db.scalars(select(Event).where(Event.kind == kind).order_by(Event.club_id))
        return [(row.club_id, row.actor_id, without_hash(row.data)) for row in rows]


def refused(act: object) -> str:
    with pytest.raises(OperationRefused) as told:
        act()  # type: ignore[operator]
    return told.value.code


def test_another_owner_s_customers_become_shared_once_that_owner_consents(
    club: ClubContext, palace: ClubContext, aigul: Actor, marat: Actor
) -> None:
    request = ask(palace, marat)
    assert not shared(club)
    with club.read() as db:
        [wanted] = queries.wanted(db, 1, club.clock.now())
        assert queries.wanted(db, 2, club.clock.now()) == []
    assert (wanted.id, wanted.club_name, wanted.asked_by) == (request, "Дворец", "Марат")
    assert sharing.answer(club, request_id=request, consents=True, actor=aigul) == "Дворец"
    assert shared(club)
    assert log_of(club, "club.share_asked") == [(2, marat.id, {"club": "№ 1"})]
    assert log_of(club, "club.share_wanted") == [(1, None, {"club": "Дворец"})]
    assert log_of(club, "club.customers_shared") == [(2, marat.id, {"of": "Арена"})]
    assert log_of(club, "club.customers_taken_up") == [(1, aigul.id, {"by": "Дворец"})]
    again = refused(lambda: sharing.answer(club, request_id=request, consents=False, actor=aigul))
    assert again == "share_request_over"


def test_a_refusal_is_the_end_of_it_for_a_week(
    club: ClubContext, palace: ClubContext, aigul: Actor, marat: Actor, clock: ManualClock
) -> None:
    request = ask(palace, marat)
    sharing.answer(club, request_id=request, consents=False, actor=aigul)
    assert not shared(club)
    assert log_of(club, "club.share_refused") == [
        (1, aigul.id, {"club": "Дворец"}),
        (2, None, {"club": "№ 1"}),
    ]
    assert refused(lambda: ask(palace, marat)) == "share_asked_already"
    hall = found_another_club(club.database, clock, club_id=3)
    assert not sharing.share_customers(hall, of_club_id=1, actor=StaffMaker(hall).make("owner"))
    assert not sharing.share_customers(palace, of_club_id=3, actor=marat), "another may be asked"
    sharing.withdraw(palace, actor=marat)
    clock.advance(sharing.REQUEST_SECONDS)
    assert ask(palace, marat)


def test_what_is_withdrawn_or_too_old_is_not_answered(
    club: ClubContext, palace: ClubContext, aigul: Actor, marat: Actor, clock: ManualClock
) -> None:
    def consent(request: int) -> str:
        return refused(lambda: sharing.answer(club, request_id=request, consents=True, actor=aigul))

    first = ask(palace, marat)
    assert refused(lambda: ask(palace, marat)) == "share_asked_already"
    other_s = refused(lambda: sharing.withdraw(club, actor=aigul))
    assert other_s == "share_request_over", "only whoever asked takes it back"
    sharing.withdraw(palace, actor=marat)
    assert consent(first) == "share_request_over"
    clock.advance(sharing.PAUSE_SECONDS)
    second = ask(palace, marat)
    own = refused(lambda: sharing.answer(palace, request_id=second, consents=True, actor=marat))
    assert own == "share_request_over", "nobody answers themselves"
    clock.advance(sharing.REQUEST_SECONDS)
    assert consent(second) == "share_request_over"
    with club.read() as db:
        assert queries.wanted(db, 1, clock.now()) == []
        assert queries.asked(db, 2, clock.now()) is None
    assert not shared(club)


def test_whoever_asks_and_withdraws_by_turns_writes_into_the_other_s_log_once_a_day(
    club: ClubContext, palace: ClubContext, aigul: Actor, marat: Actor, clock: ManualClock
) -> None:
    hall = found_another_club(club.database, clock, club_id=3)
    ask(palace, marat)
    clock.advance(sharing.PAUSE_SECONDS - 1)
    sharing.withdraw(palace, actor=marat)
    assert refused(lambda: ask(palace, marat)) == "share_asked_already"
    assert not sharing.share_customers(palace, of_club_id=hall.club_id, actor=marat), "another one"
    sharing.withdraw(palace, actor=marat)
    assert len(log_of(club, "club.share_wanted")) == 2, "one of each of the two clubs"
    clock.advance(1)
    assert ask(palace, marat)


def test_what_has_changed_since_is_looked_at_again(
    club: ClubContext, palace: ClubContext, aigul: Actor, marat: Actor
) -> None:
    request = ask(palace, marat)

    def consent() -> str:
        return refused(lambda: sharing.answer(club, request_id=request, consents=True, actor=aigul))

    with palace.write() as work:
        work.db.get_one(Staff, marat.id).role = "manager"
    assert consent() == "share_request_over", "who asked owns it no more"
    with palace.write() as work:
        person = work.db.get_one(Staff, marat.id)
        person.role, person.disabled_at = "owner", work.now
    assert consent() == "share_request_over", "nor does who was dismissed"
    with palace.write() as work:
        work.db.get_one(Staff, marat.id).disabled_at = None
    People(palace).customer()
    assert consent() == "chain_has_customers"
    assert not shared(club)


def test_other_owners_of_one_s_own_club_are_asked_and_one_of_them_is_enough(
    club: ClubContext, palace: ClubContext, aigul: Actor, marat: Actor
) -> None:
    partner = StaffMaker(club).make("owner", login="partner")
    service.link(palace, code=service.make_code(club, actor=aigul), actor=marat)
    request = ask(palace, marat)
    assert log_of(club, "club.share_wanted") == [(1, aigul.id, {"club": "Дворец"})]
    own = refused(lambda: sharing.answer(club, request_id=request, consents=True, actor=aigul))
    assert own == "share_request_own"
    sharing.answer(club, request_id=request, consents=True, actor=partner)
    assert shared(club)


def test_who_has_asked_answers_once_nobody_else_owns_the_club(
    club: ClubContext, palace: ClubContext, aigul: Actor, marat: Actor
) -> None:
    partner = StaffMaker(club).make("owner", login="partner")
    service.link(palace, code=service.make_code(club, actor=aigul), actor=marat)
    request = ask(palace, marat)
    with club.write() as work:
        work.db.get_one(Staff, partner.id).disabled_at = work.now
    sharing.answer(club, request_id=request, consents=True, actor=aigul)
    assert shared(club)


def test_whoever_is_proven_to_be_the_only_owner_there_need_not_ask(
    club: ClubContext, palace: ClubContext, aigul: Actor, marat: Actor
) -> None:
    partner = StaffMaker(club).make("owner", login="partner")
    with club.write() as work:
        work.db.get_one(Staff, partner.id).disabled_at = work.now
    service.link(palace, code=service.make_code(club, actor=aigul), actor=marat)
    assert sharing.share_customers(palace, of_club_id=1, actor=marat)
    assert shared(club)


def test_an_answer_and_its_withdrawal_at_once_are_one_of_both(
    club: ClubContext, palace: ClubContext, aigul: Actor, marat: Actor
) -> None:
    request = ask(palace, marat)
    ready = Barrier(2)

    def consent() -> str:
        ready.wait(10)
        return sharing.answer(club, request_id=request, consents=True, actor=aigul)

    def withdraw() -> None:
        ready.wait(10)
        sharing.withdraw(palace, actor=marat)

    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(consent), threads.submit(withdraw)]
        problems = [one.exception() for one in both]
    [lost] = [one for one in problems if one is not None]
    assert str(lost) == "share_request_over"
    assert shared(club) == (problems[0] is None)


@pytest.fixture
def desks(club: ClubContext, palace: ClubContext) -> Iterator[tuple[WebAdmin, WebAdmin]]:
    webs = WebAdmin(club), WebAdmin(palace)
    yield webs
    for web in webs:
        web.give_back()


def test_the_owner_sees_of_which_club_somebody_will_be_asked_first(
    club: ClubContext, palace: ClubContext, desks: tuple[WebAdmin, WebAdmin]
) -> None:
    _here, there = desks
    owner = there.owner()
    castle = found_another_club(club.database, club.clock, club_id=3)
    for other in (club, castle):
        account = StaffMaker(other).make("owner", login="same").id
        with other.write() as work:
            work.db.get_one(Staff, account).same_as = there.staff_id("owner")
    StaffMaker(castle).make("owner", login="another")
    page = owner.get("/admin/chain/customers").text
    options = re.findall(r'<input([^>]*) name="of"[^>]*value="(\d+)">', page)
    assert {of for said, of in options if "data-asks" in said} == {"3", "0"}
    assert {of for _said, of in options} == {"0", "1", "3"}


def test_the_owner_reads_in_the_own_admin_what_will_happen_and_answers(
    club: ClubContext, desks: tuple[WebAdmin, WebAdmin]
) -> None:
    here, there = desks
    People(club).customer(balance_tiyn=700_00)
    owner, asking = here.owner(), there.owner()
    assert 'data-test="share"' in asking.get("/admin/chain").text
    assert 'data-test="share"' not in owner.get("/admin/chain").text, "it has customers"
    assert "Попросить владельца" in asking.get("/admin/chain/customers").text, "only asks"
    without = asking.post("/admin/chain/customers", {"of": "0", "number": ""}).text
    assert "Впишите номер клуба." in without
    wrong = asking.post("/admin/chain/customers", {"of": "0", "number": "7"}).text
    assert "Другого клуба с таким номером" in wrong
    assert asking.post("/admin/chain/customers", {"of": "0", "number": "1"}).status_code == 303
    waiting = asking.get("/admin/chain").text
    assert "владелец клуба «№ 1»" in waiting
    assert "Арена" not in waiting, "whose name is not told to strangers"
    assert 'data-test="share"' not in waiting
    page = owner.get("/admin/chain").text
    assert "Клуб «Дворец» просит сделать клиентов общими" in page
    request = page.split("/admin/chain/requests/")[1].split('"')[0]
    dialog = owner.get(f"/admin/chain/requests/{request}").text
    for told in ("сейчас 1", "700\N{NO-BREAK SPACE}₸", "Вернуть назад нельзя"):
        assert told in dialog
    assert here.manager().get(f"/admin/chain/requests/{request}").status_code == 403
    nothing = owner.post(f"/admin/chain/requests/{request}", {})
    assert "Выберите ответ" in nothing.text
    given = owner.post(f"/admin/chain/requests/{request}", {"answer": "consent"})
    assert given.status_code == 303
    both = asking.get("/admin/chain").text
    assert both.count('data-test="held"') == 2, "who owes whom, though the clubs have two owners"
    assert 'data-test="club"' not in both
    logs = owner.get("/admin/logs").text
    assert "Клуб «Дворец» взял клиентов этого клуба" in logs


def test_no_open_browser_gives_the_customers_away(
    club: ClubContext, desks: tuple[WebAdmin, WebAdmin], clock: ManualClock
) -> None:
    here, there = desks
    owner = here.owner()
    there.owner().post("/admin/chain/customers", {"of": "0", "number": "1"})
    page = owner.get("/admin/chain").text
    request = "/admin/chain/requests/" + page.split("/admin/chain/requests/")[1].split('"')[0]
    clock.advance(CONFIRMED_SECONDS)
    asked = owner.post(request, {"answer": "consent"})
    assert (asked.status_code, 'name="confirm_password"' in asked.text) == (422, True)
    assert not shared(club)
    wrong = owner.post(request, {"answer": "consent", "confirm_password": "wrong"})
    assert "Пароль не подошёл." in wrong.text
    assert not shared(club)
    right = owner.post(request, {"answer": "consent", "confirm_password": OWNER_PASSWORD})
    assert right.status_code == 303
    assert shared(club)


def test_what_is_asked_is_taken_back_on_the_page(desks: tuple[WebAdmin, WebAdmin]) -> None:
    here, there = desks
    owner, asking = here.owner(), there.owner()
    asking.post("/admin/chain/customers", {"of": "0", "number": "1"})
    page = owner.get("/admin/chain").text
    request = "/admin/chain/requests/" + page.split("/admin/chain/requests/")[1].split('"')[0]
    assert asking.get(request).status_code == 409, "it is not theirs to answer"
    is_sqlite = there.club.database.is_sqlite
    assert ("customers-wanted" in owner.get("/admin").text) != is_sqlite, "a file is nobody else's"
    assert asking.post("/admin/chain/customers/withdraw", {}).status_code == 303
    assert 'data-test="wanted"' not in owner.get("/admin/chain").text
    assert "её отозвали" in owner.post(request, {"answer": "consent"}).text
