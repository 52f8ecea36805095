"""An evening that uses every secret there is, rightly and wrongly; then all that server and PC wrote is searched.

The services around the club are real ones on this machine, over TLS: mail, Telegram, one by Apprise, an S3 store, and
whoever waits for signs of life. Each of them works first and then refuses, for it is errors that talk.
"""

import base64
import http.client
import json
import re
import shutil
import sqlite3
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pyotp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lovhub.agent.cached_sign_ins import SHELF_FILE
from lovhub.agent.store import FileStore
from lovhub.clock import SystemClock
from lovhub.protocol import local
from lovhub.protocol.upkeep_code import new_number
from lovhub.server.bus import Bus
from lovhub.server.certificate import ensure_certificate
from lovhub.server.context import ClubContext
from lovhub.server.staff import service as staff
from tests.evening.processes import Cable, free_port, wait_for
from tests.evening.stand_in_pc import StandInPc
from tests.support import mail, s3
from tests.support.club import People, database_in
from tests.support.receiver import Receiver
from tests.support.serving import Serving, run_lovhub

PASSWORD, WRONG_PASSWORD = "owner's long password", "almost the owner's password"
PHRASE, WRONG_PHRASE = "passphrase of the backups", "not the passphrase of them"
PLAYER, WRONG_PLAYER = "player's own password", "what the neighbour tried"
APPRISE, SIGNS = "s3cret-of-the-messenger", "s3cret-of-the-healthcheck"
METRICS = "s3cret-token-of-the-metrics"
KASPI, WRONG_KASPI = "s3cret-path-of-the-bank", "s3cret-path-somebody-tried"


class Around:
    """Everything that the club speaks to."""

    def __init__(self, folder: Path, exits: ExitStack) -> None:
        folder.mkdir()
        ensure_certificate(folder, time.time())
        self.folder = folder
        self.mail = exits.enter_context(mail.MailServer(folder))
        self.telegram = exits.enter_context(mail.TelegramServer(folder))
        self.receiver = exits.enter_context(Receiver())
        self.store = exits.enter_context(s3.S3Server(folder))

    def config(self) -> str:
        """What `config.ini` says of it."""
        telegram = f"https://localhost:{self.telegram.port}"
        sections = {
            "Mail": {
                "Host": "localhost", "Port": self.mail.port, "Username": mail.USERNAME,
                "Password": mail.PASSWORD, "CaFile": "store.pem",
            },
            "Telegram": {"Token": mail.TOKEN, "Api": telegram, "CaFile": "store.pem"},
            "Apprise": {
                "Url": f"json://club:{APPRISE}@127.0.0.1:{self.receiver.port}/{APPRISE}"
            },
            "Healthchecks": {"Url": f"{telegram}/{SIGNS}", "CaFile": "store.pem"},
            "S3": self.store.settings,
            "Metrics": {"Token": METRICS},
            "Kaspi": {"Mode": "biller", "AllowedIPs": "127.0.0.1", "PathSecret": KASPI},
        }  # fmt: skip
        return "\n".join(
            f"[{name}]\n" + "\n".join(f"{option} = {value}" for option, value in said.items())
            for name, said in sections.items()
        )

    def refuse(self) -> None:
        """From now on nothing works."""
        self.mail.shutdown()
        self.mail.server_close()
        self.telegram.shutdown()
        self.telegram.server_close()
        self.receiver.status = 500
        self.store.broken_with = (403, "SignatureDoesNotMatch")


class Owner:
    """Somebody with a program, who keeps every answer but those that must hold a secret."""

    def __init__(self, server: Serving) -> None:
        self._server = server
        self.token = ""
        self.answers: list[str] = []

    def ask(self, method: str, path: str, /, *, told: bool = False, **body: Any) -> dict[str, Any]:
        """One request. `told`: the answer is there to tell a secret."""
        connection = http.client.HTTPSConnection(
            "localhost", self._server.port, context=self._server.tls(), timeout=60
        )
        with closing(connection):
            headers = {"Content-Type": "application/json"}
            if self.token:
                headers["Authorization"] = f"Bearer {self.token}"
            connection.request(method, path, json.dumps(body) if body else None, headers)
            said = connection.getresponse().read().decode()
        if not told:
            self.answers.append(said)
        found = json.loads(said) if said.startswith("{") else {}
        return dict(found)

    def waits(self) -> None:
        """Until what is done with backups is done."""
        wait_for(
            "the backup is done",
            lambda: self.ask("GET", "/api/v1/backups")["task"]["state"] != "working",
        )


