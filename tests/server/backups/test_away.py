"""Backups far away: sealed, as many as at home, each club its own, and the way back when everything here is gone."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import select, text

from lovhub import config_loader
from lovhub.clock import ManualClock
from lovhub.server.backups import away, folder, sealed_file, sealing, service, store, texts
from lovhub.server.backups.away import Stored
from lovhub.server.backups.store import Settings
from lovhub.server.bus import Bus
from lovhub.server.certificate import ensure_certificate
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.database.engine import Database
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Alarm, Event
from tests.support.club import OWNER, People
from tests.support.databases import new_sqlite
from tests.support.s3 import ACCESS_KEY, BUCKET, REGION, SECRET_KEY, S3Server
from tests.support.serving import refused, run_lovhub
from tests.support.web import ADDRESS, SETUP_TOKEN, WebAdmin

PHRASE = "длинный пароль для копий"


@pytest.fixture
def database_url(data: Path) -> str:
    """What is in a backup is tested beside this, on both databases."""
    return new_sqlite(data / "lovhub.sqlite3")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[S3Server]:
    ensure_certificate(tmp_path, time.time())
    with S3Server(tmp_path) as running:
        yield running


def set_up(data: Path, server: S3Server, club: ClubContext, **changes: str) -> Settings:
    """A club whose `config.ini` names the store; its clock is the store's, too."""
    shutil.copyfile(data.parent / "cert.pem", data / "store.pem")
    lines = "\n".join(f"{k} = {v}" for k, v in {**server.settings, **changes}.items())
    (data / "config.ini").write_text(f"[S3]\n{lines}\n", encoding="utf-8")
    if not (data / "identity.pem").exists():
        identity = Ed25519PrivateKey.generate()
        (data / "identity.pem").write_bytes(
            identity.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
    server.now = club.clock.now
    return store.read(config_loader.load(data / "config.ini").s3, data, club.clock.now)


def made(club: ClubContext, data: Path, settings: Settings) -> folder.Backup:
    club.clock.advance(60)  # type: ignore[attr-defined]
    return service.make(club, data, kind="nightly", actor=OWNER, store=settings)


def came_of_it(club: ClubContext) -> list[str]:
    with club.read() as db:
        rows = db.scalars(select(Event).where(Event.kind == "club.backup_made").order_by(Event.id))
        return [row.data["store"] for row in rows]


def alarms(club: ClubContext) -> list[str]:
    with club.read() as db:
        return list(db.scalars(select(Alarm.kind)))


def test_each_good_backup_goes_there_sealed_and_the_oldest_leaves(
    club: ClubContext, people: People, data: Path, server: S3Server, clock: ManualClock
) -> None:
    people.customer(name="Ерлан")
    settings = set_up(data, server, club)
    assert made(club, data, service.NO_STORE).check is not None
    assert made(club, data, settings).check is not None
    assert came_of_it(club) == ["none", "passphrase_missing"]
    assert (server.objects, alarms(club)) == ({}, ["backup_store"])

    service.set_passphrase(club, data, passphrase=PHRASE, actor=OWNER)
    with club.write() as work:
        club_service.get(work.db, club.club_id).backups_kept = 2
    theirs = "lovhub/arena/club-0123456789ab/lovhub-2020-01-01-000000-nightly.zip.sealed"
    server.objects[theirs] = b"another club's"
    backups = [made(club, data, settings) for _ in range(3)]
    assert came_of_it(club)[2:] == ["made"] * 3
    own = f"lovhub/arena/{away.own_folder(data)}"
    left = {f"{own}/{backup.name}.sealed" for backup in backups[1:]}
    assert set(server.objects) == {theirs, *left}
    assert not any(b"PK\x03\x04" in server.objects[key] for key in left)
    assert not list(service.backups_of(data).glob(".*"))
    assert settings.store is not None
    rows = away.stored(settings.store)
    assert [row.name for row in rows[:2]] == [backups[2].name, backups[1].name]
    assert rows[0].made_at == clock.now()
    home = away.fetch(data, settings.store, rows[0].key, passphrase="", now=clock.now())
    fetched = service.backups_of(data) / home
    assert fetched.read_bytes() == (service.backups_of(data) / rows[0].name).read_bytes()
    server.objects[f"lovhub/arena/{rows[0].key}"] += b"."
    with pytest.raises(OperationRefused, match="backup_damaged"):
        away.fetch(data, settings.store, rows[0].key, passphrase="", now=clock.now())


def test_the_newest_is_none_that_is_dated_ahead_of_the_clock() -> None:
    club = "club-0123456789ab"
    days = [Stored(f"{club}/{at}", club, str(at), at, 1) for at in (300, 200, 100)]
    assert away.chosen(days, "", club, now=250).made_at == 200
    assert away.chosen(days, "", club, now=50).made_at == 300, "that clock says nothing"
    assert away.chosen(days, "300", club, now=250).made_at == 300


def test_what_is_not_sound_or_cannot_be_sent_stays_here_and_raises_an_alarm(
    club: ClubContext, people: People, data: Path, server: S3Server
) -> None:
    people.customer(balance_tiyn=100_00)
    settings = set_up(data, server, club)
    service.set_passphrase(club, data, passphrase=PHRASE, actor=OWNER)
    server.broken_with = (503, "SlowDown")
    assert made(club, data, settings).check is not None
    assert made(club, data, set_up(data, server, club, SecretKey="another")).check is not None
    assert made(club, data, set_up(data, server, club, Bucket="?")).check is not None
    assert came_of_it(club) == ["no_connection", "no_connection", "settings_wrong"]
    assert set(alarms(club)) == {"backup_store"}
    server.broken_with = None
    with club.write() as work:
        work.db.execute(text("UPDATE account_balance SET balance = balance + 1 WHERE balance > 0"))
    assert made(club, data, set_up(data, server, club)).check is not None
    assert came_of_it(club)[-1] == "none"
    assert server.objects == {}


def test_everything_here_is_gone_and_one_command_brings_it_back(
    club: ClubContext, people: People, data: Path, server: S3Server, tmp_path: Path
) -> None:
    customer = people.customer(balance_tiyn=500_00, name="Ерлан")
    settings = set_up(data, server, club)
    service.set_passphrase(club, data, passphrase=PHRASE, actor=OWNER)
    made(club, data, settings)
    identity = (data / "identity.pem").read_bytes()
    club.database.close()
    server.now = time.time
    said = run_lovhub("backup", "list", "--store", "--data", str(data))
    assert said.stdout.strip().endswith("nightly.zip.sealed")

    file, phrase = tmp_path / "s3.ini", tmp_path / "phrase.txt"
    (tmp_path / "store.pem").write_bytes((data / "store.pem").read_bytes())
    file.write_bytes((data / "config.ini").read_bytes())
    phrase.write_text(PHRASE + "!\n", encoding="utf-8")
    shutil.rmtree(data)
    back = ("backup", "restore", "s3:", "--data", str(data), "--store-file", str(file))
    assert "--passphrase-file" in refused(run_lovhub(*back))
    back = (*back, "--passphrase-file", str(phrase))
    assert "не подходит" in refused(run_lovhub(*back))
    phrase.write_text(PHRASE + "\n", encoding="utf-8")
    done = run_lovhub(*back)
    assert done.returncode == 0, done
    assert SECRET_KEY not in done.stdout + done.stderr
    assert (data / "identity.pem").read_bytes() == identity
    assert SECRET_KEY in (data / "config.ini").read_text(encoding="utf-8")
    again = club.database.__class__(f"sqlite:///{data / 'lovhub.sqlite3'}")
    with again.read() as db:
        found = db.execute(text("SELECT name FROM customer WHERE id = :id"), {"id": customer})
        assert found.scalar_one() == "Ерлан"
    again.close()


def test_the_command_says_what_to_do(
    club: ClubContext, data: Path, server: S3Server, tmp_path: Path
) -> None:
    set_up(data, server, club)
    server.now = time.time
    club.database.close()
    words = ("--data", str(data))
    assert "Такой копии нет" in refused(run_lovhub("backup", "fetch", *words))
    for key in ("club-0123456789ab", "club-ba9876543210"):
        server.objects[f"lovhub/arena/{key}/lovhub-2026-01-01-000000-nightly.zip.sealed"] = b"{}"
    said = refused(run_lovhub("backup", "restore", "s3:", *words))
    assert "нескольких клубов" in said
    named = "club-0123456789ab/lovhub-2026-01-01-000000-nightly.zip.sealed"
    assert "повреждена" in refused(run_lovhub("backup", "fetch", named, *words))
    server.broken_with = (403, "SignatureDoesNotMatch")
    said = refused(run_lovhub("backup", "list", "--store", *words))
    assert "AccessKey и SecretKey" in said
    empty = tmp_path / "empty.ini"
    for content, sentence in (("", "--store-file"), ("[S3]\nBucket = x\n", "строку Endpoint")):
        empty.write_text(content)
        said = refused(run_lovhub("backup", "list", "--store-file", str(empty), *words))
        assert sentence in said


def test_the_owner_sees_what_lies_there_and_brings_it_home(
    club: ClubContext, people: People, data: Path, server: S3Server
) -> None:
    people.customer()
    web = WebAdmin(club)
    desk = web.owner()
    data = web.keeper.data
    assert "Хранилище S3 не задано" in desk.get("/admin/backups").text
    web.keeper.store = set_up(data, server, club, Bucket="?")
    assert "исправьте строку Bucket" in desk.get("/admin/backups").text
    web.keeper.store = settings = set_up(data, server, club)
    assert "Пароль не задан" in desk.get("/admin/backups").text
    service.set_passphrase(club, data, passphrase=PHRASE, actor=OWNER)
    assert "Копий там ещё нет" in desk.get("/admin/stored-backups").text
    sent = made(club, data, settings)
    page = desk.get("/admin/stored-backups").text
    assert sent.name in page
    key = f"{away.own_folder(data)}/{sent.name}.sealed"
    assert desk.post("/admin/stored-backups/fetch", {"key": key, "phrase": ""}).status_code == 303
    web.keeper.wait()
    assert [backup.kind for backup in web.keeper.backups()] == ["uploaded", "nightly"]
    assert "Копия забрана из хранилища" in desk.get("/admin/backups").text

    (data / sealing.FILE_NAME).unlink()  # another machine, with a passphrase of its own
    service.set_passphrase(club, data, passphrase=PHRASE + "!", actor=OWNER)
    for phrase, said in (("", "копию зашифровал другой пароль"), ("не тот", "не подходит")):
        desk.post("/admin/stored-backups/fetch", {"key": key, "phrase": phrase})
        web.keeper.wait()
        assert said in desk.get("/admin/backups").text
    server.broken_with = (403, "AccessDenied")
    page = desk.get("/admin/stored-backups").text
    assert "дайте ему право" in page
    assert SECRET_KEY not in page
    api = web.app.test_client()
    bearer = {"Authorization": f"Bearer {web.token()}"}
    refused_with = api.get("/api/v1/stored-backups", base_url=ADDRESS, headers=bearer)
    assert refused_with.get_json()["error"]["code"] == "store_denied"
    server.broken_with = None
    there = api.get("/api/v1/stored-backups", base_url=ADDRESS, headers=bearer).get_json()
    assert [row["key"] for row in there["backups"]] == [key]
    for person in (web.manager(), web.cashier()):
        assert person.get("/admin/stored-backups").status_code == 403
    web.give_back()


LINK = f"?token={SETUP_TOKEN}&language=ru"


@pytest.mark.parametrize("day", ["2026-02-31-101010", "2026-99-99-999999", "9999-12-31-235959"])
def test_a_day_that_there_is_not_in_a_name_there_keeps_no_backup_from_going_there(
    club: ClubContext, data: Path, server: S3Server, day: str
) -> None:
    settings = set_up(data, server, club)
    service.set_passphrase(club, data, passphrase=PHRASE, actor=OWNER)
    server.objects[f"lovhub/arena/club-0123456789ab/lovhub-{day}-nightly.zip.sealed"] = b"?"
    backup = made(club, data, settings)
    assert came_of_it(club) == ["made"]
    assert settings.store is not None
    assert [row.name for row in away.stored(settings.store)] == [backup.name]


@pytest.fixture
def new_machine(tmp_path: Path, club: ClubContext) -> Iterator[WebAdmin]:
    """Another computer, on which there is no club yet."""
    folder_there = tmp_path / "elsewhere"
    folder_there.mkdir()
    database = Database(new_sqlite(folder_there / "lovhub.sqlite3"))
    web = WebAdmin(
        ClubContext(
            database=database,
            clock=club.clock,
            bus=Bus(),
            identity=Ed25519PrivateKey.generate(),
            secret_key=b"s" * 32,
        )
    )
    yield web
    web.give_back()
    database.close()


def test_the_first_run_is_shown_what_lies_in_a_store_and_brings_one_home(
    club: ClubContext, people: People, data: Path, server: S3Server, new_machine: WebAdmin,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    people.customer()
    settings = set_up(data, server, club)
    service.set_passphrase(club, data, passphrase=PHRASE, actor=OWNER)
    sent = made(club, data, settings)
    key = f"{away.own_folder(data)}/{sent.name}.sealed"
    typed = {
        "endpoint": f"https://localhost:{server.port}", "bucket": BUCKET, "region": REGION,
        "folder": "lovhub/arena", "access_key": ACCESS_KEY, "secret_key": SECRET_KEY,
    }  # fmt: skip
    browser, keeper = new_machine.stranger(), new_machine.keeper
    how_far, unseal = [], sealed_file.unseal

    def unseal_and_note(*arguments: Any, **named: Any) -> None:
        how_far.append(texts.task_text(keeper.task) if keeper.task is not None else "")
        unseal(*arguments, **named)

    monkeypatch.setattr(sealed_file, "unseal", unseal_and_note)

    def post(path: str, form: dict[str, str]) -> str:
        token = browser.form_token(f"/setup/store{LINK}")
        answer = browser.post(f"{path}{LINK}", form, token=token)
        if answer.status_code == 303:
            keeper.wait()
            return browser.get(answer.location).text
        assert answer.status_code == 422
        assert SECRET_KEY not in answer.text
        return answer.text

    assert "Endpoint" in browser.get(f"/setup/store{LINK}").text
    assert "сертификат хранилища" in post("/setup/store", typed)
    monkeypatch.setenv("SSL_CERT_FILE", str(data / "store.pem"))
    assert "вида https://" in post("/setup/store", {**typed, "endpoint": "http://localhost:1"})
    assert "вида https://" in post("/setup/store", {})
    assert "SecretKey" in post("/setup/store", {**typed, "secret_key": "другой"})
    assert "AccessKey и SecretKey" in post("/setup/store", {**typed, "secret_key": "another"})
    assert "копий LoVHub там нет" in post("/setup/store", {**typed, "folder": "elsewhere"})
    assert "Такой копии нет" in post("/setup/store/fetch", {"key": key, "phrase": PHRASE})
    assert key in post("/setup/store", typed)
    assert "введите пароль" in post("/setup/store/fetch", {"key": key, "phrase": ""})
    assert "не подходит" in post("/setup/store/fetch", {"key": key, "phrase": PHRASE + "!"})
    assert "Восстановить её" in post("/setup/store/fetch", {"key": key, "phrase": PHRASE})
    (home,) = keeper.backups()
    assert (home.kind, home.has_keys) == ("uploaded", True)
    assert home.name in browser.get(f"/setup/restore{LINK}").text
    assert how_far[-1] == "Забираем копию: забираем из хранилища S3 100 %…"
    # What [S3] of this machine names is asked without anything being typed.
    keeper.store = settings
    assert BUCKET in browser.get(f"/setup/store{LINK}&other=1").text
    assert key in post("/setup/store", {"named": "1"})


def test_without_the_consoles_link_no_store_is_asked(
    data: Path, club: ClubContext, server: S3Server, new_machine: WebAdmin
) -> None:
    new_machine.keeper.store = set_up(data, server, club)
    browser = new_machine.stranger()
    token = browser.form_token(f"/setup/store{LINK}")
    for path in ("/setup/store", "/setup/store/fetch", "/setup/store?token=wrong"):
        assert browser.post(path, {"named": "1"}, token=token).status_code == 403
    assert server.asked == []
    found = {"club_name": "Арена", "time_zone": "Asia/Almaty", "currency": "KZT", "name": "Айгуль"}
    found |= {"login": "owner", "password": "очень длинный пароль"}
    assert browser.post(f"/setup{LINK}", found, token=token).status_code == 303
    assert browser.get(f"/setup/store{LINK}").location == "/admin/login"
