"""From the close of a shift to the owner's pocket, through restarts and a dead internet."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.errors import OperationRefused
from lovhub.server.notices import queries, service, words
from lovhub.server.notices.delivery import Courier
from lovhub.server.notices.letters import Letter, SendFailed
from lovhub.server.notices.models import Notice
from lovhub.server.notices.ways import Ways
from lovhub.server.shifts import service as shifts
from lovhub.server.staff.models import Staff
from lovhub.server.status import facts
from tests.support.club import OWNER, People
from tests.support.web import ADDRESS, WebAdmin

HOUR = 3600


@dataclass
class Post:
    """A way that works, or fails with a code."""

    failure: str = ""
    letters: list[tuple[str, Letter]] = field(default_factory=list)

    def send(self, to: str, letter: Letter) -> None:
        if self.failure:
            raise SendFailed(self.failure)
        self.letters.append((to, letter))


@pytest.fixture
def web(club: ClubContext) -> Iterator[WebAdmin]:
    admin = WebAdmin(club)
    admin.make_owner()
    yield admin
    admin.give_back()


@pytest.fixture
def cashier(web: WebAdmin) -> Actor:
    return Actor("staff", web.make_staff("cashier", name="Әсем"), "Әсем", "cashier")


def courier(web: WebAdmin, post: Post) -> Courier:
    return Courier(web.club, Ways({"email": post}), partial(words.letter, web.app))


def close_a_shift(club: ClubContext, people: People, cashier: Actor, number: int = 1) -> None:
    shift_id = shifts.open_shift(club, counted_tiyn=1_000_00 if number == 1 else 0, actor=cashier)
    customers.top_up(
        club, customer_id=people.customer(), amount_tiyn=2_000_00, method="kaspi",
        key=f"k{number}", actor=cashier,
    )  # fmt: skip
    customers.top_up(
        club, customer_id=people.customer(), amount_tiyn=500_00, method="cash",
        key=f"c{number}", actor=cashier,
    )  # fmt: skip
    with pytest.raises(OperationRefused):
        shifts.close(
            club, shift_id=shift_id, count=shifts.Count(100, 200), actor=cashier
        )  # refused: nothing is told
    shifts.close(club, shift_id=shift_id, count=shifts.Count(1_400_00, 0, "Сдача"), actor=cashier)


def rows(club: ClubContext) -> list[Notice]:
    with club.read() as db:
        return list(db.scalars(select(Notice).order_by(Notice.id)))


def test_the_figures_arrive_once_however_long_it_takes(
    club: ClubContext, people: People, clock: ManualClock, web: WebAdmin, cashier: Actor
) -> None:
    close_a_shift(club, people, cashier)
    assert rows(club) == [], "nobody is to be told"
    with pytest.raises(OperationRefused, match="notice_target_missing"):
        service.send_test(club, actor=OWNER)
    service.set_target(club, email=" owner@mail.kz ", telegram="", actor=OWNER)
    close_a_shift(club, people, cashier, 2)
    assert [(row.kind, row.way, row.state) for row in rows(club)] == [
        ("shift_closed", "email", "waiting")
    ]
    dead = Post("no_connection")
    pauses = []
    for _ in range(10):
        for _ in range(2):
            courier(web, dead).deliver()  # a new one each time: as after a restart
        pauses.append(rows(club)[0].due_at - clock.now())
        clock.advance(pauses[-1])
    assert rows(club)[0].attempts == 10
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert rows(club)[0].problem == "no_connection"
    with club.read() as db:
        assert queries.trouble(db, club.club_id, clock.now()) == 1
    post = Post()
    clock.advance(HOUR)
    courier(web, post).deliver()
    courier(web, post).deliver()
    ((to, letter),) = post.letters
    assert to == "owner@mail.kz"
    subject = letter.subject.replace("\xa0", " ")
    assert subject == "Арена: смена № 2 закрыта, получено 2 500 ₸, излишек 900 ₸"
    told = letter.text.replace("\xa0", " ")
    assert told.startswith("Сообщение опоздало на 5 ч")
    for line in (
        "Смена № 2, Әсем", "Наличные: 500 ₸", "Kaspi: 2 000 ₸", "Должно быть: 500 ₸",
        "Насчитано: 1 400 ₸", "Разница: 900 ₸", "Примечание: Сдача", "Әсем: 2 500 ₸",
    ):  # fmt: skip
        assert line in told.split("\n"), told
    assert (rows(club)[0].state, rows(club)[0].problem) == ("sent", "")
    with club.read() as db:
        assert queries.trouble(db, club.club_id, clock.now()) == 0


def test_old_news_is_given_up_and_two_nodes_send_once(
    club: ClubContext, clock: ManualClock, web: WebAdmin
) -> None:
    with club.write() as work:
        work.db.get_one(Staff, web.staff_id("owner")).language = "en"
    service.set_target(club, email="owner@mail.kz", telegram="123", actor=OWNER)
    assert service.send_test(club, actor=OWNER) == 2
    first = service.take(club)
    assert first is not None
    second = service.take(club)
    assert second is not None
    assert {first.way, second.way} == {"email", "telegram"}
    assert service.take(club) is None, "both are being sent"
    clock.advance(service.CLAIM_SECONDS)
    post = Post()
    courier(web, post).deliver()
    assert len(post.letters) == 1, "whoever died over it is replaced"
    assert "Арена" in post.letters[0][1].subject
    waiting = [row for row in rows(club) if row.state == "waiting"]
    assert [(row.way, row.problem) for row in waiting] == [("telegram", "not_set_up")]
    service.set_target(club, email="owner@mail.kz", telegram="", actor=OWNER)
    clock.advance(HOUR)
    courier(web, post).deliver()
    assert [row.problem for row in rows(club) if row.state == "waiting"] == ["target_missing"]
    clock.advance(48 * HOUR)
    courier(web, post).deliver()
    assert [row.state for row in rows(club)] == ["sent", "given_up"]
    found = facts.gather(web.keeper.data, club.database, club.clock).club
    assert found is not None
    assert found.notices_failing == 1


def test_the_owner_sets_and_sees_it(
    club: ClubContext, people: People, web: WebAdmin, cashier: Actor
) -> None:
    desk = web.owner()
    wrong = desk.post("/admin/notices", {"email": "x", "telegram": "123"})
    assert wrong.status_code == 422
    assert 'data-test="error-email"' in wrong.text
    assert 'value="123"' in wrong.text
    assert desk.post("/admin/notices", {"email": "o@mail.kz", "telegram": ""}).status_code == 303
    close_a_shift(club, people, cashier)
    assert desk.post("/admin/notices/test", {}, htmx=True).status_code == 204
    courier(web, Post("sign_in")).deliver()
    page = desk.get("/admin/notices").text
    assert page.count("не подходит логин, пароль или токен") == 2
    assert "заполните раздел [Mail]" in page
    shown = web.app.test_client().get(
        "/api/v1/notices",
        base_url=ADDRESS,
        headers={"Authorization": f"Bearer {web.token()}"},
    )
    assert [row["problem"] for row in shown.get_json()["latest"]] == ["sign_in", "sign_in"]
    assert web.cashier().get("/admin/notices").status_code == 403
    assert web.manager().post("/admin/notices", {"email": "", "telegram": ""}).status_code == 403
    log = desk.get("/admin/logs?kind=staff").text
    assert "Изменено, куда и о чём приходят сообщения владельцу" in log
    assert "o@mail.kz" not in log
