"""The drill: everything is gone but a backup, and the club is back on the air with one command."""

import http.client
import json
import shutil
import sqlite3
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lovhub.clock import SystemClock
from lovhub.server.backups import folder as backup_folder
from lovhub.server.backups import service
from lovhub.server.bus import Bus
from lovhub.server.context import ClubContext
from lovhub.server.staff import service as staff_service
from tests.evening.processes import free_port, wait_for
from tests.support.club import OWNER, People, database_in, lay_backups_in
from tests.support.serving import Serving, refused, run_lovhub

PHRASE = "длинный пароль для копий"
PASSWORD = "owner's password"


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The server's own embedded database; what PostgreSQL does differently is tested beside this."""
    return str(request.param)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "club"


@pytest.fixture
def server(data: Path) -> Iterator[Serving]:
    running = Serving(data)
    yield running
    running.end()


def open_club(data: Path) -> ClubContext:
    return ClubContext(
        database=database_in(data),
        clock=SystemClock(),
        bus=Bus(),
        identity=Ed25519PrivateKey.generate(),
        secret_key=bytes(32),
    )


def names(data: Path) -> set[str]:
    with closing(sqlite3.connect(data / "lovhub.sqlite3")) as database:
        return {name for (name,) in database.execute("SELECT name FROM customer")}


