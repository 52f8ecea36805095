"""Reading and rewriting `config.ini`, as technicians really leave it."""

import stat
import sys
from pathlib import Path

import pytest

from lovhub import config_loader
from lovhub.config_loader import ConfigError

GUIDE = """\
; Настройки клуба
[Admin]
AdminUsername = Айгуль
AdminPassword = п%а#р;оль

[Flask]
SecretKey = 0123456789abcdef%#;

[Kaspi]
PublicKey = ВАШ_ПУБЛИЧНЫЙ_КЛЮЧ
PrivateKey = YOUR_PRIVATE_KEY
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.ini"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_every_encoding_a_notepad_writes_is_read(path: Path, encoding: str) -> None:
    path.write_bytes(GUIDE.replace("\n", "\r\n").encode(encoding))
    config = config_loader.load(path)
    assert config.admin_login == "Айгуль"
    assert config.admin_password == "п%а#р;оль"
    assert config.secret_key == "0123456789abcdef%#;"


def test_the_guides_placeholders_count_as_empty(path: Path) -> None:
    path.write_text(GUIDE, encoding="utf-8")
    config = config_loader.load(path)
    assert (config.kaspi_public_key, config.kaspi_private_key) == ("", "")


@pytest.mark.parametrize(
    "placeholder", ["ВАШ_ПАРОЛЬ", "your_secret_key", "<пароль>", "Ваш пароль", "пароль", "..."]
)
def test_a_placeholder_is_no_password(path: Path, placeholder: str) -> None:
    path.write_text(f"[Admin]\nAdminPassword = {placeholder}\n", encoding="utf-8")
    config = config_loader.load(path)
    assert config.admin_password == ""
    assert config.has_admin_password


def test_without_a_mode_kaspi_is_off(path: Path) -> None:
    path.write_text(GUIDE, encoding="utf-8")
    assert config_loader.load(path).kaspi_mode == ""


def test_a_missing_file_says_nothing(path: Path) -> None:
    assert config_loader.load(path) == config_loader.Config()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("AdminPassword = x\n", "malformed"),
        ("[Flask]\n= nothing\n", "malformed"),
        ("[Flask]\nSecretKey = short\n", "secret_key_short"),
        ("[Kaspi]\nMode = wire\n", "kaspi_mode"),
        ("[Database]\nUrl = mysql://somewhere\n", "database_url"),
        ("[Club]\nNumber = two\n", "club_number"),
        ("[Club]\nNumber = 2\n", "club_alone"),
    ],
)
def test_a_wrong_value_is_named(path: Path, text: str, code: str) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        config_loader.load(path)
    assert refused.value.code == code


def test_a_name_without_a_value_before_an_indented_line_is_told_by_its_line(path: Path) -> None:
    path.write_text("[Admin]\n\nAdminPassword\n  x\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        config_loader.load(path)
    assert (refused.value.code, refused.value.values) == ("malformed", {"line": 4})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_taking_the_password_out_keeps_everything_else(path: Path, encoding: str) -> None:
    text = GUIDE.replace("\n", "\r\n")
    path.write_bytes(text.encode(encoding))
    assert config_loader.remove_option(path, "Admin", "AdminPassword")
    left = path.read_bytes().decode(encoding)
    assert left == text.replace("AdminPassword = п%а#р;оль\r\n", "")
    assert not config_loader.remove_option(path, "Admin", "AdminPassword")


def test_a_password_over_several_lines_goes_whole(path: Path) -> None:
    path.write_text(
        "[Admin]\nadminpassword = first\n  second\nAdminUsername = a\n", encoding="utf-8"
    )
    config_loader.remove_option(path, "Admin", "AdminPassword")
    assert path.read_text(encoding="utf-8") == "[Admin]\nAdminUsername = a\n"


def test_the_same_option_of_another_section_stays(path: Path) -> None:
    path.write_text("[Other]\nAdminPassword = x\n[Admin]\nAdminPassword = y\n", encoding="utf-8")
    config_loader.remove_option(path, "Admin", "AdminPassword")
    assert path.read_text(encoding="utf-8") == "[Other]\nAdminPassword = x\n[Admin]\n"


@pytest.mark.parametrize("before", ["[Flask]\n", "[Flask]", "", "[Flask]\nSecretKey = old\n"])
def test_an_option_is_put_into_its_section(path: Path, before: str) -> None:
    path.write_text(before, encoding="utf-8")
    config_loader.set_option(path, "Flask", "SecretKey", "0123456789abcdef")
    assert path.read_text(encoding="utf-8") == "[Flask]\nSecretKey = 0123456789abcdef\n"


def test_a_private_file_is_replaced_whole_and_only_its_owner_reads_it(path: Path) -> None:
    path.write_text("old", encoding="utf-8")
    config_loader.write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("text", "is_announced"),
    [("", True), ("[Server]\nAnnounce = yes\n", True), ("[Server]\nAnnounce = Нет\n", False)],
)
def test_the_server_announces_itself_unless_the_owner_says_no(
    tmp_path: Path, text: str, is_announced: bool
) -> None:
    path = tmp_path / "config.ini"
    path.write_text(text, encoding="utf-8")
    assert config_loader.read(path).server_announce is is_announced
