"""The head of the books' chain in the owner's pocket: even who can rewrite everything here is found by it."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.journal import sealing as journal_sealing
from lovhub.server.journal.models import Event
from lovhub.server.ledger import command, sealing
from lovhub.server.ledger.check import check_ledger
from lovhub.server.notices import service, words
from lovhub.server.notices.delivery import Courier
from lovhub.server.notices.letters import Letter
from lovhub.server.notices.models import Notice
from lovhub.server.notices.ways import Ways
from lovhub.server.shifts import service as shifts
from tests.support.club import OWNER, People
from tests.support.staff import StaffMaker
from tests.support.tampering import edit
from tests.support.web import WebAdmin

DAY = 24 * 3600


@dataclass
class Post:
    letters: list[Letter] = field(default_factory=list)

    def send(self, _to: str, letter: Letter) -> None:
        self.letters.append(letter)


def told(club: ClubContext) -> list[str]:
    """The chain's heads that reach the owner now."""
    web, post = WebAdmin(club), Post()
    Courier(club, Ways({"email": post}), partial(words.letter, web.app)).deliver()
    web.give_back()
    lines = [line for letter in post.letters for line in letter.text.split("\n")]
    return [line.split()[-1] for line in lines if line.startswith("Контрольная строка")]


def rewrite_last_week(club: ClubContext) -> None:
    """All that somebody can do who has the file, the keys and this program: nothing of it shows in the file."""
    edit(
        club,
        "UPDATE ledger_transfer SET amount = amount - 50000 WHERE amount = 200000",
        "UPDATE account_balance SET balance = balance - 50000 WHERE balance = 200000",
        "UPDATE account_balance SET balance = balance + 50000 WHERE balance < 0",
        "DELETE FROM ledger_seal",
        "DELETE FROM ledger_block",
    )
    sealing.seal(club, everything=True)


def test_who_rewrites_last_week_and_seals_anew_is_found_by_what_was_sent(
    club: ClubContext,
    people: People,
    clock: ManualClock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = club.database.engine.url.render_as_string(hide_password=False)
    (tmp_path / "config.ini").write_text(f"[Database]\nUrl = {url}\n", encoding="utf-8")

    def check(*heads: str) -> tuple[int, str]:
        code = command.main(
            ["check", "--data", str(tmp_path), *(part for head in heads for part in ("--head", head))]
        )  # fmt: skip
        return code, capsys.readouterr().out

    service.set_target(club, email="owner@mail.kz", telegram="", actor=OWNER)
    people.customer(balance_tiyn=200_000)
    sealing.seal(club)
    assert service.tell_of_head_if_due(club)
    (sent,) = told(club)
    clock.advance(7 * DAY)
    people.customer(balance_tiyn=100_00)
    assert service.tell_of_head_if_due(club)
    (newer,) = told(club)
    assert sent != newer
    code, said = check(f" {sent[:30]} {sent[30:].upper()}", newer)
    assert (code, said.count("есть в цепочке")) == (0, 2), said

    rewrite_last_week(club)
    with club.read() as db:
        assert check_ledger(db) == [], "the books balance, and the chain holds"
    assert check()[0] == 0
    code, said = check(sent)
    assert (code, f"Контрольной строки {sent} в цепочке нет" in said) == (1, True)
    assert check(newer)[0] == 1, "every later one as well"
    assert command.main(["check", "--data", str(tmp_path), "--head", "12ab"]) == 2


def test_the_logs_head_goes_along_and_tells_of_a_log_that_was_rewritten(
    club: ClubContext, people: People, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = club.database.engine.url.render_as_string(hide_password=False)
    (tmp_path / "config.ini").write_text(f"[Database]\nUrl = {url}\n", encoding="utf-8")

    def seal_the_log() -> None:
        with club.read() as db:
            newest = db.scalar(select(func.max(Event.id)))
        journal_sealing.seal(club, {"event": newest or 0})

    service.set_target(club, email="owner@mail.kz", telegram="", actor=OWNER)
    people.customer(balance_tiyn=200_000)
    sealing.seal(club)
    seal_the_log()
    assert service.tell_of_head_if_due(club)
    of_books, of_log = told(club)
    words_ = ["check", "--data", str(tmp_path), "--head", of_books, "--head", of_log]
    assert command.main(words_) == 0
    assert capsys.readouterr().out.count("есть в цепочке") == 2

    with club.write() as work:
        postgres = work.db.get_bind().dialect.name == "postgresql"
        for table in ("event", "journal_block"):
            for operation in ("update", "delete"):
                name = f"{table}_no_{operation}"
                work.db.execute(text(f"DROP TRIGGER {name}" + (f" ON {table}" if postgres else "")))
        work.db.execute(text("UPDATE event SET actor_name = 'Другой'"))
        work.db.execute(text("DELETE FROM journal_block"))
    seal_the_log()
    assert command.main(words_) == 1
    said = capsys.readouterr().out
    assert f"Контрольной строки {of_log} в цепочке нет" in said
    assert "Учёт сходится" in said


def test_it_is_told_once_in_a_day_of_the_club_and_not_beside_a_shifts_figures(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    owner = StaffMaker(club).make("owner")

    def close_a_shift() -> None:
        opened = shifts.open_shift(club, counted_tiyn=0, actor=owner)
        shifts.close(club, shift_id=opened, count=shifts.Count(0, 0), actor=owner)

    def due() -> bool:
        return service.tell_of_head_if_due(club)

    assert not due(), "nobody is to be told"
    service.set_target(club, email="owner@mail.kz", telegram="", actor=OWNER)
    assert not due(), "nothing was ever booked"
    people.customer(balance_tiyn=100)
    sealing.seal(club)
    assert [due(), due()] == [True, False]
    clock.advance(DAY)
    close_a_shift()
    assert not due()
    first, closing = told(club)
    with club.read() as db:
        (closed,) = db.scalars(select(Notice).where(Notice.kind == "shift_closed"))
        last = sealing.last_block(db, club.club_id)
    assert closed.state == "sent"
    assert last is not None
    assert closing == first == last.hash.hex()
    clock.advance(DAY)
    service.set_target(club, email="owner@mail.kz", telegram="", daily_head=False, actor=OWNER)
    assert not due()
    service.set_target(club, email="owner@mail.kz", telegram="", daily_head=True, actor=OWNER)
    assert due()