@pytest.fixture
def exits() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.timeout(600)
def test_nothing_that_the_evening_wrote_holds_a_secret(tmp_path: Path, exits: ExitStack) -> None:
    around = Around(tmp_path / "around", exits)
    data = tmp_path / "club"
    data.mkdir(mode=0o700)
    (data / "config.ini").write_text(around.config(), encoding="utf-8")
    shutil.copyfile(around.folder / "cert.pem", data / "store.pem")
    server = Serving(data, port=free_port())
    exits.callback(server.end)
    secrets = {
        "password": PASSWORD, "wrong password": WRONG_PASSWORD, "passphrase": PHRASE,
        "wrong passphrase": WRONG_PHRASE, "player": PLAYER, "wrong player": WRONG_PLAYER, "mail": mail.PASSWORD,
        "Telegram": mail.TOKEN, "Apprise": APPRISE, "signs of life": SIGNS, "metrics": METRICS,
        "S3 key": s3.ACCESS_KEY, "S3 secret": s3.SECRET_KEY, "Kaspi": KASPI,
        "wrong Kaspi": WRONG_KASPI, "set-up": server.setup_token(),
    }  # fmt: skip
    owner = Owner(server)
    the_club_is_founded(server, owner, secrets)
    the_second_factor_is_used(owner, secrets)
    a_technician_asks_for_codes(owner, server, secrets)
    pc = a_player_goes_on_without_the_server(owner, server, tmp_path, exits, secrets)
    messages_and_backups_go_out(owner, around)
    around.refuse()
    everything_is_tried_wrongly(owner)
    for name in ("identity.pem", "key.pem"):
        secrets[name] = (data / name).read_text().splitlines()[1]
    secrets["backup.key"] = json.loads((data / "backup.key").read_text())["key"]
    settings = (data / "config.ini").read_text(encoding="utf-8")
    secrets["SecretKey"] = re.findall(r"SecretKey\s*=\s*([0-9a-f]{64})", settings)[0]
    bundle = tmp_path / "bundle.zip"
    run_lovhub("doctor", "--data", str(data), "--bundle", str(bundle))
    written = what_was_written(data, bundle, server, around)
    written["answers"] = "\n".join(owner.answers)
    pc.off()
    written |= pc.written()
    assert "sign_in_wrong" in written["PC's agent.log"]
    assert all(len(secret) >= 6 for secret in secrets.values())
    found = [
        (name, where)
        for name, secret in secrets.items()
        for where, said in written.items()
        if secret in said or secret.replace("-", "") in said
    ]
    assert found == []


def the_club_is_founded(server: Serving, owner: Owner, secrets: dict[str, str]) -> None:
    assert server.get(f"/setup?token={secrets['set-up']}").status == 200
    club = ClubContext(
        database=database_in(server.folder),
        clock=SystemClock(),
        bus=Bus(),
        identity=Ed25519PrivateKey.generate(),
        secret_key=bytes(32),
    )
    staff.create_owner_from_config(club, login="owner", password=PASSWORD)
    People(club).customer(name="Айгерим")
    People(club).computer()
    club.database.close()
    signed_in = owner.ask("POST", "/api/v1/session", told=True, login="owner", password=PASSWORD)
    owner.token = secrets["first sign-in"] = signed_in["token"]
    owner.ask("POST", "/api/v1/customers", login="player", name="Ерлан", password=PLAYER)
    assert "error" not in owner.answers[-1]


