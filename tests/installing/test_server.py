from pathlib import Path

import pytest

from lovhub.installing.machine import ADMINISTRATORS, SYSTEM, InstallRefused
from lovhub.server import install as server_install
from lovhub.server.command import main
from lovhub.server.install import Installation, first_link
from lovhub.server.service_names import CONSOLE_FILE, SERVICE, SERVICE_ACCOUNT
from tests.evening.processes import free_port
from tests.installing.fake_machine import FakeMachine


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    programs = tmp_path / "LoVHub Server"
    programs.mkdir()
    return programs


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "club"


def test_a_service_of_its_own_in_a_folder_that_the_desk_cannot_read(
    programs: Path, data: Path
) -> None:
    machine = FakeMachine()
    before = machine.state()
    Installation(machine, programs, data).install(5001)

    command, account = machine.services[SERVICE]
    assert command[-4:] == ["--data", str(data), "--port", "5001"]
    assert account == SERVICE_ACCOUNT
    assert set(machine.rights[data]) == {ADMINISTRATORS, SYSTEM, SERVICE_ACCOUNT}
    assert machine.running == {SERVICE}
    assert machine.ports == {SERVICE: (5001, "TCP"), f"{SERVICE} mDNS": (5353, "UDP")}
    assert machine.sleep == {"standby": 0, "hibernate": 0}
    assert machine.trusted == {"cert.pem"}
    installed, certificate = machine.state(), (data / "cert.pem").read_bytes()

    Installation(machine, programs).install()
    assert machine.state() == installed
    assert (data / "cert.pem").read_bytes() == certificate

    Installation(machine, programs).uninstall(with_data=False)
    assert machine.state() == before
    assert (data / "identity.pem").exists()
    assert list(programs.iterdir()) == []


def test_the_club_goes_only_when_that_is_asked_for(programs: Path, data: Path) -> None:
    machine = FakeMachine()
    Installation(machine, programs, data).install()
    Installation(machine, programs).uninstall(with_data=True)
    assert not data.exists()


@pytest.mark.parametrize("step", ["allow_only", "open_port", "start_service"])
def test_a_step_that_fails_takes_back_those_before_it(
    programs: Path, data: Path, step: str
) -> None:
    machine = FakeMachine(fails=step)
    before = machine.state()
    with pytest.raises(OSError, match=step):
        Installation(machine, programs, data).install()
    assert machine.state() == before


def test_what_is_no_reason_to_give_up_is_left_to_a_person(programs: Path, data: Path) -> None:
    machine = FakeMachine(fails="trust")
    (left,) = Installation(machine, programs, data).install()
    assert "cert.pem" in left
    assert machine.running == {SERVICE}


def test_settings_that_the_server_would_refuse_are_refused_by_the_installer(
    programs: Path, data: Path
) -> None:
    data.mkdir()
    (data / "config.ini").write_text("[Flask]\nSecretKey = short\n")
    machine = FakeMachine()
    with pytest.raises(InstallRefused, match="SecretKey"):
        Installation(machine, programs, data).install()
    assert machine.services == {}


@pytest.mark.parametrize(
    ("said", "link"),
    [
        ("  https://10.0.0.2:5000/admin/login\n", ""),
        ("…\n  https://10.0.0.2:5000/setup?token=a-b\n", "https://10.0.0.2:5000/setup?token=a-b"),
    ],
)
def test_the_owners_link_is_read_from_what_the_service_says(
    data: Path, monkeypatch: pytest.MonkeyPatch, said: str, link: str
) -> None:
    data.mkdir()
    answers = iter([ConnectionRefusedError(), TimeoutError(), None])

    def handshake(address: tuple[str, int], timeout: float) -> str:
        """It speaks before it answers, and answers at the third time."""
        assert address == ("127.0.0.1", 5001)
        if (error := next(answers)) is not None:
            raise error
        (data / CONSOLE_FILE).write_text(said, encoding="utf-8")
        return "a certificate"

    monkeypatch.setattr("ssl.get_server_certificate", handshake)
    assert first_link(data, 5001) == link


def test_a_service_that_does_not_answer_is_a_failure(data: Path) -> None:
    with pytest.raises(InstallRefused, match="не запустилась"):
        first_link(data, free_port(), seconds=0)


def test_the_command_is_part_of_serve(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install", "--help"]) == 0
    assert "--with-data" in capsys.readouterr().out
    assert server_install.COMMANDS == ("install", "stop", "uninstall")
