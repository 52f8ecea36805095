"""What the two commands say no to, in one sentence and with an exit code that is not zero."""

import errno
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from lovhub import config_loader
from lovhub.server.payments import settings as payments_settings
from lovhub.simulator import command, demo
from lovhub.simulator.people import make_owner, read_owner
from lovhub.simulator.ports import NoFreePort, free_port
from tests.agent.support.certificates import make_certificate


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """The commands send logs to the standard error of the moment, which is gone after the test."""
    yield
    structlog.reset_defaults()


def listening() -> socket.socket:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener


def test_a_real_club_is_no_place_for_a_demonstration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.ini").write_text("[Flask]\nSecretKey = 0123456789abcdef\n")
    assert demo.main(["--data", str(tmp_path)]) == 2
    assert "настоящий клуб" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["config.ini"]


def test_the_owner_of_a_demonstration_is_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    owner = demo.prepare_folder(folder)
    assert demo.prepare_folder(folder) == owner
    assert owner.password in (folder / "config.ini").read_text()
    (folder / "config.ini").write_text("[Admin]\nAdminUsername = owner\n")
    assert demo.prepare_folder(folder) == owner
    assert owner.password not in (folder / "config.ini").read_text()


def test_passwords_are_for_this_user_only_and_in_no_repr(tmp_path: Path) -> None:
    owner = make_owner(tmp_path)
    assert read_owner(tmp_path) == owner
    assert stat.S_IMODE((tmp_path / "owner.json").stat().st_mode) == 0o600
    assert owner.password not in repr(owner)


def test_a_taken_port_is_passed_over() -> None:
    with listening() as first:
        taken: int = first.getsockname()[1]
        assert free_port("127.0.0.1", taken) > taken


def test_an_address_that_is_not_ours_is_no_reason_to_try_on() -> None:
    with pytest.raises(OSError) as refused:  # noqa: PT011 - the number is looked at below
        free_port("192.0.2.1", 5000)
    assert refused.value.errno == errno.EADDRNOTAVAIL


def test_beyond_the_last_port_there_is_none() -> None:
    with pytest.raises(NoFreePort):
        free_port("127.0.0.1", 2**16)


@pytest.mark.parametrize(
    "words",
    [
        ["--pcs", "0"],
        ["--pcs", "1001"],
        ["--pcs", "many"],
        ["--speed", "0"],
        ["--speed", "61"],
        ["--speed", "nan"],
        ["--seconds", "-1"],
        ["--nonsense"],
    ],
)
def test_what_would_be_no_load_or_no_end_of_load_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert command.main(["--server", "127.0.0.1", "--data", str(tmp_path), *words]) == 2
    assert "lovhub simulate --help" in capsys.readouterr().err


def test_a_folder_without_a_certificate_is_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--server", "127.0.0.1", "--data", str(tmp_path)]) == 1
    assert "cert.pem" in capsys.readouterr().err


def test_without_a_key_the_desk_can_do_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_certificate(tmp_path)
    assert command.main(["--server", "127.0.0.1", "--data", str(tmp_path)]) == 2
    assert "--staff-token-file" in capsys.readouterr().err


def test_a_server_that_is_not_there_is_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_certificate(tmp_path)
    (tmp_path / "token").write_text("token")
    with listening() as listener:
        port = listener.getsockname()[1]
    words = ["--data", str(tmp_path), "--staff-token-file", str(tmp_path / "token")]
    assert command.main(["--server", f"127.0.0.1:{port}", *words]) == 1
    assert capsys.readouterr().err.startswith("Не получилось")


def test_a_test_clock_is_for_test_folders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--data", str(tmp_path), "--test-clock", str(tmp_path / "clock")]
    assert command.main(["--server", "127.0.0.1", *words]) == 2
    assert "Часы для проверок" in capsys.readouterr().err


def test_the_demonstration_agrees_with_its_bank_and_the_server_believes_it(tmp_path: Path) -> None:
    demo.prepare_folder(tmp_path)
    config = tmp_path / config_loader.FILE_NAME
    demo.settle_with_bank(config, 5000)
    agreed = config_loader.load(config)
    assert payments_settings.read(agreed, tmp_path).mode == "fake"
    demo.settle_with_bank(config, 5000)
    again = config_loader.load(config).kaspi
    assert again["pathsecret"] == agreed.kaspi["pathsecret"]
    config_loader.set_option(config, "Kaspi", "Mode", "manual")
    demo.settle_with_bank(config, 5000)
    assert config_loader.load(config).kaspi_mode == "manual"
