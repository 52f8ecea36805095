from pathlib import Path

import pytest

from lovhub.agent.settings import (
    Address,
    SettingsRefused,
    configured_token,
    forget_token,
    parse_address,
    parse_token,
    remove_secrets,
    server_addresses,
)
from lovhub.protocol.pairing import bulk_token


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.168.1.10", Address("192.168.1.10", 5000)),
        ("club-server:443", Address("club-server", 443)),
        ("[fe80::1]:5001", Address("fe80::1", 5001)),
        (" сервер ", Address("сервер", 5000)),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    assert parse_address(text) == address


def test_an_address_is_written_as_it_is_read() -> None:
    for text in ("[fe80::1]:5001", "club-server:443"):
        assert str(parse_address(text)) == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
def test_the_configured_server_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = "[Flask]\nSecretKey = %ключ%0123456789abcdef\n[Client]\nServer = 10.0.0.5:5050\n"
    (tmp_path / "config.ini").write_text(text, encoding=encoding)
    assert server_addresses(None, tmp_path) == [Address("10.0.0.5", 5050)]


def test_the_command_line_comes_first(tmp_path: Path) -> None:
    (tmp_path / "config.ini").write_text("[Client]\nServer = 10.0.0.5\n")
    assert server_addresses("10.0.0.6", tmp_path) == [Address("10.0.0.6")]


def test_several_servers_of_one_club_are_separated_by_commas(tmp_path: Path) -> None:
    (tmp_path / "config.ini").write_text("[Client]\nServer = 10.0.0.5, 10.0.0.6:5001, 10.0.0.5\n")
    assert server_addresses(None, tmp_path) == [Address("10.0.0.5"), Address("10.0.0.6", 5001)]
    with pytest.raises(SettingsRefused, match="не понят"):
        server_addresses("10.0.0.5,", tmp_path)


def test_without_an_address_there_is_none(tmp_path: Path) -> None:
    assert server_addresses(None, tmp_path) == []
    (tmp_path / "config.ini").write_text("[Client]\nServer =\n")
    assert server_addresses(None, tmp_path) == []
    with pytest.raises(SettingsRefused, match="не понят"):
        server_addresses(" ", tmp_path)


@pytest.mark.parametrize("text", ["Server = x", "[Client\nServer"])
def test_a_broken_file_is_refused_in_words(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.ini").write_text(text)
    with pytest.raises(SettingsRefused, match=r"В файле .*config\.ini"):
        server_addresses(None, tmp_path)


COPIED = """# клуб «Арена»
[Admin]
AdminUsername = admin
AdminPassword = secret-1
[Flask]
SecretKey = secret-2
[Kaspi]
PublicKey = secret-3
PrivateKey = secret-4
  secret-5
[S3]
SecretAccessKey = secret-6
[Apprise]
Urls = ntfy://secret-7
[Client]
Server = 10.0.0.5
"""


def test_a_copied_config_loses_the_servers_secrets_and_works_on(tmp_path: Path) -> None:
    file = tmp_path / "config.ini"
    file.write_text(COPIED, encoding="cp1251")
    assert remove_secrets(tmp_path) == ["Admin", "Flask", "Kaspi", "S3", "Apprise"]
    left = file.read_text(encoding="cp1251")
    assert "secret" not in left
    assert left.startswith("# клуб «Арена»")
    assert server_addresses(None, tmp_path) == [("10.0.0.5", 5000)]
    assert remove_secrets(tmp_path) == []


def test_a_servers_own_file_is_let_alone(tmp_path: Path) -> None:
    file = tmp_path / "config.ini"
    file.write_text(COPIED, encoding="utf-8")
    (tmp_path / "identity.pem").touch()
    assert remove_secrets(tmp_path) == []
    assert file.read_text(encoding="utf-8") == COPIED
    assert remove_secrets(tmp_path / "none") == []


def test_a_token_is_read_and_taken_out_once_it_has_done_its_work(tmp_path: Path) -> None:
    token = bulk_token("s" * 32, bytes(32))
    path = tmp_path / "config.ini"
    path.write_text(f"[Client]\nServer = 10.0.0.5\nPairingToken = {token}\n")
    assert configured_token(tmp_path) == token
    forget_token(tmp_path)
    assert configured_token(tmp_path) == ""
    assert path.read_text() == "[Client]\nServer = 10.0.0.5\n"


@pytest.mark.parametrize("text", ["short", "a" * 60, "a b.c"])
def test_half_a_token_is_none_and_the_installer_refuses_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.ini").write_text(f"[Client]\nPairingToken = {text}\n")
    assert configured_token(tmp_path) == ""
    with pytest.raises(SettingsRefused, match="целиком"):
        parse_token(text)
