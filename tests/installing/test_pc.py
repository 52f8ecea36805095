from pathlib import Path

import pytest

from lovhub.agent.footprint import service_command
from lovhub.agent.install import Installation, main, make_image
from lovhub.agent.platform import FolderLock
from lovhub.agent.service_name import SERVICE_NAME
from lovhub.agent.settings import SettingsRefused, configured_lasting, configured_server
from lovhub.config_loader import set_option
from lovhub.installing.changes import Folder
from lovhub.installing.machine import ADMINISTRATORS, SYSTEM, InstallRefused
from lovhub.installing.manifest import Manifest
from tests.installing.fake_machine import FakeMachine

TASK_MANAGER = r"Software\Microsoft\Windows\CurrentVersion\Policies\System", "DisableTaskMgr"
SHELL = "player", r"Software\Microsoft\Windows\CurrentVersion\Policies\System", "Shell"
REMOTE_DESKTOP = "player", "SeDenyRemoteInteractiveLogonRight"
STICKS = "player", r"Software\Policies\Microsoft\Windows\RemovableStorageDevices", "Deny_All"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    programs = tmp_path / "LoVHub"
    programs.mkdir()
    return programs


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def install(machine: FakeMachine, programs: Path, data: Path, **options: object) -> None:
    Installation(machine, programs, data).install(**options)  # type: ignore[arg-type]


def test_the_agent_is_a_service_whose_folder_is_closed_and_the_player_loses_what_would_lead_out(
    programs: Path, data: Path
) -> None:
    machine = FakeMachine()
    install(machine, programs, data, server="10.0.0.2", account="player")

    command, account = machine.services[SERVICE_NAME]
    assert account == "LocalSystem"
    assert "lovhub.agent.windows_service" in command
    assert list(command)[-4:] == ["--service", str(data), "--only-account", "player"]
    assert machine.running == machine.woken == {SERVICE_NAME}
    for kind in ("Minimal", "Network"):
        key = rf"SYSTEM\CurrentControlSet\Control\SafeBoot\{kind}\{SERVICE_NAME}"
        assert machine.values["", key, ""] == "Service"
    assert machine.values[("player", *TASK_MANAGER)] == machine.values[STICKS] == 1
    assert machine.denied == {REMOTE_DESKTOP}
    assert str(machine.values[SHELL]).endswith("-m lovhub agent shell")
    assert set(machine.rights[data]) == {ADMINISTRATORS, SYSTEM}
    assert configured_server(data) == "10.0.0.2"


def test_a_club_leaves_to_its_players_what_it_names(programs: Path, data: Path) -> None:
    machine = FakeMachine()
    install(machine, programs, data, account="player", allow="explorer, rdp, USB")
    assert SHELL not in machine.values
    assert STICKS not in machine.values
    assert machine.denied == set()
    assert ("player", *TASK_MANAGER) in machine.values
    Installation(machine, programs).install()  # an upgrade asks for nothing
    assert SHELL not in machine.values
    Installation(machine, programs).install(allow="")
    assert SHELL in machine.values
    assert machine.denied == {REMOTE_DESKTOP}
    with pytest.raises(InstallRefused, match="explorer, rdp, usb"):
        Installation(machine, programs).install(allow="taskmgr")


def test_a_folder_where_the_player_could_write_is_taken_over_with_what_is_the_pcs_own(
    programs: Path, data: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "theirs").touch()
    data.mkdir()
    (data / "pc_key.bin").write_bytes(b"its own")
    owned_by_the_player = (data / "pc_key.bin").stat().st_ino
    (data / "versions" / "9.9.9-abc").mkdir(parents=True)
    (data / "versions" / "state.json").touch()
    (data / "pc_key.bin.new").touch()
    (data / "logs").symlink_to(elsewhere)
    (data / "pc.json").symlink_to(elsewhere / "theirs")
    (data / "config.ini").write_text(f"[Client]\nServer = 10.0.0.2\nLastingFolder = {elsewhere}\n")
    install(FakeMachine(), programs, data, account="player")

    assert sorted(path.name for path in data.iterdir()) == ["config.ini", "pc_key.bin"]
    assert (data / "pc_key.bin").read_bytes() == b"its own"
    assert (data / "pc_key.bin").stat().st_ino != owned_by_the_player
    assert (elsewhere / "theirs").exists()
    assert configured_server(data) == "10.0.0.2"
    assert configured_lasting(data).folder == ""


