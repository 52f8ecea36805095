"""The support bundle: enough to help, and none of the club's secrets, wherever they might have got to."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from lovhub.clock import ManualClock
from lovhub.server.status import bundle, command
from tests.support.club import People, found_club
from tests.support.databases import new_sqlite

SECRETS = {
    ("Flask", "SecretKey"): "f1a5c-secret-key-of-the-club",
    ("Admin", "AdminPassword"): "п%а#р;оль-владельца",
    ("Kaspi", "PrivateKey"): "kaspi-private-0xdeadbeef",
    ("Kaspi", "PathSecret"): "path-secret-of-the-biller",
    ("Kaspi", "GatewayApiKey"): "gateway-api-key-12345",
    ("Kaspi", "KeyPassword"): "key-file-password",
    ("Mail", "Username"): "club@mail.kz",
    ("Mail", "Password"): 's3cret"of\\mail',
    ("Telegram", "Token"): "123456:AAbbccddeeff00112233",
    ("Apprise", "Url"): "pover://user-of-the-app@token-where-a-host-is/s3cret-of-the-device",
    ("Healthchecks", "Url"): "https://hc-ping.com/3f1c9d7e-uuid-of-the-check",
    ("S3", "AccessKey"): "AKIA-access-key-of-the-store",
    ("S3", "SecretKey"): "secret/key+of=the-store",
    ("Fiscal", "Token"): "token-of-the-operator",
    ("Metrics", "Token"): "a-token-for-prometheus",
    ("Tomorrow", "NewOption"): "nobody-thought-of-it-yet",
}


def opened(packed: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(packed)) as found:
        return {name: found.read(name).decode() for name in found.namelist()}


def fill(data: Path, **more: str) -> None:
    """A club's folder with every secret there is, in its files and, by mistake, in the log."""
    lines: dict[str, list[str]] = {}
    for (section, option), value in SECRETS.items():
        lines.setdefault(section, []).append(f"{option} = {value}")
    lines["Mail"].append("Host = smtp.mail.kz")
    for section, line in more.items():
        lines.setdefault(section, []).append(line)
    text = "\n".join(f"[{section}]\n" + "\n".join(said) for section, said in lines.items())
    (data / "config.ini").write_text(text + "\n", encoding="utf-8")
    for name in ("identity.pem", "key.pem", "backup.key"):
        (data / name).write_text(f"the-key-in-{name}", encoding="utf-8")
    logs = data / "logs"
    logs.mkdir()
    leaked = [
        json.dumps({"event": "leak", "of": value}, ensure_ascii=False) for value in SECRETS.values()
    ]
    leaked += [json.dumps({"event": "leak", "of": value}) for value in SECRETS.values()]
    leaked += [f"GET {value}/more" for value in SECRETS.values()]
    leaked.append("ping /3f1c9d7e-uuid-of-the-check failed for f:pa55word@db")
    leaked.append("POST to token-where-a-host-is for user-of-the-app failed, /s3cret-of-the-device")
    leaked.append('{"event": "started", "request_id": "0123456789abcdef"}')
    (logs / "server.log").write_text("\n".join(leaked) + "\n", encoding="utf-8")


def secrets_in(parts: dict[str, str]) -> list[tuple[str, str]]:
    wanted = [
        *SECRETS.values(),
        "3f1c9d7e-uuid-of-the-check",
        "token-where-a-host-is",
        "user-of-the-app",
        "s3cret-of-the-device",
        "the-key-in",
        *(json.dumps(value)[1:-1] for value in SECRETS.values()),
    ]
    return [(name, secret) for name, said in parts.items() for secret in wanted if secret in said]


def test_it_helps_and_gives_nothing_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "club"
    data.mkdir()
    club = found_club(new_sqlite(data / "lovhub.sqlite3"), ManualClock())
    People(club).customer(name="Ерлан Секретов")
    club.database.close()
    fill(data)
    file = tmp_path / "bundle.zip"
    command.main(["--data", str(data), "--bundle", str(file)])
    assert f"{file}" in capsys.readouterr().out
    parts = opened(file.read_bytes())
    assert secrets_in(parts) == []
    assert "Секретов" not in "".join(parts.values())
    config = json.loads(parts["config.json"])
    assert config["Mail"] == {"username": "***", "password": "***", "host": "smtp.mail.kz"}
    assert config["Tomorrow"] == {"newoption": "***"}
    assert json.loads(parts["database.json"])["rows"]["customer"] == 1
    assert json.loads(parts["database.json"])["club"]["time_zone"] == "Asia/Almaty"
    assert any(found["number"] == "LV-W012" for found in json.loads(parts["checks.json"]))
    assert "Flask" in json.loads(parts["versions.json"])["packages"]
    assert "identity.pem" in json.loads(parts["folder.json"])
    assert "0123456789abcdef" in parts["server.log"]
    assert parts["server.log"].count("***") >= len(SECRETS) * 3
    if file.stat().st_mode & 0o077:
        raise AssertionError("for its owner only")
    before = file.read_bytes()
    assert command.main(["--data", str(data), "--bundle", str(file)]) == 2
    assert file.read_bytes() == before
    assert capsys.readouterr().err.count("\n") == 1


def test_it_is_made_where_nothing_works(tmp_path: Path) -> None:
    url = "postgresql+psycopg://f:pa55word@127.0.0.1:1/club"
    fill(tmp_path, Database=f"Url = {url}")
    parts = opened(bundle.made(tmp_path))
    assert secrets_in(parts) == []
    assert "pa55word" not in "".join(parts.values())
    assert json.loads(parts["database.json"]) == {"failed": "OperationalError"}
    assert "Flask" in parts["versions.json"]
    (tmp_path / "config.ini").write_text("Password = no section\n", encoding="utf-8")
    broken = opened(bundle.made(tmp_path))
    assert secrets_in(broken) == []
    assert json.loads(broken["config.json"]) == {"failed": "MissingSectionHeaderError"}
    assert "server.log" not in broken, "who cannot tell what is secret shows nothing"
