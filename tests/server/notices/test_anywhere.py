"""A service behind Apprise, as a real receiver on this machine: what arrives, what is refused, and who learns what."""

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from io import StringIO
from pathlib import Path

import pytest

from lovhub import config_loader
from lovhub.server.certificate import ensure_certificate
from lovhub.server.context import ClubContext
from lovhub.server.notices import ways, words
from lovhub.server.notices.delivery import Courier
from lovhub.server.notices.letters import Letter, SendFailed
from lovhub.server.notices.ways import Ways
from tests.support.receiver import Receiver
from tests.support.web import WebAdmin

LETTER = Letter("Арена: смена № 5\r\nзакрыта", "Қызмет: 1 500 ₸\n.\nконец\n", "n-1", 1)
SECRET = "s3cret-of-the-service"


def read(folder: Path, address: str) -> Ways:
    (folder / "config.ini").write_text(f"[Apprise]\nUrl = {address}\n", encoding="utf-8")
    return ways.read(config_loader.load(folder / "config.ini"), folder)


def why(found: Ways) -> str:
    with pytest.raises(SendFailed) as failure:
        found.send("apprise", "", LETTER)
    assert failure.value.__context__ is None, "nothing of the error, which may hold secrets"
    return failure.value.code


@pytest.fixture
def the_log() -> Iterator[StringIO]:
    """All that comes to the root, as in a server. pytest's own also listens at loggers that keep to themselves."""
    root, log = logging.getLogger(), StringIO()
    level, handler = root.level, logging.StreamHandler(log)
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield log
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_letter_arrives_and_nobody_learns_the_address(
    tmp_path: Path, the_log: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    ensure_certificate(tmp_path, time.time())
    with Receiver() as receiver:
        found = read(tmp_path, f"json://club:{SECRET}@127.0.0.1:{receiver.port}/{SECRET}")
        found.send("apprise", "", LETTER)
        ((path, told),) = receiver.taken
        assert path == f"/{SECRET}"
        assert told["title"] == "Арена: смена № 5 закрыта"
        assert told["message"] == LETTER.text.rstrip()
        for status, code in (
            (401, "sign_in"), (403, "sign_in"), (404, "refused"), (429, "no_connection"),
            (503, "no_connection"), (307, "refused"),
        ):  # fmt: skip
            receiver.status = status
            assert why(found) == code, status
        assert {path for path, _ in receiver.taken} == {f"/{SECRET}"}, "led on to nowhere"
    assert why(found) == "no_connection"
    with Receiver(tmp_path) as receiver:
        strange = read(tmp_path, f"jsons://127.0.0.1:{receiver.port}/{SECRET}")
        assert why(strange) == "certificate"
        assert receiver.taken == []
    logging.getLogger("urllib3.connectionpool").critical("the log is read")
    assert "the log is read" in the_log.getvalue()
    assert SECRET not in the_log.getvalue() + repr(found) + "".join(capsys.readouterr())


@pytest.mark.parametrize(
    "address",
    [
        "nonsense://x",
        "not an address",
        "json://example.kz/x",
        "json://127.0.0.1.example.kz/x",
        "jsons://example.kz/x?verify=no",
        "mailto://club:word@example.kz",
        "mailtos://club:word@example.kz?mode=insecure",
        "tgram://word",
        f"tgram://{SECRET}/1",
    ],
)
def test_what_is_no_address_or_not_encrypted_is_named(tmp_path: Path, address: str) -> None:
    found = read(tmp_path, address)
    assert found.wrong == {"apprise": "Url"}
    assert why(found) == "settings_wrong"


@pytest.mark.parametrize(
    "address",
    [
        "jsons://example.kz/x",
        "tgram://123456789:AAbbccddeeff00112233445566778899aab/12345",
        "mailtos://club:word@example.kz",
        "ntfys://topic",
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
        "json://localhost:8000/notify",
    ],
)
def test_services_that_are_encrypted_are_known(tmp_path: Path, address: str) -> None:
    assert list(read(tmp_path, address).by_name) == ["apprise"]


def test_the_owner_switches_it_on_and_sees_what_comes_of_it(
    club: ClubContext, tmp_path: Path
) -> None:
    web = WebAdmin(club)
    web.make_owner()
    desk = web.owner()
    with Receiver() as receiver:
        found = read(tmp_path, f"json://127.0.0.1:{receiver.port}/{SECRET}")
        courier = Courier(club, found, partial(words.letter, web.app))
        assert 'data-test="send-test"' not in desk.get("/admin/notices").text
        wanted = {"email": "", "telegram": "", "apprise": "y"}
        assert desk.post("/admin/notices", wanted).status_code == 303
        assert desk.post("/admin/notices/test", {}, htmx=True).status_code == 204
        receiver.status = 403
        courier.deliver()
        page = desk.get("/admin/notices").text
        assert "Apprise" in page
        assert "не подходит логин, пароль или токен" in page
        receiver.status = 200
        assert desk.post("/admin/notices/test", {}, htmx=True).status_code == 204
        courier.deliver()
        assert "проверка сообщений клуба «Арена»" in receiver.taken[-1][1]["title"]
        assert SECRET not in page + desk.get("/admin/logs?kind=staff").text
    web.give_back()


def test_it_is_loaded_only_where_it_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "config.ini").write_text("[Telegram]\nToken = 1:AAbbccddeeff00\n", encoding="utf-8")
    code = (
        "import sys, pathlib; from lovhub import config_loader; from lovhub.server.notices import ways;"
        "folder = pathlib.Path(sys.argv[1]);"
        "ways.read(config_loader.load(folder / 'config.ini'), folder); assert 'apprise' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, timeout=60)