def the_second_factor_is_used(owner: Owner, secrets: dict[str, str]) -> None:
    offered = owner.ask("POST", "/api/v1/me/second-factor/offer", told=True)
    secrets["seed"], secrets["offer"] = offered["secret"], offered["offer"]
    owner.ask("PUT", "/api/v1/me/second-factor", offer=offered["offer"], code="000000")
    code = pyotp.TOTP(offered["secret"]).at(SystemClock().now())
    told = owner.ask(
        "PUT", "/api/v1/me/second-factor", told=True, offer=offered["offer"], code=code
    )
    codes = told["recovery_codes"]
    secrets |= {f"recovery code {number}": code for number, code in enumerate(codes)}
    for tried in (codes[0], codes[0], codes[1] + "x", "not-a-code"):
        again = owner.ask(
            "POST", "/api/v1/session", told=tried == codes[0],
            login="owner", password=PASSWORD, code=tried,
        )  # fmt: skip
        if "token" in again:
            owner.token = secrets["second sign-in"] = again["token"]
    assert "second sign-in" in secrets
    owner.ask("POST", "/api/v1/me/confirmation", password=PASSWORD)


def a_technician_asks_for_codes(owner: Owner, server: Serving, secrets: dict[str, str]) -> None:
    with closing(sqlite3.connect(server.folder / "lovhub.sqlite3")) as database:
        (computer_id,) = database.execute("SELECT id FROM computer").fetchone()
    codes = f"/api/v1/computers/{computer_id}/maintenance-codes"
    for number in (new_number(0), new_number(0)):
        told = owner.ask("POST", codes, told=True, number=number, reason="мышь", minutes=15)
        secrets[f"technician's code for {number}"] = told["code"]
    owner.ask("POST", codes, number="1", reason="мышь", minutes=15)
    assert "lock_number_wrong" in owner.answers[-1]


def a_player_goes_on_without_the_server(
    owner: Owner, server: Serving, folder: Path, exits: ExitStack, secrets: dict[str, str]
) -> StandInPc:
    settings = owner.ask("GET", "/api/v1/settings")
    del settings["currency_locked"]
    owner.ask(
        "PUT", "/api/v1/settings", **{**settings, "cached_sign_ins": True, "minors_rule": False}
    )
    tariff = owner.ask("POST", "/api/v1/tariffs", title="Час", seconds=3600, price_tiyn=500_00)
    found = owner.ask("GET", "/api/v1/customers?search=player")["customers"]
    (player,) = [one for one in found if one["login"] == "player"]
    owner.ask(
        "POST", f"/api/v1/customers/{player['id']}/top-ups",
        amount_tiyn=500_00, method="cash", key="for-an-hour",
    )  # fmt: skip
    assert "error" not in owner.answers[-1]
    cable = Cable(server.port)
    exits.callback(cable.close)
    pc = StandInPc(folder / "pc", cable.port)
    exits.callback(pc.off)
    waiting = wait_for("the PC", lambda: owner.ask("GET", "/api/v1/pairings")["pairings"])
    owner.ask("POST", f"/api/v1/pairings/{waiting[0]['pairing_id']}/approve")
    pc.wait_until(lambda: (state := pc.state()) and state.linked and state.mode == "locked")
    pc.wait_until((pc.folder / SHELF_FILE).exists)
    assert pc.ask(local.PlayerSignIn("wrong", "player", WRONG_PLAYER)) == "wrong_credentials"
    assert pc.ask(local.PlayerSignIn("in", "player", PLAYER)) == "ok"
    assert pc.ask(local.PlayerBuy("buy", tariff["tariff_id"])) == "ok"
    kept = wait_for("the proof of the sign-in", lambda: FileStore(pc.folder).kept_proof())
    for name, part in (("salt", kept.proof.salt), ("digest", kept.proof.digest)):
        secrets[f"{name} of the sign-in"] = base64.b64encode(part).decode()
        secrets[f"{name} of the sign-in, hex"] = part.hex()
        secrets[f"{name} of the sign-in, as a log says it"] = json.dumps(repr(part))[3:-2]
    member = FileStore(pc.folder).membership()
    assert member is not None
    secrets["PC's token"] = member.token
    cable.pull()
    pc.lose_power()
    pc.start()
    pc.wait_until(lambda: (state := pc.state()) and state.goes_on)
    assert pc.ask(local.PlayerSignIn("guess", "player", WRONG_PLAYER)) == "wrong_credentials"
    assert pc.ask(local.PlayerSignIn("again", "player", PLAYER)) == "ok"
    cable.plug_in()
    pc.wait_until(lambda: (state := pc.state()) and state.linked and state.mode == "playing")
    return pc