class Api:
    """The owner's programs."""

    def __init__(self, server: Serving) -> None:
        self._server = server
        self._tls: ssl.SSLContext = server.tls()
        self._token = ""
        self._token = self.ask("POST", "/session", login="owner", password=PASSWORD)["token"]

    def ask(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        return self._json(f"/api/v1{path}", method, body)

    def status(self, path: str) -> int:
        connection = http.client.HTTPSConnection("localhost", self._server.port, context=self._tls)
        with closing(connection):
            headers = {"Authorization": f"Bearer {self._token}"}
            connection.request("GET", f"/api/v1{path}", headers=headers)
            return connection.getresponse().status

    def state(self, key: str) -> str:
        """How the restore goes on. As for its page, a server that is away for a moment is no answer: ""."""
        try:
            return str(self._json(f"/restoring.json?key={key}", "GET", {})["state"])
        except OSError:
            return ""

    def _json(self, path: str, method: str, body: dict[str, Any]) -> dict[str, Any]:
        connection = http.client.HTTPSConnection(
            "localhost", self._server.port, context=self._tls, timeout=60
        )
        with closing(connection):
            connection.request(
                method,
                path,
                body=json.dumps(body) if body else None,
                headers={
                    "Authorization": f"Bearer {self._token}",
                    "Content-Type": "application/json",
                },
            )
            response = connection.getresponse()
            answer: dict[str, Any] = json.load(response)
            assert response.status < 300, answer
            return answer


def test_everything_is_gone_but_the_backup(tmp_path: Path, data: Path) -> None:
    first = Serving(data)
    club = open_club(data)
    staff_service.create_owner_from_config(club, login="owner", password=PASSWORD)
    customer = People(club).customer(balance_tiyn=500_00, name="Ерлан")
    service.set_passphrase(club, data, passphrase=PHRASE, actor=OWNER)
    club.database.close()
    done = run_lovhub("backup", "create", "--data", str(data))
    assert done.returncode == 0, done
    (made,) = backup_folder.all_in(service.backups_of(data))
    assert made.name in run_lovhub("backup", "list", "--data", str(data)).stdout
    safe = tmp_path / "safe.zip"
    shutil.copyfile(service.backups_of(data) / made.name, safe)
    identity = (data / "identity.pem").read_bytes()
    secret_key = (data / "config.ini").read_text(encoding="utf-8").split("SecretKey = ")[1][:64]
    first.end()
    shutil.rmtree(data)

    phrase = tmp_path / "phrase.txt"
    phrase.write_text(PHRASE + "\n", encoding="utf-8")
    back = Serving(
        data,
        *("--passphrase-file", str(phrase), "--serve"),
        command=("backup", "restore", str(safe)),
        port=free_port(),
    )
    assert names(data) == {"Ерлан"}
    assert (data / "identity.pem").read_bytes() == identity
    assert secret_key in (data / "config.ini").read_text(encoding="utf-8")
    owner = Api(back)
    assert owner.ask("GET", f"/customers/{customer}")["balance_tiyn"] == 500_00
    back.end()
    assert run_lovhub("ledger", "check", "--data", str(data)).returncode == 0


def test_the_disk_dies_in_mid_evening_and_what_was_just_sold_is_there(
    tmp_path: Path, data: Path
) -> None:
    second = tmp_path / "second"
    second.mkdir()
    data.mkdir()
    (data / "config.ini").write_text("[Backup]\nContinuous = yes\n", encoding="utf-8")
    first = Serving(data)
    club = open_club(data)
    staff_service.create_owner_from_config(club, login="owner", password=PASSWORD)
    lay_backups_in(club, second)
    customer = People(club).customer(name="Ерлан")
    club.database.close()
    owner = Api(first)
    wait_for("a whole copy", lambda: list(second.glob("live-*/*/about.json")))
    paid = {"amount_tiyn": 700_00, "method": "cash", "key": "just-now"}
    owner._json(f"/api/v1/customers/{customer}/top-ups", "POST", paid)
    wait_for("it was copied", lambda: _is_copied("just-now", second))
    first.program.process.kill()
    first.program.process.wait()
    shutil.rmtree(data)

    back = Serving(data, "--serve", command=("backup", "restore", str(second)), port=free_port())
    assert Api(back).ask("GET", f"/customers/{customer}")["balance_tiyn"] == 700_00
    back.end()
    assert run_lovhub("ledger", "check", "--data", str(data)).returncode == 0


def _is_copied(key: str, second: Path) -> bool:
    """Whether a copy has this posting, committed: its words may be there before the end of their transaction is."""
    return any(_has_posting(key, copied.parent) for copied in second.glob("live-*/*/base.sqlite3"))


def _has_posting(key: str, copied: Path) -> bool:
    # A newer copy may replace it meanwhile, and what is still being written may be no database yet.
    with (
        suppress(FileNotFoundError, sqlite3.DatabaseError),
        tempfile.TemporaryDirectory() as name,
    ):
        for part in copied.glob("base.sqlite3*"):
            shutil.copyfile(part, Path(name) / part.name)
        with closing(sqlite3.connect(Path(name) / "base.sqlite3")) as database:
            asked = database.execute("SELECT 1 FROM ledger_posting WHERE key LIKE ?", [f"%{key}%"])
            return asked.fetchone() is not None
    return False


def test_a_running_server_restores_and_goes_on(data: Path, server: Serving) -> None:
    club = open_club(data)
    staff_service.create_owner_from_config(club, login="owner", password=PASSWORD)
    People(club).customer(name="Ерлан")
    owner = Api(server)
    owner.ask("POST", "/backups")
    wait_for("a backup", lambda: (owner.ask("GET", "/backups")["task"] or {})["state"] == "done")
    (made,) = owner.ask("GET", "/backups")["backups"]
    people = People(club)
    people._number = 10
    people.customer(name="Новый")
    club.database.close()
    key = owner.ask("POST", f"/backups/{made['name']}/restore", confirmed="LoVHub")["key"]
    wait_for("the club is back", lambda: owner.state(key) == "done")
    assert names(data) == {"Ерлан"}
    assert server.program.process.poll() is None
    assert owner.status("/backups") == 401  # who was signed in then signs in anew
    kinds = [row["kind"] for row in Api(server).ask("GET", "/backups")["backups"]]
    assert sorted(kinds) == ["by_hand", "restore_point"]
    assert "Клуб восстановлен из копии" in server.program.output


def test_a_backup_with_cooked_books_leaves_the_running_club_alone(
    data: Path, server: Serving
) -> None:
    club = open_club(data)
    staff_service.create_owner_from_config(club, login="owner", password=PASSWORD)
    People(club).customer(balance_tiyn=100, name="Ерлан")
    with closing(sqlite3.connect(data / "lovhub.sqlite3")) as database:
        database.execute("UPDATE account_balance SET balance = balance + 1 WHERE balance > 0")
        database.commit()
    made = service.make(club, data, kind="by_hand", actor=OWNER)
    with closing(sqlite3.connect(data / "lovhub.sqlite3")) as database:
        database.execute("UPDATE account_balance SET balance = balance - 1 WHERE balance > 0")
        database.commit()
    club.database.close()
    owner = Api(server)
    key = owner.ask("POST", f"/backups/{made.name}/restore", confirmed="LoVHub")["key"]
    wait_for("it is refused", lambda: owner.state(key) == "failed")
    assert owner.ask("GET", "/backups")["task"]["code"] == "books"
    assert names(data) == {"Ерлан"}


def test_the_command_says_no_in_a_sentence(data: Path, server: Serving, tmp_path: Path) -> None:
    club = open_club(data)
    staff_service.create_owner_from_config(club, login="owner", password=PASSWORD)
    service.set_passphrase(club, data, passphrase=PHRASE, actor=OWNER)
    made = service.make(club, data, kind="by_hand", actor=OWNER)
    club.database.close()
    said = refused(
        run_lovhub("backup", "restore", made.name, "--data", str(data), "--without-keys")
    )
    assert "уже работает другой сервер" in said
    said = refused(run_lovhub("backup", "restore", made.name, "--data", str(data)))
    assert "--passphrase-file" in said
    said = refused(run_lovhub("backup", "check", "../identity.pem", "--data", str(data)))
    assert "Такой копии нет" in said
    assert run_lovhub("backup", "check", made.name, "--data", str(data)).returncode == 0
    nonsense = tmp_path / "nonsense.zip"
    nonsense.write_bytes(b"nonsense")
    said = refused(run_lovhub("backup", "restore", str(nonsense), "--data", str(tmp_path / "new")))
    assert "повреждена" in said
