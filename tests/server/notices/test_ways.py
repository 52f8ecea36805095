"""Real mail and a real HTTPS server: what arrives, and what is refused."""

import email
import email.policy
import logging
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from lovhub import config_loader
from lovhub.server.certificate import ensure_certificate
from lovhub.server.context import ClubContext
from lovhub.server.notices import rules, ways
from lovhub.server.notices.letters import Letter, SendFailed
from lovhub.server.notices.pulse import Pulse
from lovhub.server.notices.ways import Ways
from tests.support.mail import PASSWORD, TOKEN, USERNAME, MailServer, TelegramServer

LETTER = Letter(
    "Арена: смена № 5 закрыта\r\nBcc: all@x", "Қызмет: 1 500 ₸\n.\nконец\n", "n-1", 1_800_000_000
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("certificate")
    ensure_certificate(made, time.time())
    return made


def read(folder: Path, text: str) -> Ways:
    (folder / "config.ini").write_text(text, encoding="utf-8")
    return ways.read(config_loader.load(folder / "config.ini"), folder)


def mail(folder: Path, port: int, **changes: str) -> Ways:
    options = {
        "Host": "localhost", "Port": str(port), "Username": USERNAME, "Password": PASSWORD,
        "From": "club@mail.kz", "CaFile": "cert.pem", **changes,
    }  # fmt: skip
    lines = "\n".join(f"{name} = {value}" for name, value in options.items() if value)
    return read(folder, f"[Mail]\n{lines}\n")


def why(found: Ways, way: str, to: str) -> str:
    with pytest.raises(SendFailed) as failure:
        found.send(way, to, LETTER)
    assert failure.value.__cause__ is None, "nothing of the error, which may hold secrets"
    return failure.value.code


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_letter_arrives_by_mail(folder: Path, security: str) -> None:
    with MailServer(folder, starttls=security == "starttls") as server:
        mail(folder, server.port, Security=security).send("email", "owner@mail.kz", LETTER)
        letter = email.message_from_bytes(server.letters[0], policy=email.policy.default)
        assert letter["Subject"] == "Арена: смена № 5 закрыта Bcc: all@x"
        assert (letter["To"], letter["Bcc"]) == ("owner@mail.kz", None)
        assert letter["Message-ID"] == "<n-1@mail.kz>"
        assert letter.get_content().replace("\r", "") == LETTER.text

        assert (
            why(mail(folder, server.port, Security=security, CaFile=""), "email", "a@b")
            == "certificate"
        )
        assert (
            why(mail(folder, server.port, Security=security, Password="x"), "email", "a@b")
            == "sign_in"
        )
        assert why(mail(folder, server.port, Security=security), "email", "nobody@b") == "refused"
        assert len(server.letters) == 1
        port = server.port
    assert why(mail(folder, port, Security=security), "email", "a@b") == "no_connection"


def test_a_letter_arrives_by_telegram(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    def bot(port: int, token: str = TOKEN, ca_file: str = "CaFile = cert.pem") -> Ways:
        return read(
            folder, f"[Telegram]\nToken = {token}\nApi = https://localhost:{port}\n{ca_file}\n"
        )

    with caplog.at_level(logging.DEBUG), TelegramServer(folder) as server:
        bot(server.port).send("telegram", "-100123", LETTER)
        long = replace(LETTER, text="я" * 5000)
        bot(server.port).send("telegram", "-100123", long)
        assert [message["chat_id"] for message in server.messages] == ["-100123", "-100123"]
        assert server.messages[0]["text"] == f"{LETTER.subject}\n\n{LETTER.text}"
        assert len(server.messages[1]["text"]) == 4000
        assert why(bot(server.port, ca_file=""), "telegram", "1") == "certificate"
        assert why(bot(server.port, token="9:wrong-wrong-wrong"), "telegram", "1") == "sign_in"
        assert len(server.messages) == 2
        port = server.port
    assert why(bot(port), "telegram", "1") == "no_connection"
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(bot(port))


def test_signs_of_life_go_out_while_there_is_life(
    folder: Path, club: ClubContext, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), TelegramServer(folder) as server:
        found = read(
            folder,
            f"[Healthchecks]\nUrl = https://localhost:{server.port}/s3cret\nCaFile = cert.pem\n",
        )
        pulse = Pulse(club, found.outpost)
        pulse.beat()
        assert server.signs == ["/s3cret"]
        server.sign_status = 302
        pulse.beat()
        assert server.signs == ["/s3cret"] * 2, "where the answer leads to, nobody goes"
        with club.write() as work:
            work.db.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        pulse.beat()
        assert len(server.signs) == 2, "a server that cannot work gives no sign of life"
    assert "s3cret" not in caplog.text + repr(found)
    assert Pulse(club, None).jobs() == []


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("[Mail]\nUsername = a@b.kz\n", {"email": "Host"}),
        ("[Mail]\nHost = m.kz\nSecurity = none\nFrom = a@b\n", {"email": "Security"}),
        ("[Mail]\nHost = m.kz\nPort = 99999\nFrom = a@b\n", {"email": "Port"}),
        ("[Mail]\nHost = m.kz\nUsername = club\n", {"email": "From"}),
        ("[Mail]\nHost = m.kz\nFrom = a@b\nCaFile = none.pem\n", {"email": "CaFile"}),
        ("[Telegram]\nToken = x\n", {"telegram": "Token"}),
        (f"[Telegram]\nToken = {TOKEN}\nApi = http://127.0.0.1\n", {"telegram": "Api"}),
        ("[Healthchecks]\nUrl = http://hc-ping.com/x\n", {"outpost": "Url"}),
        ("[Healthchecks]\nUrl = https://a:b@hc-ping.com/x\n", {"outpost": "Url"}),
        ("[Healthchecks]\nUrl = https://hc-ping.com:x/\n", {"outpost": "Url"}),
        ("[Healthchecks]\nUrl = https://hc-ping.com/x\nCaFile = none\n", {"outpost": "CaFile"}),
        ("[Mail]\nHost =\n", {}),
    ],
)
def test_a_mistake_in_the_file_is_named(folder: Path, said: str, wrong: dict[str, str]) -> None:
    found = read(folder, said)
    assert found.wrong == wrong
    for way in rules.WAYS:
        assert why(found, way, "a@b") == ("settings_wrong" if way in wrong else "not_set_up")


def test_pauses_grow_and_end() -> None:
    assert [rules.pause_after(attempt) for attempt in (1, 2, 3, 7, 8, 100)] == [
        30, 60, 120, 1920, 3600, 3600,
    ]  # fmt: skip
    assert (rules.is_late(900), rules.is_late(901)) == (False, True)
    assert (rules.is_over(48 * 3600 - 1), rules.is_over(48 * 3600)) == (False, True)
    for address, is_right in (
        ("a@b.kz", True),
        ("a b@c", False),
        ("a@b, c@d", False),
        ("я@б.рф", False),
    ):
        assert (rules.target_problems(email=address, telegram="") == {}) is is_right
    for chat, is_right in (("-100123", True), ("@club_news", True), ("club", False)):
        assert (rules.target_problems(email="", telegram=chat) == {}) is is_right