def messages_and_backups_go_out(owner: Owner, around: Around) -> None:
    owner.ask(
        "PUT", "/api/v1/notices/target", email="owner@mail.kz", telegram="1", apprise=True
    )  # fmt: skip
    owner.ask("POST", "/api/v1/notices/test")
    wait_for("mail", lambda: around.mail.letters)
    wait_for("Telegram", lambda: around.telegram.messages)
    wait_for("Apprise", lambda: around.receiver.taken)
    owner.ask("PUT", "/api/v1/backups/passphrase", passphrase=PHRASE)
    owner.ask("POST", "/api/v1/backups")
    owner.waits()
    (there,) = owner.ask("GET", "/api/v1/stored-backups")["backups"]
    owner.ask("POST", "/api/v1/stored-backups/fetch", key=there["key"], passphrase=PHRASE)
    owner.waits()
    assert len(owner.ask("GET", "/api/v1/backups")["backups"]) == 2


def everything_is_tried_wrongly(owner: Owner) -> None:
    owner.ask("POST", "/api/v1/notices/test")
    owner.ask("POST", "/api/v1/backups")
    owner.waits()
    assert "code" in owner.ask("GET", "/api/v1/stored-backups")["error"]
    name = owner.ask("GET", "/api/v1/backups")["backups"][0]["name"]
    for phrase in (WRONG_PHRASE, [WRONG_PHRASE]):
        owner.ask(
            "POST", f"/api/v1/backups/{name}/restore", confirmed="LoVHub", passphrase=phrase
        )  # fmt: skip
        owner.ask("PUT", "/api/v1/backups/passphrase", passphrase=phrase, extra=PHRASE)
    for password in (WRONG_PASSWORD, {PASSWORD: PASSWORD}, PASSWORD * 200):
        owner.ask("POST", "/api/v1/session", login="owner", password=password)
        owner.ask("POST", "/api/v1/me/confirmation", password=password)
    owner.ask(
        "POST", "/api/v1/customers", login="other", name="Ы", password=PLAYER, balance=PASSWORD
    )
    for secret in (KASPI, WRONG_KASPI):
        owner.ask("GET", f"/payments/kaspi/{secret}?command=check&txn_id=1&account=player&sum=x")
    wait_for(
        "every way has failed",
        lambda: (
            len([row for row in owner.ask("GET", "/api/v1/notices")["latest"] if row["problem"]])
            >= 3
        ),
    )


def what_was_written(data: Path, bundle: Path, server: Serving, around: Around) -> dict[str, str]:
    """Where → what: logs, the console, the journal of the database, the bundle, and addresses that were asked."""
    written = {
        str(path.name): path.read_text(encoding="utf-8") for path in (data / "logs").iterdir()
    }
    assert "store_failed" in written["server.log"]
    assert written["server.log"].count("notice_not_sent") >= 3
    # The link of the first start is there to be read on the console.
    written["console"] = re.sub(r"/setup\?token=\S+", "", server.program.output)
    with closing(sqlite3.connect(data / "lovhub.sqlite3")) as database:
        for table in ("event", "standing", "alarm", "notice", "notice_target", "trouble"):
            rows = database.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - ours
            written[table] = str(rows)
    with zipfile.ZipFile(bundle) as parts:
        for name in parts.namelist():
            written[f"bundle/{name}"] = parts.read(name).decode()
    # The key's name is no secret to the store, and stands in what only it reads.
    written["S3 addresses"] = str([path for _method, path, _headers in around.store.asked])
    return written
