"""Troubles: one message when one begins, one when it is over, and nothing in between."""

from dataclasses import dataclass, field, replace
from functools import partial

import pytest

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.journal import service as journal
from lovhub.server.notices import service, troubles, words
from lovhub.server.notices.delivery import Courier
from lovhub.server.notices.letters import Letter
from lovhub.server.notices.troubles import CALM_SECONDS, FRESH_ALARM_SECONDS, Plan, plan
from lovhub.server.notices.watch import Watch
from lovhub.server.notices.ways import Ways
from lovhub.server.status.rules import DAY, Facts, Finding, judge
from tests.support.club import OWNER, People
from tests.support.web import WebAdmin


@pytest.mark.parametrize(
    ("known", "seen", "changes"),
    [
        ({}, set(), Plan()),
        ({}, {"disk", "backup"}, Plan(begun=("backup", "disk"))),
        ({"disk": None}, {"disk"}, Plan()),
        ({"disk": None}, set(), Plan(gone=("disk",))),
        ({"disk": 1000}, set(), Plan()),
        ({"disk": 1000}, {"disk"}, Plan(back=("disk",))),
        ({"disk": 1001 - CALM_SECONDS}, set(), Plan()),
        ({"disk": 1000 - CALM_SECONDS}, set(), Plan(over=("disk",))),
        ({"disk": 1000 - CALM_SECONDS}, {"disk"}, Plan(back=("disk",))),
    ],
)
def test_what_comes_and_goes_is_one_trouble(
    known: dict[str, int | None], seen: set[str], changes: Plan
) -> None:
    assert plan(known, seen, 1000) == changes
    assert bool(changes) == (changes != Plan())


@dataclass
class Board:
    """The self-checks with facts that a test arranges."""

    known_facts: Facts | None = None

    @property
    def known(self) -> list[Finding]:
        return judge(self.known_facts) if self.known_facts else []


@dataclass
class Post:
    letters: list[Letter] = field(default_factory=list)

    def send(self, _to: str, letter: Letter) -> None:
        self.letters.append(letter)


def test_the_owner_hears_of_it_once_and_when_it_is_over(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    web, post, board = WebAdmin(club), Post(), Board()
    web.make_owner()
    courier = Courier(club, Ways({"email": post}), partial(words.letter, web.app))
    watch = Watch(club, board)

    def told(seconds: int = 0) -> list[str]:
        clock.advance(seconds)
        watch.look()
        courier.deliver()
        found = [letter.subject.removeprefix("Арена: ") for letter in post.letters]
        texts.extend(letter.text for letter in post.letters)
        post.letters.clear()
        return found

    def alarm(kind: str, computer_id: int | None = None) -> int:
        with club.write() as work:
            return journal.raise_alarm(work, kind, computer_id=computer_id)

    texts: list[str] = []
    facts = Facts(now=clock.now(), disk_free_bytes=5 * 10**8)
    first, second = people.computer("ПК-7"), people.computer("ПК-8")
    early = alarm("lock_uncovered", first)
    service.set_target(club, email="owner@mail.kz", telegram="", actor=OWNER)
    assert told() == [], "nothing is known before the first look"
    board.known_facts = facts
    assert told() == ["замок ПК взломан", "мало места на диске сервера"]
    assert "ПК-7: замок не закрывает экран" in texts[0]
    assert "Диск почти полон: свободно 500 МБ. (LV-E006)" in texts[1]
    quick = alarm("launcher_killed", second)
    assert told(15) == [], "one trouble, whatever number of PCs"

    journal.close_alarm(club, alarm_id=early, actor=OWNER)
    journal.close_alarm(club, alarm_id=quick, actor=OWNER)
    board.known_facts = replace(facts, disk_free_bytes=10**12)
    assert told(FRESH_ALARM_SECONDS) == []
    board.known_facts = facts
    assert told(CALM_SECONDS - 1) == [], "it has come back: the same trouble"
    board.known_facts = replace(facts, disk_free_bytes=10**12)
    assert told(1) == ["прошло — замок ПК взломан"]
    assert told(CALM_SECONDS) == ["прошло — мало места на диске сервера"]
    assert told(DAY) == []

    journal.close_alarm(club, alarm_id=alarm("launcher_killed", second), actor=OWNER)
    assert told() == ["замок ПК взломан"], "whoever closes it at once hides it from nobody"
    board.known_facts = replace(
        facts,
        disk_free_bytes=10**12,
        certificate_ends_at=facts.now + 5 * DAY,
    )
    alarm("backup_failed")
    alarm("hardware_changed", first)
    assert told() == [
        "резервная копия не сделана или негодна",
        "срок сертификата HTTPS истекает",
    ]
    service.set_target(club, email="owner@mail.kz", telegram="", of_troubles=False, actor=OWNER)
    assert told(DAY) == []
    service.set_target(club, email="owner@mail.kz", telegram="", of_troubles=True, actor=OWNER)
    assert told()[0] == "резервная копия не сделана или негодна", "told anew to who is told anew"
    web.give_back()


def test_books_that_do_not_balance_are_their_own_trouble() -> None:
    assert troubles.trouble_of_finding("LV-E004", "books") == "books"
    assert troubles.trouble_of_finding("LV-E004", "damaged") == "backup"
    assert troubles.trouble_of_finding("LV-W012", "") == ""