def test_versions_run_with_the_systems_rights_only_from_a_folder_that_was_closed() -> None:
    programs, data = Path("programs"), Path("data")
    fixed = service_command(programs, data, "player", r"D:\LoVHub")
    named_at_start = service_command(programs, data, "player", r"D:\LoVHub\%MAC%")
    assert fixed[fixed.index("--service") + 1] == r"D:\LoVHub"
    assert named_at_start[named_at_start.index("--service") + 1] == "-"


def test_without_an_account_nobody_loses_anything_and_everybody_gets_the_lock(
    programs: Path, data: Path
) -> None:
    machine = FakeMachine()
    install(machine, programs, data, server="10.0.0.2")

    assert {account for account, _key, _name in machine.values} == {"", ".DEFAULT"}
    assert not any("Policies" in key for _account, key, _name in machine.values)
    assert "--only-account" not in machine.services[SERVICE_NAME][0]
    assert set(machine.rights[data]) == {ADMINISTRATORS, SYSTEM}


def test_an_upgrade_asks_for_nothing_and_still_knows_what_was_there_first(
    programs: Path, data: Path
) -> None:
    machine = FakeMachine()
    machine.set_value("player", *TASK_MANAGER, 0)
    before = machine.state()
    install(machine, programs, data, server="10.0.0.2", account="player")
    installed = machine.state()

    (data / "pc_key.bin").write_bytes(b"its own")
    Installation(machine, programs).install()
    assert machine.state() == installed
    assert configured_server(data) == "10.0.0.2"
    assert (data / "pc_key.bin").exists()

    Installation(machine, programs).uninstall()
    assert machine.state() == before
    assert not data.exists()
    assert list(programs.iterdir()) == []
    assert machine.ended == [programs]


