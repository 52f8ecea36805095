"""What an owner must hear of happens in earnest, and arrives at a server that listens on this machine."""

import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from lovhub import config_loader
from lovhub.clock import ManualClock
from lovhub.server.actor import SYSTEM
from lovhub.server.backups import service as backups
from lovhub.server.certificate import ensure_certificate
from lovhub.server.context import ClubContext
from lovhub.server.database.backup import BackupFailed
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.notices import service, ways, words
from lovhub.server.notices.delivery import Courier
from lovhub.server.notices.watch import Watch
from tests.support.club import OWNER, People
from tests.support.databases import new_sqlite
from tests.support.mail import TOKEN, TelegramServer
from tests.support.receiver import Receiver
from tests.support.web import WebAdmin


@pytest.fixture
def database_url(data: Path) -> str:
    """Backups are made, and the disk is looked at: of the folder with this file."""
    return new_sqlite(data / "lovhub.sqlite3")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def a_backup_fails(club: ClubContext, data: Path, patch: pytest.MonkeyPatch) -> None:
    def fails(*_arguments: Any) -> None:
        raise BackupFailed("no space left")

    patch.setattr(backups, "copy_database", fails)
    with pytest.raises(OperationRefused, match="backup_failed"):
        backups.make(club, data, kind="nightly", actor=SYSTEM)


def the_books_do_not_balance(club: ClubContext, data: Path, _patch: pytest.MonkeyPatch) -> None:
    with club.write() as work:
        work.db.execute(text("UPDATE account_balance SET balance = balance + 1 WHERE balance > 0"))
    backups.make(club, data, kind="nightly", actor=SYSTEM)


def a_lock_is_broken(club: ClubContext, _data: Path, _patch: pytest.MonkeyPatch) -> None:
    with club.write() as work:  # as the channel writes what a PC says of its lock
        journal.raise_alarm(work, "lock_uncovered", computer_id=1)


def the_disk_is_full(_club: ClubContext, _data: Path, patch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        total: int
        used: int
        free: int

    patch.setattr(shutil, "disk_usage", lambda _path: Usage(10**12, 10**12, 10**8))


@pytest.mark.parametrize(
    ("happens", "subject"),
    [
        (a_backup_fails, "резервная копия не сделана или негодна"),
        (the_books_do_not_balance, "учёт в резервной копии не сходится"),
        (a_lock_is_broken, "замок ПК взломан"),
        (the_disk_is_full, "мало места на диске сервера"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_owners_telegram_and_apprise_are_told(
    club: ClubContext, people: People, data: Path, clock: ManualClock, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    happens: Callable[[ClubContext, Path, pytest.MonkeyPatch], None], subject: str,
) -> None:  # fmt: skip
    people.computer("ПК-7")
    people.customer(balance_tiyn=500_00)
    web = WebAdmin(club)
    web.make_owner()
    board = web.app.extensions["lovhub"].board
    ensure_certificate(tmp_path, time.time())
    with TelegramServer(tmp_path) as telegram, Receiver() as apprise:
        (tmp_path / "config.ini").write_text(
            f"[Telegram]\nToken = {TOKEN}\nApi = https://localhost:{telegram.port}\nCaFile = cert.pem\n"
            f"[Apprise]\nUrl = json://127.0.0.1:{apprise.port}/club\n",
            encoding="utf-8",
        )
        found = ways.read(config_loader.load(tmp_path / "config.ini"), tmp_path)
        courier = Courier(club, found, partial(words.letter, web.app))
        watch = Watch(club, board)
        service.set_target(club, email="", telegram="-100123", apprise=True, actor=OWNER)
        happens(club, data, monkeypatch)
        clock.advance(60)
        board.look()
        watch.look()
        courier.deliver()
        heard = [message["text"] for message in telegram.messages]
        titles = [told["title"] for _path, told in apprise.taken]
    assert any(subject in text_.split("\n")[0] for text_ in heard), heard
    assert any(subject in title for title in titles), titles
    web.give_back()