def test_a_folder_that_stays_is_closed_and_emptied_of_what_is_ours_but_no_other(
    programs: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lovhub.agent.install.PureWindowsPath", Path)
    machine, stays = FakeMachine(), tmp_path / "stays"
    with pytest.raises(InstallRefused, match="полный путь"):
        install(machine, programs, data, lasting="LoVHub")
    install(machine, programs, data, account="player", lasting=str(stays))
    assert configured_lasting(data).folder == str(stays)
    assert [change.path for change in Manifest(programs).changes if isinstance(change, Folder)] == [
        str(data),
        str(stays),
    ]
    # The player writes in config.ini what they would like to be given.
    set_option(data / "config.ini", "Client", "LastingFolder", str(tmp_path / "Windows"))
    Installation(machine, programs).install()
    assert not (tmp_path / "Windows").exists()

    for name in ("pc_key.bin", "journal.sqlite3", "games.txt"):
        (stays / name).touch()
    Installation(machine, programs).image()
    assert [path.name for path in stays.iterdir()] == ["games.txt"]
    (stays / "pc_key.bin").touch()
    Installation(machine, programs).uninstall()
    assert [path.name for path in stays.iterdir()] == ["games.txt"]
    install(machine, programs, data, lasting=str(stays))
    (stays / "games.txt").unlink()
    Installation(machine, programs).uninstall()
    assert not stays.exists()


def test_what_cannot_be_done_leaves_nothing_behind(programs: Path, data: Path) -> None:
    machine = FakeMachine(fails="allow_only")
    before = machine.state()
    with pytest.raises(OSError, match="refused"):
        install(machine, programs, data, server="10.0.0.2", account="player")
    assert machine.state() == before
    assert Manifest(programs).changes == []


def test_what_cannot_be_undone_is_told_of_and_stays_in_the_list(programs: Path, data: Path) -> None:
    machine = FakeMachine()
    install(machine, programs, data, server="10.0.0.2")
    machine.fails = "put_back"
    with pytest.raises(InstallRefused, match="SafeBoot"):
        Installation(machine, programs).uninstall()
    assert data.exists()
    assert SERVICE_NAME not in machine.services
    assert Manifest(programs).changes != []

    machine.fails = ""
    Installation(machine, programs).uninstall()
    assert machine.values == {}


@pytest.mark.parametrize("account", ["nobody", 'player" --data "C:\\'])
def test_an_unknown_account_is_refused_before_anything_is_changed(
    programs: Path, data: Path, account: str
) -> None:
    machine = FakeMachine()
    with pytest.raises(InstallRefused, match="Учётной записи"):
        install(machine, programs, data, account=account)
    assert machine.values == {}
    assert not data.exists()


def test_a_wrong_address_is_refused_before_anything_is_changed(programs: Path, data: Path) -> None:
    machine = FakeMachine()
    with pytest.raises(SettingsRefused):
        install(machine, programs, data, server="http://club")
    assert machine.values == {}


def test_an_image_keeps_settings_and_nothing_else(programs: Path, data: Path) -> None:
    machine = FakeMachine()
    install(machine, programs, data, server="10.0.0.2")
    (data / "pc_key.bin").write_bytes(b"its own")
    (data / "logs").mkdir()
    (data / "logs" / "agent.log").touch()
    install(machine, programs, data, image=True)
    assert [path.name for path in data.iterdir()] == ["config.ini"]
    assert configured_server(data) == "10.0.0.2"


def test_a_running_agent_would_make_a_key_again_so_there_is_no_image(data: Path) -> None:
    data.mkdir()
    (data / "pc_key.bin").write_bytes(b"its own")
    lock = FolderLock(data / "agent.lock")
    try:
        with pytest.raises(InstallRefused, match="Агент работает"):
            make_image(data)
    finally:
        lock.release()
    assert (data / "pc_key.bin").exists()


def test_the_command_makes_an_image_anywhere_and_says_where_it_cannot_install(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data.mkdir()
    (data / "pc_key.bin").write_bytes(b"its own")
    assert main(["image", "--data", str(data)]) == 0
    assert list(data.iterdir()) == []

    monkeypatch.setattr("sys.platform", "linux")
    assert main(["install"]) == 1
    assert "packaging/linux" in capsys.readouterr().err


def test_a_pc_hears_who_answers_its_search_and_works_without_where_windows_refuses(
    programs: Path, data: Path
) -> None:
    machine = FakeMachine()
    Installation(machine, programs, data).install(account="player")
    assert machine.ports == {f"{SERVICE_NAME} mDNS": (5353, "UDP")}
    machine = FakeMachine(fails="open_port")
    [left] = Installation(machine, programs, data).install(account="player")
    assert "5353" in left
    assert machine.running == {SERVICE_NAME}


def test_who_may_sign_in_from_another_computer_is_as_before_once_it_is_removed(
    programs: Path, data: Path
) -> None:
    machine = FakeMachine()
    machine.denied = {REMOTE_DESKTOP}
    before = machine.state()
    install(machine, programs, data, account="player")
    Installation(machine, programs).uninstall()
    assert machine.state() == before

    machine = FakeMachine(fails="set_denied")
    [left] = Installation(machine, programs, data).install(account="player")
    assert "удалённый рабочий стол" in left
    assert machine.running == {SERVICE_NAME}


def test_an_account_that_was_deleted_since_keeps_nobody_from_another_or_from_the_removal(
    programs: Path, data: Path
) -> None:
    machine = FakeMachine()
    install(machine, programs, data, account="player")
    machine.delete_account("player")
    machine.accounts.add("gamer")
    install(machine, programs, data, account="gamer")
    assert ("gamer", *TASK_MANAGER) in machine.values
    machine.delete_account("gamer")
    Installation(machine, programs).uninstall()
    assert machine.values == {}
    assert machine.denied == set()
